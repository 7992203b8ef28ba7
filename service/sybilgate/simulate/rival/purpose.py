"""What the accounts are for, which decides how they are used and how soon somebody notices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from sybilgate.simulate.later import DAY, HONEST, Habits, draw_hours, minhash
from sybilgate.simulate.rival.chance import Lots, heavy

Life = Callable[[], Habits]
PURPOSES = ("quota", "resale", "votes", "stock")


def draw_purpose(rng: Random) -> str:
    """Free quota most often; the other trades are rarer."""
    return rng.choices(PURPOSES, (5, 3, 1.5, 1.5))[0]


def draw_life(rng: Random, purpose: str, seen: float = 1.0, paid: float = 0.02) -> Life:
    """Habits of the accounts of one campaign; ``seen`` scales how many the platform bans, ``paid`` who pays later."""
    bans, notice = min(0.9, seen * rng.betavariate(1.3, 5.0)), heavy(rng, 1.5, 21.0, 0.9) * DAY
    chore = replace(
        HONEST,
        verify=rng.uniform(0.9, 1.0),
        verify_phone=rng.uniform(0.6, 1.0),
        verified=rng.uniform(0.92, 1.0),
        pay=paid,
        pay_delay=heavy(rng, 0.05, 9.0, 0.7) * DAY,
        ban=bans,
        ban_delay=notice,
        confirm=0.004,
    )
    if purpose == "votes":
        return lambda: replace(chore, use=0.08, login=0.85, stay=0.2, requests=4.0, spread=0.6)
    if purpose == "stock":
        return lambda: replace(chore, use=0.05, login=0.12, stay=0.3)
    if purpose == "resale":
        # Each account has another end user, who is an ordinary person with a grudge against paying.
        return lambda: replace(chore, use=0.7, login=0.6, requests=heavy(rng, 12.0, 160.0, 0.9), spread=1.2)
    return _quota(rng, chore)


def _quota(rng: Random, chore: Habits) -> Life:
    """One workload spread over many free allowances: few templates, hours of a machine or of the crew."""
    level, spread, stay = heavy(rng, 40.0, 900.0, 0.8), rng.betavariate(2, 4), rng.betavariate(9, 1.5)
    hours = draw_hours(rng, rng.randrange(-8, 10), "round" if rng.random() < 0.6 else "day")
    templates: Lots[tuple[int, ...]] = Lots(rng, lambda: minhash(rng), rng.choice((0.2, 1.0, 4.0)), 0.1)
    share = rng.betavariate(2, 2)
    mixes = (None, (("large", round(share, 3)), ("small", round(1 - share, 3))))
    models, used, logins, places = rng.choice(mixes), rng.betavariate(8, 2), rng.betavariate(2, 4), rng.randrange(1, 3)
    base = replace(
        chore,
        use=used,
        login=logins,
        stay=stay,
        requests=level,
        spread=spread,
        hours=hours,
        models=models,
        addresses=places,
    )
    return lambda: replace(base, template=templates.draw())


def lockstep_life(rng: Random) -> Life:
    """One scheduler drives all accounts: the same hours, level, models and templates, week after week."""
    share = rng.betavariate(3, 2)
    base = replace(
        HONEST,
        verify=0.97,
        use=rng.uniform(0.93, 1.0),
        stay=rng.uniform(0.95, 0.995),
        login=0.06,
        pay=0.01,
        requests=heavy(rng, 15.0, 300.0, 0.8),
        spread=rng.uniform(0.02, 0.2),
        hours=draw_hours(rng, rng.randrange(-8, 10), "day"),
        models=(("large", round(share, 3)), ("small", round(1 - share, 3))),
        template=minhash(rng),
        ban=rng.betavariate(1, 12),
        confirm=0.004,
        addresses=1,
    )
    return lambda: base
