"""What serving needs from the rest of the service; the wiring passes the real ones in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sybilgate.app.task import Result, Task
from sybilgate.core.identifier import Keyring
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import SybilgateError


class Assessor(Protocol):
    """Runs one micro-batch as one transaction. Blocks; called by one thread only."""

    def run(self, tasks: Sequence[Task]) -> Sequence[Result | SybilgateError]: ...


class Reader(Protocol):
    """Reads stored assessments; called by many threads."""

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None: ...

    def assessments(self, account_id: str, limit: int, before: str | None) -> Sequence[AssessmentRecord]: ...


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


@dataclass(frozen=True)
class Backend:
    """Everything the servicers stand on."""

    assessor: Assessor
    reader: Reader
    explainer: Explainer
    keyring: Keyring
