"""History files as a stream of events in time order: Parquet, CSV or JSON lines.

A first pass reads the times alone. A file already in order is then streamed; any other is held in memory
and taken in order if it fits, and refused with a clear message if it does not. Bad rows are counted by
reason and never shown: their values may be personal.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from sybilgate.app.mapping import Mapping, Truth
from sybilgate.app.readers import BATCH, Raw, Row, open_reader, rows_of
from sybilgate.core.event import Event
from sybilgate.errors import InvalidInput

Forbidden = Callable[[str], bool]
#: Times a history may hold: 1990 to 2100, in unix seconds. Outside it, a unit or format is wrong.
EARLIEST, LATEST = 631_152_000.0, 4_102_444_800.0


@dataclass
class BadRows:
    """How many rows (or events of rows) did not fit, and why."""

    limit: int
    reasons: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.reasons.values())

    def add(self, row: int, reason: str) -> None:
        """Raises ``InvalidInput`` once there are more than ``limit``: then the mapping is wrong, not a row."""
        self.reasons[reason] += 1
        if len(self.first) < 5:
            self.first.append(f"row {row + 1}: {reason}")
        if self.count > self.limit:
            raise InvalidInput([("rows", f"more than {self.limit} bad rows; " + "; ".join(self.first))])


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event, the row it came from (0 is the first) and what is known of its account afterwards."""

    row: int
    event: Event
    truth: Truth | None


@dataclass(frozen=True, slots=True)
class Bad:
    """A row (or an event of it) that does not fit."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Block:
    """Rows as they were read, and of the block's events in time order: place in ``raw``, row, slot and time."""

    raw: Raw
    at: list[int]
    rows: list[int]
    slots: list[int]
    times: list[float]


@dataclass(frozen=True)
class Conversion:
    """Blocks to events, in this process or another. ``forbidden`` tells texts that must not be taken at all."""

    mapping: Mapping
    forbidden: Forbidden | None

    def events(self, block: Block) -> Iterator[Mapped | Bad]:
        """One item for each event of the block."""
        found = rows_of(block.raw)
        for at, row, slot, time in zip(block.at, block.rows, block.slots, block.times, strict=True):
            yield self._event(row, slot, time, found[at])

    def _event(self, row: int, slot: int, time: float, values: Row) -> Mapped | Bad:
        try:
            event = self.mapping.event(values, slot, time)
        except InvalidInput as error:
            return Bad(row, "; ".join(f"{path}: does not fit" for path, _ in error.violations))
        if self.forbidden and any(self.forbidden(v) for v in values.values() if isinstance(v, str)):
            return Bad(row, "holds what looks like a card number")
        if "\0" in event.account_id or not 0 < len(event.account_id.encode()) <= 128:
            return Bad(row, "account_id: needs 1 to 128 bytes without NUL")
        return Mapped(row, event, self.mapping.truth_of(values))


class Source:
    """A history file under a mapping. ``len()`` is the number of events; ``events()`` yields them in time order.

    ``forbidden`` tells texts that must not be taken at all, such as card numbers.
    """

    def __init__(
        self,
        path: Path,
        mapping: Mapping,
        *,
        max_bad: int = 1000,
        max_bytes: int = 2 << 30,
        forbidden: Forbidden | None = None,
    ) -> None:
        self.path, self.mapping = path, mapping
        self.bad = BadRows(max_bad)
        self.conversion = Conversion(mapping, forbidden)
        self._reader = open_reader(path)
        self._times, self._rows, self._slots = self._scan()
        self._sorted = bool(np.all(np.diff(self._rows) >= 0))
        if not self._sorted and path.stat().st_size * (8 if path.suffix == ".parquet" else 2) > max_bytes:
            message = "is too large to be sorted in memory; sort it by time first, one kind of event a row"
            raise InvalidInput([("file", message)])

    def __len__(self) -> int:
        return len(self._times)

    def digest(self) -> str:
        """SHA-256 of the file's bytes, in hex: with a position it names an event for ever."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def events(self) -> Iterator[Mapped]:
        """Events in time order, ties in the order of the file. Bad rows go to ``bad`` (counted anew)."""
        for block in self.blocks():
            for item in self.conversion.events(block):
                if isinstance(item, Bad):
                    self.bad.add(item.row, item.reason)
                else:
                    yield item

    def _scan(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Times, rows and slots of all events, in time order."""
        # Packed, because a history may hold tens of millions of events.
        times, rows, slots = array("d"), array("q"), array("q")
        row = -1
        for batch in self._reader.batches(self.mapping.time_columns()):
            for values in rows_of(batch):
                row += 1
                try:
                    found = self.mapping.times(values)
                except (ValueError, OverflowError):
                    self.bad.add(row, "time: cannot be read")
                    continue
                if found[0] != found[0]:
                    self.bad.add(row, "time: is missing")
                    continue
                if not all(EARLIEST <= time <= LATEST for time in found if time == time):
                    self.bad.add(row, "time: is before 1990 or after 2100; check its unit")
                    continue
                for slot, time in enumerate(found):
                    if time == time:
                        times.append(time)
                        rows.append(row)
                        slots.append(slot)
        self._scan_bad, self._scan_first = Counter(self.bad.reasons), list(self.bad.first)
        when = np.array(times, np.float64)
        order = np.argsort(when, kind="stable")
        return when[order], np.array(rows, np.int64)[order], np.array(slots, np.int64)[order]

    def blocks(self) -> Iterator[Block]:
        """The rows of all events in time order, to be converted; bad rows are counted anew from here on."""
        self.bad.reasons = Counter(self._scan_bad)
        self.bad.first = list(self._scan_first)
        columns = self.mapping.columns()
        if not self._sorted:
            table = self._reader.load(columns)
            for start in range(0, len(self), BATCH):
                part = self._rows[start : start + BATCH]
                yield self._block(table.take(part.tolist()), start, np.arange(len(part)))
            return
        start = base = 0
        for raw in self._reader.batches(columns):
            base += len(raw)
            end = int(np.searchsorted(self._rows, base))
            if end > start:
                yield self._block(raw, start, self._rows[start:end] - (base - len(raw)))
            start = end

    def _block(self, raw: Raw, start: int, at: np.ndarray[Any, Any]) -> Block:
        part = slice(start, start + len(at))
        return Block(raw, at.tolist(), *(values[part].tolist() for values in (self._rows, self._slots, self._times)))
