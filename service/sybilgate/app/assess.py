"""Assess: one micro-batch, one transaction. Gather, run the pure core, commit, then answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sybilgate.app.batch import Answer, Batch, lay_out, request_of, result_of
from sybilgate.app.log import to_record
from sybilgate.app.naming import named
from sybilgate.app.ports import Store, Unit
from sybilgate.app.replay import Replay
from sybilgate.app.shadow import Shadow
from sybilgate.app.spreading import spread
from sybilgate.app.standing import stand
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.campaign.book import Book, Known
from sybilgate.core.enrichment import Reference
from sybilgate.core.ground import kept
from sybilgate.core.identifier import TOTALS_KEY, Keyring
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Judged, Outcome, Pipeline
from sybilgate.core.policy import Decision
from sybilgate.core.records import AssessmentRecord, EventRecord, RequestRecord
from sybilgate.core.state import merge_rows
from sybilgate.errors import NotFound, RequestIdReused, SybilgateError

#: What ``degraded`` calls an assessment that was made without the store: no links, no history.
STORE = "store"


@dataclass(frozen=True, slots=True)
class Alone:
    """What a task comes to without the store; ``before``: each event's values under the older key, if there is one."""

    events: list[EventRecord]
    made: list[AssessmentRecord]
    before: list[bytes]


