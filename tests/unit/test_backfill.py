"""A history is recorded once, however often and from wherever it is started."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sybilgate.app.backfill import BLOCK, backfill
from sybilgate.app.mapping import IDENTITY
from sybilgate.app.source import Source
from sybilgate.app.task import Mode, Result, Task
from sybilgate.errors import InvalidInput, RequestIdReused, SybilgateError, Unavailable


class Recorder:
    """Answers like the assessor: a request id seen before is replayed, or refused if its payload differs."""

    def __init__(self, fail_after: int = 10**9) -> None:
        self.seen: dict[str, bytes] = {}
        self.accounts: list[str] = []
        self.fail_after = fail_after

    def run(self, tasks: Sequence[Task]) -> list[Result | SybilgateError]:
        return [self.answer(task) for task in tasks]

    def answer(self, task: Task) -> Result | SybilgateError:
        assert task.mode is Mode.RECORD and task.request_id
        if task.request_id in self.seen:
            same = self.seen[task.request_id] == task.digest
            return Result(replayed=True) if same else RequestIdReused("other payload")
        if len(self.seen) >= self.fail_after:
            return Unavailable("the store is down")
        self.seen[task.request_id] = task.digest
        self.accounts += [event.account_id for event in task.events]
        return Result()


def digest(payload: bytes) -> bytes:
    return sha256(payload).digest()


def history(folder: Path, rows: int = 2 * BLOCK + 7, kind: int = 1) -> Source:
    times = [1.7e9 + i for i in range(rows)]
    table = pa.table({"account_id": [f"a{i}" for i in range(rows)], "time": times, "type": [kind] * rows})
    pq.write_table(table, folder / "history.parquet")
    return Source(folder / "history.parquet", IDENTITY)


def test_second_run_counts_nothing(tmp_path: Path) -> None:
    source, recorder = history(tmp_path), Recorder()
    first = backfill(source, recorder, digest)
    again = backfill(source, recorder, digest)
    assert (first.recorded, again.recorded, again.replayed) == (2 * BLOCK + 7, 0, 2 * BLOCK + 7)
    assert len(recorder.accounts) == len(set(recorder.accounts)) == len(source)


def test_resume_starts_at_checkpoint(tmp_path: Path) -> None:
    source, recorder = history(tmp_path), Recorder(fail_after=1)
    with pytest.raises(Unavailable):
        backfill(source, recorder, digest, checkpoint=tmp_path / "done.json")
    recorder.fail_after = 10
    report = backfill(source, recorder, digest, checkpoint=tmp_path / "done.json")
    assert (report.resumed, report.recorded, report.replayed) == (BLOCK, BLOCK + 7, 0)
    assert recorder.accounts == [f"a{i}" for i in range(len(source))]


def test_checkpoint_of_other_file_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "done.json").write_text('{"file": "other", "block": 500, "events": 9999}')
    report = backfill(history(tmp_path), Recorder(), digest, checkpoint=tmp_path / "done.json")
    assert report.recorded == 2 * BLOCK + 7


def test_other_mapping_is_refused(tmp_path: Path) -> None:
    recorder = Recorder()
    source = history(tmp_path)
    backfill(source, recorder, digest)
    with pytest.raises(InvalidInput, match="under another mapping"):
        backfill(source, recorder, lambda payload: digest(payload + b"changed"))


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    backfill(history(tmp_path, 7), Recorder(), digest, progress=lambda done, total: told.append((done, total)))
    assert told == [(7, 7)]
