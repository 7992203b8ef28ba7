"""The first day without labels: what the detectors that need none find by themselves.

Crowds, chains and contradictions are put on one scale by their tails among honest accounts, each with its share of the
alarms as in the policy, the model's share divided among them. At signup and at the world's end alike, thresholds come
from honest accounts as they look at that moment, so that no rate hides what a second look costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sybilgate.core.observation import Floats
from sybilgate.training.beside import GUARD_SHARES, surprise_beside
from sybilgate.training.leave_out import PREVALENCE, SHARES_NOTHING
from sybilgate.training.outcome_metrics import FPRS, mean, members, percent, precision_at, thresholds, with_interval
from sybilgate.training.scored_world import ScoredWorld

#: What no label should be needed for: many accounts in a hurry, on few machines, or on one value.
PLAIN = frozenset({
    "alias_farm", "bursts", "card_ring", "click_farm", "constant_device", "device_farm", "hosting_burst",
    "voip_numbers", "rival_alias_lots", "rival_click_farm", "rival_flash", "rival_hosting_rack", "rival_one_card",
    "rival_one_laptop", "rival_rented_numbers",
})  # fmt: skip
#: Campaigns in which no value is held by more than two accounts.
CHAINS = frozenset({"chain", "card_pairs", "rival_card_pairs"})
#: What is asked of the detectors: precision and recall on the plain kinds, recall of chains at the second look.
AIM = {"precision": 0.94, "recall": 0.8, "chains": 0.5}
LOOKS = ("signup", "end")

Recalls = dict[str, dict[str, list[float]]]


def cold_start_report(world: ScoredWorld) -> dict[str, Any]:
    """Recall and precision per kind at each rate and look, and the aim beside what was reached."""
    honest = ~world.label
    scores = [surprise_beside(world.guards, honest), surprise_beside(world.guards_end, honest)]
    at = {percent(rate): _recalls(world, scores, rate) for rate in FPRS}
    kinds = sorted({kind for found in at.values() for kind in found})
    return {
        "shares": GUARD_SHARES,
        "all": _figures(at, [kind for kind in kinds if kind not in SHARES_NOTHING]),
        "archetypes": {kind: _figures(at, [kind]) for kind in kinds},
        "plain": _figures(at, [kind for kind in kinds if kind in PLAIN]),
        "chains": _figures(at, [kind for kind in kinds if kind in CHAINS]),
        "aim": AIM,
    }


def _recalls(world: ScoredWorld, scores: Sequence[Floats], rate: float) -> Recalls:
    """Recall of every campaign by kind and look."""
    out: Recalls = {}
    flagged = [score > thresholds(score[~world.label])[rate] for score in scores]
    for rows in members(world.group, world.label).values():
        kind = out.setdefault(world.archetype[int(rows[0])], {look: [] for look in LOOKS})
        for look, flags in zip(LOOKS, flagged, strict=True):
            kind[look].append(float(flags[rows].mean()))
    return out


def _figures(at: dict[str, Recalls], kinds: Sequence[str]) -> dict[str, Any]:
    """Macro over the campaigns of some kinds."""
    out: dict[str, Any] = {}
    for rate in FPRS:
        found = at[percent(rate)]
        recalls = {look: [value for kind in kinds for value in found[kind][look]] for look in LOOKS}
        out[percent(rate)] = {
            look: {"recall": with_interval(values), "precision": precision_at(mean(values), rate, PREVALENCE)}
            for look, values in recalls.items()
        }
    first = at[percent(FPRS[0])]
    return {"campaigns": sum(len(first[kind][LOOKS[0]]) for kind in kinds), "at": out}
