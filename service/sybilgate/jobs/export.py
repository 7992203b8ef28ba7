"""What a job found, as a Parquet file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.app.ports import Jobs
from sybilgate.core.policy import Decision
from sybilgate.core.rescoring import ResultRecord

_PAGE = 20_000
_NAMES = {0: None} | {int(decision): decision.name for decision in Decision}
_DECISION = pa.dictionary(pa.int8(), pa.string())
SCHEMA = pa.schema(
    [
        ("number", pa.int64()),
        ("account_id", pa.string()),
        ("assessment_id", pa.string()),
        ("risk", pa.float64()),
        ("decision", _DECISION),
        ("previous_assessment_id", pa.string()),
        ("previous_risk", pa.float64()),
        ("previous_decision", _DECISION),
    ]
)


def export(store: Jobs, job_id: str, path: Path) -> int:
    """Write every result, in order; how many there were. The file appears when it is whole."""
    partial, number = path.with_name(path.name + ".part"), 0
    with pq.ParquetWriter(partial, SCHEMA, compression="zstd") as writer:
        while rows := store.results(job_id, number, _PAGE):
            writer.write_table(_table(rows))
            number = rows[-1].number
    partial.replace(path)
    return number


def _table(rows: list[ResultRecord]) -> pa.Table:
    """Nothing where there is nothing: no assessment on a dry run, no decision on an unknown account."""
    columns = [
        [row.number for row in rows],
        [row.account_id for row in rows],
        [row.assessment_id or None for row in rows],
        [row.risk if row.decision else None for row in rows],
        [_NAMES[row.decision] for row in rows],
        [row.previous or None for row in rows],
        [row.previous_risk if row.previous_decision else None for row in rows],
        [_NAMES[row.previous_decision] for row in rows],
    ]
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)
