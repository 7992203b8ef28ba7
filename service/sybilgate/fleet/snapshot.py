"""A snapshot of the store for engines that know nothing of it: accounts, what they hold, identifiers, as Parquet.

``account/`` has one row an account, ``link/`` one for each identifier that an account holds now, ``identifier/`` one
for each identifier with its state; keys are hashed and states packed as they are stored. ``meta.json`` says as of when,
and what is protected. Everything is read as one moment of the store.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.app.ports import Jobs, View
from sybilgate.core.identifier import KEY_BYTES, TOTALS_KEY, Key
from sybilgate.core.records import AccountRecord
from sybilgate.core.rescoring import Choice, JobRecord
from sybilgate.core.state import STATE, unpack_keys, unpack_states

META = "meta.json"
PARTS = ("account", "link", "identifier")
_FORMAT = 1
_ROWS = 10_000
_EVERYBODY = JobRecord("", Choice.ALL.value, 0.0, 0, "", 1, 1, 0.0)
_ACCOUNT = pa.schema(
    [
        ("account_id", pa.string()), ("ref", pa.int64()), ("signup_time", pa.float64()), ("last_time", pa.float64()),
        ("label", pa.int32()), ("own", pa.binary()), ("keys", pa.binary()), ("held", pa.binary()),
    ]
)  # fmt: skip
_LINK = pa.schema([("ref", pa.int64()), ("key", pa.binary())])
_IDENTIFIER = pa.schema([("key", pa.binary()), ("state", pa.binary())])


@dataclass(frozen=True)
class Meta:
    """``as_of``: unix seconds at which accounts are assessed; ``watermark``: number of the newest event."""

    as_of: float
    watermark: int
    totals: bytes
    protected: frozenset[Key]
    exempt: frozenset[str]
    accounts: int


def write_snapshot(store: Jobs, folder: Path, as_of: float, protected: frozenset[Key], exempt: frozenset[str]) -> Meta:
    """Write a snapshot into an empty folder; ``meta.json`` comes last, so that a part of one is none."""
    for part in PARTS:
        (folder / part).mkdir(parents=True)
    with store.view() as view:
        states = view.states([TOTALS_KEY])[1]
        _write(folder / "identifier", _IDENTIFIER, _identifiers(view))
        accounts = _accounts(view, folder)
        meta = Meta(as_of, view.watermark(), states[0] if states else b"", protected, exempt, accounts)
    said = {
        "format": _FORMAT, "as_of": meta.as_of, "watermark": meta.watermark, "accounts": accounts,
        "totals": meta.totals.hex(), "protected": sorted(key.hex() for key in protected), "exempt": sorted(exempt),
    }  # fmt: skip
    (folder / META).write_text(json.dumps(said), encoding="utf-8")
    return meta


def read_meta(folder: Path) -> Meta:
    """Raises ValueError for what is not a whole snapshot."""
    try:
        said = json.loads((folder / META).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{folder} is not a whole snapshot: {META}: {error.strerror}") from None
    if said.get("format") != _FORMAT:
        raise ValueError(f"{folder}: format {said.get('format')!r} is not {_FORMAT}")
    protected = frozenset(bytes.fromhex(key) for key in said["protected"])
    totals, exempt = bytes.fromhex(said["totals"]), frozenset(said["exempt"])
    return Meta(said["as_of"], said["watermark"], totals, protected, exempt, said["accounts"])


def _accounts(view: View, folder: Path) -> int:
    """Accounts and links, block by block; how many accounts."""
    last, count = "", 0
    with (
        pq.ParquetWriter(folder / "account" / "0.parquet", _ACCOUNT, compression="zstd") as accounts,
        pq.ParquetWriter(folder / "link" / "0.parquet", _LINK, compression="zstd") as links,
    ):
        while names := view.names(_EVERYBODY, last, _ROWS):
            found = view.accounts(names)
            rows = [found[name] for name in names]
            accounts.write_batch(_account_batch(rows))
            links.write_batch(_link_batch(rows))
            last, count = names[-1], count + len(rows)
    return count


def _account_batch(rows: Sequence[AccountRecord]) -> pa.RecordBatch:
    columns = [[getattr(row, name) for row in rows] for name in _ACCOUNT.names]
    return pa.record_batch(columns, schema=_ACCOUNT)


def _link_batch(rows: Sequence[AccountRecord]) -> pa.RecordBatch:
    """The identifiers that accounts hold now."""
    words = unpack_keys([row.keys for row in rows])
    row, kind = np.nonzero(words[:, :, 0])
    refs = np.array([row.ref for row in rows], np.int64)[row]
    return pa.record_batch([refs, fixed(np.ascontiguousarray(words[row, kind]).view(f"V{KEY_BYTES}"))], schema=_LINK)


def _identifiers(view: View) -> Iterator[pa.RecordBatch]:
    for keys, states in view.all_states():
        whole = unpack_states(list(states))  # rows written before a field existed are shorter
        yield pa.record_batch([pa.array(list(keys), pa.binary()), fixed(whole.view(f"V{STATE.itemsize}"))], _IDENTIFIER)


def fixed(values: np.ndarray) -> pa.Array:
    """Values of one size as a column of bytes."""
    size, raw = values.dtype.itemsize, np.ascontiguousarray(values).tobytes()
    count = len(raw) // size
    offsets = pa.py_buffer((np.arange(count + 1, dtype=np.int32) * size).tobytes())
    return pa.Array.from_buffers(pa.binary(), count, [None, offsets, pa.py_buffer(raw)])


def _write(folder: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch]) -> None:
    with pq.ParquetWriter(folder / "0.parquet", schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
