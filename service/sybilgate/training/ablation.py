"""What each part of the detection is worth: rules, then a model that may read more and more, on kinds it never saw.

All arms are judged on the same folds, with half of the archetypes left out at once, and each at a threshold from
honest accounts that it did not learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES, FEATURES
from sybilgate.core.observation import Floats
from sybilgate.core.own import OWN_COLUMN
from sybilgate.training.beside import with_detectors
from sybilgate.training.boost import FINAL_SHAPES, Shape
from sybilgate.training.dataset import Dataset, Progress
from sybilgate.training.evaluate import share
from sybilgate.training.leave_out import (
    SHARES_NOTHING,
    Block,
    BlockRows,
    Kinds,
    Pulls,
    final_model,
    judge_block,
    left_out_rows,
    macro_of,
)
from sybilgate.training.outcome_metrics import FPRS, members, percent

#: The rules many begin with: more accounts than this on one value, and the account is refused.
CAPS = {"device_id.month": 2.0, "card.month": 2.0, "mailbox.month": 1.0, "ip.month": 5.0}
RULES, BESIDE, CAMPAIGNS = "rules with caps", "+ detectors beside the model", "+ likeness to campaigns"
_COUNTS = ("hour", "day", "month")
#: Families of features that need no labels: figures pooled over kinds of value, chains, contradictions.
_DETECTORS = {"crowd", "burst", "chain", "contradiction"}


def arms() -> dict[str, list[str]]:
    """Features that each arm may read, in the order in which they are added."""
    detectors = [name for name in FEATURE_NAMES if name.partition(".")[0] in _DETECTORS]
    own = [name for name in FEATURE_NAMES if name in OWN_COLUMN]
    first = [spec.name for spec in FEATURES if spec.stage == "first" and spec.name not in {*own, *detectors}]
    counts = own + [name for name in first if name.rpartition(".")[2] in _COUNTS]
    context = own + first
    carried = [name for name in FEATURE_NAMES if name not in detectors]
    return {
        "single account": own,
        "+ counts": counts,
        "+ bursts, lift, rarity, diversity, labels": context,
        "+ carried risk": carried,
        "+ pooled surprise, chains, contradictions": list(FEATURE_NAMES),
    }


def ablation_report(
    halves: Sequence[BlockRows], blocks: Sequence[Block], shape: Shape, pulls: Pulls, seed: int,
    tell: Progress | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Every arm: macro recall on left-out kinds at each rate; the rules at the caps as they stand; sizes of model.

    ``pulls``: pull of campaigns on the rows of a half, given the scores that flag.
    """
    rows = [half.data for half in halves]

    def scored(names: Sequence[str], size: Shape) -> list[Floats]:
        scorer = final_model(sorted(names, key=FEATURE_COLUMN.__getitem__), size, seed)
        return [scorer(data, ~left_out_rows(data, block)) for data, block in zip(rows, blocks, strict=True)]

    every = arms()
    steps = len(every) + len(FINAL_SHAPES)
    scores: dict[str, list[Floats]] = {RULES: [over_caps(data) for data in rows]}
    for i, (name, features) in enumerate(every.items()):
        scores[name] = scored(features, shape)
        if tell:
            tell("ablation", i + 1, steps)
    whole = scores[list(every)[-1]]
    nothing = [np.full(len(data), -np.inf) for data in rows]
    pulled = [pulls(*one) for one in zip(halves, blocks, whole, strict=True)]
    for name, pull in ((BESIDE, nothing), (CAMPAIGNS, pulled)):
        scores[name] = [with_detectors(*one) for one in zip(rows, whole, pull, strict=True)]
    widths = {name: len(features) for name, features in every.items()}
    widths |= {RULES: len(CAPS), BESIDE: len(FEATURE_NAMES), CAMPAIGNS: len(FEATURE_NAMES)}
    sizes = {}
    for i, size in enumerate(FINAL_SHAPES):
        found = whole if size == shape else scored(FEATURE_NAMES, size)
        sizes[f"{size.trees} trees of {size.leaves} leaves"] = {
            "chosen": size == shape,
            "at": _summary(rows, blocks, found),
        }
        if tell:
            tell("ablation", len(every) + i + 1, steps)
    return {
        "arms": {name: {"features": widths[name], "at": _summary(rows, blocks, scores[name])} for name in scores},
        "sizes": sizes,
        "fixed_caps": fixed_caps(rows, blocks, scores[RULES]),
    }


def _summary(rows: Sequence[Dataset], blocks: Sequence[Block], scores: Sequence[Floats]) -> dict[str, Any]:
    judged = [judge_block(*one) for one in zip(rows, blocks, scores, strict=True)]
    out = {}
    for rate in FPRS:
        kinds: Kinds = {kind: found for block in judged for kind, found in block[rate].items()}
        by_archetype = {kind: float(np.mean([o.recall for o in found])) for kind, found in sorted(kinds.items())}
        out[percent(rate)] = macro_of(kinds, rate) | {"by_archetype": by_archetype}
    return out


def over_caps(data: Dataset) -> Floats:
    """How many times over its cap the worst value of each account is, the account itself counted.

    Raising or lowering all caps together until they touch the wanted share of honest accounts is a threshold on this.
    """
    columns = [FEATURE_COLUMN[name] for name in CAPS]
    accounts = 1.0 + np.expm1(np.nan_to_num(data.x[:, columns].astype(np.float64)))
    return np.asarray((accounts / np.array(list(CAPS.values()))).max(axis=1))


def fixed_caps(rows: Sequence[Dataset], blocks: Sequence[Block], scores: Sequence[Floats]) -> dict[str, Any]:
    """The caps as they stand: whom they stop, and whom they should not have."""
    recalls = []
    for data, block, score in zip(rows, blocks, scores, strict=True):
        stopped = score > 1.0 + 1e-6
        at_stake = left_out_rows(data, tuple(kind for kind in block if kind not in SHARES_NOTHING))
        recalls += [float(stopped[at].mean()) for at in members(data.group, at_stake).values()]
    honest = scores[0][~rows[0].label]
    return {
        "caps": CAPS,
        "recall": float(np.mean(recalls)) if recalls else None,
        "false_positive_rate": share(honest > 1.0 + 1e-6),
    }
