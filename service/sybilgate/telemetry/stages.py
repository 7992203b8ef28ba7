"""Where the time of a micro-batch goes, seen from its store: before, between and after what it asks of it.

``observe`` ends when the transaction is opened; ``read`` and ``write`` are the store's own calls; ``commit`` is the end
of the transaction, with what makes it durable; ``core`` is what lies between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from sybilgate.app.ports import Store, Unit
from sybilgate.core.campaign.records import Change

STAGES = ("observe", "read", "core", "write", "commit")
_READS = ("lock", "requests", "accounts", "accounts_by_ref", "identifiers", "campaigns", "shared_values", "members")
_WRITES = (
    "append_events",
    "write_accounts",
    "write_identifiers",
    "write_assessments",
    "write_requests",
    "write_campaigns",
    "write_members",
    "write_labels",
    "add_shared_values",
    "merge_campaigns",
    "append_changes",
    "enqueue",
    "dequeue",
)


@dataclass
class Lap:
    """Seconds of one micro-batch by stage, and the changes of campaigns it wrote. Used by one thread."""

    began: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    changes: list[Change] = field(default_factory=list)


class TimedStore:
    """A store whose units note on ``lap`` how long each of their calls took. Everything else goes through."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lap = Lap()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        lap = self.lap
        opened = time.perf_counter()
        with self._store.unit() as unit:
            yield cast(Unit, _TimedUnit(unit, lap))
            ended = time.perf_counter()
        done = time.perf_counter()
        told = lap.seconds["read"] + lap.seconds["write"]
        lap.seconds |= {
            "observe": opened - lap.began,
            "core": max(0.0, ended - opened - told),
            "commit": done - ended,
        }


class _TimedUnit:
    """The calls of a unit, timed. Made anew for each: a unit lives for milliseconds and has some twenty calls."""

    def __init__(self, unit: Unit, lap: Lap) -> None:
        self._unit, self._lap = unit, lap

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._unit, name)
        stage = _STAGE_OF.get(name)
        if stage is None:
            return call
        return _timed(call, stage, self._lap, name == "append_changes")


def _timed(call: Callable[..., Any], stage: str, lap: Lap, changes: bool) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.perf_counter()
        try:
            return call(*arguments, **named)
        finally:
            lap.seconds[stage] += time.perf_counter() - began
            if changes:
                lap.changes += _kinds(arguments[0])

    return timed


def _kinds(rows: Sequence[Any]) -> list[Change]:
    return [Change(row.kind) for row in rows]


_STAGE_OF = dict.fromkeys(_READS, "read") | dict.fromkeys(_WRITES, "write")
