"""What is old goes, and nothing that a later assessment reads."""

from __future__ import annotations

import pytest

from sybilgate.app.task import Mode
from sybilgate.store.retention import RULES
from sybilgate.store.store import SqlStore
from tests.factories import START, assessor, ring, signup, task
from tests.integration.test_rescore import NOW, run

LATER = NOW + 100.0


def rows(store: SqlStore, what: str, before: float = LATER, chunk: int = 2) -> dict[str, int]:
    return {one.table: one.rows for one in store.prune(what, before, chunk)}


@pytest.fixture
def used(store: SqlStore) -> SqlStore:
    """Five accounts, assessed at signup and again by a job; every request had an id."""
    for i, event in enumerate(ring(5)):
        assessor(store, ids=f"a{i}", now=lambda: START + 1e5).run([task(event, request_id=f"r{i}")])
    run(store)
    return store


def test_answered_requests_go(used: SqlStore) -> None:
    assert rows(used, "requests", before=START) == {"request": 0}
    assert rows(used, "requests") == {"request": 5}


def test_newest_assessment_of_each_stays(used: SqlStore) -> None:
    assert rows(used, "assessments") == {"assessment": 5, "shadow_score": 0}
    assert [[one.cause for one in used.assessments(f"ring{i}", 9)] for i in range(5)] == [["rescore"]] * 5


def test_ended_jobs_go_with_their_results(used: SqlStore) -> None:
    assert rows(used, "jobs") == {"rescore_result": 5, "rescore_listed": 0, "rescore_job": 1}
    assert used.jobs(9) == [] and used.results("job", 0, 9) == []


def test_feed_goes_on_counting(used: SqlStore) -> None:
    last = used.standing_changes(0, 99)[-1].seq
    assert rows(used, "changes")["standing_change"] == last
    for i, event in enumerate(ring(9)[5:]):
        assessor(used, ids=f"z{i}").run([task(event)])
    assert used.standing_changes(last, 99) == used.standing_changes(0, 99) != []


def test_pruned_store_assesses_as_before(used: SqlStore) -> None:
    asked = task(signup("probe", device_id="shared-device"))
    assert {what for what in RULES if rows(used, what)} == set(RULES)
    found = assessor(used, ids="q").run([asked, task(mode=Mode.RESCORE, account_ids=("ring3",))])
    assert [one.assessments[0].risk > 0.5 for one in found] == [True, True]  # type: ignore[union-attr]
