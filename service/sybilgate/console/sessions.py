"""Sessions in memory, and the brake on guessing passwords. Both forget everything when the console stops."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

#: Seconds without a click, and in all, after which a reviewer logs in again.
IDLE, ABSOLUTE = 30 * 60.0, 10 * 3600.0
#: Failures that cost nothing, seconds the first one after them costs (each more doubles it), and the most.
FREE, FIRST_WAIT, LONGEST_WAIT = 4, 2.0, 900.0
_KEPT = 10_000


@dataclass
class Session:
    """One login. ``csrf`` goes into every form; ``last_visit`` is when the reviewer was here before, 0 if never."""

    user: str
    csrf: str
    begun: float
    seen: float
    last_visit: float = 0.0
    message: str = ""
    seen_queue: float = 0.0


@dataclass
class Sessions:
    """By the hash of their token, so that a dump of memory names no token of a cookie."""

    clock: Callable[[], float]
    idle: float = IDLE
    absolute: float = ABSOLUTE
    _open: dict[str, Session] = field(default_factory=dict)
    _left: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, user: str) -> str:
        """A new session; its token, for the cookie."""
        token, now = secrets.token_urlsafe(32), self.clock()
        with self._lock:
            self._sweep(now)
            last = self._left.get(user, 0.0)
            self._open[_digest(token)] = Session(user, secrets.token_urlsafe(24), now, now, last)
            self._left[user] = now
        return token

    def find(self, token: str) -> Session | None:
        """The session, and it is alive again; None if it has ended."""
        now = self.clock()
        with self._lock:
            session = self._open.get(_digest(token)) if token else None
            if session is None or self._ended(session, now):
                return None
            session.seen = self._left[session.user] = now
            return session

    def end(self, token: str) -> None:
        with self._lock:
            self._open.pop(_digest(token), None)

    def _ended(self, session: Session, now: float) -> bool:
        return now - session.seen > self.idle or now - session.begun > self.absolute

    def _sweep(self, now: float) -> None:
        for key in [key for key, session in self._open.items() if self._ended(session, now)]:
            del self._open[key]


def fits(session: Session, given: str) -> bool:
    """Whether a form carries the session's own token."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


@dataclass
class Brake:
    """Failures by name and by address: after a few, the next try waits, twice as long each time."""

    clock: Callable[[], float]
    _failed: dict[str, tuple[int, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, *keys: str) -> float:
        """Seconds until any of ``keys`` may try again; 0 for now."""
        now = self.clock()
        with self._lock:
            return max(0.0, *(self._until(key) - now for key in keys))

    def failed(self, *keys: str) -> None:
        now = self.clock()
        with self._lock:
            if len(self._failed) > _KEPT:
                self._failed = {k: v for k, v in self._failed.items() if now - v[1] < LONGEST_WAIT}
            for key in keys:
                times, _ = self._failed.get(key, (0, 0.0))
                self._failed[key] = times + 1, now

    def passed(self, *keys: str) -> None:
        with self._lock:
            for key in keys:
                self._failed.pop(key, None)

    def _until(self, key: str) -> float:
        times, last = self._failed.get(key, (0, 0.0))
        if times <= FREE:
            return 0.0
        return last + min(FIRST_WAIT * 2.0 ** min(times - FREE - 1, 20), LONGEST_WAIT)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
