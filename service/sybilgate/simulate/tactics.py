"""How an operator works: independent tactics, and the kinds of campaign as distributions over them.

Every campaign draws its own values, widely, so that two of one kind resemble each other in manner, not in numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from sybilgate.simulate.later import DAY


@dataclass(frozen=True)
class Tactics:
    """One operator's manner. Pools are counts of distinct values; shares are chances per account."""

    kind: str
    size: int
    span: float  #: seconds from first to last signup
    daily: bool  #: follows the clock of the countries it plays
    countries: int
    network: str = "proxy"  #: proxy (residential), hosting, vpn, mobile, site
    addresses: int = 0  #: pool of addresses; 0 = a new one for every account
    matched: float = 0.8  #: connection comes from the country the account claims
    device: str = "fresh"  #: fresh, pool, antidetect, cloud_phone
    devices: int = 0
    build: float = 0.5  #: share on the operator's one browser build
    noise: float = 0.0  #: canvas randomised
    forged: float = 0.0  #: parts of the profile that contradict each other
    mail: str = "template"  #: template, styles, alias, catch_all, disposable, relay, corporate
    domains: int = 1
    sellers: int = 1
    card: str = "none"  #: none, few, range, stolen
    cards: int = 0
    card_now: float = 0.05
    pay: float = 0.1
    phone: str = "some"  #: some (like people), none, voip, block
    robotic: float = 0.5  #: share of forms filled by a script
    omit: float = 0.05
    path: str | None = None
    invite: float = 0.0
    chained: bool = False
    lockstep: float = 0.6  #: how alike the accounts are used
    requests: float = 120.0
    ban: float = 0.45
    ban_delay: float = 8 * DAY
    sleep: float = 0.0  #: aged stock: days before the accounts are used


def _log(rng: Random, low: float, high: float) -> float:
    return float(low * (high / low) ** rng.random())


def _common(rng: Random, kind: str, low: int, high: int) -> Tactics:
    """What varies in every kind."""
    size = max(8, int(_log(rng, low, high)))
    return Tactics(
        kind,
        size,
        _log(rng, 0.5, 25) * DAY,
        rng.random() < 0.6,
        int(_log(rng, 1, 8)),
        matched=rng.uniform(0.5, 1.0),
        build=rng.random(),
        noise=rng.choice((0.0, 0.0, rng.random())),
        mail=rng.choice(("template", "template", "styles", "styles", "catch_all")),
        domains=int(_log(rng, 1, 12)),
        sellers=rng.choice((1, 1, 2, 4)),
        card=rng.choice(("none", "none", "few", "range", "stolen")),
        cards=max(1, size // rng.randrange(2, 9)),
        card_now=rng.choice((0.0, 0.1, rng.random())),
        pay=rng.uniform(0, 0.6),
        phone=rng.choice(("some", "some", "none", "voip", "block")),
        robotic=rng.random(),
        omit=rng.choice((0.0, 0.05, rng.uniform(0, 0.7))),
        path=rng.choice((None, None, "/api/v1/accounts", "/try")),
        invite=rng.choice((0.0, 0.0, 0.0, rng.random())),
        lockstep=rng.random(),
        requests=_log(rng, 30, 900),
        ban=rng.uniform(0.15, 0.8),
        ban_delay=_log(rng, 1, 20) * DAY,
    )


def _hosting_burst(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        span=_log(rng, 0.02, 1.5) * DAY,
        daily=False,
        network="hosting",
        addresses=max(1, int(t.size / _log(rng, 1.2, 40))),
        matched=0.5,
        robotic=rng.uniform(0.5, 1),
    )


def _device_farm(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t, device="pool", devices=max(1, int(t.size / _log(rng, 3, 60))), addresses=int(t.size / _log(rng, 1, 8))
    )


def _slow_drip(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        span=rng.uniform(10, 45) * DAY,
        daily=True,
        mail=rng.choice(("styles", "template")),
        card="range",
        cards=t.size,
        card_now=rng.uniform(0.1, 0.8),
        build=rng.uniform(0.3, 1),
        matched=rng.uniform(0.8, 1),
        robotic=rng.uniform(0, 0.5),
    )


def _card_ring(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        card=rng.choice(("few", "range")),
        cards=max(1, int(t.size / _log(rng, 1.5, 15))),
        card_now=rng.uniform(0.4, 1),
        pay=0.8,
    )


def _alias_farm(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t, mail="alias", domains=max(1, int(t.size / _log(rng, 4, 60))), addresses=int(t.size / _log(rng, 1, 10))
    )


def _antidetect(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        device="antidetect",
        forged=rng.uniform(0.25, 1),
        noise=rng.uniform(0.2, 1),
        mail="styles",
        matched=rng.uniform(0.7, 1),
    )


def _chain(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        chained=True,
        mail="styles",
        network="proxy",
        addresses=0,
        card="range",
        cards=t.size,
        card_now=rng.uniform(0.2, 0.8),
        build=rng.uniform(0, 0.3),
        robotic=rng.uniform(0, 0.3),
        noise=0.0,
        invite=0.0,
    )


def _residential_fresh(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        network="proxy",
        addresses=0,
        device="fresh",
        mail="styles",
        card=rng.choice(("none", "range")),
        cards=t.size,
        matched=1.0,
        robotic=rng.uniform(0, 0.3),
        omit=0.0,
        path=None,
        invite=0.0,
    )


def _catch_all(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        mail="catch_all",
        domains=max(1, int(t.size / _log(rng, 4, 120))),
        network=rng.choice(("vpn", "proxy", "hosting")),
    )


def _cloud_phones(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        device="cloud_phone",
        devices=int(_log(rng, 1, 12)),
        network=rng.choice(("hosting", "proxy", "mobile")),
        robotic=rng.random(),
    )


def _click_farm(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        network="site",
        addresses=rng.randrange(1, 4),
        device="pool",
        devices=max(4, t.size // rng.randrange(2, 7)),
        daily=True,
        countries=1,
        matched=1.0,
        robotic=0.0,
        mail="styles",
        span=_log(rng, 2, 30) * DAY,
    )


def _aged_stock(rng: Random, t: Tactics) -> Tactics:
    return replace(
        t,
        sleep=rng.uniform(6, 20),
        mail=rng.choice(("styles", "template", "relay")),
        sellers=4,
        span=_log(rng, 8, 30) * DAY,
        card="few",
        card_now=0.0,
        pay=0.8,
        lockstep=rng.uniform(0.6, 1),
    )


KINDS: dict[str, Callable[[Random, Tactics], Tactics]] = {
    "hosting_burst": _hosting_burst,
    "device_farm": _device_farm,
    "slow_drip": _slow_drip,
    "card_ring": _card_ring,
    "alias_farm": _alias_farm,
    "antidetect_profiles": _antidetect,
    "chain": _chain,
    "residential_fresh": _residential_fresh,
    "catch_all": _catch_all,
    "cloud_phones": _cloud_phones,
    "click_farm": _click_farm,
    "aged_stock": _aged_stock,
}


def draw_tactics(rng: Random, kind: str, low: int = 8, high: int = 600) -> Tactics:
    """One campaign's manner, of a size within [low, high]."""
    return KINDS[kind](rng, _common(rng, kind, low, high))
