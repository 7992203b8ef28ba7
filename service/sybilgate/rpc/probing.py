"""Who asks the same thing again and again is told the same again, and somebody is told of him.

A signup flow is an oracle: whoever varies one field at a time and watches the answers learns the model. So the third
time an account signs up with all but one part of its profile as before, it is recorded, but answered as the last time.
Where many accounts sign up with profiles that differ in one part, it is said aloud; their answers stay their own: what
accounts share is what they are judged by. Profiles are kept as keyed digests, in memory, for an hour.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sybilgate.core.identifier import Keyring
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import event_pb2

log = logging.getLogger(__name__)

WINDOW_SECONDS = 3600.0
#: Answers of its own that one account gets to profiles that differ in one part.
FREE = 2
#: Accounts with profiles that differ in one part, from which on it is said; and again at each doubling.
MANY = 5
_PARTS = ("contact", "network", "device", "signup", "payment")
_LEAST_PARTS = 3
_KEPT = 100_000
#: What differs between two tries of an honest person, too.
_VOLATILE = ("form_fill_seconds", "captcha_score", "pasted_fields")


@dataclass
class _Asked:
    time: float
    parts: dict[str, bytes]
    request_ids: set[str]
    times: int = 1
    answer: pb.Assessment | None = None


@dataclass
class Probing:
    """``alert`` is called with the kind of probing, ``account`` or ``profile``, when there is some."""

    keyring: Keyring
    clock: Callable[[], float]
    alert: Callable[[str], None] = lambda kind: None
    _asked: OrderedDict[Hashable, _Asked] = field(default_factory=OrderedDict)
    _profiles: OrderedDict[Hashable, tuple[float, int, bytes]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def known(self, event: event_pb2.Event, request_id: str) -> pb.Assessment | None:
        """The answer to give again; None if this one deserves its own. A retry is no new question."""
        if event.type != event_pb2.EVENT_TYPE_SIGNUP:
            return None
        now, parts = self.clock(), self._parts(event)
        with self._lock:
            self._note_profile(event.account_id, parts, now)
            asked = self._asked.get(event.account_id)
            if asked is None or now - asked.time > WINDOW_SECONDS or _differ(asked.parts, parts) > 1:
                _keep(self._asked, event.account_id, _Asked(now, parts, {request_id}))
                return None
            if request_id and request_id in asked.request_ids:
                return None
            asked.times += 1
            answer = asked.answer if asked.times > FREE else None
            if answer is None:
                asked.request_ids.add(request_id)
        if answer is not None:
            self._tell("account", asked.times)
        return answer

    def remember(self, event: event_pb2.Event, answer: pb.Assessment) -> None:
        """What the account was told."""
        with self._lock:
            asked = self._asked.get(event.account_id)
            if asked is not None:
                asked.answer = answer

    def _note_profile(self, account_id: str, parts: dict[str, bytes], now: float) -> None:
        """Count accounts by what is left of a profile without one of its parts."""
        mine = account_id.encode()
        for key in _without_one(parts):
            began, count, last = self._profiles.get(key, (now, 0, b""))
            if now - began > WINDOW_SECONDS:
                began, count, last = now, 0, b""
            if last == mine:
                continue
            _keep(self._profiles, key, (began, count + 1, mine))
            if (count + 1) % MANY == 0 and (count + 1) // MANY & (count + 1) // MANY - 1 == 0:
                self._tell("profile", count + 1)
                return

    def _parts(self, event: event_pb2.Event) -> dict[str, bytes]:
        found = {}
        for name in _PARTS:
            if event.HasField(name):
                part: Any = type(getattr(event, name))()
                part.CopyFrom(getattr(event, name))
                for volatile in _VOLATILE:
                    if volatile in part.DESCRIPTOR.fields_by_name:
                        part.ClearField(volatile)
                text = part.SerializeToString(deterministic=True)
                found[name] = self.keyring.digest(name.encode() + b"\0" + text)[:16]
        return found

    def _tell(self, kind: str, times: int) -> None:
        log.warning("somebody may be probing: %d signups of one %s with all but one part the same", times, kind)
        self.alert(kind)


def _differ(one: dict[str, bytes], two: dict[str, bytes]) -> int:
    return sum(one.get(name) != two.get(name) for name in _PARTS)


def _without_one(parts: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    if len(parts) > _LEAST_PARTS:
        for name in parts:
            yield name, b"".join(value for other, value in parts.items() if other != name)


def _keep(table: OrderedDict[Hashable, Any], key: Hashable, value: Any) -> None:
    table[key] = value
    table.move_to_end(key)
    if len(table) > _KEPT:
        table.popitem(last=False)
