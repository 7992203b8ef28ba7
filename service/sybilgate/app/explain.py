"""Explain: a stored assessment's contributions, grouped into reasons. Later gives the same values as at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.feature import FEATURES, FIRST
from sybilgate.core.reason import sentence
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.scoring import Models
from sybilgate.errors import Unavailable

#: Reasons smaller than this, in log-odds, say nothing a person could act on.
MIN_REASON = 0.05


#: Reason codes in the order of the first feature that has each, and for each feature the place of its own.
_CODES = tuple(dict.fromkeys(spec.reason for spec in FEATURES))
_CODE_OF = np.array([_CODES.index(spec.reason) for spec in FEATURES])
_NAMES = tuple(spec.name for spec in FEATURES)
_AXES = tuple(spec.axis.value for spec in FEATURES)
#: For each code its features, by name of their axis from the last: of two that say as much, the first is taken.
_MEMBERS = tuple(
    np.array(sorted(np.flatnonzero(code == _CODE_OF), key=lambda i: _AXES[i], reverse=True))
    for code in range(len(_CODES))
)
Values = npt.NDArray[np.float64]
Reason = tuple[str, str, str, float]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Log-odds everywhere; ``base_value`` + sum of contributions = margin. Reasons: largest effect first."""

    base_value: float
    features: npt.NDArray[np.float32]
    values: Values
    reasons: tuple[Reason, ...]
    names: tuple[str, ...] = _NAMES

    @property
    def contributions(self) -> tuple[tuple[str, float, float], ...]:
        """(feature, value, contribution). Made when asked for: most answers tell reasons only."""
        return tuple(zip(self.names, self.features.tolist(), self.values.tolist(), strict=True))


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
        return Explanation(float(values[-1]), features, values[:-1], reasons_of(values[:-1]))

    def first_look(self, record: AssessmentRecord) -> tuple[Reason, ...]:
        """What the account's own first-pass risk rests on, in log-odds of the first pass; nothing if the model is gone.

        The final model reads that risk as one feature, often its weightiest, which by itself tells a reader little."""
        models = self.models(record.model)
        if models is None:
            return ()
        row = np.frombuffer(record.features, dtype="<f4")[None, :FIRST]
        values = np.zeros(len(FEATURES))
        values[:FIRST] = models.first_contributions(row)[0, :-1]
        return reasons_of(values)


def reasons_of(values: Values) -> tuple[Reason, ...]:
    """Contributions summed per reason code: (code, sentence, axis of the largest, log-odds), largest effect first."""
    sums = np.bincount(_CODE_OF, weights=values)
    size, out = np.abs(sums), []
    for code in np.argsort(-size, kind="stable")[: np.count_nonzero(size >= MIN_REASON)].tolist():
        members = _MEMBERS[code]
        axis = _AXES[members[np.abs(values[members]).argmax()]]
        out.append((_CODES[code], sentence(_CODES[code], float(sums[code])), axis, float(sums[code])))
    return tuple(out)
