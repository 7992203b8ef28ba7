"""The synthetic world: honest days and campaigns, merged in time and written as Arrow batches."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.core.event import EventType
from sybilgate.simulate.columns import SCHEMA, to_batch
from sybilgate.simulate.crowds import crowds_of_day
from sybilgate.simulate.honest import honest_day, people
from sybilgate.simulate.kinds import KINDS, draw_tactics
from sybilgate.simulate.lanes import BATCH_ROWS, LANES, by_processes, no_collector
from sybilgate.simulate.later import DAY
from sybilgate.simulate.person import Person, Row
from sybilgate.simulate.regions import country_weights
from sybilgate.simulate.ring import Ring
from sybilgate.simulate.stream import Step, is_weekend, local_time, merge
from sybilgate.simulate.tables import Dice
from sybilgate.simulate.tactics import Tactics

_VICTIMS = 60  #: honest people an operator knows of


#: Who may make the campaigns: the one that models are trained on, and the one written apart to judge them.
ATTACKERS = ("house", "rival")


@dataclass(frozen=True)
class WorldConfig:
    """What to simulate. ``campaigns`` is how many, taken in turn from ``kinds``; ``start_time`` is in unix seconds.

    Campaigns begin within the first ``campaign_window`` of the days; their sizes lie within ``campaign_size``.
    ``campaign_days`` or ``per_hour`` (signups an hour) fix how long each lasts, and it then ends within the world if
    it can. ``requests_per_day`` fixes the mean exchanges per Sybil account and day of its life. ``crowds`` is
    how many honest crowds there are, as a multiple of the usual.
    """

    seed: int = 1
    days: int = 30
    honest_per_day: int = 2000
    campaigns: int = 24
    kinds: tuple[str, ...] = tuple(KINDS)
    campaign_size: tuple[int, int] = (8, 600)
    campaign_window: float = 0.85
    crowds: float = 1.0
    start_time: float = 1_790_000_000.0
    campaign_days: float | None = None
    per_hour: float | None = None
    requests_per_day: float | None = None
    signups_only: bool = False
    usage: bool = True
    attacker: str = "house"

    def __post_init__(self) -> None:
        if self.attacker not in ATTACKERS:
            raise ValueError(f"unknown attacker: {self.attacker}; known: {', '.join(ATTACKERS)}")
        unknown = [kind for kind in self.kinds if kind not in KINDS] if self.attacker == "house" else []
        if unknown or (self.campaigns and not self.kinds):
            raise ValueError(f"unknown kinds of campaign: {unknown}; known: {', '.join(KINDS)}")
        if (
            self.days < 1
            or min(self.honest_per_day, self.crowds) < 0
            or not 1 <= self.campaign_size[0] <= self.campaign_size[1]
        ):
            raise ValueError("days, honest_per_day, crowds and campaign_size must make sense")
        if any(
            value is not None and value <= 0 for value in (self.campaign_days, self.per_hour, self.requests_per_day)
        ):
            raise ValueError("campaign_days, per_hour and requests_per_day must be positive")
        if self.campaign_days and self.per_hour:
            raise ValueError("give campaign_days or per_hour, not both")

    @property
    def first_day(self) -> int:
        """The UTC day (since 1970) the world begins on."""
        return int(self.start_time // DAY)


def _day(config: WorldConfig, day: int, lane: int) -> tuple[Dice, int]:
    """The dice of a lane's honest people of a day, and how many they are."""
    weekday = 0.85 if is_weekend(day) else 1.06
    count = Dice(f"{config.seed}/count/{day}").gauss(1.0, 0.05) * config.honest_per_day * weekday
    return Dice(f"{config.seed}/day/{day}/{lane}"), max(0, round(count) + lane) // LANES


def _days(config: WorldConfig, lane: int) -> Iterator[Step]:
    """An empty step at the start of each day, which starts the day's streams of a lane."""
    for day in range(config.first_day, config.first_day + config.days):
        rng, count = _day(config, day, lane)
        streams = [honest_day(rng, day, count)]
        if day % LANES == lane and config.crowds and config.honest_per_day:
            streams += crowds_of_day(Dice(f"{config.seed}/crowds/{day}"), day, config.honest_per_day, config.crowds)
        yield Step(day * DAY, {}, tuple(streams))


