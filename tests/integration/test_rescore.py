"""Jobs assess existing accounts again: all they name, each once, just as an assessment of one account would."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.testing import assert_array_equal

from sybilgate.app.ordering import Orders, Wanted
from sybilgate.app.ports import Unit
from sybilgate.app.rescoring import Block, Loaded, Rescorer
from sybilgate.app.task import Mode
from sybilgate.core.policy import Decision
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.rescoring import DAY, Choice, JobRecord, JobState, due_time
from sybilgate.errors import ModelRejected, Unavailable
from sybilgate.jobs.export import export
from sybilgate.jobs.rescore import LEASE, Runner
from sybilgate.store.store import SqlStore
from tests.factories import KEYRING, START, assessor, outcome, ring, signup, task

NOW = START + 1e6
ALL = Wanted(Choice.ALL)


def given(store: SqlStore) -> list[str]:
    """A ring of eight on one device among twelve strangers, none assessed; their ids in order."""
    events = [*ring(8), *(signup(f"stranger{i:02d}", at=30.0 * i) for i in range(12))]
    assessor(store, ids="in").run([task(*events, mode=Mode.RECORD)])
    return sorted(event.account_id for event in events)


def runner(store: SqlStore, owner: str = "me", block: int = 3, now: float = NOW) -> Runner:
    serving = assessor(store, now=lambda: now, ids=owner)
    return Runner(store, lambda name: Rescorer(serving), lambda: now, owner, block)


def order(store: SqlStore, wanted: Wanted = ALL, name: str = "job") -> str:
    return Orders(store, KEYRING, lambda: NOW, lambda: name).create(wanted).job_id


def run(store: SqlStore, wanted: Wanted = ALL, name: str = "job", **changes: float) -> JobRecord:
    return runner(store, owner=f"r{name}", **changes).run(order(store, wanted, name), threading.Event())


def of(store: SqlStore, name: str) -> list[AssessmentRecord]:
    return store.assessments(name, 9)


def test_job_assesses_everybody_once(store: SqlStore) -> None:
    names = given(store)
    job = run(store)
    assert (job.state, job.total, job.done, job.missing, job.watermark) == (JobState.SUCCEEDED, 20, 20, 0, 20)
    assert [len(of(store, name)) for name in names] == [1] * 20
    results = store.results("job", 0, 99)
    assert [(row.number, row.account_id) for row in results] == list(enumerate(names, 1))
    assert [(row.assessment_id, row.risk) for row in results] == [
        (of(store, name)[0].assessment_id, of(store, name)[0].risk) for name in names
    ]


@dataclass(frozen=True)
class Slow(Rescorer):
    """Takes a while to write."""

    def write(self, unit: Unit, job: JobRecord, block: Block, seconds: float) -> JobRecord:
        time.sleep(0.03)
        return super().write(unit, job, block, seconds)


def test_seconds_count_what_writing_takes(sqlite_store: SqlStore) -> None:
    given(sqlite_store)
    slow = Slow(assessor(sqlite_store, now=lambda: NOW))
    began, job_id = time.monotonic(), order(sqlite_store)
    ended = replace(runner(sqlite_store, block=5), rescorer=lambda name: slow, share=0.5).run(job_id, threading.Event())
    assert ended.done == 20 and 4 * 0.03 < ended.seconds < time.monotonic() - began - 4 * 0.03  # it paused as long


def test_features_equal_an_online_assessment(store: SqlStore) -> None:
    names = given(store)
    assessor(store, ids="more").run([task(outcome("ring3", at=900.0), mode=Mode.RECORD)])
    online = [r for r in assessor(store, ids="online").run([task(mode=Mode.RESCORE, account_ids=tuple(names))])]
    before = [record for result in online for record in result.assessments]  # type: ignore[union-attr]
    run(store, block=7)
    for was, name in zip(before, names, strict=True):
        now = of(store, name)[0]
        assert isinstance(was, AssessmentRecord) and now.assessment_id != was.assessment_id
        assert_array_equal(np.frombuffer(now.features, "<f4"), np.frombuffer(was.features, "<f4"))
        assert (now.margin, now.risk, now.decision, now.axes, now.tails) == (
            was.margin, was.risk, was.decision, was.axes, was.tails,
        )  # fmt: skip


def test_identifiers_in_memory_change_nothing(store: SqlStore) -> None:
    names = given(store)
    serving = assessor(store, now=lambda: NOW)
    with store.view() as view:
        asked, held = Rescorer(serving).score(view, names), Rescorer(serving, Loaded(view)).score(view, names)
    assert_array_equal(asked.found.features, held.found.features)
    assert asked.watermark == held.watermark == 20


def test_stopped_accounts_are_explained_and_placed(store: SqlStore) -> None:
    given(store)
    run(store)
    last, stranger = of(store, "ring7")[0], of(store, "stranger03")[0]
    assert last.decision >= Decision.CHALLENGE and last.contributions and last.evidence != "[]" and last.campaign
    assert (stranger.decision, stranger.contributions, stranger.campaign) == (Decision.ALLOW, None, 0)


def test_job_killed_five_times_assesses_once(store: SqlStore) -> None:
    names, job = given(store), order(store)

    class Dying(Runner):
        def _blocks(self, rescorer: Rescorer, job: JobRecord) -> Iterator[Block]:
            first, second, *_ = super()._blocks(rescorer, job)
            yield first
            with self.store.unit() as unit:
                rescorer.write(unit, replace(job, cursor=first.names[-1], done=job.done + len(first.names)), second, 0)
                raise Unavailable("the power failed before the commit")

    for life in range(5):
        one = runner(store, owner=f"life{life}", now=NOW + life * (LEASE + 1.0))
        with pytest.raises(Unavailable):
            Dying(one.store, one.rescorer, one.clock, one.owner, one.block).run(job, threading.Event())
    done = runner(store, owner="last", now=NOW + 5 * (LEASE + 1.0)).run(job, threading.Event())
    assert (done.state, done.done) == (JobState.SUCCEEDED, 20)
    assert [len(of(store, name)) for name in names] == [1] * 20
    assert [row.account_id for row in store.results(job, 0, 99)] == names


def test_running_job_is_left_alone(store: SqlStore) -> None:
    given(store)
    job = order(store)
    with store.unit() as unit:
        assert unit.take_job(job, "other", NOW, NOW - LEASE)
    left = runner(store).run(job, threading.Event())
    assert (left.state, left.owner, left.done) == (JobState.RUNNING, "other", 0)
    assert store.waiting_job(NOW - LEASE) is None and store.waiting_job(NOW + 1.0) is not None


def test_cancelled_job_writes_no_more(store: SqlStore) -> None:
    names, job = given(store), order(store)
    orders = Orders(store, KEYRING, lambda: NOW, lambda: "")
    told = runner(store).run(job, threading.Event(), lambda stage, done, total: done == 6 and orders.cancel(job))
    assert (told.state, told.done) == (JobState.CANCELLED, 6)
    assert sum(len(of(store, name)) for name in names) == 6
    assert orders.cancel(job).end_time == told.end_time


def test_stopped_job_is_queued_again(store: SqlStore) -> None:
    given(store)
    job, stop = order(store), threading.Event()
    assert runner(store).run(job, stop, lambda stage, done, total: stop.set()).state == JobState.QUEUED
    assert runner(store, owner="next").run(job, threading.Event()).done == 20


def test_listed_accounts_may_be_unknown(store: SqlStore) -> None:
    given(store)
    job = run(store, Wanted(Choice.LISTED, accounts=["ring1", "nobody", "ring1"]))
    assert (job.total, job.done, job.missing) == (2, 2, 1)
    assert [(row.account_id, row.decision > 0) for row in store.results("job", 0, 9)] == [
        ("nobody", False),
        ("ring1", True),
    ]


def test_dry_run_assesses_nobody(store: SqlStore) -> None:
    names = given(store)
    job = run(store, Wanted(Choice.ALL, dry_run=True))
    assert (job.done, job.raised > 0) == (20, True)
    assert sum(len(of(store, name)) for name in names) == 0 and store.standing_changes(0, 9) == []


def test_only_due_accounts_are_assessed(store: SqlStore) -> None:
    given(store)
    assert run(store, Wanted(Choice.DUE, due_by=NOW), "first").done == 20
    assert run(store, Wanted(Choice.DUE, due_by=NOW), "again", now=NOW + 1.0).done == 0
    risky = run(store, Wanted(Choice.DUE, due_by=NOW + 2.0 * DAY), "later", now=NOW + 2.0 * DAY)
    assert 0 < risky.done < 20


def test_campaign_members_are_assessed(store: SqlStore) -> None:
    given(store)
    run(store)
    campaign = of(store, "ring7")[0].campaign
    members = [member.account_id for member in store.members_page(campaign, 99)]
    run(store, Wanted(Choice.CAMPAIGN, campaign=campaign), "members", now=NOW + 60.0)
    assert sorted(members) == [row.account_id for row in store.results("members", 0, 99)]


def test_changes_are_told_once(store: SqlStore) -> None:
    given(store)
    first = run(store)
    told = store.standing_changes(0, 99)
    assert len(told) == first.raised > 0
    assert {(change.previous_decision, change.cause) for change in told} == {(Decision.ALLOW, "rescore")}
    run(store, name="again", now=NOW + 1.0)
    assert store.standing_changes(told[-1].seq, 99) == []
    assert store.results("again", 0, 99, changed=True) == []


def test_online_assessments_are_told_too(store: SqlStore) -> None:
    for i, event in enumerate(ring(8)):
        assessor(store, ids=f"on{i}").run([task(event)])
    told = store.standing_changes(0, 99)
    stopped = [name for name in (f"ring{i}" for i in range(8)) if of(store, name)[0].decision > Decision.ALLOW]
    assert [change.account_id for change in told] == stopped and stopped


def test_pinned_model_that_is_gone_fails_the_job(store: SqlStore) -> None:
    def gone(name: str) -> Rescorer:
        raise ModelRejected("no such model")

    given(store)
    job = Runner(store, gone, lambda: NOW, "me").run(order(store, replace(ALL, model="old@1")), threading.Event())
    assert (job.state, job.error) == (JobState.FAILED, "no such model")


def test_export_holds_every_result(store: SqlStore, tmp_path: Path) -> None:
    names = given(store)
    run(store)
    assert export(store, "job", tmp_path / "out.parquet") == 20
    table = pq.read_table(tmp_path / "out.parquet").to_pydict()
    assert table["account_id"] == names and set(table["previous_decision"]) == {None}


def test_risky_and_young_accounts_are_due_sooner() -> None:
    assert due_time(NOW, NOW - 2.0 * DAY, 0.0) == NOW + DAY
    assert due_time(NOW, NOW - 40.0 * DAY, 0.0) == NOW + 10.0 * DAY
    assert due_time(NOW, NOW - 400.0 * DAY, 0.0) == NOW + 30.0 * DAY == due_time(NOW, 0.0, 0.0)
    assert NOW + 3.0 * DAY > due_time(NOW, NOW - 40.0 * DAY, 0.9) > NOW + DAY
