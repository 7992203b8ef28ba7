"""Streams of rows and their merge in time order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from sybilgate.simulate.later import DAY, HONEST, Habits, later
from sybilgate.simulate.person import Person, Row, signup_row
from sybilgate.simulate.tables import Weighted

#: Signups per local hour, weekday and weekend: quiet nights, a working-day hump and an evening one.
_WEEKDAY = Weighted(
    enumerate((6, 4, 3, 2, 2, 3, 6, 12, 22, 32, 37, 37, 33, 34, 36, 36, 34, 30, 26, 26, 28, 26, 19, 11))
)
_WEEKEND = Weighted(enumerate((9, 6, 4, 3, 2, 3, 4, 7, 12, 18, 23, 26, 26, 26, 27, 27, 26, 25, 25, 27, 28, 26, 20, 14)))


@dataclass(slots=True)
class Step:
    """One row due at ``time``, and the streams it starts."""

    time: float
    row: Row
    starts: tuple[Iterator[Step], ...] = ()


def merge(streams: Iterable[Iterator[Step]], start: float, end: float) -> Iterator[Row]:
    """Rows of all streams, and of the streams they start, in time order within [start, end)."""
    heap: list[tuple[float, int, Step, Iterator[Step]]] = []
    count = 0

    def push(stream: Iterator[Step], floor: float) -> None:
        nonlocal count
        step = next(stream, None)
        if step is not None and max(step.time, floor) < end:
            count += 1
            heapq.heappush(heap, (max(step.time, floor), count, step, stream))

    for stream in streams:
        push(stream, start)
    while heap:
        time, _, step, stream = heapq.heappop(heap)
        if step.row:
            step.row["time"] = round(time, 3)
            yield step.row
        push(stream, time)
        for started in step.starts:
            push(started, time)


@lru_cache(maxsize=4096)
def _offset(zone: str, day: int) -> float:
    delta = datetime.fromtimestamp(day * DAY, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return delta.total_seconds() if delta else 0.0


def local_time(rng: Random, zone: str, day: int) -> float:
    """A moment of a UTC day at an hour when people of that zone are up."""
    curve = _WEEKEND if (day + 3) % 7 >= 5 else _WEEKDAY
    local = (curve.draw(rng) + rng.random()) * 3600
    return day * DAY + (local - _offset(zone, day)) % DAY


def at_work(rng: Random, zone: str, day: int) -> float:
    """A moment of a local working day that begins on this UTC day, 9 to 17."""
    opening = (9 * 3600 - _offset(zone, day)) % DAY
    return day * DAY + opening + rng.betavariate(1.6, 1.8) * 8 * 3600


def account(
    rng: Random,
    person: Person,
    time: float,
    habits: Habits = HONEST,
    card_now: float = 0.07,
    also: tuple[Iterator[Step], ...] = (),
) -> Step:
    """A signup, which starts the account's later life (and ``also``)."""
    with_card = rng.random() < card_now
    row = signup_row(rng, person, time, with_card)
    return Step(time, row, (_life(rng, person, time, habits, with_card), *also))


def _life(rng: Random, person: Person, time: float, habits: Habits, has_card: bool) -> Iterator[Step]:
    for when, row in later(rng, person, time, habits, has_card):
        yield Step(when, row)