@dataclass(frozen=True)
class Assessor:
    """Runs tasks. One thread calls ``run``; replicas on one database each have their own.

    ``pipeline`` is asked once per batch, so that a new model takes effect between batches, never inside one.
    ``clock`` gives unix seconds; ``new_id`` sortable, URL-safe ids.
    """

    store: Store
    pipeline: Callable[[], Pipeline]
    reference: Reference
    keyring: Keyring
    clock: Callable[[], float]
    new_id: Callable[[], str]
    shadow: Shadow | None = None

    def run(self, tasks: Sequence[Task]) -> list[Answer]:
        """Answers in order. Raises only what rolled the whole batch back; nothing of it then counts."""
        return self.store_late(tasks, observe([e for t in tasks for e in t.events], self.reference, self.keyring))

    def store_late(self, tasks: Sequence[Task], observed: Observations) -> list[Answer]:
        """``run`` for tasks whose events were observed before."""
        pipeline, now = self.pipeline(), self.clock()
        with self.store.unit() as unit:
            unit.lock(self._refs(tasks))
            known = unit.requests([t.request_id for t in tasks if t.request_id])
            answers, first_of = self._answered(tasks, known)
            self._store_told(unit, [(t, known[t.request_id]) for t in tasks if t.told and t.request_id in known])
            pending = [t for t, answer in enumerate(answers) if answer is None and first_of[t] == t]
            made = self._commit(unit, pipeline, tasks, pending, observed, now, answers) if pending else []
        if self.shadow is not None:
            self.shadow.add(made)
        return [self._final(answers, first_of, t) for t in range(len(tasks))]

    def reassess(self, unit: Unit, account_ids: Sequence[str], cause: str) -> list[AssessmentRecord]:
        """Assess existing accounts in a transaction of the caller's, as a task would that names them."""
        task = Task(mode=Mode.RESCORE, account_ids=tuple(account_ids), cause=cause)
        nothing = observe([], self.reference, self.keyring)
        return self._commit(unit, self.pipeline(), [task], [0], nothing, self.clock(), [None])

    def unstored(self, tasks: Sequence[Task], replay: Replay) -> list[Alone]:
        """Events and assessments of tasks that have only events, by nothing but what ``replay`` remembers.

        Nothing is stored, and ``degraded`` says so. Such an assessment is in no campaign: those live in the store.
        """
        observed = observe([e for t in tasks for e in t.events], self.reference, self.keyring)
        now = self.clock()
        batch = lay_out(tasks, list(range(len(tasks))), observed, {}, now)
        outcome = replay.fold(batch.obs, np.array(batch.score, np.bool_))
        outcome = replace(outcome, campaign=np.zeros_like(outcome.campaign))
        blind = replace(batch, obs=replace(batch.obs, degraded=(*batch.obs.degraded, STORE)))
        made = self._assessments(replay.pipeline, blind, outcome, now)
        rows = [[i for i, owner in enumerate(batch.owner) if owner == t] for t in range(len(tasks))]
        return [
            Alone(
                [to_record(batch.obs, i, now) for i in own],
                [made[i] for i in own if i in made],
                _before(batch.obs, own),
            )
            for own in rows
        ]

    def _refs(self, tasks: Sequence[Task]) -> list[int]:
        names = {event.account_id for task in tasks for event in task.events}
        names |= {f"request/{task.request_id}" for task in tasks if task.request_id}
        return sorted(self.keyring.account_ref(name) for name in names)

    def _answered(
        self, tasks: Sequence[Task], known: Mapping[str, RequestRecord]
    ) -> tuple[list[Answer | None], list[int]]:
        """What is already answered, and for each task the first in the batch with its request id and payload."""
        answers: list[Answer | None] = []
        first_of: list[int] = []
        seen: dict[str, int] = {}
        for t, task in enumerate(tasks):
            first, answer = t, None
            record = known.get(task.request_id) if task.request_id else None
            if record:
                answer = self._replayed(record) if record.digest == task.digest else _reused(task)
            elif task.request_id:
                first = seen.setdefault(task.request_id, t)
                if first != t and tasks[first].digest != task.digest:
                    first, answer = t, _reused(task)
            answers.append(answer)
            first_of.append(first)
        return answers, first_of

    def _final(self, answers: list[Answer | None], first_of: list[int], t: int) -> Answer:
        answer = answers[first_of[t]]
        assert answer is not None, "every first task was answered"
        if first_of[t] == t or not isinstance(answer, Result):
            return answer
        return replace(answer, replayed=True)

    def _replayed(self, record: RequestRecord) -> Answer:
        """The answer given before, read back."""
        stored = json.loads(record.result)
        items: list[AssessmentRecord | SybilgateError] = []
        for account_id, assessment_id in stored["assessments"]:
            found = self.store.assessment(account_id, assessment_id) if assessment_id else None
            items.append(found or NotFound(f"account {account_id} is not known"))
        labels = tuple(stored.get("labels", ()))
        return Result(assessments=tuple(items), seqs=tuple(stored["seqs"]), labels=labels, replayed=True)

    def _store_told(self, unit: Unit, found: Sequence[tuple[Task, RequestRecord]]) -> None:
        """Requests that were answered while the store was away, and are in it all the same: the attempt before that
        came through after all, or another replica was asked. They count once. The earliest answer stays the
        request's, and whatever anybody was told can be read under its name."""
        for task, record in found:
            if record.digest != task.digest:
                continue
            stored = json.loads(record.result)
            named = [assessment_id for _, assessment_id in stored["assessments"]]
            told = [made for made in task.told if made.assessment_id not in named]
            missing = [made for made in told if self.store.assessment(made.account_id, made.assessment_id) is None]
            unit.write_assessments(missing)
            if missing and record.create_time >= (task.answered or 0.0):
                stored["assessments"] = [[made.account_id, made.assessment_id] for made in task.told]
                unit.rewrite_requests([replace(record, result=json.dumps(stored))])

    def _commit(
        self, unit: Unit, pipeline: Pipeline, tasks: Sequence[Task], pending: list[int], observed: Observations,
        now: float, answers: list[Answer | None],
    ) -> list[AssessmentRecord]:  # fmt: skip
        """Gather, run and write the pending tasks; ``answers`` are filled in. Returns what was made."""
        names = {e.account_id for t in pending for e in tasks[t].events} | {
            a for t in pending for a in tasks[t].account_ids
        }
        accounts = unit.accounts(sorted(names))
        observed = named(unit, observed, self.keyring, now)
        batch = lay_out(tasks, pending, observed, accounts, now)
        plan = pipeline.plan(batch.obs, accounts, np.array(batch.update, np.bool_))
        known = unit.identifiers([TOTALS_KEY, *plan.keys])
        judged = pipeline.run(plan, known, np.array(batch.score, np.bool_))
        outcome = pipeline.settle(judged, _near(unit, judged))
        logged = [i for i, update in enumerate(batch.update) if update]
        received = [tasks[owner].answered or now for owner in batch.owner]
        lines = unit.append_events([to_record(batch.obs, i, received[i]) for i in logged])
        seqs = dict(zip(logged, lines, strict=True))
        assessments = self._assessments(pipeline, batch, outcome, now)
        unit.write_accounts(outcome.accounts)
        unit.write_identifiers(outcome.identifiers, merge_rows)
        written = [*assessments.values(), *(made for t in pending for made in tasks[t].told)]
        unit.write_assessments(written)
        stand(unit, written, accounts)
        write_book(unit, outcome.book)
        rows: dict[int, list[int]] = {t: [] for t in pending}
        for i, owner in enumerate(batch.owner):
            rows[owner].append(i)
        for t in pending:
            answers[t] = result_of(tasks[t], rows[t], assessments, seqs)
        unit.write_labels([label for t in pending for label in tasks[t].labels])
        unit.write_requests([request_of(tasks[t], answers[t], now) for t in pending if tasks[t].request_id])
        due = [row for t in pending for row in tasks[t].due]
        unit.enqueue(due + spread(unit, judged, outcome.book, batch.obs, batch.spreads, pipeline.protected, now))
        unit.dequeue([seq for t in pending for seq in tasks[t].done])
        return list(assessments.values())

    def _assessments(
        self, pipeline: Pipeline, batch: Batch, outcome: Outcome, now: float
    ) -> dict[int, AssessmentRecord]:
        """Assessments of the scored rows, explained where people will look."""
        models = pipeline.models
        scored = [i for i, score in enumerate(batch.score) if score]
        if models is None or not scored:
            return {}
        inline = [i for i in scored if batch.explain[i] or outcome.decision[i] >= Decision.CHALLENGE]
        explained = dict(zip(inline, models.contributions(outcome.features[inline]), strict=True)) if inline else {}
        degraded = ",".join(batch.obs.degraded)
        grounds = dict(
            zip(scored, kept([outcome.grounds[i] for i in scored], outcome.features[scored], models), strict=True)
        )
        return {
            i: AssessmentRecord(
                self.new_id(), batch.obs.account_id[i], batch.cause[i], float(batch.obs.time[i]), now,
                float(outcome.risk[i]), float(outcome.margin[i]), float(outcome.first_risk[i]),
                int(outcome.decision[i]), outcome.axes[i], models.name, pipeline.policy.version,
                outcome.features[i].tobytes(),
                explained[i].astype("<f8").tobytes() if i in explained else None, outcome.evidence[i],
                grounds[i], degraded, int(outcome.campaign[i]),
            )
            for i in scored
        }  # fmt: skip


