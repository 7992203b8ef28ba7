"""Leave-one-archetype-out: how well is a kind of campaign found by a model that never saw that kind?

Archetypes are left out in *blocks*: one at a time, or half of them at once. For every block the whole of training is
done again without any row of its archetypes: the first pass, a replay that carries its scores, the final model. The
replay itself stays whole, as the world was. All scores are out of fold (campaigns and crowds kept whole): a row of the
block and an honest row are scored alike, by models that saw neither, and the honest rows give the thresholds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sybilgate.core.detector import guard_values
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES, FIRST, Rows
from sybilgate.core.observation import Floats
from sybilgate.errors import InvalidInput
from sybilgate.training.beside import with_detectors
from sybilgate.training.boost import (
    FINAL_SHAPES,
    FIRST_SHAPE,
    Shape,
    calibrate,
    make_folds,
    margins,
    out_of_fold,
    row_weights,
)
from sybilgate.training.dataset import Dataset, Folder, Log, Progress, build_dataset
from sybilgate.training.evaluate import Bools
from sybilgate.training.outcome_metrics import (
    FPRS,
    CampaignOutcome,
    campaign_outcome,
    mean,
    members,
    percent,
    precision_at,
    summarise,
    thresholds,
    with_interval,
)
from sybilgate.training.pulls import Told, campaign_pulls
from sybilgate.training.train import known_mates, policy_toml

#: Archetypes whose members share nothing with each other at signup: an honest bound, and no part of a macro figure.
SHARES_NOTHING = frozenset({"residential_fresh", "rival_ghosts"})
#: Share of Sybils at which the precision on an unseen kind is told.
PREVALENCE = 0.167

Block = tuple[str, ...]
NewReplay = Callable[[], Folder]
#: Outcomes of campaigns by archetype.
Kinds = dict[str, list[CampaignOutcome]]
#: Scores of all rows of a dataset, given which of them may be learnt from.
Scorer = Callable[[Dataset, Bools], Floats]


def one_each(sizes: dict[str, int]) -> list[Block]:
    """Each archetype left out by itself."""
    return [(name,) for name in sorted(sizes)]


def halves(sizes: dict[str, int]) -> list[Block]:
    """Two halves of about equal size: kinds dealt out to and fro, the largest first."""
    ranked = sorted(sizes, key=lambda name: (-sizes[name], name))
    return [tuple(ranked[::4] + ranked[3::4]), tuple(ranked[1::4] + ranked[2::4])]


def archetype_sizes(log: Log) -> dict[str, int]:
    """Accounts of each archetype of Sybils."""
    sizes: dict[str, int] = {}
    for truth in log.truths.values():
        if truth.is_sybil and truth.archetype:
            sizes[truth.archetype] = sizes.get(truth.archetype, 0) + 1
    if len(sizes) < 2:
        raise InvalidInput([("truth.archetype", "a study needs at least two archetypes of campaign")])
    return sizes


def left_out_rows(data: Dataset, block: Block) -> Bools:
    """Sybils of the block's archetypes."""
    return data.label & np.isin(np.asarray(data.archetype, dtype=object), block)


@dataclass(frozen=True)
class BlockRows:
    """Complete rows of every signup, carried risk by a first pass without the block, and its risk of every event."""

    data: Dataset
    first_risk: Floats


#: Pull of campaigns on the rows of a block under some scores (``pulls_without``).
Pulls = Callable[[BlockRows, Block, Floats], Floats]


def block_rows(
    log: Log, first: Dataset, block: Block, new_replay: NewReplay, seed: int, shape: Shape = FIRST_SHAPE,
    tell: Progress | None = None,
) -> BlockRows:  # fmt: skip
    """``first``: rows of all events; ``shape``: of the first pass."""
    kinds = np.concatenate([chunk.type for chunk in log.chunks])[first.event]
    learn = first.known & np.isin(kinds, [int(EventType.SIGNUP), int(EventType.PAYMENT)])
    names = FEATURE_NAMES[:FIRST]
    margin = score_out_of_fold(first.x, first, learn & ~left_out_rows(first, block), names, shape, seed)
    risk = np.zeros(len(log))
    risk[first.event] = 1 / (1 + np.exp(-margin))
    return BlockRows(build_dataset(log, new_replay(), first_risk=risk, tell=tell), risk)


def score_out_of_fold(x: Rows, data: Dataset, learn: Bools, names: Sequence[str], shape: Shape, seed: int) -> Floats:
    """Margin of every row by the model of its fold, which learnt from the other folds' rows among ``learn``."""
    folds = make_folds(data.account_id, data.group, data.time, seed)
    label, group = data.label[learn], [data.group[i] for i in np.flatnonzero(learn)]
    weight = row_weights(label, group)
    count = int(folds.max(initial=0)) + 1
    margin, boosters = out_of_fold(x[learn], label, weight, folds[learn], names, shape, seed, count)
    out = np.empty(len(x))
    out[learn] = margin
    for fold in range(len(boosters)):
        rest = ~learn & (folds == fold)
        out[rest] = margins(boosters[fold], x[rest])
    return out


def shape_of(model_text: str, shapes: Sequence[Shape] = FINAL_SHAPES) -> Shape:
    """Which of ``shapes`` training chose for a model: the smallest whose trees may have that many leaves."""
    leaves = max(int(line.partition("=")[2]) for line in model_text.splitlines() if line.startswith("num_leaves="))
    return min((shape for shape in shapes if shape.leaves >= leaves), key=lambda shape: shape.leaves)


