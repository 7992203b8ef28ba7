"""A mapping: which columns of a company's own history become which fields of which events.

One row may tell of several events, each in a section of its own::

    [[event]]
    type = "SIGNUP"
    account_id = "user_id"
    time = "signup_time"
    unit = "s"                          # of a number: s, ms or us
    format = "%d/%m/%Y %H:%M"           # of a text; left out, ISO 8601
    zone = "Europe/Berlin"              # of a text or date without one; left out, UTC
    [event.columns]
    "network.ip_address" = "ip"
    "signup.form_fill_seconds" = { column = "fill_ms", scale = 0.001 }
    "signup.method" = { column = "via", values = { mail = "PASSWORD", google = "OAUTH" } }
    [event.constants]
    "device.trust" = "CLIENT_ASSERTED"

    [truth]
    column = "is_fraud"
    bad = [true]                        # also as text files write it: true, True, 1, yes, t
    group = "ring"                      # optional, as is archetype
    delay_days = 30                     # left out, the truth judges a model and is never recorded

A row without the time of its second or later section simply has no such event.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sybilgate.app.rows import EVENT_PATHS, event_from_row
from sybilgate.core.event import Event, EventType, OutcomeKind
from sybilgate.errors import InvalidInput

_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}
_TRUE = (True, 1, "1", "true", "True", "TRUE", "yes", "y", "t")
_FALSE = (False, 0, "0", "false", "False", "FALSE", "no", "n", "f")
_RESERVED = ("account_id", "time", "type")
TRUTH_COLUMNS = ("truth.is_sybil", "truth.group", "truth.archetype")
DAY = 86_400.0


@dataclass(frozen=True)
class Field:
    """Where the value of one event path comes from."""

    path: str
    column: str
    scale: float | None = None
    values: Map[str, Any] = field(default_factory=dict)

    def value(self, row: Map[str, Any]) -> Any:
        value = row.get(self.column)
        if value is None or value == "" or value != value:
            return None
        if self.values:
            return self.values.get(str(value))
        return float(value) * self.scale if self.scale is not None else value


@dataclass(frozen=True)
class Clock:
    """How to read the time of a row. Raises ``ValueError`` for a value that is no time."""

    column: str
    unit: float = 1.0
    format: str | None = None
    zone: tzinfo = UTC

    def read(self, value: Any) -> float:
        """Unix seconds; NaN where the row has none."""
        if value is None or value == "" or value != value:
            return math.nan
        if isinstance(value, str) and self.format is None and _numeric(value):
            value = float(value)
        if isinstance(value, int | float):
            return float(value) * self.unit
        if isinstance(value, str):
            # A zone in the text wins; one without is given ours below.
            value = datetime.strptime(value, self.format) if self.format else datetime.fromisoformat(value)  # noqa: DTZ007
        if not isinstance(value, datetime):
            raise ValueError("not a time")
        if value.tzinfo is None:
            value = value.replace(tzinfo=self.zone)
        return float(value.astimezone(UTC).timestamp())


@dataclass(frozen=True)
class Section:
    """One kind of event a row may tell of."""

    type: EventType
    account_id: str
    clock: Clock
    fields: tuple[Field, ...] = ()
    constants: Map[str, Any] = field(default_factory=dict)

    def event(self, row: Map[str, Any], time: float) -> Event:
        """Raises ``InvalidInput`` naming every field that does not fit."""
        flat: dict[str, Any] = dict(self.constants)
        bad = []
        for item in self.fields:
            try:
                flat[item.path] = item.value(row)
            except (TypeError, ValueError):
                bad.append((item.path, "is not a number"))
        if bad:
            raise InvalidInput(bad)
        return event_from_row(flat | {"account_id": row.get(self.account_id), "time": time, "type": int(self.type)})


@dataclass(frozen=True)
class TruthColumns:
    """Where the later truth of a row stands, and after how many seconds it became known (None: never told)."""

    column: str
    bad: tuple[Any, ...] = _TRUE
    group: str | None = None
    archetype: str | None = None
    delay: float | None = None


@dataclass(frozen=True)
class Truth:
    """What is known afterwards of the account of a row."""

    is_sybil: bool
    group: str = ""
    archetype: str = ""


@dataclass(frozen=True)
class Mapping:
    """Sections in the order of the file. Without any, columns are dotted event paths already (``IDENTITY``)."""

    sections: tuple[Section, ...] = ()
    truth: TruthColumns | None = None

    @property
    def slots(self) -> int:
        """The most events one row may tell of, a truth that is told included."""
        return max(len(self.sections), 1) + (self.truth is not None and self.truth.delay is not None)

    def columns(self) -> list[str] | None:
        """The columns needed; None for every one that is an event path or a truth."""
        if not self.sections:
            return None
        found = {column: None for section in self.sections for column in (section.account_id, section.clock.column)}
        found |= {item.column: None for section in self.sections for item in section.fields}
        if self.truth:
            found |= {name: None for name in (self.truth.column, self.truth.group, self.truth.archetype) if name}
        return list(found)

    def time_columns(self) -> list[str]:
        if not self.sections:
            return ["time"]
        return list(dict.fromkeys(section.clock.column for section in self.sections))

    def times(self, row: Map[str, Any]) -> list[float]:
        """Time of each slot, NaN where the row has no such event. Raises ``ValueError``."""
        if not self.sections:
            return [Clock("time").read(row.get("time"))]
        found = [section.clock.read(row.get(section.clock.column)) for section in self.sections]
        if self.truth is not None and self.truth.delay is not None:
            found.append(found[0] + self.truth.delay)
        return found

    def event(self, row: Map[str, Any], slot: int, time: float) -> Event:
        """The event of one slot of a row. Raises ``InvalidInput``."""
        if not self.sections:
            return event_from_row({**row, "time": time})
        if slot < len(self.sections):
            return self.sections[slot].event(row, time)
        truth = self.truth_of(row)
        if truth is None:
            raise InvalidInput([("truth", "is not known")])
        kind = OutcomeKind.CONFIRMED_SYBIL if truth.is_sybil else OutcomeKind.CONFIRMED_HONEST
        account = {"account_id": row.get(self.sections[0].account_id)}
        return event_from_row(account | {"time": time, "type": int(EventType.OUTCOME), "outcome.kind": int(kind)})

    def truth_of(self, row: Map[str, Any]) -> Truth | None:
        """The truth a row carries; None if it carries none."""
        names = self.truth or TruthColumns(*TRUTH_COLUMNS[:1], group=TRUTH_COLUMNS[1], archetype=TRUTH_COLUMNS[2])
        value = row.get(names.column)
        if value is None or value == "" or value != value or (self.sections and self.truth is None):
            return None
        group, archetype = (str(row.get(name) or "") if name else "" for name in (names.group, names.archetype))
        return Truth(value in names.bad, group, archetype)


#: Columns are dotted event paths already, as in a simulated world.
IDENTITY = Mapping()


def load_mapping(text: str) -> Mapping:
    """Parse a mapping. Raises ``InvalidInput`` with everything that is wrong in it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput([("mapping", str(error))]) from error
    wrong: list[tuple[str, str]] = []
    sections = [_section(raw, f"event[{i}]", wrong) for i, raw in enumerate(document.get("event", []))]
    if not sections:
        wrong.append(("event", "needs at least one [[event]] section"))
    wrong += [(name, "is not known") for name in document if name not in ("event", "truth")]
    truth = _truth(document["truth"], wrong) if "truth" in document else None
    if wrong:
        raise InvalidInput(wrong)
    return Mapping(tuple(section for section in sections if section), truth)


