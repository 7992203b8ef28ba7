"""Page tokens: opaque, bound to the query they continue, and checked when they come back."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass

from sybilgate.core.identifier import Keyring
from sybilgate.errors import InvalidInput

DEFAULT_PAGE = 50
_MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Pages:
    """Seals where a page ended, and opens it for the same query only."""

    keyring: Keyring

    def seal(self, query: str, cursor: str) -> str:
        """The token with which ``query`` goes on after ``cursor``."""
        return base64.urlsafe_b64encode(self._mac(query, cursor) + cursor.encode()).decode().rstrip("=")

    def open(self, query: str, token: str) -> str | None:
        """The cursor in a token, None for an empty one. Raises InvalidInput for a token of another query."""
        if not token:
            return None
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            cursor = raw[_MAC_BYTES:].decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _foreign_token() from None
        if not hmac.compare_digest(raw[:_MAC_BYTES], self._mac(query, cursor)):
            raise _foreign_token()
        return cursor

    def _mac(self, query: str, cursor: str) -> bytes:
        return self.keyring.digest(f"page\0{query}\0{cursor}".encode())[:_MAC_BYTES]


def _foreign_token() -> InvalidInput:
    return InvalidInput([("page_token", "is not a page token of this query")])
