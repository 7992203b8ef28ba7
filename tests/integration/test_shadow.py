"""A shadow model scores beside the one that serves, and changes nothing that anybody sees."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sybilgate.app.assess import Assessor
from sybilgate.app.shadow import Shadow
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.records import AssessmentRecord
from sybilgate.store.store import SqlStore
from tests.factories import CountingModels, assessor, outcome, ring, signup, task


class Timid(CountingModels):
    """Fears everything by one more log-odd."""

    name = "timid@1"

    def final(self, x: Any) -> Any:
        return super().final(x) + 1.0


class Broken(Timid):
    def final(self, x: Any) -> Any:
        raise RuntimeError("no such tree")


class Blind(Timid):
    def final(self, x: Any) -> Any:
        return np.full(len(x), np.nan)


def shadowed(store: SqlStore, models: Any = None) -> Assessor:
    return replace(assessor(store), shadow=Shadow(models or Timid(), store))


def records(service: Assessor, *tasks: Task) -> list[AssessmentRecord]:
    made = []
    for answer in service.run(tasks):
        assert isinstance(answer, Result)
        made += [record for record in answer.assessments if isinstance(record, AssessmentRecord)]
    if service.shadow is not None:
        service.shadow.flush()
    return made


def test_shadow_scores_same_rows(store: SqlStore) -> None:
    made = records(shadowed(store), task(*ring(6)))
    pairs = list(store.shadow_pairs("timid@1"))
    assert [pair.served.assessment_id for pair in pairs] == [record.assessment_id for record in made]
    assert [pair.served.features for pair in pairs] == [record.features for record in made]
    assert [pair.margin for pair in pairs] == pytest.approx([record.margin + 1.0 for record in made])
    assert store.shadow_models() == ["timid@1"]


def test_shadow_changes_no_answer(sqlite_store: SqlStore, postgres_store: SqlStore) -> None:
    events = [*ring(5), signup("other", at=400.0)]
    plain = records(assessor(sqlite_store), task(*events))
    assert records(shadowed(postgres_store), task(*events)) == plain
    assert list(sqlite_store.shadow_pairs("timid@1")) == []


@pytest.mark.parametrize("models", [Broken(), Blind()])
def test_failing_shadow_is_left_out(store: SqlStore, models: Any, caplog: pytest.LogCaptureFixture) -> None:
    service = shadowed(store, models)
    assert len(records(service, task(*ring(3)))) == 3
    assert len(records(service, task(signup("late", at=900.0)))) == 1
    assert list(store.shadow_pairs("timid@1")) == []
    assert len(caplog.messages) == 1 and "timid@1 left assessments out" in caplog.messages[0]


def test_thread_scores_by_itself(store: SqlStore) -> None:
    shadow = Shadow(Timid(), store, every=0.01)
    shadow.start()
    replace(assessor(store), shadow=shadow).run([task(*ring(3))])
    deadline = time.monotonic() + 30.0
    while len(list(store.shadow_pairs("timid@1"))) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    shadow.stop()


def test_stopping_scores_what_waits(store: SqlStore) -> None:
    shadow = Shadow(Timid(), store, every=3600.0)
    shadow.start()
    replace(assessor(store), shadow=shadow).run([task(*ring(3))])
    shadow.stop()
    assert len(list(store.shadow_pairs("timid@1"))) == 3


def test_rolled_back_batch_is_not_shadowed(store: SqlStore) -> None:
    service = replace(assessor(store, Broken()), shadow=Shadow(Timid(), store))
    with pytest.raises(RuntimeError, match="no such tree"):
        service.run([task(signup())])
    assert service.shadow is not None
    service.shadow.flush()
    assert store.shadow_models() == []


def test_waiting_room_is_bounded(sqlite_store: SqlStore, caplog: pytest.LogCaptureFixture) -> None:
    made = records(assessor(sqlite_store), task(signup()))
    shadow = Shadow(Timid(), sqlite_store)
    for _ in range(3):
        shadow.add(made * 15_000)
    assert caplog.messages == ["shadow model timid@1 cannot keep up; some assessments are left out"]


def test_rescores_are_shadowed_too(store: SqlStore) -> None:
    service = shadowed(store)
    records(service, task(*ring(3), mode=Mode.RECORD))
    assert list(store.shadow_pairs("timid@1")) == []
    records(service, Task(mode=Mode.RESCORE, account_ids=("ring0", "nobody")))
    assert [pair.served.cause for pair in store.shadow_pairs("timid@1")] == ["rescore"]


def test_pairs_know_later_truth(store: SqlStore) -> None:
    service = shadowed(store)
    records(service, task(*ring(2)))
    records(service, task(outcome("ring1", at=500.0), mode=Mode.RECORD))
    assert [(pair.served.account_id, pair.label > 0) for pair in store.shadow_pairs("timid@1")] == [
        ("ring0", False),
        ("ring1", True),
    ]


def test_reading_begins_at_time(store: SqlStore) -> None:
    early = replace(shadowed(store), clock=lambda: 1000.0, new_id=iter(f"e{i}" for i in range(9)).__next__)
    late = replace(shadowed(store), clock=lambda: 2000.0, new_id=iter(f"l{i}" for i in range(9)).__next__)
    records(early, task(*ring(3)))
    records(late, task(signup("late", at=900.0)))
    assert [row.account_id for row in store.scored(1500.0)] == ["late"]
    assert [pair.served.account_id for pair in store.shadow_pairs("timid@1", 1500.0)] == ["late"]
    assert len(list(store.scored())) == 4
