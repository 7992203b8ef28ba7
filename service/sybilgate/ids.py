"""Ids that sort by time."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from sybilgate.core.crockford import encode

_RANDOM_BITS, _ID_CHARACTERS = 80, 26


class SortableIds:
    """Ids that sort by time: 48 bits of milliseconds, 80 random bits, 26 characters; rising within a process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> str:
        fresh = int(self._clock() * 1000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            # In the same millisecond, or when the clock was set back, count on.
            self._last = number = fresh if fresh > self._last else self._last + 1
        return encode(number, _ID_CHARACTERS)
