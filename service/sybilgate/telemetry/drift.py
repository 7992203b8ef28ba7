"""How far the newest signups lie from what their model was trained on, told to whoever watches.

The index is that of ``sybilgate model drift`` (``app.distribution.psi``), over the newest rows in memory instead of
days in the store. It is counted when it is asked for, at most once a minute: scoring pays for remembering a row, no
more.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from sybilgate.app.bundle import Bundle
from sybilgate.app.distribution import Reference, index, parse_reference
from sybilgate.app.traffic import FEWEST, LARGE, MOST
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import ModelRejected

_SECONDS = 60.0


class Recent:
    """The newest signups. ``bundle`` finds the bundle an assessment names. Written by one thread, read by another."""

    def __init__(self, bundle: Callable[[str], Bundle | None], clock: Callable[[], float] = time.monotonic) -> None:
        self._bundle, self._clock = bundle, clock
        self._rows: deque[AssessmentRecord] = deque(maxlen=MOST)
        self._lock = threading.Lock()
        self._told = (-math.inf, math.nan, math.nan)

    def add(self, made: AssessmentRecord) -> None:
        self._rows.append(made)

    def risk(self) -> float:
        """Index of the risk; NaN while there are too few rows, or the bundle keeps no distributions."""
        return self._now()[1]

    def shifted(self) -> float:
        """Features whose index is large; NaN as for the risk."""
        return self._now()[2]

    def _now(self) -> tuple[float, float, float]:
        with self._lock:
            if self._clock() - self._told[0] >= _SECONDS:
                self._told = (self._clock(), *self._count())
            return self._told

    def _count(self) -> tuple[float, float]:
        rows = list(self._rows)
        reference = self._reference(rows[-1].model) if rows else None
        if reference is None:
            return math.nan, math.nan
        width = 4 * len(FEATURE_NAMES)
        kept = [
            one
            for one in rows
            if one.model == rows[-1].model and one.cause in reference.causes and len(one.features) == width
        ]
        if len(kept) < FEWEST:
            return math.nan, math.nan
        x = np.frombuffer(b"".join(one.features for one in kept), "<f4").reshape(len(kept), -1)
        risk = index(reference.risk, np.array([one.risk for one in kept]), reference.rows)
        named = ((i, reference.features[name]) for i, name in enumerate(FEATURE_NAMES) if name in reference.features)
        return risk, float(sum(index(bins, x[:, i], reference.rows) >= LARGE for i, bins in named))

    def _reference(self, model: str) -> Reference | None:
        bundle = self._bundle(model)
        try:
            return parse_reference(bundle.manifest.notes) if bundle is not None else None
        except ModelRejected:
            return None
