"""Whether any input makes one campaign of everybody, and what campaigns cost at size; prints JSON.

    python -m tests.benchmarks.bridges --accounts 1000000 [--arm ordinary --arm exits]

Accounts are made as columns, no event is parsed. Everybody shares as people do: addresses by a heavy tail, of carriers
that serve thousands, mail domains, browser builds, card ranges, time zones; one account in a hundred belongs to a ring
of twenty that shares a device and a card. Four arms, packaged weights, nobody protected:

- ``ordinary``: members of rings are flagged, and one honest account in five hundred;
- ``everybody``: every account is flagged, the worst that a model can do;
- ``exits``: flagged as in ``ordinary``, and every ring comes through the three busiest addresses;
- ``bridges``: the same, and every ring copies the mail domain, mail pattern, browser, card range and country that most
  honest people have: all rings are alike then in everything but device and card.

``largest`` is the largest campaign in accounts, ``rings_in_largest`` how many rings it holds members of, ``pure`` the
share of campaign members whose campaign is mostly their own ring, ``after_sweep`` the same once a sweep has looked at
the flagged ones, with its CPU time for each of them (null with ``--unswept``); ``cost`` is CPU time with campaigns over
without.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle import load_bundle
from sybilgate.app.replay import Replay
from sybilgate.cli.bars import bars
from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.records import CampaignState
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURES, Rows
from sybilgate.core.identifier import COLUMN, KINDS, Keyring, Kind
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.own import OWN
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Policy
from sybilgate.core.tail import tails_from_json
from sybilgate.loading import packaged_model
from tests.benchmarks.process import machine
from tests.benchmarks.swept import groups_after

Ints = npt.NDArray[np.int64]

RING, SHARE, DAYS, CHUNK = 20, 0.01, 30.0, 2000
KEYRING = Keyring(0, b"keys of a benchmark, never stored")
POLICY = Policy("bridges", 0.5, 0.9, 0.99)
#: Values a kind has and how unequal they are (a Zipf exponent): what people share without knowing each other.
COMMON = {
    Kind.IP: (400_000, 0.7), Kind.NET: (60_000, 0.8), Kind.ASN: (2_000, 1.1), Kind.MAIL_DOMAIN: (20_000, 1.6),
    Kind.UA_BUILD: (400, 1.2), Kind.BIN: (3_000, 1.0), Kind.COUNTRY: (80, 1.1), Kind.MAIL_TEMPLATE: (3_000, 1.0),
}  # fmt: skip
OWN_VALUES = (Kind.DEVICE_ID, Kind.CARD, Kind.MAILBOX)


class Chosen:
    """A model that flags whom it is told to: the first own signal says who."""

    name = "chosen@1"
    guards: dict[str, tuple[float, ...]] = {}  # noqa: RUF012
    tails = tails_from_json({})

    def __init__(self, mates: Mates | None) -> None:
        self.mates = mates

    def first(self, x: Rows) -> Floats:
        return np.full(len(x), 0.01)

    def final(self, x: Rows) -> Floats:
        return np.asarray(np.where(x[:, 0] > 0, 1.0, -5.0))

    def calibrate(self, margin: Floats) -> Floats:
        return np.asarray(1.0 / (1.0 + np.exp(-margin)))

    def contributions(self, x: Rows) -> Floats:
        return np.zeros((len(x), len(FEATURES) + 1))


def values_of(accounts: int, ring: Ints, arm: str, seed: int) -> dict[Kind, Ints]:
    """The number of the value that each account has of each kind; commonest values are the smallest numbers."""
    dice = np.random.default_rng(seed)
    held = {}
    for kind, (many, steep) in COMMON.items():
        weight = np.arange(1, many + 1.0) ** -steep
        held[kind] = np.searchsorted(np.cumsum(weight / weight.sum()), dice.random(accounts)).astype(np.int64)
    for kind in OWN_VALUES:
        held[kind] = np.where((ring >= 0) & (kind != Kind.MAILBOX), ring, 10**7 + np.arange(accounts))
    inside = ring >= 0
    if arm == "bridges":
        for kind in (Kind.MAIL_DOMAIN, Kind.UA_BUILD, Kind.BIN, Kind.MAIL_TEMPLATE, Kind.COUNTRY):
            held[kind] = np.where(inside, 0, held[kind])
    if arm in ("exits", "bridges"):
        held[Kind.ASN] = np.where(inside, 0, held[Kind.ASN])
        for kind in (Kind.IP, Kind.NET):
            held[kind] = np.where(inside, dice.integers(0, 3, accounts), held[kind])
    return held


def chunks(accounts: int, ring: Ints, flagged: npt.NDArray[np.bool_], held: dict[Kind, Ints]) -> Iterator[Observations]:
    """Signups in order of time, as observed columns."""
    for begin in range(0, accounts, CHUNK):
        rows = np.arange(begin, min(begin + CHUNK, accounts))
        own = np.full((len(rows), len(OWN)), np.nan)
        own[:, 0] = flagged[rows]
        keys = np.zeros((len(rows), len(KINDS), 2), np.uint64)
        for kind, value in held.items():
            keys[:, COLUMN[kind], 0] = np.uint64(int(kind)) | (value[rows].astype(np.uint64) << np.uint64(8))
            keys[:, COLUMN[kind], 1] = value[rows].astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        yield Observations(
            [f"a{row}" for row in rows.tolist()], np.full(len(rows), EventType.SIGNUP, np.int8),
            1.7e9 + rows * (DAYS * 86_400 / accounts), np.zeros(len(rows), np.int8), own, keys,
        )  # fmt: skip


def play(
    accounts: int, ring: Ints, flagged: npt.NDArray[np.bool_], held: dict[Kind, Ints], mates: Mates | None
) -> tuple[Replay, float]:
    """The replay at its end, and the CPU seconds it took."""
    replay = Replay(Pipeline(Chosen(mates), POLICY, KEYRING, evidence=False))
    parts = list(chunks(accounts, ring, flagged, held))
    begun = time.process_time()
    with bars() as tell:
        for done, part in enumerate(parts):
            replay.fold(part)
            tell("with campaigns" if mates else "without", done * CHUNK, accounts)
    return replay, time.process_time() - begun


def shown(replay: Replay) -> list[Collection[str]]:
    """Members of the campaigns that are shown."""
    every = replay.shelf.campaigns.items()
    return [replay.shelf.accounts_of(ref) for ref, row in every if row.state == CampaignState.OPEN]


def judged(campaigns: Sequence[Collection[str]], ring: Ints) -> dict[str, Any]:
    """Sizes of campaigns, and whose they are."""
    sizes, pure, total = [], 0, 0
    rings_in: list[int] = []
    for names in campaigns:
        rings = [int(ring[int(name[1:])]) for name in names]
        found = Counter(number for number in rings if number >= 0)
        most = max(found.values(), default=0)
        sizes.append(len(rings))
        rings_in.append(len(found))
        total += len(rings)
        pure += len(rings) if most > len(rings) / 2 else 0
    largest = int(np.argmax(sizes)) if sizes else -1
    return {
        "campaigns": len(sizes),
        "largest": sizes[largest] if sizes else 0,
        "rings_in_largest": rings_in[largest] if sizes else 0,
        "pure": round(pure / max(total, 1), 4),
        "honest_inside": sum(bool(ring[int(name[1:])] < 0) for names in campaigns for name in names),
    }


def judged_after_sweep(replay: Replay, mates: Mates, ring: Ints) -> dict[str, Any]:
    """What the flagged ones are in once a sweep has looked at them, and the CPU time that took it."""
    groups: dict[int, list[str]] = defaultdict(list)
    begun = time.process_time()
    after = groups_after(replay, mates, frozenset())
    seconds = time.process_time() - begun
    for name, group in after.items():
        groups[group].append(name)
    large = [names for names in groups.values() if len(names) >= Limits().shown]
    return judged(large, ring) | {"milliseconds_a_member": round(seconds / max(len(after), 1) * 1e3, 3)}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arm", action="append", help="may be repeated; left out: all")
    parser.add_argument("--unswept", action="store_true", help="no sweep: it takes long where everybody is flagged")
    options = parser.parse_args(arguments)
    count, dice = options.accounts, np.random.default_rng(options.seed)
    rings = max(1, int(count * SHARE / RING))
    ring = np.full(count, -1, np.int64)
    ring[dice.choice(count, rings * RING, replace=False)] = np.repeat(np.arange(rings), RING)
    mates = load_bundle(packaged_model()).models.mates
    everybody, some = np.ones(count, np.bool_), (ring >= 0) | (dice.random(count) < 0.002)
    found: dict[str, Any] = {"machine": machine(), "accounts": count, "rings": rings, "arms": {}}
    for name, flagged in (("ordinary", some), ("everybody", everybody), ("exits", some), ("bridges", some)):
        if options.arm and name not in options.arm:
            continue
        held = values_of(count, ring, name, options.seed)
        plain = play(count, ring, flagged, held, None)[1]
        replay, cost = play(count, ring, flagged, held, mates)
        found["arms"][name] = judged(shown(replay), ring) | {
            "after_sweep": None if options.unswept else judged_after_sweep(replay, mates, ring),
            "microseconds_an_account": {"without": round(plain / count * 1e6, 1), "with": round(cost / count * 1e6, 1)},
            "cost": round(cost / plain, 2),
        }
        del replay
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
