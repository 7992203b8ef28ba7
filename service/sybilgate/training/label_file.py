"""Labels in a file of their own: CSV, Parquet or JSON lines with a row for each label.

Columns: ``account_id``, ``label`` (sybil or 1, honest or 0), ``time`` at which it became known (ISO 8601, UTC where it
names no zone, or unix seconds), and optionally ``group`` (accounts of one campaign) and ``archetype``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sybilgate.app.mapping import Clock, Truth
from sybilgate.app.readers import Row, open_reader, rows_of
from sybilgate.app.source import EARLIEST, LATEST
from sybilgate.errors import InvalidInput
from sybilgate.training.labels import Label

_WORDS = {"sybil": True, "1": True, "true": True, "honest": False, "0": False, "false": False}
_NEEDED, _MAY = ("account_id", "label", "time"), ("group", "archetype")
_CLOCK = Clock("time")


class _Faults:
    """How many rows have each fault, and the first of them. Values are never shown: they may be personal."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], list[int]] = {}

    def add(self, row: int, field: str, text: str) -> None:
        self._found.setdefault((f"labels.{field}", text), []).append(row + 1)

    def raise_any(self) -> None:
        if self._found:
            raise InvalidInput(
                [
                    (field, f"{text} ({len(rows)} rows, the first is {rows[0]})")
                    for (field, text), rows in self._found.items()
                ]
            )


def read_labels(path: Path) -> list[Label]:
    """All labels in the order of the file. Raises ``InvalidInput`` naming every kind of fault in it."""
    faults = _Faults()
    found = [label for i, row in enumerate(_rows(path)) if (label := _label(i, row, faults))]
    faults.raise_any()
    if not found:
        raise InvalidInput([("labels", "holds no label")])
    return found


def _rows(path: Path) -> Iterator[Row]:
    reader = open_reader(path)
    names = reader.names
    columns = None if names is None else [*_NEEDED, *(name for name in _MAY if name in names)]
    for raw in reader.batches(columns):
        yield from rows_of(raw)


def _label(at: int, row: Row, faults: _Faults) -> Label | None:
    account = "" if row.get("account_id") is None else str(row["account_id"])
    word, time = _word(row.get("label")), _time(row)
    if not account:
        faults.add(at, "account_id", "is missing")
    if word is None:
        faults.add(at, "label", "is none of sybil, honest, 1, 0")
    if time is None:
        faults.add(at, "time", "is missing, no time, or not between 1990 and 2100 (ISO 8601, or unix seconds)")
    if not account or word is None or time is None:
        return None
    group, archetype = (str(row.get(name) or "") for name in _MAY)
    return Label(account, Truth(word, group, archetype), time)


def _word(value: object) -> bool | None:
    """A label whichever way it is written; a column of numbers with gaps is read as 1.0."""
    return _WORDS.get(str(value).strip().lower().removesuffix(".0"))


def _time(row: Row) -> float | None:
    try:
        found = _CLOCK.read(row.get("time"))
    except (ValueError, OverflowError):
        return None
    return found if EARLIEST <= found <= LATEST else None
