"""Facts about observing a history by several processes: the same rows, chunks, truths and bad rows as by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.app.mapping import IDENTITY
from sybilgate.app.source import Source
from sybilgate.simulate import WorldConfig, rows
from sybilgate.training.dataset import Log, read_log
from tests.factories import REFERENCE

WORLD = WorldConfig(seed=4, days=3, honest_per_day=900, campaigns=3, campaign_size=(5, 9))


def history(folder: Path) -> Source:
    """Some thousand events; one has an account id that is too long."""
    world = [{name: row.get(name) for name in ("account_id", "time", "type", "contact.email", "network.ip_address",
             "truth.is_sybil")} for row in rows(WORLD)]  # fmt: skip
    world[1000]["account_id"] = "x" * 200
    pq.write_table(pa.Table.from_pylist(world), folder / "world.parquet")
    return Source(folder / "world.parquet", IDENTITY)


def same(one: Log, other: Log) -> bool:
    return one.truths == other.truths and all(
        a.own.tobytes() == b.own.tobytes() and a.keys.tobytes() == b.keys.tobytes() and a.account_id == b.account_id
        and np.array_equal(a.time, b.time) and np.array_equal(a.label, b.label) and np.array_equal(a.type, b.type)
        for a, b in zip(one.chunks, other.chunks, strict=True)
    )  # fmt: skip


def test_processes_change_no_bit(tmp_path: Path) -> None:
    alone, shared = history(tmp_path), history(tmp_path)
    one, other = read_log(alone, REFERENCE, workers=1), read_log(shared, REFERENCE, workers=2)
    assert len(one.chunks) > 2 and same(one, other)
    assert shared.bad.first == alone.bad.first == ["row 1001: account_id: needs 1 to 128 bytes without NUL"]
