"""How much a caller may ask, and how often one account may be asked about: token buckets, in this process' memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

from sybilgate.core.trust import Caller
from sybilgate.errors import QuotaExceeded

_HOUR = 3600.0
#: The largest request counts a thousand; a caller may save up for one, or for ten seconds at his rate.
_LEAST_BURST, _BURST_SECONDS = 1000.0, 10.0
#: Buckets kept; the one that was used longest ago is forgotten, and thereby full again.
_KEPT = 200_000
_ASSESS = "/sybilgate.v1.AssessmentService/CreateAssessment"


@dataclass
class Buckets:
    """Buckets of one size: ``rate`` a second flow in, up to ``burst``. Safe to use from many threads."""

    rate: float
    burst: float
    clock: Callable[[], float]
    kept: int = _KEPT
    _levels: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str, amount: float) -> float:
        """0 if ``amount`` was there and is taken; else seconds until it will be."""
        with self._lock:
            now = self.clock()
            level, then = self._levels.pop(name, (self.burst, now))
            level = min(self.burst, level + max(0.0, now - then) * self.rate)
            enough = level >= min(amount, self.burst)
            self._levels[name] = (level - amount if enough else level, now)
            if len(self._levels) > self.kept:
                self._levels.popitem(last=False)
        return 0.0 if enough else (min(amount, self.burst) - level) / self.rate


class Quotas:
    """``events`` a second of one caller, ``assessments`` an hour of one account; 0: no limit."""

    def __init__(self, events: float, assessments: float, clock: Callable[[], float]) -> None:
        self._events = Buckets(events, max(_LEAST_BURST, _BURST_SECONDS * events), clock) if events else None
        self._assessments = Buckets(assessments / _HOUR, assessments, clock) if assessments else None

    def __call__(self, who: Caller, method: str, request: Any) -> None:
        """Let a call through, or raise QuotaExceeded, saying when there will be room for it."""
        if not isinstance(request, Message):
            return
        if self._assessments is not None and method == _ASSESS:
            account: str = request.event.account_id
            _check("assessments of this account", self._assessments.take(account, 1.0))
        if self._events is not None:
            _check("events of this caller", self._events.take(who.id, _size(request)))


def _check(what: str, wait: float) -> None:
    if wait > 0:
        raise QuotaExceeded(f"too many {what}", wait)


def _size(request: Any) -> float:
    """Events or accounts in a request, at least one."""
    fields = request.DESCRIPTOR.fields_by_name
    return float(max([1, *(len(getattr(request, name)) for name in ("events", "account_ids") if name in fields)]))
