"""Facts about the assessor, on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from sybilgate.app.explain import Explainer
from sybilgate.app.log import from_records
from sybilgate.app.replay import Replay
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.state import STATE
from sybilgate.errors import NotFound, RequestIdReused
from sybilgate.store.store import SqlStore
from tests.factories import CountingModels, assessor, outcome, pipeline, ring, signup, task


def only(answer: object) -> AssessmentRecord:
    assert isinstance(answer, Result), answer
    record = answer.assessments[0]
    assert isinstance(record, AssessmentRecord)
    return record


def test_online_equals_replay(store: SqlStore) -> None:
    events = [*ring(9), outcome("ring2", at=400.0), signup("after", at=500.0, device_id="shared-device", card="c1")]
    service = assessor(store)
    online = [only(service.run([task(event)])[0]) for event in events]
    replayed = Replay(pipeline()).fold(from_records(store.events(0, 100)))
    assert b"".join(record.features for record in online) == replayed.features.tobytes()
    assert [record.risk for record in online] == replayed.risk.tolist()


def test_counters_equal_replay(store: SqlStore) -> None:
    service = assessor(store)
    for start in range(0, 12, 4):
        service.run([task(event) for event in ring(12)[start : start + 4]])
    replay = Replay(pipeline())
    replay.fold(from_records(store.events(0, 100)))
    with store.unit() as unit:
        kept = unit.identifiers(list(replay.slot_of))
    states = {key: replay.identifier(key) for key in replay.slot_of}
    assert all(np.frombuffer(kept[key][1], STATE) == state for key, state in states.items() if state["seen"][0])


def test_retry_gets_same_answer(store: SqlStore) -> None:
    service = assessor(store)
    first, again = (service.run([task(signup(), request_id="r1")])[0] for _ in range(2))
    assert only(first) == only(again)
    assert isinstance(again, Result) and again.replayed
    assert len(store.events(0, 10)) == 1


def test_twins_in_one_batch_count_once(store: SqlStore) -> None:
    answers = assessor(store).run([task(signup(), request_id="r1")] * 3)
    assert len({only(answer).assessment_id for answer in answers}) == 1
    assert len(store.events(0, 10)) == 1


def test_other_payload_is_refused(store: SqlStore) -> None:
    service = assessor(store)
    service.run([task(signup("a1"), request_id="r1")])
    answers = service.run([task(signup("a2"), request_id="r1"), task(signup("a3"))])
    assert isinstance(answers[0], RequestIdReused)
    assert only(answers[1]).account_id == "a3"


def test_rescore_sees_later_members(store: SqlStore) -> None:
    service = assessor(store, now=lambda: signup().time + 3600.0)
    first = only(service.run([task(ring(1)[0])])[0])
    service.run([task(*ring(8)[1:], mode=Mode.RECORD)])
    answer = service.run([Task(mode=Mode.RESCORE, account_ids=("ring0", "nobody"))])[0]
    assert isinstance(answer, Result)
    assert only(answer).risk > first.risk
    assert isinstance(answer.assessments[1], NotFound)
    assert len(store.events(0, 100)) == 8


def test_rescore_of_strangers_only(store: SqlStore) -> None:
    answer = assessor(store).run([Task(mode=Mode.RESCORE, account_ids=("nobody", "noone"))])[0]
    assert isinstance(answer, Result)
    assert all(isinstance(item, NotFound) for item in answer.assessments)


def test_rescore_moves_no_counter(store: SqlStore) -> None:
    service = assessor(store, now=lambda: signup().time + 3600.0)
    service.run([task(*ring(3))])
    rescore = Task(mode=Mode.RESCORE, account_ids=("ring1",))
    risks = {only(service.run([rescore])[0]).risk for _ in range(3)}
    assert len(risks) == 1


def test_recording_assesses_nothing(store: SqlStore) -> None:
    answer = assessor(store).run([task(*ring(3), mode=Mode.RECORD)])[0]
    assert isinstance(answer, Result)
    assert answer.assessments == () and len(answer.seqs) == 3


def test_failed_batch_leaves_nothing(store: SqlStore) -> None:
    class Broken(CountingModels):
        def contributions(self, x: object) -> object:  # type: ignore[override]
            raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        assessor(store, Broken()).run([task(signup(), request_id="r1", explain=True)])
    assert store.events(0, 10) == []
    assert only(assessor(store).run([task(signup(), request_id="r1")])[0]).account_id == "a1"


def test_explaining_later_is_equal(store: SqlStore) -> None:
    service = assessor(store)
    later = only(service.run([task(signup("a1"))])[0])
    record = only(service.run([task(signup("a1", at=1.0), explain=True)])[0])
    explain = Explainer(lambda name: CountingModels() if name == "counting@1" else None).explain
    assert later.contributions is None and record.contributions is not None
    stored, recomputed = explain(record), explain(replace(record, contributions=None))
    assert [c for *_, c in stored.contributions] == [c for *_, c in recomputed.contributions]
    assert stored.base_value + sum(c for *_, c in stored.contributions) == pytest.approx(record.margin)


def test_same_request_at_once(store: SqlStore) -> None:
    service, other = assessor(store, ids="one"), assessor(store, ids="two")
    answers: list[object] = []
    workers = [
        threading.Thread(target=lambda s=s: answers.extend(s.run([task(signup(), request_id="r9")])))
        for s in (service, other) * 4
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len({only(answer).assessment_id for answer in answers}) == 1
    assert len(store.events(0, 10)) == 1
