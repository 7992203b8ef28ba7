"""An observed history on disk, so that several replays of it need not observe it again; read back bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sybilgate.core.identifier import KEY_BYTES, KINDS
from sybilgate.core.observation import Observations
from sybilgate.core.own import OWN

_SCHEMA = pa.schema({
    "account_id": pa.string(), "type": pa.int8(), "time": pa.float64(), "label": pa.int8(),
    "own": pa.binary(8 * len(OWN)), "keys": pa.binary(KEY_BYTES * len(KINDS)),
})  # fmt: skip


def write_observed(path: Path, chunks: Iterable[Observations]) -> None:
    """One record batch a chunk."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, _SCHEMA, options=options) as writer:
        for obs in chunks:
            columns = [pa.array(values) for values in (obs.account_id, obs.type, obs.time, obs.label)]
            columns += [_packed(obs.own, "own"), _packed(obs.keys, "keys")]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=_SCHEMA))


def read_observed(path: Path) -> Iterator[Observations]:
    """The chunks as they were written; the reference's gaps are not kept."""
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        for number in range(reader.num_record_batches):
            batch = reader.get_batch(number)
            plain = [batch.column(i).to_numpy().copy() for i in (1, 2, 3)]
            own = _unpacked(batch, "own", np.float64).reshape(-1, len(OWN))
            keys = _unpacked(batch, "keys", np.uint64).reshape(-1, len(KINDS), 2)
            yield Observations(batch.column(0).to_pylist(), *plain, own, keys)


def _packed(values: npt.NDArray[Any], name: str) -> pa.Array:
    kind = _SCHEMA.field(name).type
    return pa.FixedSizeBinaryArray.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _unpacked(batch: pa.RecordBatch, name: str, kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.frombuffer(batch.column(name).buffers()[1], kind).copy()
