"""A store and a spool in memory, for simulations: every step may fail, and what a crash leaves is what was durable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from sybilgate.app.ports import Merge
from sybilgate.core.campaign.records import DueRecord
from sybilgate.core.records import AccountRecord, AssessmentRecord, EventRecord, IdentifierRow, RequestRecord

#: Called with the name of every step; raises what is to go wrong there.
Fault = Callable[[str], None]


class Crash(BaseException):
    """The process dies here."""


def no_fault(step: str) -> None:
    """Nothing goes wrong."""


@dataclass
class Tables:
    """What is committed."""

    requests: dict[str, RequestRecord] = field(default_factory=dict)
    accounts: dict[str, AccountRecord] = field(default_factory=dict)
    identifiers: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    assessments: dict[str, AssessmentRecord] = field(default_factory=dict)
    events: list[EventRecord] = field(default_factory=list)
    due: dict[str, DueRecord] = field(default_factory=dict)

    def clone(self) -> Tables:
        return Tables(**{name: copy(table) for name, table in vars(self).items()})


@dataclass
class MemoryStore:
    """Units follow each other, as on SQLite. ``fault`` sees every call, ``commit`` and ``committed``."""

    tables: Tables = field(default_factory=Tables)
    fault: Fault = no_fault

    @contextmanager
    def unit(self) -> Iterator[MemoryUnit]:
        self.fault("begin")
        staged = self.tables.clone()
        yield MemoryUnit(staged, self.fault)
        self.fault("commit")
        self.tables = staged
        self.fault("committed")

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None:
        self.fault("assessment")
        return self.tables.assessments.get(assessment_id)

    def check(self) -> None:
        self.fault("check")


class MemoryUnit:
    """As much of a unit as assessing without campaigns asks for."""

    def __init__(self, tables: Tables, fault: Fault) -> None:
        self._tables, self._fault = tables, fault

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            self._fault(name)
        return super().__getattribute__(name)

    def lock(self, refs: Sequence[int]) -> None:
        pass

    def requests(self, ids: Sequence[str]) -> dict[str, RequestRecord]:
        return {name: self._tables.requests[name] for name in ids if name in self._tables.requests}

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]:
        return {name: self._tables.accounts[name] for name in ids if name in self._tables.accounts}

    def accounts_by_ref(self, refs: Sequence[int]) -> dict[int, str]:
        return {row.ref: row.account_id for row in self._tables.accounts.values() if row.ref in refs}

    def identifiers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        return {key: self._tables.identifiers[key] for key in keys if key in self._tables.identifiers}

    def append_events(self, rows: Sequence[EventRecord]) -> list[int]:
        first = len(self._tables.events) + 1
        self._tables.events += [replace(row, seq=first + n) for n, row in enumerate(rows)]
        return list(range(first, first + len(rows)))

    def write_accounts(self, rows: Sequence[AccountRecord]) -> None:
        self._tables.accounts |= {row.account_id: row for row in rows}

    def write_identifiers(self, rows: Sequence[IdentifierRow], merge: Merge) -> None:
        for row in rows:
            version, _ = self._tables.identifiers.get(row.key, (0, b""))
            assert version == row.base_version, "units follow each other"
            self._tables.identifiers[row.key] = (version + 1, row.state)

    def write_assessments(self, rows: Sequence[AssessmentRecord]) -> None:
        for row in rows:
            assert row.assessment_id not in self._tables.assessments, "an assessment is never changed"
            self._tables.assessments[row.assessment_id] = row

    def write_requests(self, rows: Sequence[RequestRecord]) -> None:
        for row in rows:
            assert row.request_id not in self._tables.requests, "a request is answered once"
            self._tables.requests[row.request_id] = row

    def rewrite_requests(self, rows: Sequence[RequestRecord]) -> None:
        self._tables.requests |= {row.request_id: row for row in rows}

    def write_labels(self, rows: Sequence[object]) -> None:
        assert not rows

    def standings(self, account_ids: Sequence[str]) -> dict[str, object]:
        return {}

    def write_standings(self, rows: Sequence[object]) -> None:
        pass

    def append_standing_changes(self, rows: Sequence[object]) -> None:
        pass

    def enqueue(self, rows: Sequence[DueRecord]) -> None:
        for row in rows:
            self._tables.due.setdefault(row.account_id, row)

    def dequeue(self, seqs: Sequence[int]) -> None:
        assert not seqs

    def members(self, account_ids: Sequence[str]) -> dict[str, object]:
        return {}


@dataclass
class MemorySpool:
    """Records in order. ``fault`` is asked before and after they are durable."""

    fault: Fault = no_fault
    records: dict[str, bytes] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.records)

    def append(self, records: Sequence[tuple[str, bytes]]) -> None:
        self.fault("append")
        self.records |= dict(records)
        self.fault("appended")

    def find(self, key: str) -> bytes | None:
        return self.records.get(key)

    def head(self, limit: int) -> list[tuple[str, bytes]]:
        return list(self.records.items())[:limit]

    def drop(self, keys: Sequence[str]) -> None:
        self.fault("drop")
        for key in keys:
            self.records.pop(key, None)

    def reject(self, key: str) -> None:
        raise AssertionError("nothing that was acknowledged is put aside")

    def adopt(self) -> None:
        pass

    def close(self) -> None:
        pass
