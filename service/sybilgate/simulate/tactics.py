"""How an operator works: independent tactics, each drawn widely, so that two campaigns differ in numbers.

The kinds of campaign (``kinds``) are distributions over these tactics.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    shape: str = "random"  #: random, even, hubs, bursts
    network: str = "proxy"  #: proxy (residential), hosting, vpn, mobile, site
    addresses: int = 0  #: pool of addresses; 0 = a new one for every account
    matched: float = 0.8  #: connection comes from the country the account claims
    device: str = "fresh"  #: fresh, pool, antidetect, cloud_phone
    devices: int = 0
    build: float = 0.5  #: share on the seller's one browser build
    pinned: bool = False  #: that build is never updated
    noise: float = 0.0  #: canvas randomised
    forged: float = 0.0  #: parts of the profile that contradict each other
    constant: int = 0  #: values of the device that are the same on every account
    mail: str = "template"  #: template, own, model, alias, catch_all, relay
    domains: int = 1
    sellers: int = 1  #: styles of making accounts within the campaign
    card: str = "none"  #: none, few, range (one each, few ranges), pairs (at most two accounts), home, stolen
    cards: int = 0
    ranges: int = 1
    card_now: float = 0.05
    pay: float = 0.1
    phone: str = "some"  #: some (like people), none, voip, block
    robotic: float = 0.5  #: share of forms filled by a script
    omit: float = 0.0
    api: float = 0.0  #: share made by a program that calls the API
    path: str | None = None
    invite: float = 0.0
    chained: bool = False
    clean: bool = False  #: the pools are used only after a clean signup
    poison: float = 0.0  #: copies values of honest people
    returns: float = 0.0  #: closes an account and comes back with its values
    replaced: float = 0.0  #: banned accounts are replaced within a day
    lockstep: float = 0.6  #: how alike the accounts are used
    switch: bool = False  #: all change to another model at once
    requests: float = 120.0  #: a week
    ban: float = 0.45
    ban_delay: float = 8 * DAY
    sleep: float = 0.0  #: aged stock: days between the last signup and the day all are woken


def log_between(rng: Random, low: float, high: float) -> float:
    """As likely between 1 and 3 as between 3 and 9."""
    return float(low * (high / low) ** rng.random())


def any_tactics(rng: Random, kind: str, low: int, high: int) -> Tactics:
    """What varies in every kind, for a campaign of a size within [low, high]."""
    size = round(log_between(rng, low, high))
    return Tactics(
        kind,
        size,
        log_between(rng, 0.5, 25) * DAY,
        rng.random() < 0.8,
        int(log_between(rng, 1, 8)),
        shape=rng.choice(("random", "random", "even", "hubs")),
        matched=rng.choice((1.0, rng.uniform(0.9, 1.0), rng.uniform(0.5, 1.0))),
        build=rng.random(),
        pinned=rng.random() < 0.4,
        noise=rng.choice((0.0, 0.0, rng.random())),
        mail=rng.choice(("template", "template", "own", "own", "model", "catch_all")),
        domains=int(log_between(rng, 1, 12)),
        sellers=rng.choice((1, 1, 1, 2, 4)),
        card=rng.choice(("none", "none", "few", "range", "home", "stolen")),
        cards=max(1, int(size / log_between(rng, 2, 9))),
        ranges=rng.choice((1, 1, 2, 3)),
        card_now=rng.choice((0.0, 0.1, rng.random())),
        pay=rng.uniform(0, 0.6),
        phone=rng.choice(("some", "some", "some", "none", "voip", "block")),
        robotic=rng.random(),
        omit=rng.choice((0.0,) * 9 + (rng.uniform(0.1, 0.7),)),
        path=rng.choice((None,) * 7 + ("/try", "/pricing")),
        invite=rng.choice((0.0,) * 9 + (rng.random(),)),
        lockstep=rng.random(),
        switch=rng.random() < 0.1,
        requests=log_between(rng, 30, 900),
        ban=rng.uniform(0.15, 0.8),
        ban_delay=log_between(rng, 1, 20) * DAY,
    )
