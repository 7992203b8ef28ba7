"""The audit log: who did what is written down before it is done, so that nothing is done without a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sybilgate.core.audit import GENESIS, AuditRecord, Verdict, seal, verify
from sybilgate.core.crockford import encode_ref
from sybilgate.core.identifier import Keyring

_PAGE = 1000
_ACCOUNT = re.compile(r"accounts/([^/]+)")


class AuditUnit(Protocol):
    def last_audit(self) -> AuditRecord | None:
        """The newest line; nobody else appends until the unit ends."""

    def append_audit(self, record: AuditRecord) -> None: ...


class AuditStore(Protocol):
    """Where the lines are kept."""

    def unit(self) -> AbstractContextManager[AuditUnit]: ...

    def audit_lines(self, after_seq: int, limit: int) -> list[AuditRecord]:
        """In order, after a number."""


@dataclass(frozen=True)
class AuditLog:
    """Writes, reads and checks the log. Accounts stand in it by keyed reference, so erasing one need not touch it."""

    store: AuditStore
    keyring: Keyring
    clock: Callable[[], float]

    def write(self, actor: str, actor_id: str, action: str, resource: str = "", detail: str = "") -> AuditRecord:
        """Append one line; it is durable when this returns."""
        with self.store.unit() as unit:
            last = unit.last_audit()
            number, before = (last.seq + 1, last.digest) if last is not None else (1, GENESIS)
            line = AuditRecord(number, self.clock(), actor, actor_id, action, self.hidden(resource), detail)
            line = seal(self.keyring, before, line)
            unit.append_audit(line)
        return line

    def hidden(self, resource: str) -> str:
        """A resource name with accounts by reference: only the key leads from an account to its lines."""
        return _ACCOUNT.sub(lambda found: f"accounts/~{encode_ref(self.keyring.account_ref(found[1]))}", resource)

    def lines(self) -> Iterator[AuditRecord]:
        """Every line, oldest first."""
        after = 0
        while page := self.store.audit_lines(after, _PAGE):
            yield from page
            after = page[-1].seq

    def verify(self, anchor: tuple[int, bytes] | None = None) -> Verdict:
        return verify(self.keyring, self.lines(), anchor)
