"""What is kept aside of a request that was answered while the store was away: its events as the log will hold them,
and the answer that was given. Bytes and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol, TypeVar

from sybilgate.app.log import from_records
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.event import Event, EventType
from sybilgate.core.observation import Observations
from sybilgate.core.records import AssessmentRecord, EventRecord
from sybilgate.core.state import unpack_keys

_Record = TypeVar("_Record", EventRecord, AssessmentRecord)
_BYTES = frozenset(("own", "keys", "features", "contributions"))


class Spool(Protocol):
    """Durable, bounded, in order; records are found by their key until they are dropped."""

    def __len__(self) -> int: ...

    def append(self, records: Sequence[tuple[str, bytes]]) -> None:
        """Keep (key, bytes) pairs, durably when it returns. Raises OSError, and keeps none, if there is no room."""

    def find(self, key: str) -> bytes | None: ...

    def head(self, limit: int) -> list[tuple[str, bytes]]:
        """The oldest records that wait."""

    def drop(self, keys: Sequence[str]) -> None:
        """Forget records of the head."""

    def reject(self, key: str) -> None:
        """Put the oldest record where people find it."""

    def adopt(self) -> None:
        """Take over what a process left that is gone."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Spooled:
    """One request. ``since``: unix seconds when it was taken in; an answer stored under its id before came first.
    ``before``: while keys are rotated, the values of each event under the older key."""

    request_id: str
    digest: bytes
    mode: Mode
    since: float
    events: tuple[EventRecord, ...]
    told: tuple[AssessmentRecord, ...]
    before: tuple[bytes, ...] = ()

    @property
    def result(self) -> Result:
        """The answer that was given; places in the log are not known yet."""
        return Result(assessments=self.told, seqs=(0,) * len(self.events))


def encode(kept: Spooled) -> bytes:
    """As JSON, so that people can read what could not be stored."""
    value = {
        "request_id": kept.request_id, "digest": _text(kept.digest), "mode": kept.mode.value, "since": kept.since,
        "events": [_plain(row) for row in kept.events], "told": [_plain(row) for row in kept.told],
        "before": [_text(row) for row in kept.before],
    }  # fmt: skip
    return json.dumps(value, separators=(",", ":")).encode()


def decode(data: bytes) -> Spooled:
    """Raises ValueError, KeyError or TypeError if the bytes are none of ``encode``."""
    value = json.loads(data)
    return Spooled(
        value["request_id"], b64decode(value["digest"]), Mode(value["mode"]), value["since"],
        tuple(_record(EventRecord, row) for row in value["events"]),
        tuple(_record(AssessmentRecord, row) for row in value["told"]),
        tuple(b64decode(row) for row in value.get("before", ())),
    )  # fmt: skip


def late_task(kept: Spooled) -> Task:
    """The task that stores it. Its events are only names: their observations go beside it."""
    events = tuple(Event(account_id=row.account_id, time=row.time, type=EventType(row.type)) for row in kept.events)
    return Task(
        mode=kept.mode, events=events, request_id=kept.request_id, digest=kept.digest, told=kept.told,
        answered=kept.since,
    )  # fmt: skip


def observations(kept: Sequence[Spooled]) -> Observations:
    """All their events as one batch."""
    observed = from_records([row for item in kept for row in item.events])
    if not any(item.before for item in kept):
        return observed
    before = [row for item in kept for row in item.before or [b""] * len(item.events)]
    return replace(observed, before=unpack_keys(before))


def degraded(kept: Spooled) -> str:
    """What was missing when the events were observed."""
    return kept.events[0].degraded if kept.events else ""


def _plain(row: EventRecord | AssessmentRecord) -> dict[str, Any]:
    return {f.name: _text(getattr(row, f.name)) for f in fields(row)}


def _text(value: Any) -> Any:
    return b64encode(value).decode() if isinstance(value, bytes) else value


def _record(kind: type[_Record], row: dict[str, Any]) -> _Record:
    values: dict[str, Any] = {
        name: b64decode(value) if name in _BYTES and value is not None else value for name, value in row.items()
    }
    return kind(**values)
