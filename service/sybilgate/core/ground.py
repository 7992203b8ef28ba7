"""Grounds: what in the policy asked for a decision, and how many honest people it would ask for, as kept with it.

The model's risk is one detector among several. Where another asked, the risk may be low, and reasons that explain the
risk do not explain the decision.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sybilgate.core.detector import CROWD, HONEST_SHARES, detector_values
from sybilgate.core.feature import FEATURE_COLUMN, FEATURES, Rows
from sybilgate.core.policy import CAMPAIGN, RISK
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.scoring import Models

_SENTENCES = {
    RISK: "The risk reaches the policy's threshold.",
    CAMPAIGN: "It resembles a campaign of flagged accounts.",
    CROWD: "How many share its values, or how they contradict each other, is too rare among honest people.",
    "chain.score": "It is joined to others, one to the next, by values that exactly two accounts hold.",
    "contradiction.left": "Its values contradict each other, and no single one of them explains it.",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """A detector that asked for a decision: ``risk``, ``campaign`` or the name of a feature. ``share``: at most so many
    honest accounts of the model's history reach as much; None where that is not known."""

    detector: str
    text: str
    share: float | None


def kept(named: Sequence[str], rows: Rows, models: Models) -> list[str]:
    """For each row the text to keep; ``named``: its detectors as the pipeline names them, with commas between."""
    out = [as_text([])] * len(named)
    asked = np.array([i for i, names in enumerate(named) if names], np.intp)
    values = detector_values(models.guards, rows[asked], models.tails) if len(asked) else {}
    for place, i in enumerate(asked.tolist()):
        told: list[tuple[str, float | None]] = []
        for name in named[i].split(","):
            passed = int((values[name][place] > np.array(models.guards[name])).sum()) if name in values else 0
            told.append((name, HONEST_SHARES[min(passed, len(HONEST_SHARES)) - 1] if passed else None))
        out[i] = as_text(told)
    return out


def as_text(told: Sequence[tuple[str, float | None]]) -> str:
    """Detectors and their shares of honest accounts, as kept."""
    return json.dumps(told)


def grounds_of(record: AssessmentRecord) -> list[Ground]:
    """What asked for the decision of an assessment."""
    told = json.loads(record.tails or "[]")
    if isinstance(told, dict):  # a build before grounds: how rare its crowds were, whoever asked
        return []
    return [Ground(name, _sentence(name), share) for name, share in told]


def _sentence(name: str) -> str:
    if name in _SENTENCES:
        return _SENTENCES[name]
    spec = FEATURES[FEATURE_COLUMN[name]] if name in FEATURE_COLUMN else None
    return f"The policy has a limit on {name}" + (f": {spec.description}." if spec else ".")
