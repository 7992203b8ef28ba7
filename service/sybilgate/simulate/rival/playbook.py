"""When an operator signs up: shifts, cascades, moods that switch, a drip, a scheduler. Each is a stream of moments.

A playbook runs as long as it is asked; bans reach it through ``Mood`` and slow it down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from sybilgate.simulate.later import DAY
from sybilgate.simulate.rival.chance import shares


@dataclass(slots=True)
class Mood:
    """How much slower than at first (``pace`` ≥ 1), and how many bans were seen."""

    pace: float = 1.0
    bans: int = 0
    nerves: float = 1.25

    def scare(self) -> None:
        """A ban was noticed."""
        self.bans += 1
        self.pace = min(8.0, self.pace * self.nerves)

    def calm(self) -> float:
        """The pace for the next signup; it returns to 1 while nothing happens."""
        self.pace = 1.0 + 0.93 * (self.pace - 1.0)
        return self.pace


@dataclass(frozen=True, slots=True)
class Shift:
    """Working hours of a crew, local to ``zone``; ``off`` is the weekday nobody works (7: none)."""

    zone: str
    begin: float
    hours: float
    off: int = 6

    def admit(self, rng: Random, time: float) -> float:
        """The moment itself if somebody works then, else shortly after the next shift began or lunch ended."""
        local = datetime.fromtimestamp(time, UTC).astimezone(ZoneInfo(self.zone))
        hour = local.hour + local.minute / 60 + local.second / 3600
        into = (hour - self.begin) % 24
        lunch = self.hours * 0.45
        opened = local - timedelta(hours=into)
        if into < self.hours and opened.weekday() != self.off:
            return time + (3600 * (0.75 - (into - lunch)) if lunch <= into < lunch + 0.75 else 0.0)
        wait = 24 - into
        if (opened + timedelta(days=1)).weekday() == self.off:
            wait += 24
        return time + 3600 * wait + rng.expovariate(1 / 600.0)


def draw_shift(rng: Random, zone: str) -> Shift:
    """Day, late or night shift."""
    begin = rng.choice((8.0, 9.0, 9.5, 13.0, 20.0)) + rng.uniform(-0.5, 0.5)
    return Shift(zone, begin, rng.uniform(5, 11), rng.choice((6, 6, 4, 5, 7)))


def by_hand(rng: Random, start: float, shift: Shift, minutes: float, crew: int, mood: Mood) -> Iterator[float]:
    """People at desks: each account takes about as long as the last one, and everybody goes home."""
    time = start
    while True:
        time = shift.admit(rng, time + rng.gammavariate(4.0, minutes * 15.0 / crew) * mood.calm())
        yield time


def cascade(rng: Random, start: float, per_day: float, children: float, minutes: float, mood: Mood) -> Iterator[float]:
    """A Hawkes process: every signup that works brings ``children`` more within about ``minutes``."""
    decay = 1.0 / (60 * minutes)
    time, excited = start, children * decay
    yield time
    while True:
        top = per_day / DAY + excited
        wait = rng.expovariate(top)
        excited *= exp(-decay * wait)
        time += wait
        if rng.random() * top < per_day / DAY + excited:
            excited += children * decay
            yield time
            time += 20.0 * (mood.calm() - 1.0) * rng.random()


def moods(rng: Random, start: float, scale: float, mood: Mood) -> Iterator[float]:
    """A Markov chain over sprint, steady, cautious and dark; a ban sends the operator into the dark.

    ``scale`` stretches all gaps; the gaps are seconds between signups.
    """
    gaps = (100.0, 1500.0, 9000.0, 50000.0)
    rows = [shares(rng, 4, 0.6) for _ in gaps]
    time, state, seen = start, rng.randrange(3), 0
    while True:
        if mood.bans > seen:
            seen, state = mood.bans, 3 if rng.random() < 0.2 else state
        elif rng.random() < 0.12:
            state = rng.choices(range(4), rows[state])[0]
        time += rng.weibullvariate(scale * gaps[state], 0.8)
        yield time


def drip(rng: Random, start: float, hours: float, zone: str, mood: Mood) -> Iterator[float]:
    """One account every so many hours, for weeks, at hours when the country of the accounts is awake."""
    time = start
    while True:
        time += rng.weibullvariate(3600 * hours * mood.calm(), 1.6)
        local = datetime.fromtimestamp(time, UTC).astimezone(ZoneInfo(zone))
        if local.hour < 7:
            time += 3600 * (7 - local.hour) + rng.expovariate(1 / 4500.0)
        yield time


def scheduler(rng: Random, start: float, every: float, width: int, jitter: float) -> Iterator[float]:
    """A timer that starts ``width`` workers each time; they are seconds apart."""
    tick = start
    while True:
        first = tick + rng.random() * jitter
        due = sorted(first + rng.gammavariate(2.0, 6.0) * slot for slot in range(width))
        yield from due
        tick = max(tick + every, due[-1])


def daylight(rng: Random, clock: Iterator[float], zone: str) -> Iterator[float]:
    """A tool told to rest at night, by the clock of the country it pretends to be in."""
    rested = 0.0
    for time in clock:
        local = datetime.fromtimestamp(time + rested, UTC).astimezone(ZoneInfo(zone))
        if local.hour < 7:
            rested += 3600 * (7 - local.hour) + rng.expovariate(1 / 4500.0)
        yield time + rested


def at_once(rng: Random, start: float, seconds: float) -> Iterator[float]:
    """Everything as fast as the tool goes."""
    time = start
    while True:
        time += rng.gammavariate(1.5, seconds / 1.5)
        yield time


def waves(rng: Random, start: float, size: int, pause: float, seconds: float) -> Iterator[float]:
    """Bursts of about ``size`` with pauses of days between them; never two alike."""
    time = start
    while True:
        for _ in range(1 + int(rng.expovariate(1 / size))):
            time += rng.weibullvariate(seconds, 0.9)
            yield time
        time += rng.gammavariate(3.0, pause / 3.0)
