"""Rows of flat columns to events: a column is the dotted path of an event field (``network.ip_address``).

Backfill and the synthetic world both speak in such rows. Columns that are no event path are passed over, so a
row may carry truth or a company's own columns beside them; a missing, ``None`` or NaN value means "not sent".
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any, Union

from sybilgate.core.event import Event
from sybilgate.errors import InvalidInput


def _core_type(hint: Any) -> Any:
    """``X | None`` without the ``None``."""
    if typing.get_origin(hint) in (Union, types.UnionType):
        return next(part for part in typing.get_args(hint) if part is not type(None))
    return hint


def _paths() -> tuple[dict[str, type], dict[str, type], dict[str, Any]]:
    plain: dict[str, type] = {}
    groups: dict[str, type] = {}
    hints: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(Event).items():
        kind = _core_type(hint)
        if not is_dataclass(kind):
            plain[name], hints[name] = kind, kind
            continue
        groups[name] = typing.cast(type, kind)
        own = typing.get_type_hints(kind)
        for field in fields(kind):
            inner = _core_type(own[field.name])
            plain[f"{name}.{field.name}"] = typing.get_origin(inner) or inner
            hints[f"{name}.{field.name}"] = inner
    return plain, groups, hints


#: Every dotted path of an event and the plain type of its value (``tuple`` for repeated fields).
EVENT_PATHS, _GROUPS, _HINTS = _paths()


def _number(kind: type) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError("time without a zone")
            return value.timestamp()
        if kind is int and float(value) != int(value):
            raise ValueError(f"not a whole number: {value!r}")
        return kind(value)

    return convert


def _flag(value: Any) -> bool:
    if isinstance(value, str):
        if value.strip().lower() not in ("true", "false", "1", "0"):
            raise ValueError(f"not true or false: {value!r}")
        return value.strip().lower() in ("true", "1")
    return bool(value)


def _member(kind: type[IntEnum]) -> Callable[[Any], IntEnum]:
    members = {int(member): member for member in kind}

    def convert(value: Any) -> IntEnum:
        known = members.get(value)
        if known is not None:
            return known
        if isinstance(value, str) and not value.isdigit():
            if value.upper() not in kind.__members__:
                raise ValueError(f"unknown {kind.__name__}: {value!r}")
            return kind[value.upper()]
        return kind(int(value))

    return convert


def _pairs(value: Any) -> tuple[tuple[str, float], ...]:
    items = value.items() if isinstance(value, Mapping) else value
    return tuple((str(name), float(share)) for name, share in items)


def _octets(value: Any) -> bytes:
    return bytes.fromhex(value) if isinstance(value, str) else bytes(value)


def _converter(path: str) -> Callable[[Any], Any]:
    kind = EVENT_PATHS[path]
    if kind is tuple:
        if path == "usage.model_mix":
            return _pairs
        inner = typing.get_args(_HINTS[path])[0]
        return lambda value: tuple(inner(item) for item in ([value] if isinstance(value, str) else value))
    if issubclass(kind, IntEnum):
        return _member(kind)
    if kind is bool:
        return _flag
    if kind is bytes:
        return _octets
    return _number(kind) if kind in (int, float) else str


_FIELDS: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    path: (*(path.split(".") if "." in path else ("", path)), _converter(path)) for path in EVENT_PATHS
}


def event_from_row(row: Mapping[str, object]) -> Event:
    """The event a row tells of. Raises ``InvalidInput`` that names every path whose value does not fit."""
    parts: dict[str, dict[str, Any]] = {}
    violations: list[tuple[str, str]] = []
    for path, value in row.items():
        if value is None or value != value:
            continue
        target = _FIELDS.get(path)
        if target is None:
            continue
        group, name, convert = target
        try:
            parts.setdefault(group, {})[name] = convert(value)
        except (TypeError, ValueError, OverflowError) as error:
            violations.append((path, str(error)))
    own = parts.pop("", {})
    named = {path for path, _ in violations}
    violations += [(path, "is required") for path in ("account_id", "time", "type") if path not in own.keys() | named]
    if "outcome" in parts and "kind" not in parts["outcome"] and "outcome.kind" not in named:
        violations.append(("outcome.kind", "is required"))
    if violations:
        raise InvalidInput(violations)
    return Event(**own, **{group: _GROUPS[group](**values) for group, values in parts.items()})
