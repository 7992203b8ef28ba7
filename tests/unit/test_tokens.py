"""Tokens: kept as hashes, good until they expire or are revoked, and never for longer than the store is silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from sybilgate.app.tokens import LOOK_SECONDS, STALE_SECONDS, TokenBook, Tokens
from sybilgate.core.trust import Role, TokenRecord
from sybilgate.errors import InvalidInput, NotFound, Unavailable

DAY = 86400.0


@dataclass
class Store:
    """Tokens by id; ``broken`` answers nothing. ``now`` is the clock everybody reads."""

    rows: dict[str, TokenRecord] = field(default_factory=dict)
    broken: bool = False
    now: float = 1e9

    @contextmanager
    def unit(self) -> Iterator[Store]:
        yield self

    def write_tokens(self, rows: Sequence[TokenRecord]) -> None:
        self.rows |= {row.token_id: row for row in rows}

    def tokens(self) -> list[TokenRecord]:
        if self.broken:
            raise Unavailable("broken")
        return list(self.rows.values())

    def clock(self) -> float:
        return self.now


@pytest.fixture
def store() -> Store:
    return Store()


def made(store: Store, days: float = 90) -> tuple[str, TokenRecord, TokenBook]:
    """A token's text, what is kept of it, and a book that has been read since."""
    text, record = Tokens(store, store.clock).create(Role.SIGNUP, "flow", days)
    book = TokenBook(store, store.clock)
    book.read()
    return text, record, book


def test_token_is_kept_as_hash(store: Store) -> None:
    text, record, book = made(store)
    assert book.find(text) == record
    assert text not in repr(store.rows) and text.encode() not in record.digest
    assert len(bytes.fromhex(text.rpartition("_")[2])) == 32


def test_tokens_are_all_different(store: Store) -> None:
    texts = {Tokens(store, store.clock).create(Role.HEALTH, "", 1)[0] for _ in range(100)}
    assert len(texts) == 100
    assert len(store.rows) == 100


def test_altered_token_is_unknown(store: Store) -> None:
    text, _, book = made(store)
    assert book.find(text[:-1]) is book.find(text + "x") is book.find("") is None


def test_token_expires(store: Store) -> None:
    text, record, book = made(store, days=1)
    store.now += DAY
    book.read()
    assert book.find(text) is None
    assert record.end_time == store.now


def test_revoked_token_ends_at_next_look(store: Store) -> None:
    text, record, book = made(store)
    Tokens(store, store.clock).revoke(record.token_id)
    store.now += LOOK_SECONDS
    book.read()
    assert book.find(text) is None


def test_revoking_twice_keeps_first_time(store: Store) -> None:
    _, record, _ = made(store)
    first = Tokens(store, store.clock).revoke(record.token_id)
    store.now += DAY
    assert Tokens(store, store.clock).revoke(record.token_id) == first


def test_unknown_token_cannot_be_revoked(store: Store) -> None:
    with pytest.raises(NotFound):
        Tokens(store, store.clock).revoke("nothing")


@pytest.mark.parametrize(
    ("role", "subject", "days"), [(Role.ADMIN, " ", 1), (Role.SIGNUP, "a\nb", 1), (Role.HEALTH, "", 0)]
)
def test_unfit_token_is_refused(store: Store, role: Role, subject: str, days: float) -> None:
    with pytest.raises(InvalidInput):
        Tokens(store, store.clock).create(role, subject, days)
    assert not store.rows


def test_silent_store_closes_the_door(store: Store) -> None:
    text, record, book = made(store)
    store.broken = True
    store.now += STALE_SECONDS
    assert book.find(text) == record
    store.now += 1
    with pytest.raises(Unavailable):
        book.find(text)


def test_book_never_read_is_closed(store: Store) -> None:
    with pytest.raises(Unavailable):
        TokenBook(store, store.clock).find("anything")
