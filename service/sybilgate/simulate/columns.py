"""Rows to Arrow: one pass over what the rows hold, so that absent fields cost nothing."""

from __future__ import annotations

import pyarrow as pa

from sybilgate.app.rows import EVENT_PATHS
from sybilgate.simulate.person import Row


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


def to_batch(rows: list[Row]) -> pa.RecordBatch:
    """Rows as one Arrow batch of ``SCHEMA``."""
    count = len(rows)
    found: dict[str, list[object]] = {}
    for place, row in enumerate(rows):
        for path, value in row.items():
            if path in found:
                found[path][place] = value
            elif value is not None:
                column = found[path] = [None] * count
                column[place] = value
    return pa.RecordBatch.from_arrays(
        [
            pa.array(found[field.name], field.type) if field.name in found else pa.nulls(count, field.type)
            for field in SCHEMA
        ],
        schema=SCHEMA,
    )
