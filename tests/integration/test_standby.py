"""While the database is away answers go on, and what was acknowledged is applied once when it is back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event

from sybilgate.app.assess import Assessor
from sybilgate.app.log import from_records
from sybilgate.app.replay import Replay
from sybilgate.app.standby import Patience, Standby
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.state import STATE
from sybilgate.errors import RequestIdReused, Unavailable
from sybilgate.store.spool import FileSpool
from sybilgate.store.store import SqlStore
from tests.benchmarks.projection import same_state
from tests.factories import assessor, pipeline, ring, signup, task


class Switched:
    """A store in front of the real one that can be stopped, or frozen until ``thaw`` is set."""

    def __init__(self, store: SqlStore) -> None:
        self._store, self.stopped, self.frozen, self.thaw = store, False, False, threading.Event()
        self.assessment, self.events = store.assessment, store.events

    @contextmanager
    def unit(self) -> Iterator[object]:
        self.check()
        with self._store.unit() as unit:
            yield unit
            if self.frozen:
                self.thaw.wait(10)

    def check(self) -> None:
        if self.stopped:
            raise Unavailable("stopped")


@pytest.fixture
def switched(store: SqlStore) -> Switched:
    return Switched(store)


@pytest.fixture
def standby(switched: Switched, tmp_path: Path) -> Iterator[Standby]:
    yield from _standby(assessor(switched), tmp_path)  # type: ignore[arg-type]


def _standby(serving: Assessor, folder: Path, limit: int = 1 << 20) -> Iterator[Standby]:
    scoring = pipeline()
    made = Standby(serving, FileSpool(folder / "spool", "db", limit), lambda: scoring, Patience(2.0, 0.01))
    yield made
    made.stop()


def _recovered(standby: Standby) -> None:
    while standby.recover() or standby.away:
        pass


def _one(standby: Standby, given: Task) -> Result:
    answer = standby.run([given])[0]
    assert isinstance(answer, Result)
    return answer


def test_answers_go_on_degraded(switched: Switched, standby: Standby) -> None:
    switched.stopped = True
    made = _one(standby, task(signup("a"), request_id="r1")).assessments[0]
    assert made.degraded == "store"
    assert (standby.away, standby.waiting) == (True, 1)


def test_told_assessment_is_stored(switched: Switched, standby: Standby) -> None:
    switched.stopped = True
    made = _one(standby, task(signup("a"), request_id="r1")).assessments[0]
    switched.stopped = False
    _recovered(standby)
    assert switched.assessment("a", made.assessment_id) == made
    assert (standby.away, standby.waiting) == (False, 0)


def test_retries_get_told_answer(switched: Switched, standby: Standby) -> None:
    switched.stopped = True
    first = _one(standby, task(signup("a"), request_id="r1"))
    again = _one(standby, task(signup("a"), request_id="r1"))
    switched.stopped = False
    _recovered(standby)
    after = _one(standby, task(signup("a"), request_id="r1"))
    assert first.assessments == again.assessments == after.assessments
    assert (first.replayed, again.replayed, after.replayed) == (False, True, True)
    assert len(switched.events(0, 9)) == 1


def test_other_payload_is_refused(switched: Switched, standby: Standby) -> None:
    switched.stopped = True
    _one(standby, task(signup("a"), request_id="r1"))
    assert isinstance(standby.run([task(signup("b"), request_id="r1")])[0], RequestIdReused)


def test_outage_sees_its_own_ring(switched: Switched, standby: Standby) -> None:
    switched.stopped = True
    risks = [_one(standby, task(made)).assessments[0].risk for made in ring(4)]
    assert risks == sorted(risks)
    assert risks[3] > risks[0]


def test_commit_that_came_through_counts_once(switched: Switched, standby: Standby) -> None:
    switched.frozen = True
    standby._patience = Patience(0.2, 0.01)
    told = _one(standby, task(signup("a"), request_id="r1"))
    assert told.assessments[0].degraded == "store"
    switched.frozen = False
    switched.thaw.set()
    standby._patience = Patience(5.0, 0.01)
    _recovered(standby)
    assert len(switched.events(0, 9)) == 1
    assert _one(standby, task(signup("a"), request_id="r1")).assessments == told.assessments


def test_dead_process_leaves_its_spool(switched: Switched, tmp_path: Path) -> None:
    switched.stopped = True
    first = next(before := _standby(assessor(switched), tmp_path))  # type: ignore[arg-type]
    told = _one(first, task(signup("a"), request_id="r1"))
    assert next(before, None) is None
    switched.stopped = False
    for second in _standby(assessor(switched, ids="bs"), tmp_path):  # type: ignore[arg-type]
        assert second.waiting == 1
        _recovered(second)
        assert _one(second, task(signup("a"), request_id="r1")).assessments == told.assessments


def test_applying_twice_changes_nothing(switched: Switched, standby: Standby, tmp_path: Path) -> None:
    switched.stopped = True
    _one(standby, task(signup("a"), request_id="r1"))
    copy = {path: path.read_bytes() for path in (tmp_path / "spool").iterdir()}
    switched.stopped = False
    _recovered(standby)
    for path, data in copy.items():
        path.write_bytes(data)
    standby._spool.adopt()
    _recovered(standby)
    assert (standby.waiting, len(switched.events(0, 9))) == (0, 1)


def test_recovered_accounts_become_due(switched: Switched, standby: Standby, store: SqlStore) -> None:
    switched.stopped = True
    _one(standby, task(signup("a"), request_id="r1"))
    switched.stopped = False
    _recovered(standby)
    assert [(row.account_id, row.cause) for row in store.due(1e12, 9)] == [("a", "recovered")]


def test_full_spool_acknowledges_nothing(switched: Switched, tmp_path: Path) -> None:
    switched.stopped = True
    for standby in _standby(assessor(switched), tmp_path, limit=100):  # type: ignore[arg-type]
        assert isinstance(standby.run([task(signup("a"), request_id="r1")])[0], Unavailable)
        assert standby.waiting == 0


def test_what_needs_store_is_refused(switched: Switched, standby: Standby) -> None:
    switched.stopped = True
    asked = [task(mode=Mode.RESCORE, account_ids=("a",)), task(signup("b"), mode=Mode.RECORD)]
    refused, kept = standby.run(asked)
    assert isinstance(refused, Unavailable)
    assert isinstance(kept, Result) and kept.seqs == (0,)


def test_counters_equal_reference(switched: Switched, standby: Standby, store: SqlStore) -> None:
    for n, made in enumerate(ring(6)):
        switched.stopped = n in (2, 3)
        _one(standby, task(made, request_id=f"r{n}"))
    _recovered(standby)
    replay = Replay(pipeline())
    replay.fold(from_records(store.events(0, 9)))
    keys = [key for key, _ in replay.slot_of.items()]
    with store.unit() as unit:
        found = unit.identifiers(keys)
    for key, (_, state) in found.items():
        assert same_state(np.frombuffer(state, STATE), replay.identifier(key))
    assert len(found) == len([key for key in keys if replay.identifier(key)["seen"][0] > 0])


def test_full_disk_is_an_outage(sqlite_store: SqlStore, tmp_path: Path) -> None:
    """SQLite may grow no further; later it may, and what was acknowledged meanwhile is stored."""
    pages = sqlite_store._engine.connect().exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = [pages]
    event.listen(
        sqlite_store._writer, "begin", lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {limit[0]}"), insert=True
    )
    for standby in _standby(assessor(sqlite_store), tmp_path):
        made = [_one(standby, task(signup(f"a{n}"), request_id=f"r{n}")) for n in range(20)]
        assert made[-1].assessments[0].degraded == "store"
        limit[0] = 10**6
        _recovered(standby)
    assert len(sqlite_store.events(0, 99)) == 20


def test_exhausted_pool_is_an_outage(postgres_store: SqlStore, tmp_path: Path) -> None:
    """Readers hold every connection."""
    with ExitStack() as stack:
        for _ in range(15):
            stack.enter_context(postgres_store._engine.connect())
        for standby in _standby(assessor(postgres_store), tmp_path):
            standby._patience = Patience(0.3, 0.01)
            assert _one(standby, task(signup("a"), request_id="r")).assessments[0].degraded == "store"
            stack.close()
            standby._patience = Patience(5.0, 0.01)
            while standby.waiting or standby.away:
                standby.recover()
    assert len(postgres_store.events(0, 99)) == 1


def test_unreadable_record_holds_nobody_up(switched: Switched, standby: Standby, tmp_path: Path) -> None:
    switched.stopped = True
    standby._spool.append([("odd", b"no record of ours")])
    _one(standby, task(signup("a"), request_id="r1"))
    switched.stopped = False
    _recovered(standby)
    assert (standby.waiting, len(switched.events(0, 9))) == (0, 1)
    assert [path.read_bytes() for path in (tmp_path / "spool").glob("*.rejected")] == [b"no record of ours"]
