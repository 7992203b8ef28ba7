"""Readers of history files: Parquet, CSV or JSON lines, in blocks that cost little to hand to another process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from sybilgate.app.mapping import TRUTH_COLUMNS
from sybilgate.app.rows import EVENT_PATHS
from sybilgate.errors import InvalidInput

Row = dict[str, Any]
#: Rows as they were read; ``rows_of`` makes rows of them.
Raw: TypeAlias = pa.RecordBatch | pa.Table | list[bytes]
BATCH = 4096


def rows_of(raw: Raw) -> list[Row]:
    """The rows of a block."""
    return [_flat_line(line) for line in raw] if isinstance(raw, list) else list(raw.to_pylist())


class Reader(Protocol):
    @property
    def names(self) -> list[str] | None:
        """The columns of the file; None where each row may have others."""

    def batches(self, columns: list[str] | None) -> Iterator[Raw]: ...

    def load(self, columns: list[str] | None) -> Loaded: ...


class Loaded(Protocol):
    def take(self, rows: Sequence[int]) -> Raw: ...


class _Table:
    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def take(self, rows: Sequence[int]) -> Raw:
        return self._table.take(pa.array(rows, pa.int64()))


class ParquetReader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.names: list[str] = pq.read_schema(path).names

    def batches(self, columns: list[str] | None) -> Iterator[Raw]:
        with pq.ParquetFile(self._path) as file:
            yield from file.iter_batches(BATCH, columns=_wanted(columns, self.names))

    def load(self, columns: list[str] | None) -> Loaded:
        return _Table(pq.read_table(self._path, columns=_wanted(columns, self.names)))


class CsvReader:
    """Every column as text: an id keeps its leading zeros, and no guess of a type fails later in the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with csv.open_csv(path) as head:
            self.names: list[str] = head.schema.names

    def _open(self, columns: list[str] | None) -> csv.CSVStreamingReader:
        kinds = {name: pa.string() for name in self.names}
        names = _wanted(columns, self.names)
        convert = csv.ConvertOptions(
            column_types=kinds, include_columns=names, strings_can_be_null=True, null_values=["", "NULL", "null", "NaN"]
        )
        parse = csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip")
        return csv.open_csv(self._path, convert_options=convert, parse_options=parse)

    def batches(self, columns: list[str] | None) -> Iterator[Raw]:
        with self._open(columns) as stream:
            yield from stream

    def load(self, columns: list[str] | None) -> Loaded:
        with self._open(columns) as stream:
            return _Table(stream.read_all())


class JsonReader:
    """One JSON object a line; nested objects are read as dotted columns. A broken line is a row without a time."""

    names = None

    def __init__(self, path: Path) -> None:
        self._path = path

    def batches(self, columns: list[str] | None) -> Iterator[Raw]:
        with self._path.open("rb") as file:
            while lines := list(islice(file, BATCH)):
                yield lines

    def load(self, columns: list[str] | None) -> Loaded:
        with self._path.open("rb") as file:
            return _Lines(list(file))


class _Lines:
    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines

    def take(self, rows: Sequence[int]) -> Raw:
        return [self._lines[row] for row in rows]


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
