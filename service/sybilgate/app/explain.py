"""Explain: a stored assessment's contributions, grouped into reasons. Later gives the same values as at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sybilgate.core.feature import FEATURES, LINK_REASONS
from sybilgate.core.own import REASONS
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.scoring import Models
from sybilgate.errors import Unavailable

SENTENCES: dict[str, str] = {**REASONS, **LINK_REASONS}
#: Reasons smaller than this, in log-odds, say nothing a person could act on.
MIN_REASON = 0.05


@dataclass(frozen=True, slots=True)
class Explanation:
    """Log-odds everywhere; ``base_value`` + sum of contributions = margin. Reasons: largest effect first."""

    base_value: float
    contributions: tuple[tuple[str, float, float], ...]
    reasons: tuple[tuple[str, str, str, float], ...]


@dataclass(frozen=True)
class Explainer:
    """Explains with the model that made the assessment; ``models`` finds it by name, or gives None."""

    models: Callable[[str], Models | None]

    def explain(self, record: AssessmentRecord) -> Explanation:
        """Raises Unavailable when the model that scored it is no longer loaded and no explanation was stored."""
        features = np.frombuffer(record.features, dtype="<f4")
        if record.contributions is not None:
            values = np.frombuffer(record.contributions, dtype="<f8")
        else:
            models = self.models(record.model)
            if models is None:
                raise Unavailable(f"model {record.model} is not loaded; the assessment can be explained once it is")
            values = models.contributions(features[None, :])[0]
        named = zip(FEATURES, features.tolist(), values[:-1].tolist(), strict=True)
        contributions = [(spec.name, value, amount) for spec, value, amount in named]
        return Explanation(float(values[-1]), tuple(contributions), reasons_of(values[:-1]))


def reasons_of(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[tuple[str, str, str, float], ...]:
    """Contributions summed per reason code: (code, sentence, axis, log-odds), largest effect first."""
    sums: dict[str, float] = {}
    axes: dict[str, tuple[float, str]] = {}
    for spec, amount in zip(FEATURES, values.tolist(), strict=True):
        sums[spec.reason] = sums.get(spec.reason, 0.0) + amount
        axes[spec.reason] = max(axes.get(spec.reason, (0.0, spec.axis.value)), (abs(amount), spec.axis.value))
    ranked = sorted(sums.items(), key=lambda item: -abs(item[1]))
    return tuple((code, SENTENCES[code], axes[code][1], amount) for code, amount in ranked if abs(amount) >= MIN_REASON)