def final_model(names: Sequence[str], shape: Shape, seed: int) -> Scorer:
    """Scores of a final model that reads only ``names``."""
    columns = [FEATURE_COLUMN[name] for name in names]
    whole = len(columns) == len(FEATURE_NAMES)

    def score(data: Dataset, learn: Bools) -> Floats:
        x = data.x if whole else np.ascontiguousarray(data.x[:, columns])
        return score_out_of_fold(x, data, learn, names, shape, seed)

    return score


def judge_block(data: Dataset, block: Block, score: Floats) -> dict[float, Kinds]:
    """Outcome of every campaign of the block, by rate and archetype."""
    rows = np.flatnonzero(left_out_rows(data, block))
    group, time = [data.group[i] for i in rows], data.time[rows]
    out: dict[float, Kinds] = {}
    for rate, cut in thresholds(score[~data.label]).items():
        flagged, kinds = score[rows] > cut, out.setdefault(rate, {})
        for at in members(group, np.ones(len(group), np.bool_)).values():
            kind = data.archetype[int(rows[at[0]])]
            kinds.setdefault(kind, []).append(campaign_outcome(flagged[at], time[at]))
    return out


def pulls_without(
    log: Log, rows: BlockRows, block: Block, score: Floats, new_replay: NewReplay, seed: int,
    tell: Progress | None = None,
) -> Floats:  # fmt: skip
    """Pull of campaigns on every row: what it is worth to be alike was learnt without the block, too."""
    data, known = rows.data, ~left_out_rows(rows.data, block)
    points = calibrate(score[known], data.label[known])
    risk, honest = np.interp(score, *np.array(points).T), ~data.label
    mates = known_mates(log, new_replay(), data, risk, known, seed)
    assert data.tails is not None, "every dataset that is built has tails"
    if mates is None:
        return np.full(len(data), -np.inf)
    policy = policy_toml("left out", risk[honest], guard_values(data.x[honest], data.tails))
    return campaign_pulls(log, data, rows.first_risk, score, Told(data.tails, mates, points), policy, tell)[0]


def block_part(rows: BlockRows, block: Block, shape: Shape, pulls: Pulls, seed: int) -> dict[str, Any]:
    """What is kept of one block: its campaigns' outcomes under a full model that never saw it.

    ``at`` is the model alone; ``beside`` the model, the detectors that stand beside it, and campaigns, at the same
    rates.
    """
    data = rows.data
    score = final_model(FEATURE_NAMES, shape, seed)(data, ~left_out_rows(data, block))
    pull = pulls(rows, block, score)
    return {
        "block": list(block),
        "honest": int((~data.label).sum()),
        "at": _plain(judge_block(data, block, score)),
        "beside": _plain(judge_block(data, block, with_detectors(data, score, pull))),
    }


def _plain(judged: dict[float, Kinds]) -> dict[str, Any]:
    return {
        percent(rate): {kind: [asdict(one) for one in found] for kind, found in kinds.items()}
        for rate, kinds in judged.items()
    }


def leave_out_report(parts: Sequence[dict[str, Any]], trace: dict[str, Any]) -> dict[str, Any]:
    """Figures per archetype left out, and macro over all but those that share nothing."""
    by_rate = {rate: _merged(parts, "at", percent(rate)) for rate in FPRS}
    beside = {rate: _merged(parts, "beside", percent(rate)) for rate in FPRS}
    kinds = by_rate[FPRS[0]]
    return {
        "blocks": [part["block"] for part in parts],
        "honest": min(part["honest"] for part in parts),
        "macro": {percent(rate): macro_of(by_rate[rate], rate) for rate in FPRS},
        "macro_beside": {percent(rate): macro_of(beside[rate], rate) for rate in FPRS},
        "archetypes": {
            kind: {
                "bound": kind in SHARES_NOTHING,
                "campaigns": len(kinds[kind]),
                "accounts": sum(one.size for one in kinds[kind]),
                **trace.get(kind, {}),
                "at": {percent(rate): _figures(by_rate[rate][kind], rate) for rate in FPRS},
                "beside": {percent(rate): _figures(beside[rate][kind], rate) for rate in FPRS},
            }
            for kind in sorted(kinds)
        },
    }


def _merged(parts: Sequence[dict[str, Any]], which: str, rate: str) -> Kinds:
    return {
        kind: [CampaignOutcome(**one) for one in found] for part in parts for kind, found in part[which][rate].items()
    }


def macro_of(kinds: Kinds, rate: float) -> dict[str, Any]:
    """Over campaigns, each one vote, and over kinds, each one vote; those that share nothing are left out."""
    counted = {kind: found for kind, found in kinds.items() if kind not in SHARES_NOTHING}
    every = [one for found in counted.values() for one in found]
    by_kind = [float(np.mean([one.recall for one in found])) for found in counted.values()]
    return _figures(every, rate) | {"recall_by_kind": with_interval(by_kind)}


def _figures(found: Sequence[CampaignOutcome], rate: float) -> dict[str, Any]:
    recall = mean(one.recall for one in found)
    return summarise(found) | {"precision": precision_at(recall, rate, PREVALENCE)}
