"""Observations: a batch of events after normalising and enriching, in columns, free of personal data.

This is what the event log keeps and what serving, backfill, training and replay all fold. The order of
own columns and of kinds is append-only, so an older row is simply shorter and its tail is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.identifier import Axis, Words

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """One own signal of an account. ``reason`` is the stable reason code its contribution is shown under."""

    name: str
    axis: Axis
    reason: str
    description: str
    monotone: int = 0


@dataclass(frozen=True)
class Observations:
    """n events in columns. ``own`` is [n, len(OWN)] with NaN for missing, ``keys`` [n, len(KINDS), 2] with zero.

    ``before``: while keys are rotated, single values under the older key, in the places of ``keys``."""

    account_id: list[str]
    type: npt.NDArray[np.int8]
    time: Floats
    label: npt.NDArray[np.int8]
    own: Floats
    keys: Words
    degraded: tuple[str, ...] = ()
    before: Words | None = None

    def __len__(self) -> int:
        return len(self.account_id)

    def take(self, rows: Sequence[int]) -> Observations:
        """The observations at ``rows``, in that order."""
        index = np.asarray(rows, dtype=np.intp)
        return Observations(
            [self.account_id[i] for i in rows],
            self.type[index],
            self.time[index],
            self.label[index],
            self.own[index],
            self.keys[index],
            self.degraded,
            self.before[index] if self.before is not None else None,
        )
