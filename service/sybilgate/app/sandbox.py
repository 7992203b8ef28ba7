"""Sandbox: reserved identities that force an answer, so that callers can test every branch of theirs.

An event whose mail address lies in ``sybilgate.test`` (a domain that can never exist, RFC 2606) is answered by what
stands before the ``@``: a name of ``PLANS``, or ``error-`` and a reason of the contract in lower case with dashes. What
follows a ``+`` is ignored. Nothing of it reaches the store, so that it teaches nobody; it is remembered in memory.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from sybilgate import errors
from sybilgate.app.explain import Explanation
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.event import Event, EventType
from sybilgate.core.ground import as_text
from sybilgate.core.policy import RISK, Decision
from sybilgate.core.records import AssessmentRecord

DOMAIN = "sybilgate.test"
MODEL = "sandbox@1"
#: Reference and state (OPEN) of the campaign that ``campaign@`` is in.
CAMPAIGN = (1, 1)
_ERROR = "error-"
_MOST = 10_000
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Plan:
    """An answer: ``axes`` as an assessment keeps them, ``campaign`` whether the account is in one."""

    decision: Decision
    risk: float
    axes: str = ""
    degraded: str = ""
    campaign: bool = False


PLANS: Mapping[str, Plan] = {
    "allow": Plan(Decision.ALLOW, 0.004),
    "challenge": Plan(Decision.CHALLENGE, 0.3, "device"),
    "review": Plan(Decision.REVIEW, 0.7, "device,network"),
    "deny": Plan(Decision.DENY, 0.97, "device,network,payment"),
    "campaign": Plan(Decision.REVIEW, 0.8, "device,payment", campaign=True),
    "degraded": Plan(Decision.ALLOW, 0.05, degraded="reference:asn"),
}


class Runner(Protocol):
    """Runs one micro-batch as one transaction."""

    def run(self, tasks: Sequence[Task]) -> Sequence[Result | errors.SybilgateError]: ...


class Reader(Protocol):
    """Reads stored assessments."""

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None: ...

    def assessments(self, account_id: str, limit: int, before: str | None) -> Sequence[AssessmentRecord]: ...

    def placements(self, account_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]: ...


class Explained(Protocol):
    """Log-odds everywhere, as ``app.explain.Explanation`` says."""

    @property
    def base_value(self) -> float: ...

    @property
    def contributions(self) -> Sequence[tuple[str, float, float]]: ...

    @property
    def reasons(self) -> Sequence[tuple[str, str, str, float]]: ...


class Explainer(Protocol):
    def explain(self, record: AssessmentRecord) -> Explained: ...

    def first_look(self, record: AssessmentRecord) -> Sequence[tuple[str, str, str, float]]: ...


class Sandbox:
    """Assessor, reader and explainer before the real ones. ``clock``: unix seconds; ``new_id``: sortable ids."""

    def __init__(
        self,
        runner: Runner,
        reader: Reader,
        explainer: Explainer,
        clock: Callable[[], float],
        new_id: Callable[[], str],
    ) -> None:
        self._runner, self._reader, self._explainer = runner, reader, explainer
        self._clock, self._new_id = clock, new_id
        self._lock = threading.Lock()
        self._records: OrderedDict[str, AssessmentRecord] = OrderedDict()
        self._answered: OrderedDict[str, tuple[bytes, Result]] = OrderedDict()
        self._accounts: OrderedDict[str, str] = OrderedDict()

    def force(self, account_id: str, name: str) -> None:
        """Answer this account by that name from now on, whatever its mail address. Raises KeyError if there is none."""
        if not name.startswith(_ERROR):
            PLANS[name]
        _keep(self._accounts, account_id, name)

    def run(self, tasks: Sequence[Task]) -> list[Result | errors.SybilgateError]:
        with self._lock:
            names = [self._name(task) for task in tasks]
        real = [task for task, name in zip(tasks, names, strict=True) if name is None]
        given = iter(self._runner.run(real) if real else ())
        with self._lock:
            return [
                next(given) if name is None else self._answer(task, name)
                for task, name in zip(tasks, names, strict=True)
            ]

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None:
        with self._lock:
            found = self._records.get(assessment_id)
        mine = found is not None and found.account_id == account_id
        return found if mine else self._reader.assessment(account_id, assessment_id)

    def assessments(self, account_id: str, limit: int, before: str | None) -> Sequence[AssessmentRecord]:
        with self._lock:
            mine = [record for record in self._records.values() if record.account_id == account_id]
        if not mine:
            return self._reader.assessments(account_id, limit, before)
        newest = sorted(mine, key=lambda record: record.assessment_id, reverse=True)
        return [record for record in newest if before is None or record.assessment_id < before][:limit]

    def placements(self, account_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        mine = {name: CAMPAIGN for name in account_ids if self._accounts.get(name) == "campaign"}
        return {**self._reader.placements(account_ids), **mine}

    def explain(self, record: AssessmentRecord) -> Explained:
        if record.model != MODEL:
            return self._explainer.explain(record)
        reason = ("SANDBOX", "The sandbox was told to answer so.", record.axes.partition(",")[0] or "behaviour")
        told = ((*reason, record.margin),)
        return Explanation(0.0, np.ones(1, np.float32), np.array([record.margin]), told, ("sandbox",))

    def first_look(self, record: AssessmentRecord) -> Sequence[tuple[str, str, str, float]]:
        return () if record.model == MODEL else self._explainer.first_look(record)

    def _name(self, task: Task) -> str | None:
        """By what name the task is answered here; None if it is not."""
        for event in task.events:
            if name := identity(event):
                _keep(self._accounts, event.account_id, name)
        known = [self._accounts.get(account) for account in _accounts(task)]
        return next((name for name in known if name), None)

    def _answer(self, task: Task, name: str) -> Result | errors.SybilgateError:
        if name.startswith(_ERROR):
            return error_named(name.removeprefix(_ERROR))
        if name not in PLANS:
            return errors.InvalidInput([("event.contact.email", f"no such sandbox identity: {', '.join(names())}")])
        if task.request_id and (answered := self._answered.get(task.request_id)):
            digest, result = answered
            if digest != task.digest:
                return errors.RequestIdReused(f"request_id {task.request_id} was used before with another payload")
            return Result(assessments=result.assessments, seqs=result.seqs, replayed=True)
        wanted = () if task.mode is Mode.RECORD else _accounts(task)
        made = tuple(self._made(account, task, self._accounts.get(account, "allow")) for account in wanted)
        result = Result(assessments=made, seqs=tuple(range(1, len(task.events) + 1)))
        if task.request_id:
            _keep(self._answered, task.request_id, (task.digest, result))
        return result

    def _made(self, account_id: str, task: Task, name: str) -> AssessmentRecord:
        plan, now = PLANS[name], self._clock()
        cause = EventType(task.events[0].type).name.lower() if task.events else task.cause
        record = AssessmentRecord(
            self._new_id(), account_id, cause, task.events[0].time if task.events else now, now,
            plan.risk, 8 * (plan.risk - 0.5), plan.risk, int(plan.decision), plan.axes, MODEL, MODEL,
            b"", None, "[]", as_text([(RISK, None)] if plan.decision > Decision.ALLOW else []), plan.degraded,
            CAMPAIGN[0] if plan.campaign else 0,
        )  # fmt: skip
        _keep(self._records, record.assessment_id, record)
        return record


def identity(event: Event) -> str | None:
    """The name an event's mail address gives, or None for an address of anybody."""
    address = (event.contact.email if event.contact else None) or ""
    local, _, domain = address.strip().lower().rpartition("@")
    return (local.partition("+")[0] or "allow") if domain == DOMAIN else None


def names() -> list[str]:
    """Every name that an address may have."""
    return [*PLANS, *(f"{_ERROR}{reason.lower().replace('_', '-')}" for reason in _REASONS)]


def error_named(name: str) -> errors.SybilgateError:
    """The error of a reason in lower case with dashes; InvalidInput for one that there is not."""
    kind = _REASONS.get(name.replace("-", "_").upper(), errors.InvalidInput)
    if issubclass(kind, errors.InvalidInput):
        return kind([("event.contact.email", "the sandbox was told to refuse it")])
    if issubclass(kind, errors.Overloaded):
        return kind("the sandbox was told to be busy", 1.0)
    return kind("the sandbox was told to fail")


def _accounts(task: Task) -> tuple[str, ...]:
    return tuple(event.account_id for event in task.events) + task.account_ids


def _keep(where: OrderedDict[str, _Value], key: str, value: _Value) -> None:
    where[key] = value
    if len(where) > _MOST:
        where.popitem(last=False)


def _kinds(kind: type[errors.SybilgateError]) -> Iterator[type[errors.SybilgateError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)


_REASONS: Mapping[str, type[errors.SybilgateError]] = {
    kind.reason: kind for kind in reversed(list(_kinds(errors.SybilgateError)))
}
