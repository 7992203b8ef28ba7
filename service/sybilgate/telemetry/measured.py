"""An assessor that counts what it does. It stands between the queue and the real one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.event import Event, EventType, Signup, SignupMethod
from sybilgate.core.policy import Decision
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import SybilgateError
from sybilgate.telemetry.drift import Recent
from sybilgate.telemetry.metrics import OTHER, Metrics
from sybilgate.telemetry.stages import Lap, TimedStore

_KINDS = frozenset({"signup", "rescore"})


class Runner(Protocol):
    """Runs one micro-batch as one transaction."""

    def run(self, tasks: Sequence[Task]) -> Sequence[Result | SybilgateError]: ...


class Measured:
    """Runs ``inner`` and tells ``metrics``. ``store`` is the one ``inner`` works on; ``paths`` names the signup paths
    that are told apart; ``clock`` in unix seconds."""

    def __init__(
        self,
        inner: Runner,
        store: TimedStore,
        metrics: Metrics,
        paths: Collection[str] = (),
        clock: Callable[[], float] = time.time,
        recent: Recent | None = None,
    ) -> None:
        self._inner, self._store, self._metrics, self._clock = inner, store, metrics, clock
        self._paths, self._recent = frozenset(paths), recent

    def run(self, tasks: Sequence[Task]) -> Sequence[Result | SybilgateError]:
        """The answers of ``inner``. What it raises is raised on, after it was counted."""
        lap = self._store.lap = Lap()
        try:
            answers = self._inner.run(tasks)
        except Exception:
            self._metrics.batch_failures.inc()
            raise
        self._count_batch(tasks, lap)
        for task, answer in zip(tasks, answers, strict=True):
            self._count(task, answer)
        return answers

    def _count_batch(self, tasks: Sequence[Task], lap: Lap) -> None:
        metrics = self._metrics
        metrics.batch_seconds.observe(time.perf_counter() - lap.began)
        metrics.batch_events.observe(sum(len(task.events) + len(task.account_ids) for task in tasks))
        for stage, seconds in lap.seconds.items():
            metrics.stage_seconds.labels(stage).observe(seconds)
        for change in lap.changes:
            metrics.campaigns.labels(change.name.lower()).inc()

    def _count(self, task: Task, answer: Result | SybilgateError) -> None:
        if isinstance(answer, Result) and answer.replayed:
            return
        outcome = "failed" if isinstance(answer, SybilgateError) else _OUTCOMES[task.mode]
        for event in task.events:
            if event.type == EventType.SIGNUP:
                self._count_signup(event, outcome)
        for item in answer.assessments if isinstance(answer, Result) else ():
            if isinstance(item, AssessmentRecord):
                self._count_assessment(item)

    def _count_signup(self, event: Event, outcome: str) -> None:
        signup = event.signup or Signup()
        method = SignupMethod(signup.method).name.lower() if signup.method else "unspecified"
        path = signup.path or ""
        label = path if path in self._paths else OTHER if path else "none"
        self._metrics.signups.labels(method, label, outcome).inc()
        self._metrics.last_signup.labels(method, label).set(self._clock())

    def _count_assessment(self, made: AssessmentRecord) -> None:
        metrics = self._metrics
        kind = made.cause if made.cause in _KINDS else "later_event" if made.cause in _LATER else "spread"
        metrics.decisions.labels(Decision(made.decision).name.lower(), kind).inc()
        if kind == "signup":
            metrics.risk.labels(metrics.models(made.model)).observe(made.risk)
            if self._recent is not None:
                self._recent.add(made)
        for part in made.degraded.split(",") if made.degraded else ():
            metrics.degraded.labels(part).inc()


_OUTCOMES = {Mode.ASSESS: "assessed", Mode.RECORD: "recorded", Mode.RESCORE: "assessed"}
_LATER = frozenset(kind.name.lower() for kind in EventType) - {"signup"}
