"""Where accounts of the queue come from.

The kind of network is read off the feature row; the country is kept as a keyed hash only, and found again by hashing
every code there can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from sybilgate.core.desk import QueueFilter
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.identifier import COLUMN, KEY_BYTES, Keyring, Kind
from sybilgate.core.records import AssessmentRecord

_NETWORKS = {name.removeprefix("network_"): i for name, i in FEATURE_COLUMN.items() if name.startswith("network_")}
_AT = COLUMN[Kind.COUNTRY] * KEY_BYTES
#: Items that are read at a time, and at most for one page, where the origin is asked for: the store has no index of it.
_STEP, LOOKED = 200, 2_000
Cursor = tuple[float, str]
#: (order, limit, after) -> items; and accounts -> their keys.
ReadItems = Callable[[int, Cursor | None], Sequence[AssessmentRecord]]
ReadKeys = Callable[[Sequence[str]], Mapping[str, bytes]]


@dataclass(frozen=True, slots=True)
class Item:
    """One account of the queue. ``network`` and ``country`` are empty if not known."""

    record: AssessmentRecord
    network: str
    country: str


class Origins:
    """Knows every country's key. ``keys`` reads the last known keys of accounts."""

    def __init__(self, keyring: Keyring, keys: ReadKeys) -> None:
        codes = (a + b for a in ascii_uppercase for b in ascii_uppercase)
        self._codes = {key: code for code in codes for key in keyring.keys(Kind.COUNTRY, code.encode())}
        self._keys = keys

    def page(
        self, read: ReadItems, wanted: QueueFilter, size: int, after: Cursor | None
    ) -> tuple[list[Item], Cursor | None]:
        """At most ``size`` items, and where the next page begins, if there may be one. A page is shorter than ``size``
        where few of the items looked at came from where it was asked for."""
        step = _STEP if wanted.origin else size + 1
        kept: list[Item] = []
        looked = 0
        while True:
            rows = read(step, after)
            for i, item in enumerate(self._told(rows)):
                after = (item.record.risk, item.record.assessment_id)
                if matches(item, wanted):
                    kept.append(item)
                if len(kept) == size:
                    return kept, after if i + 1 < len(rows) or len(rows) == step else None
            looked += len(rows)
            if len(rows) < step:
                return kept, None
            if looked >= LOOKED:
                return kept, after

    def counts(self, read: ReadItems, wanted: QueueFilter) -> dict[int, int]:
        """By decision, among the first LOOKED items."""
        found: dict[int, int] = {}
        for item in self._told(read(LOOKED, None)):
            if matches(item, wanted):
                found[item.record.decision] = found.get(item.record.decision, 0) + 1
        return found

    def _told(self, rows: Sequence[AssessmentRecord]) -> Iterator[Item]:
        keys = self._keys([row.account_id for row in rows])
        for row in rows:
            key = keys.get(row.account_id, b"")[_AT : _AT + KEY_BYTES]
            yield Item(row, network_of(row), self._codes.get(key, ""))


def matches(item: Item, wanted: QueueFilter) -> bool:
    """Whether it comes from where it was asked for."""
    return wanted.network in ("", item.network) and wanted.country in ("", item.country)


def network_of(record: AssessmentRecord) -> str:
    """Kind of network an assessed account came from; empty if not known."""
    row = np.frombuffer(record.features, "<f4")
    return next((name for name, column in _NETWORKS.items() if column < len(row) and row[column] > 0), "")
