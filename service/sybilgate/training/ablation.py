"""What each part of the detection is worth: rules, then a model that may read more and more, on kinds it never saw.

All arms are judged on the same folds, with half of the archetypes left out at once, and each at a threshold from
honest accounts that it did not learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sybilgate.core.feature import FEATURE_COLUMN, FEATURES, GUARDS, FeatureSpec
from sybilgate.core.observation import Floats
from sybilgate.core.own import OWN_COLUMN
from sybilgate.training.dataset import Dataset, Progress
from sybilgate.training.evaluate import share
from sybilgate.training.leave_out import (
    SHARES_NOTHING,
    Block,
    Kinds,
    final_model,
    judge_block,
    left_out_rows,
    macro_of,
)
from sybilgate.training.outcome_metrics import FPRS, members, percent

#: The rules many begin with: more accounts than this on one value, and the account is refused.
CAPS = {"device_id.month": 2.0, "card.month": 2.0, "mailbox.month": 1.0, "ip.month": 5.0}
RULES, GUARDED = "rules with caps", "+ guards beside the model"
_COUNTS = ("hour", "day", "month")
#: Share of the alarms that the untrained guards may raise beside the model, together.
_BESIDE = 0.25


def arms() -> dict[str, list[str]]:
    """Features that each arm may read, in the order in which they are added."""
    own = [spec.name for spec in FEATURES if spec.name in OWN_COLUMN]
    first = [spec for spec in FEATURES if spec.stage == "first" and spec.name not in OWN_COLUMN]
    counts = own + [spec.name for spec in first if _suffix(spec) in _COUNTS]
    context = counts + [spec.name for spec in first if _suffix(spec) not in _COUNTS]
    carried = context + [spec.name for spec in FEATURES if spec.stage == "carried"]
    found = {
        "single account": own,
        "+ counts": counts,
        "+ bursts, lift, rarity, diversity, labels": context,
        "+ carried risk": carried,
    }
    rest = [spec.name for spec in FEATURES if spec.stage not in ("first", "carried")]
    return found | ({"+ detectors": carried + rest} if rest else {})


def _suffix(spec: FeatureSpec) -> str:
    return spec.name.rpartition(".")[2]


def ablation_report(
    rows: Sequence[Dataset], blocks: Sequence[Block], seed: int, tell: Progress | None = None
) -> dict[str, Any]:
    """Every arm: macro recall on left-out kinds at each rate, and the rules at the caps as they stand."""
    every = arms()
    scores: dict[str, list[Floats]] = {RULES: [over_caps(data) for data in rows]}
    for i, (name, features) in enumerate(every.items()):
        scorer = final_model(sorted(features, key=FEATURE_COLUMN.__getitem__), seed)
        scores[name] = [
            scorer(data, ~left_out_rows(data, block)) for data, block in zip(rows, blocks, strict=True)
        ]  # fmt: skip
        if tell:
            tell("ablation", i + 1, len(every))
    last = list(every)[-1]
    scores[GUARDED] = [with_guards(data, score) for data, score in zip(rows, scores[last], strict=True)]
    widths = {name: len(features) for name, features in every.items()} | {RULES: len(CAPS), GUARDED: len(every[last])}
    return {
        "arms": {
            name: {"features": widths[name], "at": _summary(rows, blocks, scores[name])} for name in scores
        },
        "fixed_caps": fixed_caps(rows, blocks, scores[RULES]),
    }  # fmt: skip


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


def with_guards(data: Dataset, score: Floats) -> Floats:
    """One score of model and guards: the smallest tail among honest accounts, each over its share of the alarms."""
    honest = ~data.label
    part = _BESIDE / len(GUARDS)
    surprise = [-np.log(_tail(score[honest], score) / (1 - _BESIDE))]
    for name in GUARDS:
        value = np.nan_to_num(data.x[:, FEATURE_COLUMN[name]].astype(np.float64))
        surprise.append(-np.log(_tail(value[honest], value) / part))
    # Empirical tails end at one over the number of honest accounts: among equals the margin decides.
    return np.asarray(np.max(surprise, axis=0) + 1e-6 * score)


def _tail(honest: Floats, value: Floats) -> Floats:
    """Share of honest accounts with at least this value, one more counted so that none has chance zero."""
    ranked = np.sort(honest)
    return np.asarray((len(ranked) - np.searchsorted(ranked, value, "left") + 1) / (len(ranked) + 1))