def _before(obs: Observations, rows: Sequence[int]) -> list[bytes]:
    return [obs.before[i].tobytes() for i in rows] if obs.before is not None else []


def _near(unit: Unit, judged: Judged) -> Known:
    """The campaigns near a batch; mostly there are no suspects, and nothing is read."""
    suspects = judged.found.suspects
    if not len(suspects):
        return Known()
    members = unit.members(suspects.account_id)
    campaigns = unit.campaigns(sorted(judged.claimants | {member.campaign for member in members.values()}))
    keys = sorted({key for row in suspects.keys for key in row if key})
    values: dict[int, dict[bytes, int]] = {}
    for value in unit.shared_values(sorted(campaigns), keys):
        values.setdefault(value.campaign, {})[value.key] = value.members
    return Known(campaigns, values, members)


def write_book(unit: Unit, book: Book) -> None:
    """What a batch changed in campaigns; merges first, because the rest is written as it is after them."""
    if book.changed:
        unit.merge_campaigns(book.merges)
        unit.write_campaigns(book.changed)
        unit.add_shared_values(book.values)
        unit.write_members(book.joined)
        unit.append_changes(book.history)


def _reused(task: Task) -> RequestIdReused:
    return RequestIdReused(f"request_id {task.request_id} was used before with another payload")
