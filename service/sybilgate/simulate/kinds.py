"""The kinds of campaign, each a distribution over tactics.

A kind fixes what makes it what it is and leaves the rest to chance, so that kinds overlap as real operators do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from sybilgate.simulate.later import DAY
from sybilgate.simulate.tactics import Tactics, any_tactics, log_between

Kind = Callable[[Random, Tactics], dict[str, Any]]


def _part(rng: Random, t: Tactics, low: float, high: float) -> int:
    """How many of a pooled value a campaign has when each serves between ``low`` and ``high`` accounts."""
    return max(1, int(t.size / log_between(rng, low, high)))


def _hosting_burst(rng: Random, t: Tactics) -> dict[str, Any]:
    """A hosting pool with reuse, in a hurry."""
    return {"span": log_between(rng, 0.02, 1.5) * DAY, "daily": False, "network": "hosting", "matched": 0.5,
            "addresses": _part(rng, t, 1.2, 40), "robotic": rng.uniform(0.5, 1)}  # fmt: skip


def _residential_fresh(rng: Random, t: Tactics) -> dict[str, Any]:
    """A residential address, a device and a mailbox of its own for every account."""
    return {"network": "proxy", "addresses": 0, "device": "fresh", "mail": rng.choice(("own", "model")),
            "card": rng.choice(("none", "range", "home")), "matched": 1.0, "robotic": rng.uniform(0, 0.3), "omit": 0.0,
            "path": None, "invite": 0.0}  # fmt: skip


def _card_matched(rng: Random, t: Tactics) -> dict[str, Any]:
    """Every address is bought in the country of the card."""
    return {"network": rng.choice(("proxy", "proxy", "mobile")), "addresses": 0, "matched": 1.0, "card": "home",
            "card_now": rng.uniform(0.3, 1), "pay": 0.8, "countries": int(log_between(rng, 1, 12))}  # fmt: skip


def _device_farm(rng: Random, t: Tactics) -> dict[str, Any]:
    """A few machines, many accounts on each."""
    return {"device": "pool", "devices": _part(rng, t, 3, 60), "addresses": _part(rng, t, 1, 8)}


def _constant_device(rng: Random, t: Tactics) -> dict[str, Any]:
    """Everything is fresh but one or two values of the device that the operator forgot."""
    return {"constant": rng.choice((1, 1, 2)), "noise": 0.0, "build": rng.uniform(0, 0.6), "addresses": 0}


def _fresh_devices(rng: Random, t: Tactics) -> dict[str, Any]:
    """A device of its own for every account, and a shortage of everything else."""
    return {"device": "fresh", "build": rng.uniform(0, 0.3), "addresses": _part(rng, t, 2, 30),
            "network": rng.choice(("proxy", "hosting", "vpn", "mobile")), "card": "few"}  # fmt: skip


def _antidetect_profiles(rng: Random, t: Tactics) -> dict[str, Any]:
    """Profiles of an anti-detect browser: noise, and parts that do not go together."""
    return {"device": "antidetect", "forged": rng.uniform(0.25, 1), "noise": rng.uniform(0.2, 1), "mail": "own",
            "matched": rng.uniform(0.7, 1)}  # fmt: skip


def _cloud_phones(rng: Random, t: Tactics) -> dict[str, Any]:
    return {"device": "cloud_phone", "devices": int(log_between(rng, 1, 12)),
            "network": rng.choice(("hosting", "proxy", "mobile"))}  # fmt: skip


def _alias_farm(rng: Random, t: Tactics) -> dict[str, Any]:
    """Dots and tags on a few mailboxes."""
    return {"mail": "alias", "domains": _part(rng, t, 4, 60), "addresses": _part(rng, t, 1, 10)}


def _catch_all(rng: Random, t: Tactics) -> dict[str, Any]:
    """Bought domains, some with a fresh subdomain for every account."""
    return {"mail": "catch_all", "domains": _part(rng, t, 4, 120), "network": rng.choice(("vpn", "proxy", "hosting"))}


def _bulk_freemail(rng: Random, t: Tactics) -> dict[str, Any]:
    """Mailboxes bought in bulk, made by a template."""
    return {"mail": "template", "domains": rng.choice((1, 1, 2)), "sellers": rng.choice((1, 1, 2)), "addresses": 0}


def _language_names(rng: Random, t: Tactics) -> dict[str, Any]:
    """Names and mailboxes that a language model wrote: plausible, common, of no template."""
    return {"mail": "model", "sellers": 1, "robotic": rng.uniform(0, 0.6)}


def _relay_addresses(rng: Random, t: Tactics) -> dict[str, Any]:
    return {"mail": "relay", "addresses": rng.choice((0, 0, _part(rng, t, 2, 15)))}


def _mixed_sellers(rng: Random, t: Tactics) -> dict[str, Any]:
    """Accounts of several sellers, each in a style of his own."""
    return {"sellers": rng.randrange(3, 9), "mail": rng.choice(("template", "catch_all")), "build": rng.uniform(0.5, 1),
            "domains": rng.randrange(3, 12)}  # fmt: skip


def _aged_stock(rng: Random, t: Tactics) -> dict[str, Any]:
    """Made over weeks, left to sleep, woken together."""
    return {"sleep": rng.uniform(2, 14), "mail": rng.choice(("own", "template", "relay")), "sellers": 4,
            "span": log_between(rng, 4, 20) * DAY, "card": "few", "card_now": 0.0, "pay": 0.8,
            "lockstep": rng.uniform(0.6, 1)}  # fmt: skip


def _slow_drip(rng: Random, t: Tactics) -> dict[str, Any]:
    """A few an hour for weeks, each an ordinary user: residential lines, fresh devices, a virtual card each."""
    return {"span": rng.uniform(10, 45) * DAY, "daily": rng.random() < 0.75, "shape": "even", "addresses": 0,
            "mail": rng.choice(("own", "template", "model")), "card": "range", "card_now": rng.uniform(0.1, 0.8),
            "build": rng.uniform(0.3, 1), "matched": rng.uniform(0.8, 1), "robotic": rng.uniform(0, 0.5), "pay": 0.5,
            "requests": rng.uniform(120, 260), "lockstep": rng.uniform(0.3, 0.9)}  # fmt: skip


def _bursts(rng: Random, t: Tactics) -> dict[str, Any]:
    """Now and then an hour of many."""
    return {"shape": "bursts", "daily": rng.random() < 0.6, "span": log_between(rng, 0.3, 20) * DAY}


def _diurnal_mimic(rng: Random, t: Tactics) -> dict[str, Any]:
    """Times drawn like those of honest people, with jitter, in the countries it plays."""
    return {"shape": "random", "daily": True, "span": log_between(rng, 3, 30) * DAY, "matched": 1.0, "robotic": 0.0,
            "device": rng.choice(("fresh", "fresh", "pool")), "devices": _part(rng, t, 2, 12)}  # fmt: skip


def _card_ring(rng: Random, t: Tactics) -> dict[str, Any]:
    """One card on many accounts."""
    return {"card": "few", "cards": _part(rng, t, 1.5, 30), "card_now": rng.uniform(0.4, 1), "pay": 0.8}


def _card_pairs(rng: Random, t: Tactics) -> dict[str, Any]:
    """No card on more than two accounts, all of one range."""
    return {"card": "pairs", "ranges": 1, "card_now": rng.uniform(0.3, 1), "pay": 0.8, "addresses": 0,
            "mail": "own"}  # fmt: skip


def _voip_numbers(rng: Random, t: Tactics) -> dict[str, Any]:
    """Numbers of internet telephony, or a block of short-lived ones."""
    return {"phone": rng.choice(("voip", "block")), "countries": rng.choice((1, 1, 2))}


def _click_farm(rng: Random, t: Tactics) -> dict[str, Any]:
    """People at desks: human pace, office hours, the same few machines."""
    return {"network": "site", "addresses": rng.randrange(1, 4), "device": "pool",
            "devices": max(2, t.size // rng.randrange(2, 7)), "daily": True, "countries": 1, "matched": 1.0,
            "robotic": 0.0, "mail": "own", "span": log_between(rng, 2, 30) * DAY}  # fmt: skip


def _api_signup(rng: Random, t: Tactics) -> dict[str, Any]:
    """The weakest path: a program calls the API."""
    return {"api": rng.uniform(0.5, 1), "network": rng.choice(("hosting", "proxy", "vpn")), "daily": rng.random() < 0.5,
            "addresses": rng.choice((0, _part(rng, t, 1.5, 30))), "robotic": 1.0}  # fmt: skip


def _delete_return(rng: Random, t: Tactics) -> dict[str, Any]:
    """Closes accounts and opens new ones with the same values, to be new again."""
    return {"returns": rng.uniform(0.3, 0.9), "addresses": rng.choice((0, 0, _part(rng, t, 1, 4)))}


def _omitted_fields(rng: Random, t: Tactics) -> dict[str, Any]:
    """Leaves out what could be compared."""
    return {"omit": rng.uniform(0.4, 1)}


def _clean_door(rng: Random, t: Tactics) -> dict[str, Any]:
    """Signs up clean; logs in, pays and works from shared machines later."""
    return {"clean": True, "network": rng.choice(("hosting", "proxy", "vpn", "site")), "device": "pool",
            "devices": _part(rng, t, 2, 40), "addresses": _part(rng, t, 3, 60), "mail": rng.choice(("own", "model")),
            "card": rng.choice(("few", "range")), "card_now": 0.0, "pay": rng.uniform(0.4, 1), "omit": 0.0,
            "robotic": rng.uniform(0, 0.3), "build": 0.0}  # fmt: skip


def _replacement(rng: Random, t: Tactics) -> dict[str, Any]:
    """Every ban is answered within a day, by an account that keeps some of the banned one's values."""
    return {"replaced": rng.uniform(0.6, 1), "ban": rng.uniform(0.3, 0.9), "ban_delay": log_between(rng, 0.3, 6) * DAY}


