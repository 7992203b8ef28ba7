"""What an attacker can do to others, and one reviewer to all: copied values, bridges, false labels. Prints JSON.

    python -m tests.benchmarks.poison world.parquet [--events 40000] [--victims 40] [--model models/…]

The first events of a world are replayed. Then, each on victims of their own (honest accounts that were let in):
``copied``: so many Sybil signups carry a victim's values of one axis or two, and are banned afterwards; told is how
many victims are no longer let in at a re-score (and how many are denied), before and after the bans, and how far their
log-odds rose. ``bridge``:
Sybils with one victim's device and another's address; told is how many a campaign took in. ``reviewer``: as many
honest accounts as a reviewer may label a day are labelled Sybils, then the labels are taken back; told is how many of
other honest accounts were let in before and are not now, of those picked at random and of those who share a value.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.log import blank_events
from sybilgate.app.replay import Replay
from sybilgate.app.reviewers import LABELS_A_DAY
from sybilgate.core.campaign.records import CampaignState
from sybilgate.core.event import EventType
from sybilgate.core.identifier import COLUMN, KINDS, SPECS, Axis, Kind, to_keys, to_words
from sybilgate.core.observation import Observations
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.loading import load_model, packaged_model
from sybilgate.reference.bundle import load_reference
from sybilgate.training.dataset import TRAINING_KEYS, Log, read_log
from sybilgate.training.history import open_source

#: Values that can be copied from a person who is known, by axis.
AXES = {
    "device": (Kind.DEVICE_ID, Kind.CANVAS, Kind.WEBGL, Kind.DEVICE_PROFILE, Kind.UA_BUILD),
    "network": (Kind.IP, Kind.NET, Kind.SUBNET64, Kind.ASN),
    "payment": (Kind.CARD, Kind.BIN, Kind.HOLDER, Kind.POSTCODE),
}
COPIES = {"device": ("device",), "network": ("network",), "payment": ("payment",), "two": ("device", "network")}
_SHARED = [kind for kind in KINDS if SPECS[kind].axis in (Axis.DEVICE, Axis.NETWORK, Axis.PAYMENT, Axis.EMAIL)]
_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Look:
    """Who is not let in, who is denied, and everybody's log-odds."""

    stopped: npt.NDArray[np.bool_]
    denied: npt.NDArray[np.bool_]
    margin: npt.NDArray[np.float64]


class World:
    """A replay that stopped somewhere, who was let in there, and Sybils' signups to make others of."""

    def __init__(self, log: Log, replay: Replay, events: int) -> None:
        self.replay, self.signup = replay, dict[str, Observations]()
        self.honest, self.sybils, done = list[str](), list[Observations](), 0
        for chunk in log.chunks:
            stop = min(len(chunk), events - done)
            if stop > 0:
                part = chunk.take(range(stop))
                outcome = replay.fold(part)
                self._remember(log, part, outcome.decision == Decision.ALLOW)
                done += stop
        self.now = float(max(part.time[-1] for part in self.signup.values())) + _MINUTE
        self._next = 0

    def _remember(self, log: Log, part: Observations, let_in: npt.NDArray[np.bool_]) -> None:
        for row in np.flatnonzero(part.type == EventType.SIGNUP).tolist():
            truth = log.truths.get(part.account_id[row])
            if truth is None:
                continue
            if truth.is_sybil:
                self.sybils.append(part.take([row]))
            elif let_in[row]:
                self.honest.append(part.account_id[row])
                self.signup[part.account_id[row]] = part.take([row])

    def look(self, accounts: Sequence[str]) -> Look:
        """How accounts stand at a re-score."""
        outcome = self.replay.fold(blank_events(accounts, self.now), update=np.zeros(len(accounts), np.bool_))
        return Look(outcome.decision != Decision.ALLOW, outcome.decision == Decision.DENY, outcome.margin)

    def attack(self, takes: Sequence[tuple[Observations, Sequence[Kind]]]) -> list[str]:
        """Sybils sign up, one a minute, each with values of these kinds of these signups. Their accounts."""
        made = []
        for borrowed in takes:
            one = self.sybils[self._next % len(self.sybils)]
            keys = one.keys.copy()
            victim, kinds = borrowed
            for kind in kinds:
                keys[0, COLUMN[kind]] = victim.keys[0, COLUMN[kind]]
            self._next += 1
            self.now += _MINUTE
            name = f"poison-{self._next}"
            made.append(name)
            self.replay.fold(
                replace(
                    one, account_id=[name], time=np.array([self.now]), keys=combined(keys), label=np.zeros(1, np.int8)
                )
            )
        return made

    def tell(self, accounts: Sequence[str], label: int) -> None:
        """Outcomes: 1 a Sybil, -1 not."""
        blank = blank_events(accounts, self.now)
        n = len(accounts)
        told = replace(blank, type=np.full(n, EventType.OUTCOME, np.int8), label=np.full(n, label, np.int8))
        self.replay.fold(told, np.zeros(n, np.bool_))


