"""The key file: one secret as it is, or a root and the numbered keys of values, as TOML that people can read.

A file with one secret is the root and key of values in one. To rotate keys makes it a file of the second form.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sybilgate.core.identifier import Keyring, ValueKey
from sybilgate.errors import ConfigurationError

#: A secret has at least this many bytes; of a file that is one, the closing line break not counted.
MIN_SECRET_BYTES = 32
_FIRST = b"# sybilgate keys"
_HEAD = f"{_FIRST.decode()}: keep a copy in a safe place, apart from the database's backups\n"
#: More than two would have to be looked for with every value.
_MOST = 2


def new_secret() -> bytes:
    return secrets.token_bytes(MIN_SECRET_BYTES)


def new_ring() -> Keyring:
    """A root and a first key."""
    return Keyring(1, new_secret(), (ValueKey(1, new_secret()),))


def read_ring(path: Path, key_id: int) -> Keyring:
    """The ring of a file; ``key_id`` is the number of a secret that stands alone. Raises ConfigurationError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"key_file {path}: {error.strerror}") from None
    ring = _parsed(path, data) if data.startswith(_FIRST) else Keyring(key_id, data.rstrip(b"\r\n"))
    shortest = min(len(secret) for secret in (ring.secret, *(key.secret for key in ring.values)))
    if shortest < MIN_SECRET_BYTES:
        raise ConfigurationError(f"key_file {path}: {shortest} bytes, at least {MIN_SECRET_BYTES} needed")
    return ring


def rotated(ring: Keyring, start: float) -> Keyring:
    """With a new key that names new values from ``start`` (unix seconds) on. Raises ConfigurationError if the ring
    has two already."""
    values = ring.values or (ring.newest,)
    if len(values) == _MOST:
        raise ConfigurationError(f"keys {values[0].number} and {values[1].number} are in use: destroy the older first")
    return replace(ring, values=(*values, ValueKey(values[-1].number + 1, new_secret(), start)))


def without_older(ring: Keyring) -> Keyring:
    """With the newest key only."""
    return replace(ring, key_id=ring.newest.number, values=ring.values[-1:])


def write_ring(path: Path, ring: Keyring, *, new: bool = False) -> None:
    """Write the file, whole or not at all. ``new``: it must not exist yet, and only its owner may read it; else whoever
    could read it before can read it afterwards."""
    partial = path.with_name(path.name + ".part")
    try:
        handle = os.open(path if new else partial, os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC), 0o600)
        with os.fdopen(handle, "w") as file:
            if not new:
                _like(path, handle)
            file.write(_text(ring))
            file.flush()
            os.fsync(file.fileno())
        if not new:
            partial.replace(path)
    except FileExistsError:
        raise ConfigurationError(f"{path} exists: a key is never overwritten, the store depends on it") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None


def _like(path: Path, handle: int) -> None:
    """Give an open file the owner and the rights of another."""
    known = path.stat()
    os.fchmod(handle, known.st_mode & 0o777)
    with suppress(PermissionError):
        os.fchown(handle, known.st_uid, known.st_gid)


def _parsed(path: Path, data: bytes) -> Keyring:
    try:
        table = tomllib.loads(data.decode())
        keys = sorted(map(_key, table["key"]), key=lambda key: key.number)
        root = bytes.fromhex(table["root"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigurationError(f"key_file {path}: not as `sybilgate key rotate` writes it") from None
    if not 1 <= len(keys) <= _MOST or len({key.number for key in keys}) != len(keys) or keys[0].number < 1:
        raise ConfigurationError(f"key_file {path}: one or two keys of different numbers above 0 are needed")
    return Keyring(keys[-1].number, root, tuple(keys))


def _key(table: dict[str, object]) -> ValueKey:
    number, start = table["number"], table["start"]
    if not isinstance(number, int) or not isinstance(start, datetime) or start.tzinfo is None:
        raise TypeError
    return ValueKey(number, bytes.fromhex(str(table["secret"])), start.timestamp())


def _text(ring: Keyring) -> str:
    lines = [_HEAD, f'root = "{ring.secret.hex()}"\n']
    return "".join(lines + [_lines(key) for key in _values(ring)])


def _values(ring: Keyring) -> Sequence[ValueKey]:
    return ring.values or (ring.newest,)


def _lines(key: ValueKey) -> str:
    start = datetime.fromtimestamp(key.start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f'\n[[key]]\nnumber = {key.number}\nsecret = "{key.secret.hex()}"\nstart = {start}\n'
