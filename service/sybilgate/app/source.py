"""History files as a stream of events in time order: Parquet, CSV or JSON lines.

A first pass reads the times alone. A file already in order is then streamed; any other is held in memory
and taken in order if it fits, and refused with a clear message if it does not. Bad rows are counted by
reason and never shown: their values may be personal.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from sybilgate.app.mapping import TRUTH_COLUMNS, Mapping, Truth
from sybilgate.app.rows import EVENT_PATHS
from sybilgate.core.event import Event
from sybilgate.errors import InvalidInput

Row = dict[str, Any]
Forbidden = Callable[[str], bool]
BATCH = 4096
#: Times a history may hold: 1990 to 2100, in unix seconds. Outside it, a unit or format is wrong.
_EARLIEST, _LATEST = 631_152_000.0, 4_102_444_800.0


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


class Reader(Protocol):
    def batches(self, columns: list[str] | None) -> Iterator[list[Row]]: ...

    def load(self, columns: list[str] | None) -> Loaded: ...


class Loaded(Protocol):
    def take(self, rows: Sequence[int]) -> list[Row]: ...


class _Table:
    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def take(self, rows: Sequence[int]) -> list[Row]:
        return list(self._table.take(pa.array(rows, pa.int64())).to_pylist())


class ParquetReader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = pq.read_schema(path).names

    def batches(self, columns: list[str] | None) -> Iterator[list[Row]]:
        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(BATCH, columns=_wanted(columns, self._names)):
                yield batch.to_pylist()

    def load(self, columns: list[str] | None) -> Loaded:
        return _Table(pq.read_table(self._path, columns=_wanted(columns, self._names)))


class CsvReader:
    """Every column as text: an id keeps its leading zeros, and no guess of a type fails later in the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with csv.open_csv(path) as head:
            self._names = head.schema.names

    def _open(self, columns: list[str] | None) -> csv.CSVStreamingReader:
        kinds = {name: pa.string() for name in self._names}
        names = _wanted(columns, self._names)
        convert = csv.ConvertOptions(
            column_types=kinds, include_columns=names, strings_can_be_null=True, null_values=["", "NULL", "null", "NaN"]
        )
        parse = csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip")
        return csv.open_csv(self._path, convert_options=convert, parse_options=parse)

    def batches(self, columns: list[str] | None) -> Iterator[list[Row]]:
        with self._open(columns) as stream:
            for batch in stream:
                for start in range(0, batch.num_rows, BATCH):
                    yield batch.slice(start, BATCH).to_pylist()

    def load(self, columns: list[str] | None) -> Loaded:
        with self._open(columns) as stream:
            return _Table(stream.read_all())


class JsonReader:
    """One JSON object a line; nested objects are read as dotted columns. A broken line is a row without a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def batches(self, columns: list[str] | None) -> Iterator[list[Row]]:
        with self._path.open("rb") as file:
            while lines := list(islice(file, BATCH)):
                yield [_flat_line(line) for line in lines]

    def load(self, columns: list[str] | None) -> Loaded:
        with self._path.open("rb") as file:
            return _Lines(list(file))


class _Lines:
    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def take(self, rows: Sequence[int]) -> list[Row]:
        return [_flat_line(self._lines[row]) for row in rows]


def open_reader(path: Path) -> Reader:
    """The reader for a file, by the end of its name."""
    readers: dict[str, type[ParquetReader] | type[CsvReader] | type[JsonReader]] = {
        ".parquet": ParquetReader,
        ".csv": CsvReader,
        ".jsonl": JsonReader,
        ".ndjson": JsonReader,
    }
    if path.suffix.lower() not in readers:
        raise InvalidInput([("file", f"ends in none of {', '.join(readers)}")])
    try:
        return readers[path.suffix.lower()](path)
    except (pa.ArrowException, OSError) as error:
        raise InvalidInput([("file", f"cannot be read: {error}")]) from error


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
        self._forbidden = forbidden
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
        self.bad.reasons = Counter(self._scan_bad)
        self.bad.first = list(self._scan_first)
        for row, slot, time, values in self._in_order():
            try:
                event = self.mapping.event(values, slot, time)
            except InvalidInput as error:
                self.bad.add(row, "; ".join(f"{path}: does not fit" for path, _ in error.violations))
                continue
            if self._forbidden and any(self._forbidden(v) for v in values.values() if isinstance(v, str)):
                self.bad.add(row, "holds what looks like a card number")
                continue
            if "\0" in event.account_id or not 0 < len(event.account_id.encode()) <= 128:
                self.bad.add(row, "account_id: needs 1 to 128 bytes without NUL")
                continue
            yield Mapped(row, event, self.mapping.truth_of(values))

    def _scan(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Times, rows and slots of all events, in time order."""
        times: list[float] = []
        places: list[tuple[int, int]] = []
        row = -1
        for batch in self._reader.batches(self.mapping.time_columns()):
            for values in batch:
                row += 1
                try:
                    found = self.mapping.times(values)
                except (ValueError, OverflowError):
                    self.bad.add(row, "time: cannot be read")
                    continue
                if found[0] != found[0]:
                    self.bad.add(row, "time: is missing")
                    continue
                if not all(_EARLIEST <= time <= _LATEST for time in found if time == time):
                    self.bad.add(row, "time: is before 1990 or after 2100; check its unit")
                    continue
                for slot, time in enumerate(found):
                    if time == time:
                        times.append(time)
                        places.append((row, slot))
        self._scan_bad, self._scan_first = Counter(self.bad.reasons), list(self.bad.first)
        when = np.array(times, np.float64)
        where = np.array(places, np.int64).reshape(-1, 2)
        order = np.argsort(when, kind="stable")
        return when[order], where[order, 0], where[order, 1]

    def _in_order(self) -> Iterator[tuple[int, int, float, Row]]:
        rows, slots, times = self._rows.tolist(), self._slots.tolist(), self._times.tolist()
        if self._sorted:
            at, base = 0, 0
            for batch in self._reader.batches(self.mapping.columns()):
                while at < len(rows) and rows[at] < base + len(batch):
                    yield rows[at], slots[at], times[at], batch[rows[at] - base]
                    at += 1
                base += len(batch)
            return
        table = self._reader.load(self.mapping.columns())
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            for offset, values in enumerate(table.take(part)):
                yield part[offset], slots[start + offset], times[start + offset], values


def _wanted(columns: list[str] | None, names: Sequence[str]) -> list[str]:
    """The columns to read; raises ``InvalidInput`` for those the file lacks."""
    if columns is None:
        return [name for name in names if name in EVENT_PATHS or name in TRUTH_COLUMNS]
    if lost := [name for name in columns if name not in names]:
        raise InvalidInput([("columns", f"not in the file: {', '.join(lost)}")])
    return columns


def _flat_line(line: bytes) -> Row:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return _flat(value, "") if isinstance(value, dict) else {}


def _flat(value: dict[str, Any], prefix: str) -> Row:
    out: Row = {}
    for name, item in value.items():
        path = f"{prefix}{name}"
        if isinstance(item, dict) and path not in EVENT_PATHS:
            out |= _flat(item, f"{path}.")
        else:
            out[path] = item
    return out
