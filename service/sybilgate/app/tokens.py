"""Bearer tokens: made once, kept as a hash, looked up in memory, and gone within seconds of being revoked."""

from __future__ import annotations

import hashlib
import logging
import math
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from sybilgate.core.crockford import encode
from sybilgate.core.trust import PEOPLE, Role, TokenRecord
from sybilgate.errors import InvalidInput, NotFound, SybilgateError, Unavailable

log = logging.getLogger(__name__)

#: A new token is known, and a revoked one refused, after at most so many seconds.
LOOK_SECONDS = 2.0
#: How long known tokens stay good while the store cannot be asked. Nobody can revoke one through it either; but a
#: replica that is cut off alone must not believe what it knew for ever.
STALE_SECONDS = 300.0
#: Begins every token, so that scanners for leaked secrets know one when they see it.
PREFIX = "sybilgate_"
_SECRET_BYTES = 32
_ID_CHARACTERS, _ID_BITS = 8, 40
_DAY = 86400.0
_SUBJECT_BYTES = 128


class TokenUnit(Protocol):
    def write_tokens(self, rows: Sequence[TokenRecord]) -> None:
        """Insert or replace."""


class TokenStore(Protocol):
    """Where tokens are kept."""

    def unit(self) -> AbstractContextManager[TokenUnit]: ...

    def tokens(self) -> list[TokenRecord]:
        """Every token ever made, oldest first."""


def digest_of(text: str) -> bytes:
    """What is kept of a token. 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Tokens:
    """Makes, lists and revokes tokens."""

    store: TokenStore
    clock: Callable[[], float]

    def create(self, role: Role, subject: str, days: float) -> tuple[str, TokenRecord]:
        """A new token, told this once, and what is kept of it. Raises InvalidInput."""
        faults = []
        if role in PEOPLE and not subject.strip():
            faults.append(("subject", f"a token for {role.value} needs a name: it is kept with what its holder says"))
        if len(subject.encode()) > _SUBJECT_BYTES or not subject.isprintable():
            faults.append(("subject", f"not a printable name of at most {_SUBJECT_BYTES} bytes"))
        if not 0 < days <= 3650:
            faults.append(("days", "not between 0 and 3650"))
        if faults:
            raise InvalidInput(faults)
        now = self.clock()
        token_id = encode(secrets.randbits(_ID_BITS), _ID_CHARACTERS)
        text = f"{PREFIX}{token_id}_{secrets.token_hex(_SECRET_BYTES)}"
        end = now + days * _DAY
        record = TokenRecord(token_id, digest_of(text), role.value, subject.strip(), now, end, math.inf)
        with self.store.unit() as unit:
            unit.write_tokens([record])
        return text, record

    def all(self) -> list[TokenRecord]:
        return self.store.tokens()

    def revoke(self, token_id: str) -> TokenRecord:
        """End a token now; one that was revoked before stays revoked since then. Raises NotFound."""
        known = {record.token_id: record for record in self.store.tokens()}
        if token_id not in known:
            raise NotFound("no such token")
        old = known[token_id]
        record = replace(old, revoke_time=min(old.revoke_time, self.clock()))
        with self.store.unit() as unit:
            unit.write_tokens([record])
        return record


class TokenBook:
    """The tokens that are good now, read whole every few seconds beside the requests: a store that hangs delays no
    answer. Safe to ask from many threads."""

    def __init__(self, store: TokenStore, clock: Callable[[], float], every: float = LOOK_SECONDS) -> None:
        self._store, self._clock, self._every = store, clock, every
        self._known: dict[bytes, TokenRecord] = {}
        self._read_time = -math.inf
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def find(self, text: str) -> TokenRecord | None:
        """The token, if it is good now. Raises Unavailable when the store has not been asked for too long."""
        now = self._clock()
        if now - self._read_time > STALE_SECONDS:
            raise Unavailable("tokens cannot be checked: the store does not answer")
        record = self._known.get(digest_of(text))
        return record if record is not None and now < min(record.end_time, record.revoke_time) else None

    def read(self) -> None:
        """Read the table. Raises what the store raises; what was known stays."""
        now = self._clock()
        self._known = {record.digest: record for record in self._store.tokens()}
        self._read_time = now

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="token-reader", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self.read()
            except SybilgateError as error:
                log.warning("tokens were not read: %s", error)
