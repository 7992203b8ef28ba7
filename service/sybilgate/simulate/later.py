"""What accounts do after signup: verification, payment, logins, weekly usage, outcomes.

Rows are made when they are due, so that a world of millions holds one pending row per account, not all of them; an
account of which only its use is still to come holds no more than its name and place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sybilgate.simulate.person import Person, Row, base_row, finish
from sybilgate.simulate.place import Place

DAY = 86400.0
WEEK = 7 * DAY
_MONDAY = 4 * DAY  # 1970-01-05 was the first Monday
Mix = tuple[tuple[str, float], ...]


@dataclass(slots=True)
class Step:
    """One row due at ``time``, the streams of signups it starts, and the account's own later events."""

    time: float
    row: Row
    starts: tuple[Iterator[Step], ...] = ()
    life: Iterator[Step] | None = None


@dataclass(frozen=True, slots=True)
class Habits:
    """How an account is used. Chances per account, delays in seconds, ``requests`` a weekly median.

    ``wake``: nothing but verification happens before. From ``switch`` on the mix of models is ``models_after``.
    """

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
    weekly: float = 0.3  #: how much an account's use varies from week to week
    trend: float = 0.35
    hours: int | None = None
    template: tuple[int, ...] | None = None  #: the sketch of the prompt templates, if they are alike
    models: Mix | None = None
    models_after: Mix | None = None
    switch: float = math.inf
    wake: float = -math.inf
    ban: float = 0.0012
    ban_delay: float = 9 * DAY
    close: float = 0.012
    charge_back: float = 0.0006
    confirm: float = 0.02
    addresses: int = 2


HONEST = Habits()


def minhash(rng: Random) -> tuple[int, ...]:
    """A sketch of one set of prompt templates: sixteen hashes of 32 bits."""
    return _unpack(rng.getrandbits(512))


def _unpack(sketch: int) -> tuple[int, ...]:
    return tuple(sketch >> (32 * place) & 0xFFFFFFFF for place in range(16))


def _pack(sketch: tuple[int, ...]) -> int:
    return sum(part << (32 * place) for place, part in enumerate(sketch))


def draw_hours(rng: Random, offset: int, shape: str = "day") -> int:
    """The habitual hours of a day (UTC), as 24 bits."""
    start = rng.randrange(7, 12) if shape == "day" else rng.randrange(24)
    length = rng.randrange(5, 13) if shape == "day" else rng.randrange(18, 25)
    return sum(1 << ((start + hour - offset) % 24) for hour in range(length))


def _exp(rng: Random, mean: float) -> float:
    return -math.log(1.0 - rng.random()) * mean


def _plan(rng: Random, person: Person, start: float, habits: Habits, has_card: bool) -> list[tuple[float, str]]:
    plan: list[tuple[float, str]] = []
    if person.email and rng.random() < habits.verify:
        plan.append((start + math.exp(rng.gauss(4.2, 1.1)), "email"))
    if person.phone and rng.random() < habits.verify_phone:
        plan.append((start + math.exp(rng.gauss(4.6, 0.9)), "phone"))
    paid = start if has_card else 0.0
    awake = max(start, habits.wake)
    if not has_card and rng.random() < habits.pay:
        paid = awake + _exp(rng, habits.pay_delay)
        plan.append((paid, "payment"))
    if rng.random() < habits.login:
        plan += [(awake + _exp(rng, 4 * DAY), "login") for _ in range(1 + int(3 * rng.random() ** 2))]
    plan += _ends(rng, person, awake, habits)
    if paid and rng.random() < habits.charge_back:
        plan.append((paid + (7 + 33 * rng.random()) * DAY, "chargeback"))
    if rng.random() < habits.use:
        plan.append((_monday(awake) + WEEK + _exp(rng, 5000.0), "usage"))
    return plan


def _ends(rng: Random, person: Person, awake: float, habits: Habits) -> list[tuple[float, str]]:
    """The end of the account, or a word of support for it."""
    if person.ban_at is not None:
        return [(person.ban_at, "ban")]
    if person.close_at is not None:
        return [(person.close_at, "close")]
    roll = rng.random()
    if roll < habits.ban:
        return [(awake + math.exp(rng.gauss(0, 0.7)) * habits.ban_delay, "ban")]
    if roll < habits.ban + habits.close:
        return [(awake + _exp(rng, 20 * DAY), "close")]
    if rng.random() < habits.confirm:
        return [(awake + (10 + 35 * rng.random()) * DAY, "confirm")]
    return []


def _monday(time: float) -> float:
    """The start of the week that holds a moment."""
    return (time - _MONDAY) // WEEK * WEEK + _MONDAY


@dataclass(slots=True)
class _Use:
    """One account's use, from week to week. ``sketch`` packs the sketch of its prompt templates."""

    account_id: str
    place: Place
    truth: tuple[bool, str, str]
    start: float
    level: float
    hours: int
    sketch: int
    habits: Habits
    big: float


