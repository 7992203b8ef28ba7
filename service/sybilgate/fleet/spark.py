"""The plan on a fleet: Spark joins and cuts the accounts, and every worker scores what it has.

Workers need this package, the model's folder under the same path, and nothing else: no store, no secret.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from sybilgate.app.bundle import load_bundle
from sybilgate.core.policy import load_policy
from sybilgate.fleet.plan import SQL, Plan
from sybilgate.fleet.snapshot import PARTS, read_meta

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_RESULT = (
    "account_id string, risk double, margin double, first_risk double, decision string, axes string, model string,"
    " policy string, as_of double"
)
#: Rows that a worker is given at a time.
_ROWS = 10_000


@cache
def _plan(folder: Path, model: Path, policy: str) -> Plan:
    """Once a worker process: checking a model takes seconds."""
    bundle = load_bundle(model)
    return Plan(bundle, load_policy(policy or bundle.policy_text), read_meta(folder))


def _scoring(folder: Path, model: Path, policy: str) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return _plan(folder, model, policy).score(batches)

    return score


class Spark:
    """An engine over the snapshot in ``folder``; see ``grouping.Engine``."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self._session = session
        for part in PARTS:
            self.read(folder / part, part)

    def read(self, folder: Path, name: str) -> None:
        """Make the Parquet files in ``folder`` the relation ``name``."""
        self._session.read.parquet(str(folder)).createOrReplaceTempView(name)

    def keep(self, name: str, sql: str) -> None:
        # A checkpoint: without it every round would be planned, and a lost part computed, from the first one on.
        self._session.sql(sql).localCheckpoint().createOrReplaceTempView(name)

    def number(self, sql: str) -> int:
        return int(self._session.sql(sql).collect()[0][0])

    def write(self, name: str, out: Path) -> None:
        self._session.table(name).write.option("compression", "zstd").parquet(str(out))


def run(session: SparkSession, folder: Path, model: Path, policy: str, out: Path) -> None:
    """Assess everybody in the snapshot; writes Parquet files into the folder ``out``. ``policy``: its text, empty for
    the model's own."""
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", _ROWS)
    Spark(session, folder)
    scored = session.sql(SQL).mapInArrow(_scoring(folder, model, policy), _RESULT)
    scored.write.option("compression", "zstd").parquet(str(out))
