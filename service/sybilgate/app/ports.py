"""What the use cases need from a store. Two implementations: ``store.SqlStore`` and the fakes of the tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sybilgate.core.records import (
    AccountRecord,
    AssessmentRecord,
    EventRecord,
    IdentifierRow,
    RequestRecord,
    ShadowRecord,
)

Merge = Callable[[bytes, bytes, bytes | None, bytes], bytes]


class Unit(Protocol):
    """One write transaction: everything in it is durable when it ends well, nothing when it raises."""

    def lock(self, refs: Sequence[int]) -> None:
        """Hold these references (accounts, request ids) until the transaction ends, in sorted order."""

    def requests(self, ids: Sequence[str]) -> dict[str, RequestRecord]: ...

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]: ...

    def identifiers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        """(version, state) of the keys that exist."""

    def append_events(self, rows: Sequence[EventRecord]) -> list[int]: ...

    def write_accounts(self, rows: Sequence[AccountRecord]) -> None: ...

    def write_identifiers(self, rows: Sequence[IdentifierRow], merge: Merge) -> None:
        """Compare-and-set on the version read; a row another writer changed meanwhile is merged, so nothing is lost."""

    def write_assessments(self, rows: Sequence[AssessmentRecord]) -> None: ...

    def write_shadow_scores(self, rows: Sequence[ShadowRecord]) -> None: ...

    def write_requests(self, rows: Sequence[RequestRecord]) -> None: ...


class Store(Protocol):
    """Durable state. Reads are safe from many threads."""

    def unit(self) -> AbstractContextManager[Unit]: ...

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None: ...

    def assessments(self, account_id: str, limit: int, before: str | None = None) -> list[AssessmentRecord]: ...

    def events(self, after_seq: int, limit: int) -> list[EventRecord]: ...

    def check(self) -> None:
        """Raise SchemaOutdated or UnsafeDurability unless the store may be served from."""

    def close(self) -> None: ...
