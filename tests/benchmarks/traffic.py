"""Signups of the synthetic world as ready-made requests, the same for every arm."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from sybilgate.app.rows import event_from_row
from sybilgate.client import to_message
from sybilgate.core.event import Event, EventType
from sybilgate.simulate import WorldConfig, rows
from sybilgate.v1.assessment_service_pb2 import CreateAssessmentRequest


def signups(count: int, seed: int = 1) -> list[Event]:
    """``count`` signups in time order: honest people, honest crowds and some campaigns among them."""
    days = max(2, count // 2000)
    world = WorldConfig(
        seed=seed, days=days, honest_per_day=2 + 2 * count // days, campaigns=8, campaign_size=(8, 8 + count // 40)
    )
    events = (event_from_row(row) for row in rows(world) if row["type"] == EventType.SIGNUP)
    return list(itertools.islice(events, count))


def requests(events: Iterable[Event], *, explain: bool = False, prefix: str = "bench") -> list[bytes]:
    """Serialised CreateAssessment requests; the request id of the n-th is ``prefix`` and n."""
    return [
        CreateAssessmentRequest(event=to_message(event), request_id=f"{prefix}-{n:08d}", explain=explain)
        .SerializeToString()
        for n, event in enumerate(events)
    ]  # fmt: skip


class Feed:
    """Hands out requests in order, each once; ``endless`` feeds start over (for servers without memory)."""

    def __init__(self, given: list[bytes], *, endless: bool = False) -> None:
        self._given: Iterator[bytes] = itertools.cycle(given) if endless else iter(given)

    def take(self, count: int) -> list[bytes]:
        """The next requests, fewer when they run out."""
        return list(itertools.islice(self._given, count))
