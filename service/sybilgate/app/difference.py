"""What changed between two assessments of an account, and why: reasons and evidence, one against the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sybilgate.core.records import AssessmentRecord


class Explained(Protocol):
    @property
    def reasons(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Moved:
    """A reason: code, sentence, axis, and log-odds now and before."""

    code: str
    text: str
    axis: str
    now: float
    before: float


@dataclass(frozen=True, slots=True)
class Difference:
    """``moved``: largest difference first. ``new``: items of evidence of kinds that were none before; ``lost``: kinds
    that are none now."""

    moved: tuple[Moved, ...]
    new: tuple[dict[str, Any], ...]
    lost: tuple[str, ...]


def difference(
    explain: Callable[[AssessmentRecord], Explained], now: AssessmentRecord, before: AssessmentRecord
) -> Difference:
    """Raises what ``explain`` raises when the model that made one of them is gone."""
    after = {code: (text, axis, amount) for code, text, axis, amount in explain(now).reasons}
    was = {code: (text, axis, amount) for code, text, axis, amount in explain(before).reasons}
    moved = []
    for code in after | was:
        text, axis, _ = after.get(code) or was[code]
        moved.append(Moved(code, text, axis, *(side[code][2] if code in side else 0.0 for side in (after, was))))
    moved.sort(key=lambda one: -abs(one.now - one.before))
    here, there = (json.loads(record.evidence or "[]") for record in (now, before))
    kinds, old = ({item["kind"] for item in items} for items in (here, there))
    return Difference(
        tuple(moved), tuple(item for item in here if item["kind"] not in old), tuple(sorted(old - kinds))
    )  # fmt: skip
