"""Protected accounts and identifiers: what must not accuse anybody, who said so, and until when."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from sybilgate.app.once import Asked, answered, remember
from sybilgate.app.ports import Reviews
from sybilgate.core.campaign.records import ProtectionRecord
from sybilgate.core.crockford import encode_ref
from sybilgate.core.identifier import Key, Keyring, Kind
from sybilgate.errors import NotFound

#: A protection is in force, and its end noticed, after at most so many seconds.
LOOK_SECONDS = 5.0

_ACCOUNT, _KEY = "account/", "key/"


def account_subject(account_id: str) -> tuple[str, str]:
    """Subject and kind of an account's protection."""
    return _ACCOUNT + account_id, ""


def key_subject(key: Key) -> tuple[str, str]:
    """Subject and kind of an identifier's protection."""
    return _KEY + key.hex(), Kind(key[0]).name.lower()


def account_of(record: ProtectionRecord) -> str | None:
    """The protected account; None if it is an identifier."""
    return record.subject.removeprefix(_ACCOUNT) if record.subject.startswith(_ACCOUNT) else None


def key_of(record: ProtectionRecord) -> Key | None:
    """The protected identifier; None if it is an account."""
    return bytes.fromhex(record.subject.removeprefix(_KEY)) if record.subject.startswith(_KEY) else None


@dataclass(frozen=True)
class Protected:
    """What is protected at one moment: identifiers and accounts."""

    keys: frozenset[Key] = frozenset()
    accounts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Protections:
    """Every change is a line of its own, so the table tells who protected what, and why it ended."""

    store: Reviews
    keyring: Keyring
    clock: Callable[[], float]

    def current(self) -> list[ProtectionRecord]:
        """What holds now."""
        now = self.clock()
        return [record for record in self.store.protections() if record.end_time > now]

    def keys(self) -> frozenset[Key]:
        """The identifiers that are protected now."""
        return self.all().keys

    def all(self) -> Protected:
        """Everything that is protected now."""
        now = self.current()
        keys = frozenset(key for record in now if (key := key_of(record)) is not None)
        return Protected(keys, frozenset(name for record in now if (name := account_of(record)) is not None))

    def name(self, record: ProtectionRecord) -> str:
        """The id of a protection is that of its subject, and does not tell it."""
        return encode_ref(self.keyring.account_ref(f"protection/{record.subject}"))

    def protect(
        self, subject: tuple[str, str], reviewer: str, reason: str, end_time: float | None, asked: Asked
    ) -> ProtectionRecord:
        """Protect from now on, until ``end_time`` if given."""
        end = math.inf if end_time is None else end_time
        return self._append(ProtectionRecord(*subject, reviewer, reason, self.clock(), end), asked)

    def take_back(self, name: str, reviewer: str, reason: str, asked: Asked) -> ProtectionRecord:
        """End a protection now. Raises NotFound if there never was one of that name."""
        known = {self.name(record): record for record in self.store.protections()}
        if name not in known:
            raise NotFound("no such protection")
        now, old = self.clock(), known[name]
        return self._append(ProtectionRecord(old.subject, old.kind, reviewer, reason, now, now), asked)

    def _append(self, record: ProtectionRecord, asked: Asked) -> ProtectionRecord:
        """The new line; of a repeated request, the newest of its subject."""
        with self.store.unit() as unit:
            if not answered(unit, self.keyring, asked):
                unit.protect([record])
                remember(unit, asked, record.create_time)
                return record
        return next(line for line in self.store.protections() if line.subject == record.subject)


class InForce:
    """What is protected now, for whoever asks before every batch: the store is asked every few seconds."""

    def __init__(self, protections: Protections, every: float = LOOK_SECONDS) -> None:
        self._protections, self._every = protections, every
        self._asked, self._found = -math.inf, Protected()

    def __call__(self) -> Protected:
        now = self._protections.clock()
        if abs(now - self._asked) >= self._every:
            self._found, self._asked = self._protections.all(), now
        return self._found

    def last(self) -> Protected:
        """What the store said last; it is not asked."""
        return self._found