def _section(raw: Map[str, Any], where: str, wrong: list[tuple[str, str]]) -> Section | None:
    known = ("type", "account_id", "time", "unit", "format", "zone", "columns", "constants")
    before = len(wrong)
    wrong.extend((f"{where}.{name}", "is not known") for name in raw if name not in known)
    wrong.extend((f"{where}.{name}", "is required") for name in ("type", "account_id", "time") if name not in raw)
    if str(raw.get("type", "SIGNUP")) not in EventType.__members__:
        wrong.append((f"{where}.type", f"is none of {', '.join(EventType.__members__)}"))
    if raw.get("unit", "s") not in _UNITS:
        wrong.append((f"{where}.unit", "is none of s, ms, us"))
    zone: tzinfo = UTC
    try:
        zone = ZoneInfo(str(raw.get("zone", "UTC")))
    except (KeyError, ValueError, OSError):
        wrong.append((f"{where}.zone", "is no time zone"))
    columns, constants = raw.get("columns", {}), raw.get("constants", {})
    for path in (*columns, *constants):
        if path not in EVENT_PATHS or path in _RESERVED:
            wrong.append((f"{where}.{path}", "is no field of an event"))
    if len(wrong) > before:
        return None
    fields = tuple(_field(path, spec) for path, spec in columns.items())
    clock = Clock(str(raw["time"]), _UNITS[raw.get("unit", "s")], raw.get("format"), zone)
    return Section(EventType[raw["type"]], str(raw["account_id"]), clock, fields, constants)


def _field(path: str, spec: Any) -> Field:
    if isinstance(spec, str):
        return Field(path, spec)
    return Field(path, str(spec["column"]), spec.get("scale"), spec.get("values", {}))


def _truth(raw: Map[str, Any], wrong: list[tuple[str, str]]) -> TruthColumns | None:
    known = ("column", "bad", "group", "archetype", "delay_days")
    wrong.extend((f"truth.{name}", "is not known") for name in raw if name not in known)
    if "column" not in raw:
        wrong.append(("truth.column", "is required"))
        return None
    delay = raw.get("delay_days")
    if not isinstance(raw.get("bad", []), list):
        wrong.append(("truth.bad", "is not a list of values"))
    seconds = None if delay is None else float(delay) * DAY
    return TruthColumns(raw["column"], _bad(raw.get("bad", _TRUE)), raw.get("group"), raw.get("archetype"), seconds)


def _bad(given: Iterable[Any]) -> tuple[Any, ...]:
    """The values that mean a bad account; text files have no truth values, only words for them."""
    words: dict[Any, tuple[Any, ...]] = {True: _TRUE, False: _FALSE}
    return tuple(word for value in given for word in (words[value] if isinstance(value, bool) else (value,)))


def _numeric(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
