"""What the campaigns built while a world is replayed are worth; prints JSON.

    python -m tests.benchmarks.campaigns WORLD.parquet --bundle models/default/5

Every signup and payment is scored as it comes. B-cubed (Bagga and Baldwin, 1998; Amigo et al., "A comparison of
extrinsic clustering evaluation metrics", 2009) over what is shown as a campaign: precision over its members, recall
("completeness") over the flagged accounts of each true campaign. An honest account is a campaign of its own, also in a
crowd. The second arm protects cards, addresses, organisations and own mail domains of offices, agencies and the
operator's own tests, as an operator who knows these payers would. ``opened_at`` is how many accounts of a true campaign
had come when the third of them joined one campaign. ``after_sweep``: the flagged accounts alone, as they came and once
the sweep has looked at them with the whole picture. ``reach`` is the completeness that somebody could have who knew the
truth and joined all flagged accounts that share a value by which an operator can be told: whose flagged holders are his
alone, nine in ten of them, or half of them. ``cost`` compares the CPU time of the replay with and without
campaigns.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle import Bundle, load_bundle
from sybilgate.app.mapping import Truth
from sybilgate.app.replay import Replay
from sybilgate.core.campaign.book import Limits
from sybilgate.core.campaign.records import CampaignState, Role
from sybilgate.core.event import EventType
from sybilgate.core.identifier import COLUMN, Key, Kind, keys_of, to_keys
from sybilgate.core.observation import Observations
from sybilgate.core.own import OWN_COLUMN
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.core.state import unpack_keys
from sybilgate.reference.bundle import load_reference
from sybilgate.training.commands import open_source
from sybilgate.training.dataset import TRAINING_KEYS, Log, read_log
from tests.benchmarks.process import machine
from tests.benchmarks.reach import joined_by_values
from tests.benchmarks.swept import groups_after

#: Honest crowds an operator knows by name, and what is protected of them.
PAYERS = ("office_card", "agency", "own_tests")
PROTECTED = (Kind.CARD, Kind.HOLDER, Kind.HOLDER_POSTCODE, Kind.ORGANIZATION, Kind.IP, Kind.SUBNET64)
#: Kinds whose members share something all along, so that an early alarm is possible.
FARMS = ("device_farm", "hosting_burst", "catch_all", "constant_device", "voip_numbers", "alias_farm")
_LIVING = (CampaignState.OPEN, CampaignState.CONFIRMED)


@dataclass
class Played:
    """A replay's end, and what was flagged on the way. ``keys``: current identifiers of each account."""

    replay: Replay
    keys: Callable[[str], list[Key | None]]
    flagged: set[str] = field(default_factory=set)
    raised: set[str] = field(default_factory=set)
    came: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0


def play(log: Log, bundle: Bundle, protected: frozenset[Key], campaigns: bool = True) -> Played:
    """Replay a world, scoring signups and payments."""
    models: Any = bundle.models if campaigns else _Without(bundle.models)
    replay = Replay(Pipeline(models, load_policy(bundle.policy_text), TRAINING_KEYS, protected))
    played = Played(replay, lambda name: keys_of(unpack_keys([replay.accounts[name].keys])[0]))
    for chunk in log.chunks:
        score = (chunk.type == EventType.SIGNUP) | (chunk.type == EventType.PAYMENT)
        began = time.process_time()
        out = replay.fold(chunk, score)
        played.seconds += time.process_time() - began
        _note(played, log, chunk, score, out.decision, out.raised)
    return played


class _Without:
    """A model that builds no campaigns."""

    mates = None

    def __init__(self, models: Any) -> None:
        self._models = models

    def __getattr__(self, name: str) -> Any:
        return getattr(self._models, name)


