"""Accounts that are due are assessed again, each once, whoever works on them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from sybilgate.app.batch import Answer
from sybilgate.app.task import Mode, Task
from sybilgate.core.campaign.records import DueRecord
from sybilgate.errors import Unavailable
from sybilgate.jobs.due import SLICE, DueWorker
from sybilgate.rpc.batching import Batcher
from sybilgate.store.store import SqlStore
from tests.factories import START, assessor, ring, task
from tests.rpc_fakes import until

NOW = START + 1e6


@contextmanager
def working(store: SqlStore, ids: str = "as") -> Iterator[DueWorker]:
    batcher = Batcher(assessor(store, ids=ids))
    yield DueWorker(store, batcher, lambda: NOW)
    batcher.close()


def given(store: SqlStore, count: int, cause: str = "label") -> list[str]:
    """A ring whose members are all due."""
    assessor(store, ids="first").run([task(*ring(count), mode=Mode.RECORD)])
    names = [f"ring{i}" for i in range(count)]
    with store.unit() as unit:
        unit.enqueue([DueRecord(name, cause, NOW - 10.0) for name in names])
    return names


def test_due_account_is_assessed_once(store: SqlStore) -> None:
    names = given(store, SLICE + 3)
    with working(store) as worker:
        assert [worker.slice() for _ in range(3)] == [SLICE, 3, 0]
    assert [[record.cause for record in store.assessments(name, 9)] for name in names] == [["label"]] * len(names)


def test_replicas_share_what_is_due(store_url: str, open_on: Callable[[str], SqlStore]) -> None:
    stores = [open_on(store_url), open_on(store_url)]
    names = given(stores[0], 40)
    with working(stores[0], "one") as one, working(stores[1], "two") as two, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda worker: worker.slice(), (one, two)))
        one.slice()
    assert {len(stores[0].assessments(name, 9)) for name in names} == {1}
    assert stores[0].due(NOW, 9) == []


def test_unknown_account_is_forgotten(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.enqueue([DueRecord("nobody", "label", NOW), DueRecord("later", "label", NOW + 60.0)])
    with working(store) as worker:
        assert [worker.slice(), worker.slice()] == [1, 0]
    assert [row.account_id for row in store.due(NOW + 100.0, 9)] == ["later"]


def test_failed_assessment_stays_due(store: SqlStore) -> None:
    class Broken:
        def run(self, tasks: list[Task]) -> list[Unavailable]:
            return [Unavailable("not now")] * len(tasks)

    given(store, 3)
    batcher = Batcher(Broken())
    with pytest.raises(Unavailable):
        DueWorker(store, batcher, lambda: NOW).slice()
    batcher.close()
    assert len(store.due(NOW, 9)) == 3


def test_one_fault_holds_nobody_up(store: SqlStore) -> None:
    sound = assessor(store)

    class Faulty:
        def run(self, tasks: Sequence[Task]) -> list[Answer]:
            if any(one.account_ids == ("ring1",) for one in tasks):
                raise ArithmeticError
            return sound.run(tasks)

    given(store, 3)
    batcher = Batcher(Faulty())
    assert DueWorker(store, batcher, lambda: NOW).slice() == 3
    batcher.close()
    assert store.due(NOW, 9) == []
    assert [row.account_id for row in store.due(NOW + 3600.0, 9)] == ["ring1"]


def test_worker_outlives_a_broken_store(sqlite_store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    class Flaky:
        looks = 0

        def due(self, now: float, limit: int) -> list[DueRecord]:
            self.looks += 1
            if self.looks == 1:
                raise Unavailable("gone for a moment")
            return sqlite_store.due(now, limit)

    names, flaky = given(sqlite_store, 3), Flaky()
    batcher = Batcher(assessor(sqlite_store))
    worker = DueWorker(flaky, batcher, lambda: NOW)  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR):
        worker.start()
        until(lambda: not sqlite_store.due(NOW, 9), 20.0)
        worker.stop()
    batcher.close()
    assert [len(sqlite_store.assessments(name, 9)) for name in names] == [1] * 3
    assert [record.message for record in caplog.records] == [
        "accounts that are due wait: Unavailable: gone for a moment"
    ]
