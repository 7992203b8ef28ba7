"""What serving needs from the rest of the service; the wiring passes the real ones in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sybilgate.app.bundle import Bundle
from sybilgate.app.ports import Desk, Jobs
from sybilgate.app.readings import Readings
from sybilgate.app.task import Result, Task
from sybilgate.core.event import Event
from sybilgate.core.identifier import Key, Keyring
from sybilgate.core.policy import Policy
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import SybilgateError


class Assessor(Protocol):
    """Runs one micro-batch as one transaction. Blocks; called by one thread only."""

    def run(self, tasks: Sequence[Task]) -> Sequence[Result | SybilgateError]: ...


class Reader(Protocol):
    """Reads stored assessments; called by many threads."""

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None: ...

    def assessments(self, account_id: str, limit: int, before: str | None) -> Sequence[AssessmentRecord]: ...

    def placements(self, account_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Campaign and its state of those accounts that are in one."""


class Explanation(Protocol):
    """An assessment explained: log-odds everywhere, NaN for a missing feature value."""

    @property
    def base_value(self) -> float: ...

    @property
    def contributions(self) -> Sequence[tuple[str, float, float]]:
        """(feature, value, contribution)."""

    @property
    def reasons(self) -> Sequence[tuple[str, str, str, float]]:
        """(code, text, axis, contribution)."""


class Explainer(Protocol):
    """Explains a stored assessment; raises Unavailable or ModelRejected when its model is gone."""

    def explain(self, record: AssessmentRecord) -> Explanation: ...

    def first_look(self, record: AssessmentRecord) -> Sequence[tuple[str, str, str, float]]:
        """What the first pass rests on, as reasons; empty when its model is gone."""


class Job(Protocol):
    """Work that goes on beside the requests. ``stop`` returns when it has ended."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


@dataclass(frozen=True)
class Together:
    """Several jobs as one: started in order, stopped in reverse."""

    parts: Sequence[Job]

    def start(self) -> None:
        for part in self.parts:
            part.start()

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.stop()


@dataclass(frozen=True)
class ReviewParts:
    """What reviewing needs: ``clock`` in unix seconds, sortable URL-safe ids, the keys of an event by column, where the
    features of an assessment stand, and the bundle and the policy that serve now."""

    store: Desk
    clock: Callable[[], float]
    new_id: Callable[[], str]
    identify: Callable[[Event], Sequence[Key | None]]
    readings: Readings
    serving: Callable[[], tuple[Bundle, Policy]]


@dataclass(frozen=True)
class Backend:
    """Everything the servicers stand on."""

    assessor: Assessor
    reader: Reader
    explainer: Explainer
    keyring: Keyring
    reviews: ReviewParts
    #: None where no jobs are kept.
    jobs: Jobs | None = None
    #: Acknowledged requests that the store does not have yet.
    spooled: Callable[[], int] = lambda: 0
