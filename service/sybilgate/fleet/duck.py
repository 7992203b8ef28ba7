"""The plan on one machine: DuckDB joins, in bounded memory, and this process scores."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from sybilgate.fleet.plan import RESULT, SQL, Plan
from sybilgate.fleet.snapshot import PARTS

_ROWS = 20_000


def run(
    folder: Path, plan: Plan, out: Path, memory_gb: float = 2.0, tell: Callable[[int], object] = lambda done: None
) -> int:
    """Assess everybody in the snapshot; writes one Parquet file into the folder ``out``. How many there were.

    ``memory_gb`` is DuckDB's; what does not fit it keeps on disk beside ``out``."""
    out.mkdir(parents=True)
    done = 0
    with tempfile.TemporaryDirectory(dir=out, prefix=".spill-") as spill, duckdb.connect() as engine:
        engine.execute(f"SET memory_limit = '{memory_gb:g}GB'")
        engine.execute(f"SET temp_directory = '{spill}'")
        engine.execute("SET preserve_insertion_order = false")
        for part in PARTS:
            engine.read_parquet(str(folder / part / "*.parquet")).create_view(part)
        rows = engine.sql(SQL).to_arrow_reader(_ROWS)
        partial = out / ".part"
        with pq.ParquetWriter(partial, RESULT, compression="zstd") as writer:
            for batch in plan.score(rows):
                writer.write_batch(batch)
                done += batch.num_rows
                tell(done)
        partial.replace(out / "0.parquet")
    return done
