"""Streams of rows and their merge in time order."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from sybilgate.simulate.later import DAY, HONEST, Habits, Step, later
from sybilgate.simulate.person import Person, Row, signup_row
from sybilgate.simulate.tables import Dice, Weighted

__all__ = ["Step", "account", "at_work", "awake", "is_weekend", "local_time", "merge"]

#: Signups per local hour, weekday and weekend: quiet nights, a working-day hump and an evening one.
_WEEKDAY = Weighted(
    enumerate((6, 4, 3, 2, 2, 3, 6, 12, 22, 32, 37, 37, 33, 34, 36, 36, 34, 30, 26, 26, 28, 26, 19, 11))
)
_WEEKEND = Weighted(enumerate((9, 6, 4, 3, 2, 3, 4, 7, 12, 18, 23, 26, 26, 26, 27, 27, 26, 25, 25, 27, 28, 26, 20, 14)))


def merge(streams: Iterable[Iterator[Step]], start: float, end: float, lives: bool = True) -> Iterator[Row]:
    """Rows of all streams, and of the streams they start, in time order within [start, end).

    Without ``lives`` nothing after signup is made.
    """
    heap: list[tuple[float, int, Step, Iterator[Step]]] = []
    count = 0

    def push(stream: Iterator[Step], floor: float) -> None:
        nonlocal count
        step = next(stream, None)
        if step is not None and (due := max(step.time, floor)) < end:
            count += 1
            heapq.heappush(heap, (due, count, step, stream))

    for stream in streams:
        push(stream, start)
    while heap:
        time, _, step, stream = heapq.heappop(heap)
        if step.row:
            step.row["time"] = round(time, 3)
            yield step.row
        if lives and step.life:
            push(step.life, time)
        for started in step.starts:
            push(started, time)
        push(stream, time)


@lru_cache(maxsize=4096)
def _offset(zone: str, day: int) -> float:
    delta = datetime.fromtimestamp(day * DAY, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    return delta.total_seconds() if delta else 0.0


def is_weekend(day: int) -> bool:
    return (day + 3) % 7 >= 5


def local_time(rng: Random, zone: str, day: int) -> float:
    """A moment of a UTC day at an hour when people of that zone are up."""
    curve = _WEEKEND if is_weekend(day) else _WEEKDAY
    local = (curve.draw(rng) + rng.random()) * 3600
    return day * DAY + (local - _offset(zone, day)) % DAY


def awake(rng: Random, zone: str, time: float) -> float:
    """A moment within a day after ``time`` when people of that zone are up."""
    found = local_time(rng, zone, int(time // DAY))
    return found if found >= time else found + DAY


def at_work(rng: Random, zone: str, day: int) -> float:
    """A moment of a local working day that begins on this UTC day, 9 to 17."""
    opening = (9 * 3600 - _offset(zone, day)) % DAY
    return day * DAY + opening + rng.betavariate(1.6, 1.8) * 8 * 3600


def account(
    rng: Dice,
    person: Person,
    time: float,
    habits: Habits = HONEST,
    card_now: float = 0.07,
    also: tuple[Iterator[Step], ...] = (),
) -> Step:
    """A signup, which starts the account's later life (and ``also``, other signups)."""
    with_card = rng.random() < card_now
    row = signup_row(rng, person, time, with_card)
    return Step(time, row, also, later(rng.life, person, time, habits, with_card))