def some_people(config: WorldConfig, day: int, count: int = _VICTIMS) -> list[Person]:
    """Some honest people of a day of this world: those whose values an operator may copy."""
    found: list[Person] = []
    for lane in range(LANES):
        rng, all_of_them = _day(config, day, lane)
        found += [person for _, person, _ in islice(people(rng, day, all_of_them), count // LANES)]
    return found


def _campaigns(config: WorldConfig, lane: int) -> Iterator[Step]:
    """An empty step at the start of each campaign of a lane, which starts its signups."""
    rng = Dice(f"{config.seed}/campaigns")
    order: list[str] = []
    while len(order) < config.campaigns:
        order += rng.sample(config.kinds, len(config.kinds))
    drawn = []
    for number, kind in enumerate(order[: config.campaigns]):
        own = Dice(f"{config.seed}/campaign/{number}")
        tactics = _timed(config, draw_tactics(own, kind, *config.campaign_size))
        drawn.append((_start(config, tactics, rng.random()), number, own, tactics))
    for start, number, own, tactics in sorted(drawn, key=lambda item: item[:2]):
        if number % LANES != lane:
            continue
        eve = max(config.first_day, int(start // DAY) - 1)
        ring = Ring(
            own,
            tactics,
            f"{tactics.kind}-{number}",
            start,
            lambda eve=eve: some_people(config, eve),  # type: ignore[misc]
            config.requests_per_day,
        )
        yield Step(start, {}, (ring.signups(),))


def _timed(config: WorldConfig, tactics: Tactics) -> Tactics:
    if config.campaign_days:
        return replace(tactics, span=config.campaign_days * DAY)
    return replace(tactics, span=tactics.size / config.per_hour * 3600) if config.per_hour else tactics


def _start(config: WorldConfig, tactics: Tactics, share: float) -> float:
    """Somewhere in the window, when an operator is awake.

    Where the span was asked for, early enough to end within the world if it can.
    """
    room, begin = config.campaign_window * config.days * DAY, config.first_day * DAY
    if config.campaign_days or config.per_hour:
        return begin + max(0.0, min(room, config.days * DAY - tactics.span)) * share
    day = int((begin + room * share) // DAY)
    rng = Dice(f"{config.seed}/start/{share}")
    return local_time(rng, country_weights().draw(rng).zones.draw(rng), day)


def _attack(config: WorldConfig, lane: int) -> Iterator[Step]:
    """The campaigns of the chosen attacker; any but the house's own is loaded when it is asked for, in one lane."""
    if config.attacker == "house":
        return _campaigns(config, lane)
    stranger: Iterator[Step] = iter(()) if lane else import_module("sybilgate.simulate.rival").campaigns(config)
    return stranger


def _moment(row: Row) -> float:
    return cast("float", row["time"])


def rows(config: WorldConfig) -> Iterator[Row]:
    """Rows of a world in time order: dotted paths to plain values, ``truth.*`` among them."""
    return heapq.merge(*(_lane(config, lane) for lane in range(LANES)), key=_moment)


def _lane(config: WorldConfig, lane: int) -> Iterator[Row]:
    begin = config.first_day * DAY
    streams = (_days(config, lane), _attack(config, lane))
    found = merge(streams, begin, begin + config.days * DAY, lives=not config.signups_only)
    return found if config.usage else (row for row in found if row["type"] != EventType.USAGE)


def simulate(config: WorldConfig, workers: int = 1) -> Iterator[pa.RecordBatch]:
    """The world as Arrow batches in time order; the same for the same configuration, by however many processes."""
    if workers > 1:
        ends = [(config.first_day + day + 1) * DAY for day in range(config.days - 1)] + [math.inf]
        yield from by_processes(config, _lane, ends, min(workers, LANES))
        return
    found = rows(config)
    while batch := list(islice(found, BATCH_ROWS)):
        yield to_batch(batch)


def write_world(
    config: WorldConfig, path: Path, progress: Callable[[int, float], None] | None = None, workers: int = 1
) -> int:
    """Stream a world to a Parquet file; returns the number of rows.

    ``progress`` is told (rows so far, share of the simulated time). The file appears only when it is whole, and is
    the same byte by byte for any number of ``workers``.
    """
    written, begin = 0, config.first_day * DAY
    partial = Path(f"{path}.part")
    try:
        with no_collector(), pq.ParquetWriter(partial, SCHEMA, compression="zstd") as writer:
            for batch in simulate(config, workers):
                writer.write_batch(batch)
                written += batch.num_rows
                if progress:
                    progress(written, (batch.column("time")[-1].as_py() - begin) / (config.days * DAY))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return written
