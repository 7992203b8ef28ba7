"""The plan on one machine: DuckDB joins, in bounded memory, and this process scores."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from sybilgate.fleet.plan import RESULT, SQL, Plan
from sybilgate.fleet.snapshot import PARTS

_ROWS = 20_000


class Duck:
    """An engine over the snapshot in ``folder``; see ``grouping.Engine``."""

    def __init__(self, folder: Path, spill: Path, memory_gb: float) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(f"SET memory_limit = '{memory_gb:g}GB'")
        self.connection.execute(f"SET temp_directory = '{spill}'")
        self.connection.execute("SET preserve_insertion_order = false")
        for part in PARTS:
            self.read(folder / part, part)

    def read(self, folder: Path, name: str) -> None:
        """Make the Parquet files in ``folder`` the relation ``name``."""
        self.connection.read_parquet(str(folder / "*.parquet")).create_view(name)

    def keep(self, name: str, sql: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def number(self, sql: str) -> int:
        row = self.connection.execute(sql).fetchone()
        return int(row[0]) if row else 0

    def write(self, name: str, out: Path) -> None:
        out.mkdir(parents=True)
        self.connection.table(name).write_parquet(str(out / "0.parquet"), compression="zstd")


@contextmanager
def opened(folder: Path, beside: Path, memory_gb: float) -> Iterator[Duck]:
    """``memory_gb`` is DuckDB's; what does not fit it keeps on disk in the folder ``beside``."""
    with tempfile.TemporaryDirectory(dir=beside, prefix=".spill-") as spill:
        engine = Duck(folder, Path(spill), memory_gb)
        with engine.connection:
            yield engine


def run(
    folder: Path, plan: Plan, out: Path, memory_gb: float = 2.0, tell: Callable[[int], object] = lambda done: None
) -> int:
    """Assess everybody in the snapshot; writes one Parquet file into the folder ``out``. How many there were."""
    out.mkdir(parents=True)
    done = 0
    with opened(folder, out, memory_gb) as engine:
        rows = engine.connection.sql(SQL).to_arrow_reader(_ROWS)
        partial = out / ".part"
        with pq.ParquetWriter(partial, RESULT, compression="zstd") as writer:
            for batch in plan.score(rows):
                writer.write_batch(batch)
                done += batch.num_rows
                tell(done)
        partial.replace(out / "0.parquet")
    return done