def later(rng: Random, person: Person, start: float, habits: Habits, has_card: bool) -> Iterator[Step]:
    """Everything an account does after ``start``, in time order; nothing follows a ban or the closing.

    Once only its use is still to come, a smaller stream takes over: most of a large world is waiting there.
    """
    plan = sorted(_plan(rng, person, start, habits, has_card))
    use: _Use | None = None
    while plan:
        time, what = plan.pop(0)
        if what == "usage":
            use = use or _begin(rng, person, start, habits)
            row = _usage(rng, time, use)
            if (next_time := _again(rng, time, habits)) is not None:
                plan.append((next_time, "usage"))
                plan.sort()
        else:
            row = _row(rng, person, time, what, habits)
        if what in ("ban", "close"):
            plan.clear()
        if len(plan) == 1 and plan[0][1] == "usage":
            yield Step(time, row, life=_only_use(rng, plan[0][0], use or _begin(rng, person, start, habits)))
            return
        yield Step(time, row)


def _begin(rng: Random, person: Person, start: float, habits: Habits) -> _Use:
    place = person.back[0] if person.back else person.place
    level = habits.requests * math.exp(rng.gauss(0, habits.spread))
    hours = habits.hours if habits.hours is not None else draw_hours(rng, rng.randrange(-8, 10))
    sketch, big = _pack(habits.template) if habits.template else rng.getrandbits(512), rng.betavariate(1.2, 2.5)
    truth = (person.sybil, person.group, person.archetype)
    return _Use(person.account_id, place, truth, max(start, habits.wake), level, hours, sketch, habits, big)


def _again(rng: Random, time: float, habits: Habits) -> float | None:
    """When next week's summary is told, unless the account is used no more."""
    return time - time % 3600 + WEEK + 3000 * rng.random() if rng.random() < habits.stay else None


def _only_use(rng: Random, time: float | None, use: _Use) -> Iterator[Step]:
    """Use, week after week, once nothing else is to come."""
    while time is not None:
        yield Step(time, _usage(rng, time, use))
        time = _again(rng, time, use.habits)


_OUTCOMES = {"close": (1, "account-holder"), "ban": (2, "trust-and-safety"), "confirm": (5, "support"),
             "chargeback": (3, "processor")}  # fmt: skip


def _row(rng: Random, person: Person, time: float, what: str, habits: Habits) -> Row:
    if what in _OUTCOMES:
        kind, source = _OUTCOMES[what]
        bare: Row = {"account_id": person.account_id, "time": round(time, 3), "type": 6}
        return bare | {"outcome.kind": kind, "outcome.source": source} | person.truth()
    if what == "payment":
        added = 1 if rng.random() < habits.card_quality else 2
        row = base_row(rng, person, time, 2) | person.card.fields(rng, habits.card_quality) | {"payment.status": added}
    elif what == "login":
        row = base_row(rng, person, time, 3)
    else:
        result = 1 if rng.random() < habits.verified else 2 if rng.random() < 0.5 else 3
        row = base_row(rng, person, time, 4)
        row["verification.kind"], row["verification.result"] = (1 if what == "email" else 2), result
    return finish(person, row)


def _usage(rng: Random, time: float, use: _Use) -> Row:
    """One week's summary. The first week counts only from the signup on."""
    habits, end = use.habits, _monday(time)
    first = max(0.0, min(0.999, (use.start - (end - WEEK)) / WEEK))
    requests = max(1, int((1.0 - first) * use.level * math.exp(rng.gauss(0, habits.weekly)) + rng.random()))
    use.level *= math.exp(rng.gauss(0.02 if habits.trend else 0.0, habits.trend))
    open_days = range(int(7 * first), 7)
    bits = 0
    for day in rng.sample(open_days, min(len(open_days), 1 + int(requests**0.5 * rng.random()))):
        bits |= (use.hours & (rng.getrandbits(24) | rng.getrandbits(24)) or use.hours & -use.hours) << (24 * day)
    addresses = tuple(dict.fromkeys(use.place.address(rng) for _ in range(habits.addresses)))
    big = min(0.99, max(0.01, use.big + rng.gauss(0, 0.05)))
    mix = habits.models_after if time >= habits.switch else habits.models
    sketch, changed = _unpack(use.sketch), int(16 * rng.random())
    return {
        "account_id": use.account_id,
        "time": round(time, 3),
        "type": 5,
        "usage.period_start_time": end - WEEK,
        "usage.period_end_time": end,
        "usage.requests": requests,
        "usage.tokens": int(requests * math.exp(rng.gauss(7.0, 0.8))),
        "usage.active_hours": bits.to_bytes(21, "little"),
        "usage.model_mix": mix or (("large", round(big, 3)), ("small", round(1 - big, 3))),
        "usage.prompt_template_minhash": (*sketch[:changed], rng.getrandbits(32), *sketch[changed + 1 :]),
        "usage.distinct_ips": len(addresses) + int(2 * rng.random() ** 3),
        "usage.sample_ips": addresses,
        "truth.is_sybil": use.truth[0],
        "truth.group": use.truth[1],
        "truth.archetype": use.truth[2],
    }
