"""What accounts do after signup: verification, payment, logins, weekly usage, outcomes.

Rows are made when they are due, so that a world of millions holds one pending row per account, not all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sybilgate.simulate.person import Person, Row, base_row, finish

DAY = 86400.0
WEEK = 7 * DAY
_MONDAY = 4 * DAY  # 1970-01-05 was the first Monday


@dataclass(frozen=True, slots=True)
class Habits:
    """How an account is used. Chances per account, delays in seconds, ``requests`` a weekly median."""

    verify: float = 0.82
    verify_phone: float = 0.4
    verified: float = 0.94
    pay: float = 0.09
    pay_delay: float = 6 * DAY
    card_quality: float = 0.95
    login: float = 0.45
    use: float = 0.4
    stay: float = 0.72
    requests: float = 18.0
    spread: float = 1.6
    hours: int | None = None
    template: tuple[int, ...] | None = None
    models: tuple[tuple[str, float], ...] | None = None
    ban: float = 0.0012
    ban_delay: float = 9 * DAY
    charge_back: float = 0.0006
    confirm: float = 0.02
    addresses: int = 2


HONEST = Habits()


def minhash(rng: Random) -> tuple[int, ...]:
    """A sketch of one set of prompt templates."""
    bits = rng.getrandbits(512)
    return tuple(bits >> (32 * i) & 0xFFFFFFFF for i in range(16))


def draw_hours(rng: Random, offset: int, shape: str = "day") -> int:
    """The habitual hours of a day (UTC), as 24 bits."""
    start = rng.randrange(7, 12) if shape == "day" else rng.randrange(24)
    length = rng.randrange(5, 13) if shape == "day" else rng.randrange(18, 25)
    return sum(1 << ((start + hour - offset) % 24) for hour in range(length))


def _plan(rng: Random, person: Person, start: float, habits: Habits, has_card: bool) -> list[tuple[float, str]]:
    plan: list[tuple[float, str]] = []
    if person.email and rng.random() < habits.verify:
        plan.append((start + rng.lognormvariate(4.2, 1.1), "email"))
    if person.phone and rng.random() < habits.verify_phone:
        plan.append((start + rng.lognormvariate(4.6, 0.9), "phone"))
    paid = start if has_card else 0.0
    if not has_card and rng.random() < habits.pay:
        paid = start + rng.expovariate(1 / habits.pay_delay)
        plan.append((paid, "payment"))
    if rng.random() < habits.login:
        plan += [(start + rng.expovariate(1 / (4 * DAY)), "login") for _ in range(1 + int(3 * rng.random() ** 2))]
    if rng.random() < habits.ban:
        plan.append((start + rng.lognormvariate(0, 0.7) * habits.ban_delay, "ban"))
    elif rng.random() < habits.confirm:
        plan.append((start + rng.uniform(10, 45) * DAY, "confirm"))
    if paid and rng.random() < habits.charge_back:
        plan.append((paid + rng.uniform(7, 40) * DAY, "chargeback"))
    if rng.random() < habits.use:
        plan.append(((start - _MONDAY) // WEEK * WEEK + _MONDAY + WEEK + rng.expovariate(1 / 5000.0), "usage"))
    return plan


def later(rng: Random, person: Person, start: float, habits: Habits, has_card: bool) -> Iterator[tuple[float, Row]]:
    """(time, row) of everything an account does after ``start``, in time order; ends with a ban."""
    plan = _plan(rng, person, start, habits, has_card)
    level = habits.requests * rng.lognormvariate(0, habits.spread)
    hours = habits.hours if habits.hours is not None else draw_hours(rng, rng.randrange(-8, 10))
    sketch = habits.template
    while plan:
        time, what = min(plan)
        plan.remove((time, what))
        if what == "usage":
            sketch = sketch or minhash(rng)
            yield time, _usage(rng, person, time, level, hours, sketch, habits)
            level *= rng.lognormvariate(0.02, 0.35)
            if rng.random() < habits.stay:
                plan.append((time - time % 3600 + WEEK + rng.uniform(0, 3000), "usage"))
        else:
            yield time, _row(rng, person, time, what, habits)
        if what == "ban":
            return


def _row(rng: Random, person: Person, time: float, what: str, habits: Habits) -> Row:
    if what in ("ban", "confirm", "chargeback"):
        kind = {"ban": 2, "confirm": 5, "chargeback": 3}[what]
        source = {"ban": "trust-and-safety", "confirm": "support", "chargeback": "processor"}[what]
        bare: Row = {"account_id": person.account_id, "time": round(time, 3), "type": 6}
        return bare | {"outcome.kind": kind, "outcome.source": source} | person.truth()
    if what == "payment":
        added = 1 if rng.random() < habits.card_quality else 2
        row = base_row(rng, person, time, 2) | person.card.fields(rng, habits.card_quality) | {"payment.status": added}
    elif what == "login":
        row = base_row(rng, person, time, 3)
    else:
        result = 1 if rng.random() < habits.verified else rng.choice((2, 3))
        row = base_row(rng, person, time, 4)
        row |= {"verification.kind": 1 if what == "email" else 2, "verification.result": result}
    return finish(person, row)


def _usage(
    rng: Random, person: Person, time: float, level: float, hours: int, sketch: tuple[int, ...], habits: Habits
) -> Row:
    end = (time - _MONDAY) // WEEK * WEEK + _MONDAY
    requests = max(1, int(level * rng.lognormvariate(0, 0.3)))
    days = min(7, 1 + int(requests**0.5 * rng.random()))
    bits = 0
    for day in rng.sample(range(7), days):
        bits |= (hours & (rng.getrandbits(24) | rng.getrandbits(24)) or hours & -hours) << (24 * day)
    addresses = tuple(dict.fromkeys(person.place.address(rng) for _ in range(habits.addresses)))
    big = rng.betavariate(1.2, 2.5)
    changed = rng.randrange(16)
    return {
        "account_id": person.account_id,
        "time": round(time, 3),
        "type": 5,
        "usage.period_start_time": end - WEEK,
        "usage.period_end_time": end,
        "usage.requests": requests,
        "usage.tokens": int(requests * rng.lognormvariate(7.0, 0.8)),
        "usage.active_hours": bits.to_bytes(21, "little"),
        "usage.model_mix": habits.models or (("large", round(big, 3)), ("small", round(1 - big, 3))),
        "usage.prompt_template_minhash": (*sketch[:changed], rng.getrandbits(32), *sketch[changed + 1 :]),
        "usage.distinct_ips": len(addresses) + int(2 * rng.random() ** 3),
        "usage.sample_ips": addresses,
    } | person.truth()
