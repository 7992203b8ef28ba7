"""Requests that count once, for what does not go through the assessor."""

from __future__ import annotations

from dataclasses import dataclass

from sybilgate.app.ports import Unit
from sybilgate.core.identifier import Keyring
from sybilgate.core.records import RequestRecord
from sybilgate.errors import RequestIdReused


@dataclass(frozen=True, slots=True)
class Asked:
    """A mutation's request id (empty: none was given), the keyed digest of its payload, and its method."""

    request_id: str
    digest: bytes
    method: str


def answered(unit: Unit, keyring: Keyring, asked: Asked) -> bool:
    """Whether the request was answered before. Holds its id until the unit ends. Raises RequestIdReused."""
    if not asked.request_id:
        return False
    unit.lock([keyring.account_ref(f"request/{asked.request_id}")])
    record = unit.requests([asked.request_id]).get(asked.request_id)
    if record is not None and record.digest != asked.digest:
        raise RequestIdReused(f"request_id {asked.request_id} was used before with another payload")
    return record is not None


def remember(unit: Unit, asked: Asked, now: float, result: str = "") -> None:
    """Keep that the request was answered."""
    if asked.request_id:
        unit.write_requests([RequestRecord(asked.request_id, asked.digest, asked.method, result, now)])
