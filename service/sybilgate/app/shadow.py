"""A shadow model: it scores what is assessed beside the serving model, and nobody acts on what it says.

It reads the very rows that the serving model read. Carried risk in them comes from the *serving* model's first pass,
because what is carried on identifiers cannot be replayed for another model while serving: a shadow whose own first
pass differs much is judged on inputs that it would not have had. A backtest replays both for themselves.

Its cost is one prediction and one statement in the transaction that is under way; it decides, explains and carries
nothing. Whatever goes wrong in it is logged, and the assessment goes on without it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np

from sybilgate.core.feature import Rows
from sybilgate.core.records import AssessmentRecord, ShadowRecord
from sybilgate.core.scoring import Models

log = logging.getLogger(__name__)


class Shadow:
    """Scores for one batch after another; one thread calls it."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._failing = False

    @property
    def name(self) -> str:
        return self._models.name

    def scores(self, made: Mapping[int, AssessmentRecord], features: Rows) -> list[ShadowRecord]:
        """A score for each assessment; ``made`` maps rows of ``features`` to what was made of them."""
        if not made:
            return []
        try:
            margin = self._models.final(np.ascontiguousarray(features[list(made)]))
            risk = self._models.calibrate(margin)
            if not (np.isfinite(margin).all() and np.isfinite(risk).all()):
                raise ValueError("a score is not a number")
        except Exception as error:
            if not self._failing:
                log.error("shadow model %s cannot score: %s: %s", self._models.name, type(error).__name__, error)
            self._failing = True
            return []
        self._failing = False
        scored = zip(made.values(), margin.tolist(), risk.tolist(), strict=True)
        return [
            ShadowRecord(record.assessment_id, record.account_id, self._models.name, m, r, record.create_time)
            for record, m, r in scored
        ]