def combined(keys: Any) -> Any:
    """The keys with their combinations made anew."""
    row = to_keys(keys[0])
    for kind in KINDS:
        parts = SPECS[kind].parts
        if parts is not None:
            a, b = (row[COLUMN[part]] for part in parts)
            if a[0] and b[0]:
                keys[0, COLUMN[kind]] = to_words(TRAINING_KEYS.key(kind, a + b))[0]
    return keys


def copied(world: World, victims: list[str], axes: Sequence[str], copies: int) -> dict[str, float]:
    """So many Sybils with each victim's values of these axes."""
    kinds = [kind for axis in axes for kind in AXES[axis]]
    before = world.look(victims)
    made = world.attack([(world.signup[name], kinds) for name in victims for _ in range(copies)])
    copied = world.look(victims)
    world.tell(made, 1)
    banned = world.look(victims)
    return {
        "victims": len(victims),
        "stopped": share(copied.stopped & ~before.stopped), "denied": share(copied.denied),
        "stopped_after_bans": share(banned.stopped & ~before.stopped), "denied_after_bans": share(banned.denied),
        "log_odds": round(float(np.median(copied.margin - before.margin)), 2),
        "log_odds_after_bans": round(float(np.median(banned.margin - before.margin)), 2),
    }  # fmt: skip


def bridge(world: World, victims: list[str], copies: int) -> dict[str, float]:
    """Sybils with one victim's device and the next one's address; victims that a campaign took in."""
    pairs = list(zip(victims[::2], victims[1::2], strict=False))
    for one, two in pairs:
        mixed = world.signup[one]
        keys = mixed.keys.copy()
        for kind in AXES["network"]:
            keys[0, COLUMN[kind]] = world.signup[two].keys[0, COLUMN[kind]]
        world.attack([(replace(mixed, keys=keys), AXES["device"] + AXES["network"])] * copies)
    now = world.look(victims)
    taken = [name for name in victims if name in world.replay.shelf.members]
    shown = [name for name in taken if state_of(world, name) != CampaignState.CANDIDATE]
    return {
        "pairs": len(pairs), "stopped": share(now.stopped), "denied": share(now.denied),
        "in_campaign": round(len(shown) / len(victims), 3),
    }  # fmt: skip


def state_of(world: World, name: str) -> int:
    return world.replay.shelf.campaigns[world.replay.shelf.members[name].campaign].state


def reviewer(world: World, labelled: list[str], others: list[str]) -> dict[str, float]:
    """One reviewer's day of false labels, and their end."""
    near = neighbours(world, labelled, others)
    was = world.look(others).stopped
    world.tell(labelled, 1)
    now = world.look(others).stopped
    world.tell(labelled, -1)
    after = world.look(others).stopped
    return {
        "labels": len(labelled), "others": len(others), "neighbours": int(near.sum()),
        "stopped": share(now & ~was), "stopped_neighbours": share((now & ~was)[near]),
        "stopped_after_revocation": share(after & ~was),
    }  # fmt: skip


def neighbours(world: World, some: list[str], others: list[str]) -> npt.NDArray[np.bool_]:
    """Which of the others share a value with one of them that is not common to a hundred."""
    held: dict[bytes, int] = {}
    for name in world.honest:
        for key in keys_of(world, name):
            held[key] = held.get(key, 0) + 1
    marked = {key for name in some for key in keys_of(world, name) if held[key] < 100}
    return np.array([any(key in marked for key in keys_of(world, name)) for name in others], np.bool_)


def keys_of(world: World, name: str) -> list[bytes]:
    row = to_keys(world.signup[name].keys[0])
    return [row[COLUMN[kind]] for kind in _SHARED if row[COLUMN[kind]][0]]


def share(some: npt.NDArray[np.bool_]) -> float:
    return round(float(some.mean()), 3) if len(some) else 0.0


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--victims", type=int, default=40)
    parser.add_argument("--model", type=Path, default=None)
    given = parser.parse_args(arguments)
    bundle = load_model(given.model or packaged_model())
    pipeline = Pipeline(bundle.models, load_policy(bundle.policy_text), TRAINING_KEYS, evidence=False)
    world = World(read_log(open_source(given.world, None), load_reference()), Replay(pipeline), given.events)
    picked = np.random.default_rng(1).permutation(world.honest).tolist()

    def some(count: int, *kinds: Kind) -> list[str]:
        """The next so many who have values of these kinds; nobody is taken twice."""
        chosen = [name for name in picked if all(world.signup[name].keys[0, COLUMN[kind], 0] for kind in kinds)][:count]
        taken = set(chosen)
        picked[:] = [name for name in picked if name not in taken]
        return chosen

    report: dict[str, Any] = {"events": given.events, "honest_let_in": len(world.honest), "sybils": len(world.sybils)}
    report["reviewer"] = reviewer(world, some(LABELS_A_DAY), some(len(world.honest) // 3))
    for name, copies in product(COPIES, (1, 5, 20)):
        victims = some(given.victims, *(AXES[axis][0] for axis in COPIES[name]))
        report[f"copied_{name}_{copies}"] = copied(world, victims, COPIES[name], copies) if victims else {}
    for copies in (1, 5, 20):
        report[f"bridge_{copies}"] = bridge(world, some(given.victims, Kind.DEVICE_ID, Kind.IP), copies)
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
