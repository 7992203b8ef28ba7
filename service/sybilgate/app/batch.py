"""A micro-batch: the tasks of one transaction as rows, and what becomes of each task."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.event import EventType
from sybilgate.core.identifier import KINDS
from sybilgate.core.observation import Observations
from sybilgate.core.own import OWN
from sybilgate.core.records import AccountRecord, AssessmentRecord, RequestRecord
from sybilgate.errors import NotFound, SybilgateError

#: What becomes of a task: its result, or why there is none.
Answer = Result | SybilgateError


@dataclass
class Batch:
    """Rows of one transaction: events first come, re-scored accounts among them, each with its owner."""

    obs: Observations
    owner: list[int] = field(default_factory=list)
    update: list[bool] = field(default_factory=list)
    score: list[bool] = field(default_factory=list)
    explain: list[bool] = field(default_factory=list)
    cause: list[str] = field(default_factory=list)
    #: The cause under which others are assessed again for what the row tells; empty: nobody is.
    spreads: list[str] = field(default_factory=list)


def lay_out(
    tasks: Sequence[Task], pending: list[int], observed: Observations, accounts: Mapping[str, AccountRecord], now: float
) -> Batch:
    """Rows of the pending tasks, in order of arrival; an account to be re-scored gets an empty observation."""
    start = np.concatenate([[0], np.cumsum([len(task.events) for task in tasks])])
    picked: list[int] = []
    extra: list[str] = []
    batch = Batch(observed)
    for t in pending:
        task = tasks[t]
        names = [a for a in task.account_ids if a in accounts]
        picked += [int(start[t]) + j for j in range(len(task.events))]
        picked += [len(observed) + len(extra) + j for j in range(len(names))]
        extra += names
        rows = len(task.events) + len(names)
        batch.owner += [t] * rows
        batch.update += [True] * len(task.events) + [False] * len(names)
        batch.score += [task.mode is not Mode.RECORD and task.answered is None] * rows
        batch.explain += [task.explain] * rows
        batch.spreads += [_spreads(task)] * len(task.events) + [""] * len(names)
        batch.cause += [EventType(event.type).name.lower() for event in task.events] + [task.cause] * len(names)
    batch.obs = _with_blank(observed, extra, now).take(picked)
    return batch


def _spreads(task: Task) -> str:
    if not task.spread:
        return ""
    return "label" if task.labels else "outcome"


def _with_blank(obs: Observations, account_ids: list[str], now: float) -> Observations:
    n = len(account_ids)
    if not n:
        return obs
    return Observations(
        obs.account_id + account_ids,
        np.concatenate([obs.type, np.zeros(n, np.int8)]),
        np.concatenate([obs.time, np.full(n, now)]),
        np.concatenate([obs.label, np.zeros(n, np.int8)]),
        np.concatenate([obs.own, np.full((n, len(OWN)), np.nan)]),
        np.concatenate([obs.keys, np.zeros((n, len(KINDS), 2), np.uint64)]),
        obs.degraded,
    )


def result_of(
    task: Task, rows: list[int], assessments: Mapping[int, AssessmentRecord], seqs: Mapping[int, int]
) -> Result:
    """The result of a task from its rows; ``seqs``: places in the log of those rows that are events."""
    if task.mode is not Mode.RESCORE:
        return Result(
            assessments=task.told or tuple(assessments[i] for i in rows if i in assessments),
            seqs=tuple(seqs[i] for i in rows),
            labels=tuple(label.label_id for label in task.labels),
        )
    made = {assessments[i].account_id: assessments[i] for i in rows}
    return Result(assessments=tuple(made.get(a) or NotFound(f"account {a} is not known") for a in task.account_ids))


def request_of(task: Task, answer: Answer | None, now: float) -> RequestRecord:
    """What is kept of a request, so that the same one is answered alike."""
    assert isinstance(answer, Result) and task.request_id, "only answered tasks with an id are kept"
    named = task.account_ids or [event.account_id for event in task.events]
    pairs = [
        [account, item.assessment_id if isinstance(item, AssessmentRecord) else ""]
        for account, item in zip(named, answer.assessments, strict=False)
    ]
    result = json.dumps({"assessments": pairs, "seqs": list(answer.seqs), "labels": list(answer.labels)})
    return RequestRecord(task.request_id, task.digest, task.mode.value, result, now)
