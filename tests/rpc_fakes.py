"""Stand-ins behind the gRPC surface: an assessor, a reader and an explainer that fit in a page."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.identifier import Keyring
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import NotFound, RequestIdReused, SybilgateError
from sybilgate.rpc.ports import Backend, ReviewParts

KEYRING = Keyring(1, b"test secret of thirty-two bytes!")


def record(assessment_id: str = "0001", account_id: str = "a1", **changes: Any) -> AssessmentRecord:
    values: dict[str, Any] = {
        "assessment_id": assessment_id,
        "account_id": account_id,
        "cause": "SIGNUP",
        "event_time": 1_700_000_000.25,
        "create_time": 1_700_000_001.0,
        "risk": 0.7,
        "margin": 0.85,
        "first_risk": 0.5,
        "decision": 2,
        "axes": "network,device",
        "model": "m1",
        "policy": "p1",
        "features": b"",
        "contributions": None,
        "evidence": '[{"kind": "card", "axis": "payment", "holders": 3, "rarity_bits": 12.5,'
        ' "chance_probability": 0.001, "first_seen_time": 1e9, "last_seen_time": 1.7e9}]',
        "tails": "{}",
    }
    return AssessmentRecord(**(values | changes))


@dataclass
class Explained:
    base_value: float = -1.0
    contributions: Sequence[tuple[str, float, float]] = (("age", float("nan"), 0.25), ("holders", 3.0, 1.6))
    reasons: Sequence[tuple[str, str, str, float]] = (("SHARED_CARD", "Shares a card.", "payment", 1.6),)


class FakeExplainer:
    def explain(self, record: AssessmentRecord) -> Explained:
        return Explained()

    def first_look(self, record: AssessmentRecord) -> Sequence[tuple[str, str, str, float]]:
        return (("CROWD", "Many share its values.", "behaviour", 0.9),)


@dataclass
class FakeAssessor:
    """Remembers request ids; ``gate`` holds every batch back until it is set; account ``boom`` breaks it."""

    gate: threading.Event | None = None
    batches: list[list[Task]] = field(default_factory=list)
    records: dict[str, AssessmentRecord] = field(default_factory=dict)
    answered: dict[str, tuple[bytes, Result]] = field(default_factory=dict)

    def run(self, tasks: Sequence[Task]) -> list[Result | SybilgateError]:
        self.batches.append(list(tasks))
        if self.gate is not None:
            self.gate.wait(10)
        return [self._one(task) for task in tasks]

    def _one(self, task: Task) -> Result | SybilgateError:
        if any(event.account_id == "boom" for event in task.events):
            raise RuntimeError("@".join(("secret", "example.com")))
        if task.request_id in self.answered:
            digest, result = self.answered[task.request_id]
            if digest != task.digest:
                return RequestIdReused("other payload")
            return Result(assessments=result.assessments, seqs=result.seqs, replayed=True)
        result = Result(
            assessments=tuple(self._assess(account) for account in self._accounts(task)),
            seqs=tuple(range(1, len(task.events) + 1)),
        )
        if task.request_id:
            self.answered[task.request_id] = (task.digest, result)
        return result

    def _accounts(self, task: Task) -> list[str]:
        if task.mode is Mode.RECORD:
            return []
        return [event.account_id for event in task.events] + list(task.account_ids)

    def _assess(self, account_id: str) -> AssessmentRecord | SybilgateError:
        if account_id == "missing":
            return NotFound("no such account")
        made = record(f"{len(self.records):04d}", account_id, campaign=7 if account_id == "member" else 0)
        self.records[made.assessment_id] = made
        return made

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None:
        found = self.records.get(assessment_id)
        return found if found is not None and found.account_id == account_id else None

    def assessments(self, account_id: str, limit: int, before: str | None) -> list[AssessmentRecord]:
        mine = [made for made in self.records.values() if made.account_id == account_id]
        mine.sort(key=lambda made: made.assessment_id, reverse=True)
        return [made for made in mine if before is None or made.assessment_id < before][:limit]

    def placements(self, account_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        return dict.fromkeys(set(account_ids) & {"member"}, (7, 1))


def backend(assessor: FakeAssessor) -> Backend:
    nothing: Any = None  # no test over this backend reviews
    return Backend(
        assessor, assessor, FakeExplainer(), KEYRING, ReviewParts(nothing, time.time, str, nothing, nothing, nothing)
    )


def until(condition: Any, seconds: float = 5.0, pause: float = 0.002) -> None:
    """Waits for ``condition()``, asked again after a ``pause``; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(pause)
