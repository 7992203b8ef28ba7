"""Whether this is the key the database was filled under. Under another one every value would look new, and nothing
would say so: no count would be wrong, they would only all begin again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sybilgate.core.identifier import Keyring
from sybilgate.errors import ConfigurationError


class KeyUnit(Protocol):
    def keep_key_check(self, key_id: int, digest: bytes) -> None:
        """Insert, unless this id has one."""


class KeyStore(Protocol):
    """Where it is kept by what a key is recognised: a digest under it."""

    def unit(self) -> AbstractContextManager[KeyUnit]: ...

    def key_checks(self) -> dict[int, bytes]:
        """Digest by id of the keys the database was filled under."""


def check_key(store: KeyStore, keyring: Keyring) -> None:
    """Raise ConfigurationError if the database was filled under another key; an empty one remembers this."""
    known = store.key_checks()
    if not known:
        with store.unit() as unit:
            unit.keep_key_check(keyring.key_id, keyring.check)
        known = store.key_checks()
    if known.get(keyring.key_id) != keyring.check:
        ids = ", ".join(map(str, sorted(known)))
        raise ConfigurationError(
            f"key_file does not hold the secret this database was filled under (key_id {ids}): with another one "
            "nothing that is stored would be found again. Give the service the key it had"
        )
