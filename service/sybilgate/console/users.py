"""Reviewer accounts: a file of argon2 hashes that only its owner may read.

Each names the file of that reviewer's own token, if the service asks for one: what is said in the console is said there
in his own name and with his own rights, so that a second reviewer is another person to the service, too.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from sybilgate.errors import ConfigurationError

#: Shorter passwords are refused: nobody types them often, a session lasts a day of work.
FEWEST_CHARACTERS = 12
_MOST_CHARACTERS = 256
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True)
class Users:
    """The accounts in ``path``: a JSON object by name. Read at every click, so that a change needs no restart."""

    path: Path
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    def check(self, name: str, password: str) -> bool:
        """Whether the password is that reviewer's. Takes as long for a name that is not known."""
        stored = self._read().get(name, {}).get("hash")
        try:
            return self.hasher.verify(stored or self._nobody(), password[:_MOST_CHARACTERS]) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False

    def names(self) -> list[str]:
        return sorted(self._read())

    def has(self, name: str) -> bool:
        return name in self._read()

    def token_file(self, name: str) -> str:
        """Where that reviewer's token is; empty for none of his own."""
        return self._read().get(name, {}).get("token_file", "")

    def put(self, name: str, password: str, token_file: Path | None = None) -> None:
        """Add a reviewer, or give one a new password and token. Raises ConfigurationError."""
        if not _NAME.fullmatch(name):
            raise ConfigurationError("a reviewer's name has 1 to 64 letters, digits and . _ @ -")
        if not FEWEST_CHARACTERS <= len(password) <= _MOST_CHARACTERS:
            raise ConfigurationError(f"a password has {FEWEST_CHARACTERS} to {_MOST_CHARACTERS} characters")
        entry = {"hash": self.hasher.hash(password)}
        if token_file is not None:
            entry["token_file"] = str(token_file.absolute())
        self._write(self._read() | {name: entry})

    def remove(self, name: str) -> None:
        """Raises ConfigurationError if there is none of that name. Their sessions end at their next click."""
        users = self._read()
        if users.pop(name, None) is None:
            raise ConfigurationError(f"no reviewer is called {name}")
        self._write(users)

    def _nobody(self) -> str:
        global _dummy
        if _dummy is None:
            _dummy = self.hasher.hash("nobody's password")
        return _dummy

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            if self.path.stat().st_mode & 0o077:
                raise ConfigurationError(f"{self.path} may be read by others: chmod 600 {self.path}")
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{self.path}: {type(error).__name__}") from None
        if not isinstance(found, dict):
            raise ConfigurationError(f"{self.path}: not an object of names and hashes")
        return {str(name): dict(entry) for name, entry in found.items() if isinstance(entry, dict)}

    def _write(self, users: dict[str, dict[str, str]]) -> None:
        # A new file under the old name: a reader sees one or the other, and it is private from the first byte.
        handle, scratch = tempfile.mkstemp(dir=self.path.parent, prefix=".users-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(users, file, indent=1, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).replace(self.path)


_dummy: str | None = None
