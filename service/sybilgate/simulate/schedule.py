"""When an operator's accounts are made, and how they are used."""

from __future__ import annotations

import math
from random import Random

from sybilgate.simulate.later import DAY, Habits, draw_hours, minhash
from sybilgate.simulate.regions import Country
from sybilgate.simulate.stream import is_weekend, local_time
from sybilgate.simulate.tables import pick
from sybilgate.simulate.tactics import Tactics

_HOUR = 3600.0


def moments(rng: Random, t: Tactics, start: float, countries: list[Country]) -> list[tuple[float, Country]]:
    """Times of signup within [start, start + span], in order, and the country each account will claim."""
    if t.shape == "bursts":
        found = [(time, pick(rng, countries)) for time in _bursts(rng, t, start, countries[0])]
    else:
        found = [(start + t.span * share, pick(rng, countries)) for share in _shares(rng, t)]
        if t.daily and t.span > DAY:
            found = [(_by_the_clock(rng, start, t.span, time, country), country) for time, country in found]
    return sorted(found, key=lambda item: item[0])


def _shares(rng: Random, t: Tactics) -> list[float]:
    if t.shape == "even":
        return [(number + rng.random()) / t.size for number in range(t.size)]
    if t.shape == "random":
        return [rng.random() for _ in range(t.size)]
    hubs = [rng.random() for _ in range(rng.randrange(2, 8))]
    drawn = (rng.choice(hubs) + 0.04 * rng.gauss(0, 1) for _ in range(t.size))
    return [share if 0 <= share < 1 else rng.random() for share in drawn]


def _bursts(rng: Random, t: Tactics, start: float, country: Country) -> list[float]:
    """A few hours of many; begun when the operator is awake, or whenever the script runs."""
    begins = [start + t.span * rng.random() for _ in range(rng.randrange(1, 8))]
    if t.daily and t.span > DAY:
        begins = [_by_the_clock(rng, start, t.span, begin, country) for begin in begins]
    return [rng.choice(begins) + rng.expovariate(1 / rng.uniform(0.05, 2.0)) * _HOUR for _ in range(t.size)]


def _by_the_clock(rng: Random, start: float, span: float, time: float, country: Country) -> float:
    """The same day at an hour when people are up; weekends are quieter, as they are for people."""
    day = int(time // DAY)
    if is_weekend(day) and rng.random() < 0.2:
        day -= rng.randrange(2, 6)
    found = local_time(rng, country.zones.draw(rng), day)
    while found < start:
        found += DAY
    while found > start + span and found - DAY >= start:
        found -= DAY
    return found


def draw_habits(rng: Random, t: Tactics, start: float, per_day: float | None = None) -> Habits:
    """How the accounts are used; ``per_day`` fixes the mean exchanges per account and day of its life."""
    same = t.lockstep
    models, after = _mixes(rng) if rng.random() < same else (None, None)
    switch = start + t.span + rng.uniform(-0.3, 1.0) * t.span if t.switch else math.inf
    spread, weekly, trend = 1.6 * (1.05 - same), 0.3 * (1.1 - same), 0.35 * (1.05 - same)
    use, stay, requests = rng.uniform(0.5, 1.0), 0.85, t.requests
    if per_day is not None:
        use, stay, trend, spread = 1.0, 1.0, 0.0, min(spread, 0.8)
        requests = 7 * per_day / math.exp((spread**2 + weekly**2) / 2)
    return Habits(
        verify=rng.uniform(0.75, 0.99),
        verify_phone=rng.uniform(0.3, 0.95),
        pay=t.pay,
        pay_delay=rng.uniform(0.1, 8) * DAY,
        card_quality=0.7 if t.card == "stolen" else rng.uniform(0.85, 0.98),
        login=rng.uniform(0.1, 0.9),
        use=use,
        stay=stay,
        requests=requests,
        spread=spread,
        weekly=weekly,
        trend=trend,
        hours=draw_hours(rng, 0, rng.choice(("day", "round"))) if rng.random() < same else None,
        template=minhash(rng) if rng.random() < same else None,
        models=models,
        models_after=after if t.switch else models,
        switch=switch,
        wake=start + t.span + t.sleep * DAY if t.sleep else -math.inf,
        ban=0.0 if t.replaced else t.ban,
        ban_delay=t.ban_delay,
        close=0.0 if t.returns else 0.004,
        charge_back=0.35 if t.card == "stolen" else 0.03,
        confirm=0.0005,
        addresses=rng.randrange(1, 4),
    )


def _mixes(rng: Random) -> tuple[tuple[tuple[str, float], ...], tuple[tuple[str, float], ...]]:
    big = round(rng.choice((0.97, rng.random())), 2)
    return (("large", big), ("small", round(1 - big, 2))), (("large", round(1 - big, 2)), ("small", big))
