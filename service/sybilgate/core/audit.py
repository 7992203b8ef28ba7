"""The audit log's chain: every line is closed by a keyed digest over itself and the digest before it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from sybilgate.core.identifier import Keyring

#: What stands before the first line.
GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Who did what, in unix seconds. ``actor`` names a person or program, ``actor_id`` the token or certificate shown;
    ``resource`` is a resource name, accounts by keyed reference. Lines are numbered from 1 without a gap."""

    seq: int
    time: float
    actor: str
    actor_id: str
    action: str
    resource: str
    detail: str
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far the chain holds: ``lines`` in order, the last closed by ``head``; ``fault`` says what follows them, or
    is empty."""

    lines: int
    head: bytes
    fault: str = ""


def seal(keyring: Keyring, before: bytes, record: AuditRecord) -> AuditRecord:
    """The line with its digest. Without the key nobody can make one that fits, whatever else he rewrites."""
    fields = [
        record.seq, record.time.hex(), record.actor, record.actor_id, record.action, record.resource, record.detail,
    ]  # fmt: skip
    return replace(record, digest=keyring.digest(b"audit\0" + before + json.dumps(fields).encode()))


def verify(keyring: Keyring, records: Iterable[AuditRecord], anchor: tuple[int, bytes] | None = None) -> Verdict:
    """Walk the chain. ``anchor``: number and digest of a line as they were noted outside the database, which is what
    tells that lines at the end are gone."""
    lines, head, met = 0, GENESIS, anchor is None
    for record in records:
        if record.seq != lines + 1:
            return Verdict(lines, head, f"line {lines + 1} is missing")
        if seal(keyring, head, record).digest != record.digest:
            return Verdict(lines, head, f"line {record.seq} is not what was written")
        lines, head = record.seq, record.digest
        if anchor is not None and lines == anchor[0]:
            met = head == anchor[1]
    return Verdict(lines, head, "" if met else f"line {anchor[0] if anchor else 0} is not the one that was noted")