def _chain(rng: Random, t: Tactics) -> dict[str, Any]:
    """Each account shares one value with the one before, and no value is held by three."""
    return {"chained": True, "mail": "own", "network": "proxy", "addresses": 0, "device": "fresh", "card": "range",
            "card_now": rng.uniform(0.2, 0.8), "build": rng.uniform(0, 0.3), "robotic": rng.uniform(0, 0.3),
            "noise": 0.0, "invite": 0.0}  # fmt: skip


def _poisoning(rng: Random, t: Tactics) -> dict[str, Any]:
    """Copies values of honest people, to draw suspicion on them or to hide among them."""
    return {"poison": rng.uniform(0.3, 1), "mail": "own", "build": 0.0, "addresses": 0}


def _lockstep_usage(rng: Random, t: Tactics) -> dict[str, Any]:
    """A clean signup; then equal quotas, the same hours, the same templates, one switch of model."""
    return {"lockstep": rng.uniform(0.85, 1), "switch": True, "robotic": rng.uniform(0, 0.4), "mail": "own",
            "build": rng.uniform(0, 0.4), "addresses": 0, "omit": 0.0, "path": None}  # fmt: skip


_FUNCTIONS: tuple[Kind, ...] = (
    _hosting_burst, _residential_fresh, _card_matched, _device_farm, _constant_device, _fresh_devices,
    _antidetect_profiles, _cloud_phones, _alias_farm, _catch_all, _bulk_freemail, _language_names, _relay_addresses,
    _mixed_sellers, _aged_stock, _slow_drip, _bursts, _diurnal_mimic, _card_ring, _card_pairs, _voip_numbers,
    _click_farm, _api_signup, _delete_return, _omitted_fields, _clean_door, _replacement, _chain, _poisoning,
    _lockstep_usage,
)  # fmt: skip
#: Kinds by name, which is the archetype of their accounts.
KINDS: dict[str, Kind] = {function.__name__[1:]: function for function in _FUNCTIONS}


def draw_tactics(rng: Random, kind: str, low: int = 8, high: int = 600) -> Tactics:
    """One campaign's manner, of a size within [low, high]."""
    common = any_tactics(rng, kind, low, high)
    return replace(common, **KINDS[kind](rng, common))
