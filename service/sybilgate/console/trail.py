"""The console's own record of who looked at what and who did what: a line of JSON each, appended, never changed."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Bytes read from the end of the file for the audit page.
_TAIL = 256 << 10


@dataclass
class Trail:
    """Readable by its owner only. What cannot be recorded is not shown: the write comes first, and raises OSError."""

    path: Path
    clock: Callable[[], float]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, user: str, action: str, subject: str = "", **more: str) -> None:
        entry = {"time": round(self.clock(), 3), "user": user, "action": action, "subject": subject} | more
        line = json.dumps(entry, ensure_ascii=True) + "\n"
        with self._lock:
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)

    def newest(self, limit: int, user: str = "", action: str = "", subject: str = "") -> list[dict[str, Any]]:
        """The latest entries that match, newest first."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                lines = file.read().splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in reversed(lines):
            entry = _entry(line)
            if all(not want or entry.get(name) == want for name, want in _wants(user, action, subject)):
                found.append(entry)
            if len(found) == limit:
                break
        return [entry for entry in found if entry]


def _wants(user: str, action: str, subject: str) -> tuple[tuple[str, str], ...]:
    return ("user", user), ("action", action), ("subject", subject)


def _entry(line: bytes) -> dict[str, Any]:
    """Empty for a line that was cut, at the place where reading began or by a full disk."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
