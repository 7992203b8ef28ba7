"""Probe rows: values that try every rule of a model's decisions, the same rows every time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sybilgate.core.explanation.binning import ZERO, Bins

_ALWAYS = (np.nan, np.inf, -np.inf, 0.0, -0.0, ZERO, -ZERO, 2 * ZERO, -2 * ZERO, 1.0, -1.0, -0.5, 3e38, -3e38)


def candidates(bins: Bins) -> npt.NDArray[np.float32]:
    """Thresholds with their neighbours, or categories with odd ones; NaN, infinities and zeros."""
    if bins.categorical:
        categories = np.arange(len(bins.lookup) + 2, dtype=np.float32)
        own = np.concatenate([categories, categories + np.float32(0.5)])
    else:
        below, above = (np.nextafter(bins.edges, np.float32(side)) for side in (-np.inf, np.inf))
        own = np.concatenate([bins.edges, below, above])
    return np.concatenate([own, np.array(_ALWAYS, np.float32)])


def probe_rows(bins: dict[int, Bins], width: int, rows: int) -> npt.NDArray[np.float32]:
    """Each feature walks through its candidates at a pace of its own (a Weyl sequence), so that pairs vary."""
    x = np.zeros((rows, width), np.float32)
    turns = np.arange(1, rows + 1)
    for place, one in enumerate(bins.values()):
        values = candidates(one)
        fraction = turns * np.sqrt(place + 1.5) % 1.0
        x[:, one.column] = values[(fraction * len(values)).astype(np.int64)]
    return x
