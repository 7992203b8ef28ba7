"""The compiled look-up of surprise (see ``core.tail``): between break-points linear, beyond the last with a slope."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

_FARTHEST = 3.0  #: most decades beyond the last break-point


@njit(cache=True)
def look_up(columns: Any, values: Any, scores: Any, slopes: Any, out: Any) -> None:
    """Write decades of surprise of ``columns`` [accounts, features] into ``out``."""
    last = values.shape[1] - 1
    for i in range(columns.shape[0]):
        for j in range(columns.shape[1]):
            x = columns[i, j]
            if x < values[j, 0] or x <= 0.0:
                continue
            if x > values[j, last]:
                out[i, j] = scores[j, last] + min((x - values[j, last]) * slopes[j], _FARTHEST)
                continue
            k = np.searchsorted(values[j], x, "right") - 1
            out[i, j] = scores[j, k]
            if k < last and values[j, k + 1] > values[j, k]:
                part = (x - values[j, k]) / (values[j, k + 1] - values[j, k])
                out[i, j] += part * (scores[j, k + 1] - scores[j, k])
