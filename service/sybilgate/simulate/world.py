"""The synthetic world: honest days and campaigns, merged in time and written as Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.app.rows import EVENT_PATHS
from sybilgate.simulate.honest import crowds_of_day, honest_day
from sybilgate.simulate.later import DAY
from sybilgate.simulate.person import Row
from sybilgate.simulate.ring import Ring
from sybilgate.simulate.stream import Step, merge
from sybilgate.simulate.tactics import KINDS, draw_tactics

BATCH_ROWS = 8192


@dataclass(frozen=True)
class WorldConfig:
    """What to simulate. ``campaigns`` is how many, taken in turn from ``kinds``; ``start_time`` is in unix seconds.

    Campaigns begin within the first ``campaign_window`` of the days; their sizes lie within ``campaign_size``.
    """

    seed: int = 1
    days: int = 30
    honest_per_day: int = 2000
    campaigns: int = 24
    kinds: tuple[str, ...] = tuple(KINDS)
    campaign_size: tuple[int, int] = (8, 600)
    campaign_window: float = 0.85
    crowds: bool = True
    start_time: float = 1_790_000_000.0

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or (self.campaigns and not self.kinds):
            raise ValueError(f"unknown kinds of campaign: {unknown}; known: {', '.join(KINDS)}")
        if self.days < 1 or self.honest_per_day < 0 or not 1 <= self.campaign_size[0] <= self.campaign_size[1]:
            raise ValueError("days, honest_per_day and campaign_size must make sense")

    @property
    def first_day(self) -> int:
        """The UTC day (since 1970) the world begins on."""
        return int(self.start_time // DAY)


def _type(path: str) -> pa.DataType:
    special = {
        "usage.model_mix": pa.map_(pa.string(), pa.float64()),
        "usage.prompt_template_minhash": pa.list_(pa.uint64()),
        "usage.requests": pa.int64(),
        "usage.tokens": pa.int64(),
    }
    if path in special:
        return special[path]
    kind = EVENT_PATHS[path]
    if kind is tuple:
        return pa.list_(pa.string())
    plain = {str: pa.string(), float: pa.float64(), bool: pa.bool_(), bytes: pa.binary()}
    return plain.get(kind, pa.int32())


#: Columns of a world: every event path, then the truth.
SCHEMA = pa.schema(
    [pa.field(path, _type(path)) for path in EVENT_PATHS]
    + [
        pa.field("truth.is_sybil", pa.bool_()),
        pa.field("truth.group", pa.string()),
        pa.field("truth.archetype", pa.string()),
    ]
)


def _days(config: WorldConfig) -> Iterator[Step]:
    """An empty step at the start of each day, which starts that day's streams."""
    for day in range(config.first_day, config.first_day + config.days):
        rng = Random(f"{config.seed}/day/{day}")
        count = max(0, round(rng.gauss(1.0, 0.05) * config.honest_per_day * (0.85 if (day + 3) % 7 >= 5 else 1.06)))
        streams = [honest_day(rng, day, count)]
        if config.crowds and config.honest_per_day:
            streams += crowds_of_day(Random(f"{config.seed}/crowds/{day}"), day, config.honest_per_day)
        yield Step(day * DAY, {}, tuple(streams))


def _campaigns(config: WorldConfig) -> Iterator[Step]:
    """An empty step at the start of each campaign, which starts its signups."""
    rng = Random(f"{config.seed}/campaigns")
    order: list[str] = []
    while len(order) < config.campaigns:
        order += rng.sample(config.kinds, len(config.kinds))
    begin, span = config.first_day * DAY, config.campaign_window * config.days * DAY
    starts = sorted(
        (begin + span * rng.random(), kind, number) for number, kind in enumerate(order[: config.campaigns])
    )
    for start, kind, number in starts:
        own = Random(f"{config.seed}/campaign/{number}")
        ring = Ring(own, draw_tactics(own, kind, *config.campaign_size), f"{kind}-{number}")
        yield Step(start, {}, (ring.signups(start),))


def rows(config: WorldConfig) -> Iterator[Row]:
    """Rows of a world in time order: dotted paths to plain values, ``truth.*`` among them."""
    begin = config.first_day * DAY
    yield from merge((_days(config), _campaigns(config)), begin, begin + config.days * DAY)


def to_batch(batch: list[Row]) -> pa.RecordBatch:
    """Rows as one Arrow batch of ``SCHEMA``."""
    columns = [pa.array([row.get(field.name) for row in batch], field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def simulate(config: WorldConfig) -> Iterator[pa.RecordBatch]:
    """The world as Arrow batches in time order; the same for the same configuration."""
    batch: list[Row] = []
    for row in rows(config):
        batch.append(row)
        if len(batch) == BATCH_ROWS:
            yield to_batch(batch)
            batch = []
    if batch:
        yield to_batch(batch)


def write_world(config: WorldConfig, path: Path, progress: Callable[[int, float], None] | None = None) -> int:
    """Stream a world to a Parquet file; returns the number of rows.

    ``progress`` is told (rows so far, share of the simulated time). The file appears only when it is whole.
    """
    written, begin = 0, config.first_day * DAY
    partial = Path(f"{path}.part")
    try:
        with pq.ParquetWriter(partial, SCHEMA, compression="zstd") as writer:
            for batch in simulate(config):
                writer.write_batch(batch)
                written += batch.num_rows
                if progress:
                    progress(written, (batch.column("time")[-1].as_py() - begin) / (config.days * DAY))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return written