def _note(
    played: Played, log: Log, chunk: Observations, score: npt.NDArray[np.bool_], decision: npt.NDArray[np.int8],
    raised: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    for i in np.flatnonzero(score).tolist():
        name = chunk.account_id[i]
        truth = log.truths.get(name)
        if truth is None:
            continue
        if raised[i]:
            played.raised.add(name)
        elif decision[i] >= Decision.CHALLENGE:
            played.flagged.add(name)
        if truth.is_sybil and chunk.type[i] == EventType.SIGNUP:
            played.came[truth.group].append(float(chunk.time[i]))


def payers(log: Log) -> frozenset[Key]:
    """What identifies the payers an operator knows."""
    known = {n for n, t in log.truths.items() if not t.is_sybil and t.group.partition("-")[0] in PAYERS}
    columns = [COLUMN[kind] for kind in PROTECTED]
    found: set[Key] = set()
    for chunk in log.chunks:
        rows = [i for i, name in enumerate(chunk.account_id) if name in known]
        for column in columns:
            found.update(key for key in to_keys(chunk.keys[rows, column]) if key[0])
        free = chunk.own[rows][:, OWN_COLUMN["email_freemail"]]
        companies = np.array(rows, np.intp)[free == 0.0]
        found.update(key for key in to_keys(chunk.keys[companies, COLUMN[Kind.MAIL_DOMAIN]]) if key[0])
    return frozenset(found)


def judged(played: Played, truths: dict[str, Truth], after: dict[str, int]) -> dict[str, Any]:
    """B-cubed and what else there is to say of the campaigns that are shown; ``after``: who is where after a sweep."""
    shelf = played.replay.shelf
    place = {name: row.campaign for name, row in shelf.members.items()}
    shown = {ref for ref, row in shelf.campaigns.items() if row.state in _LIVING}
    groups: dict[int, list[str]] = defaultdict(list)
    for name, ref in place.items():
        if ref in shown and name in truths:
            groups[ref].append(name)
    inside = [name for names in groups.values() for name in names]
    honest = sum(not truth.is_sybil for truth in truths.values())
    return {
        "campaigns": len(groups),
        "members": len(inside),
        "largest": max(map(len, groups.values()), default=0),
        **_agreement(groups, place, played.flagged, truths),
        "honest_inside_share": sum(not truths[name].is_sybil for name in inside) / honest,
        "honest_inside_by_class": _classes(inside, truths),
        "raised_by_campaign": {
            "sybils": sum(truths[n].is_sybil for n in played.raised),
            "honest_share": sum(not truths[n].is_sybil for n in played.raised) / honest,
        },
        "linked": dict(Counter(
            "sybil" if truths[n].is_sybil else "honest" for n in inside if shelf.members[n].role == Role.LINKED
        )),
        "after_sweep": {
            "before": _of_flagged({n: place[n] for n in after if n in place}, played, truths),
            "after": _of_flagged(after, played, truths),
        },
        "reach": {str(purity): _reach(played, truths, purity) for purity in (1.0, 0.9, 0.5)},
        "evidence": _evidence(played, groups, truths),
        "opened_at": _opened(played, truths),
        "singles_share_of_flagged_sybils": _mean([
            float(place.get(n) not in shown) for n in played.flagged if truths[n].is_sybil
        ]),
    }  # fmt: skip


def _of_flagged(place: dict[str, int], played: Played, truths: dict[str, Truth]) -> dict[str, Any]:
    """The same figures of flagged accounts alone, in groups as large as those that are shown."""
    every: dict[int, list[str]] = defaultdict(list)
    for name, at in place.items():
        if name in truths:
            every[at].append(name)
    groups = {at: names for at, names in every.items() if len(names) >= Limits().shown}
    return {"campaigns": len(groups), **_agreement(groups, place, played.flagged, truths)}


def _agreement(
    groups: dict[int, list[str]], place: dict[str, int], flagged: set[str], truths: dict[str, Truth]
) -> dict[str, float | None]:
    precision = [p for names in groups.values() for p in _purity([_owner(truths, n) for n in names])]
    complete, macro = _completeness(flagged, truths, place)
    return {
        "bcubed_precision": _mean(precision),
        "completeness_of_flagged": _mean(complete),
        "completeness_macro": _mean(macro),
    }


def _reach(played: Played, truths: dict[str, Truth], purity: float) -> dict[str, float | None]:
    names = sorted(played.flagged)
    place = joined_by_values(names, lambda name: _owner(truths, name), played.keys, purity)
    complete, macro = _completeness(played.flagged, truths, place)
    return {"completeness_of_flagged": _mean(complete), "completeness_macro": _mean(macro)}


def _owner(truths: dict[str, Truth], name: str) -> str:
    return truths[name].group if truths[name].is_sybil else f"/{name}"


def _purity(owners: list[str]) -> list[float]:
    counts = Counter(owners)
    return [counts[owner] / len(owners) for owner in owners]


def _completeness(
    flagged: set[str], truths: dict[str, Truth], place: dict[str, int]
) -> tuple[list[float], list[float]]:
    """The share of its true campaign found with each flagged account; and the largest share of each campaign."""
    of_group: dict[str, list[str]] = defaultdict(list)
    for name in flagged:
        if truths[name].is_sybil:
            of_group[truths[name].group].append(name)
    every, macro = [], []
    for names in of_group.values():
        if len(names) < 3:
            continue
        counts = Counter(place.get(name, name) for name in names)
        every += [counts[place.get(name, name)] / len(names) for name in names]
        macro.append(max(counts.values()) / len(names))
    return every, macro


def _classes(names: Sequence[str], truths: dict[str, Truth]) -> dict[str, int]:
    found = Counter(truths[n].group.partition("-")[0] or "no crowd" for n in names if not truths[n].is_sybil)
    return dict(found.most_common())


def _evidence(played: Played, groups: dict[int, list[str]], truths: dict[str, Truth]) -> dict[str, Any]:
    """Whether what is shown as evidence truly joins: most of the other members with that value are of one operator."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for names in groups.values():
        keys = {name: played.keys(name) for name in names}
        holders: dict[Key, Counter[str]] = defaultdict(Counter)
        for name in names:
            for key in filter(None, keys[name]):
                holders[key][_owner(truths, name)] += 1
        for name in names:
            for item in json.loads(played.replay.shelf.members[name].evidence):
                key = keys[name][COLUMN[Kind[item["kind"].upper()]]]
                if key is None:
                    continue
                others = holders[key].total() - 1
                by_kind[item["kind"]].append(
                    float(others > 0 and (holders[key][_owner(truths, name)] - 1) * 2 > others)
                )
    every = [x for found in by_kind.values() for x in found]
    worst = sorted((_mean(found) or 0.0, kind, len(found)) for kind, found in by_kind.items())[:6]
    return {"items": len(every), "precision": _mean(every), "worst_kinds": worst}


def _opened(played: Played, truths: dict[str, Truth]) -> dict[str, Any]:
    """After how many accounts of a true campaign three of them stood in a campaign that is shown."""
    kinds = {t.group: t.archetype for t in truths.values() if t.is_sybil}
    joined: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for name, row in played.replay.shelf.members.items():
        if name in truths and truths[name].is_sybil and played.replay.shelf.campaigns[row.campaign].state in _LIVING:
            joined[truths[name].group][row.campaign].append(row.join_time)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for group, times in played.came.items():
        thirds = [sorted(found)[2] for found in joined[group].values() if len(found) >= 3]
        known = np.searchsorted(sorted(times), min(thirds), "right") if thirds else np.inf
        if len(times) >= 3:
            by_kind[kinds[group]].append(float(known))
    farms = [x for kind, found in by_kind.items() if kind.removeprefix("rival_") in FARMS for x in found]
    every = [x for found in by_kind.values() for x in found]
    return {
        "share_of_campaigns": _mean([float(np.isfinite(x)) for x in every]),
        "median": _median(every),
        "farms_median": _median(farms),
        "median_by_kind": {kind: _median(found) for kind, found in sorted(by_kind.items())},
    }


def _median(values: Sequence[float]) -> float | None:
    """None also where half of them never opened."""
    middle = float(np.median(values)) if values else np.inf
    return middle if np.isfinite(middle) else None


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 4) if values else None


def measured(world: Path, folder: Path) -> dict[str, Any]:
    """Both arms, and what campaigns cost."""
    log = read_log(open_source(world, None), load_reference())
    bundle = load_bundle(folder)
    print("plain", file=sys.stderr)
    without = play(log, bundle, frozenset(), campaigns=False)
    print("with campaigns", file=sys.stderr)
    plain = play(log, bundle, frozenset())
    print("known payers protected", file=sys.stderr)
    payer = payers(log)
    known = play(log, bundle, payer)
    mates = bundle.models.mates
    assert mates is not None, "the bundle has no weights of campaigns"
    return {
        "world": world.name, "model": bundle.manifest.title, "events": len(log),
        "sybil_share": round(float(np.mean([t.is_sybil for t in log.truths.values()])), 4),
        "nobody_protected": judged(plain, log.truths, groups_after(plain.replay, mates, frozenset())),
        "known_payers_protected": judged(known, log.truths, groups_after(known.replay, mates, payer)),
        "cost": {
            "replay_seconds_without": round(without.seconds, 2), "with": round(plain.seconds, 2),
            "ratio": round(plain.seconds / without.seconds, 3),
        },
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path)
    parser.add_argument("--bundle", type=Path, required=True)
    options = parser.parse_args(arguments)
    print(json.dumps({"machine": machine(), **measured(options.world, options.bundle)}, indent=1))


if __name__ == "__main__":
    main()
