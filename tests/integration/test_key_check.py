"""A database knows the key it was filled under, and nobody fills it under another."""

from __future__ import annotations

import pytest

from sybilgate.app.key_check import check_key
from sybilgate.core.identifier import Keyring
from sybilgate.errors import ConfigurationError
from sybilgate.store.store import SqlStore

FIRST = Keyring(1, b"test secret of thirty-two bytes!")


def test_empty_database_remembers_its_key(store: SqlStore) -> None:
    check_key(store, FIRST)
    check_key(store, FIRST)
    assert store.key_checks() == {1: FIRST.check}


@pytest.mark.parametrize("other", [Keyring(1, b"another secret of as many bytes!"), Keyring(2, FIRST.secret)])
def test_other_key_is_refused(store: SqlStore, other: Keyring) -> None:
    check_key(store, FIRST)
    with pytest.raises(ConfigurationError, match="filled under"):
        check_key(store, other)
    assert store.key_checks() == {1: FIRST.check}


def test_check_does_not_tell_the_key() -> None:
    assert FIRST.secret not in FIRST.check
    assert FIRST.check not in (FIRST.digest(b""), FIRST.digest(b"check\0"))
