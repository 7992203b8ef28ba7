"""Slots of keys: an open-addressing table over 16-byte keys, compiled.

The second half of a key is 64 bits of a keyed hash, spread evenly and out of reach of anybody without the secret, so
the table needs no hash of its own. An identifier takes 16 bytes and its share of a table that is at most half full;
a dict of bytes takes several times that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from sybilgate.core.identifier import KEY_BYTES, Key, Words, to_keys, to_words

_FEWEST = 64


@njit(cache=True)
def slot_in(place: Any, words: Any, count: int, first: Any, second: Any) -> int:
    """Slot of a key. ``count`` itself, and its words written there, if it is new; the caller then counts on."""
    mask = place.shape[0] - 1
    at = np.int64(second & np.uint64(mask))
    while True:
        slot = place[at]
        if slot < 0:
            place[at] = count
            words[count, 0] = first
            words[count, 1] = second
            return count
        if words[slot, 1] == second and words[slot, 0] == first:
            return int(slot)
        at = (at + 1) & mask


@njit(cache=True)
def _slots_in(place: Any, words: Any, count: int, query: Any, out: Any) -> int:
    for i in range(query.shape[0]):
        slot = slot_in(place, words, count, query[i, 0], query[i, 1])
        if slot == count:
            count += 1
        out[i] = slot
    return count


@njit(cache=True)
def _find_in(place: Any, words: Any, first: Any, second: Any) -> int:
    mask = place.shape[0] - 1
    at = np.int64(second & np.uint64(mask))
    while place[at] >= 0:
        slot = place[at]
        if words[slot, 1] == second and words[slot, 0] == first:
            return int(slot)
        at = (at + 1) & mask
    return -1


@njit(cache=True)
def _found_in(place: Any, words: Any, query: Any, out: Any) -> None:
    for i in range(query.shape[0]):
        out[i] = _find_in(place, words, query[i, 0], query[i, 1])


def empty_places(keys: int) -> npt.NDArray[np.int32]:
    """A table in which ``keys`` keys take at most half the room."""
    return np.full(1 << (2 * max(keys, _FEWEST) - 1).bit_length(), -1, np.int32)


class KeyTable(Mapping[Key, int]):
    """Key -> slot, in the order in which keys came, from ``base`` on."""

    def __init__(self, base: int = 0) -> None:
        self._base = base
        self._count = 0
        self._place = empty_places(_FEWEST)
        self._words: Words = np.empty((_FEWEST, 2), np.uint64)

    def slots(self, query: Words) -> npt.NDArray[np.intp]:
        """Slots of keys; new keys get the next ones."""
        self._reserve(self._count + len(query))
        out = np.empty(len(query), np.intp)
        self._count = _slots_in(self._place, self._words, self._count, query, out)
        return out + self._base

    def found(self, query: Words) -> npt.NDArray[np.intp]:
        """Slots of those keys that came, below zero for the others."""
        out = np.empty(len(query), np.intp)
        _found_in(self._place, self._words, query, out)
        return np.where(out < 0, out, out + self._base)

    def __getitem__(self, key: Key) -> int:
        first, second = to_words(key)[0] if len(key) == KEY_BYTES else (np.uint64(0), np.uint64(0))
        slot = _find_in(self._place, self._words, first, second)
        if slot < 0:
            raise KeyError(key)
        return int(slot) + self._base

    def __iter__(self) -> Iterator[Key]:
        return iter(to_keys(self._words[: self._count]))

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return self._place.nbytes + self._words.nbytes

    def _reserve(self, keys: int) -> None:
        if keys > len(self._words):
            grown: Words = np.empty((max(keys, len(self._words) * 3 // 2), 2), np.uint64)
            grown[: self._count] = self._words[: self._count]
            self._words = grown
        if 2 * keys > len(self._place):
            self._place = empty_places(2 * keys)
            _slots_in(self._place, self._words, 0, self._words[: self._count].copy(), np.empty(self._count, np.intp))
