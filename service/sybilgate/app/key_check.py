"""Whether this is the key the database was filled under. Under another one every value would look new, and nothing
would say so: no count would be wrong, they would only all begin again."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from sybilgate.core.identifier import Keyring
from sybilgate.errors import ConfigurationError

#: What is left of a key that was destroyed.
DESTROYED = b""


class KeyUnit(Protocol):
    def keep_key_check(self, key_id: int, digest: bytes) -> None:
        """Insert, unless this id has one."""


class KeyStore(Protocol):
    """Where it is kept by what a key is recognised: a digest under it."""

    def unit(self) -> AbstractContextManager[KeyUnit]: ...

    def key_checks(self) -> dict[int, bytes]:
        """Digest by id of the keys the database was filled under."""


def check_key(store: KeyStore, keyring: Keyring) -> None:
    """Raise ConfigurationError unless the ring holds every key the database was filled under; remember what is new."""
    known, checks = store.key_checks(), keyring.checks
    alive = {key_id: digest for key_id, digest in known.items() if digest != DESTROYED}
    if any(checks.get(key_id) != digest for key_id, digest in alive.items()):
        ids = ", ".join(map(str, sorted(alive)))
        raise ConfigurationError(
            f"key_file does not hold the secret this database was filled under (key_id {ids}): with another one "
            "nothing that is stored would be found again. Give the service the keys it had"
        )
    if fresh := checks.keys() - known.keys():
        with store.unit() as unit:
            for key_id in sorted(fresh):
                unit.keep_key_check(key_id, checks[key_id])
        if any(store.key_checks().get(key_id) != checks[key_id] for key_id in fresh):
            check_key(store, keyring)  # another process was quicker
