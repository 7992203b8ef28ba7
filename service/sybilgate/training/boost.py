"""The LightGBM of both stages, out-of-fold prediction, and calibration."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from sybilgate.core.feature import FEATURES, Rows
from sybilgate.core.observation import Floats

Bools = npt.NDArray[np.bool_]
Folds = npt.NDArray[np.int64]
#: Leaves times mean depth squared: what one exact explanation costs.
EXPLANATION_BUDGET = 250_000
_COUNTS = ("hour", "day", "month", "burst", "devices", "mail_domains")
FOLDS = 5
#: With so many accounts two thirds of them teach as much as four fifths do, in half of the time.
_MANY_ACCOUNTS, _FEWER_FOLDS = 750_000, 3
#: Share of honest rows that a class of honest look-alikes counts as at least, and most rows that one counts as.
_LEAST_CLASS, _MOST_HONEST = 0.05, 5.0
_MONOTONE = {spec.name: spec.monotone for spec in FEATURES}


@dataclass(frozen=True)
class Shape:
    """How large a model is, and how freely it learns: ``l2`` shrinks leaves, each tree may read ``feature_fraction``.

    ``habit`` is what a split on an account's own signals or on one kind's count is worth beside one on a pooled or
    carried figure: own signals tell the habits of the operators in the history, pooled ones what all operators do.
    """

    trees: int
    leaves: int
    max_depth: int
    learning_rate: float
    l2: float = 5.0
    feature_fraction: float = 0.5
    habit: float = 0.3


FIRST_SHAPE = Shape(150, 31, 6, 0.1, habit=1.0)
#: Shapes of the first pass, chosen among as those of the final model are.
FIRST_SHAPES = (FIRST_SHAPE, Shape(60, 15, 5, 0.12))
#: Shapes of the final model, largest first. On a history that is mostly noise a large model learns the noise: on one
#: public set it was no better than chance where the smallest was.
FINAL_SHAPE = Shape(300, 31, 6, 0.08, habit=1.0)
FINAL_SHAPES = (FINAL_SHAPE, Shape(60, 15, 4, 0.1), Shape(40, 7, 3, 0.1), Shape(60, 4, 2, 0.1))


def fit(x: Rows, label: Bools, weight: Floats, names: Sequence[str], shape: Shape, seed: int) -> lightgbm.Booster:
    """A booster, the same for the same input on any machine with the same LightGBM."""
    parameters: dict[str, Any] = {
        "objective": "binary", "num_leaves": shape.leaves, "max_depth": shape.max_depth,
        "learning_rate": shape.learning_rate, "feature_fraction": shape.feature_fraction, "lambda_l2": shape.l2,
        "min_data_in_leaf": max(5, min(40, len(x) // 200)), "min_gain_to_split": 0.01, "max_bin": 127,
        "feature_contri": [gain_share(name, shape.habit) for name in names],
        "monotone_constraints": [_MONOTONE[name] for name in names],
        "num_threads": 2, "deterministic": True, "force_row_wise": True, "seed": seed, "verbosity": -1,
    }  # fmt: skip
    data = lightgbm.Dataset(x, label.astype(np.float32), weight=weight, feature_name=list(names), free_raw_data=True)
    return lightgbm.train(parameters, data, shape.trees)


def gain_share(name: str, habit: float) -> float:
    """How much of its gain a feature may claim when splits are chosen: ``habit`` where it tells one."""
    family, dot, figure = name.partition(".")
    return habit if not dot or (figure in _COUNTS and family not in ("crowd", "burst")) else 1.0


def margins(booster: lightgbm.Booster, x: Rows) -> Floats:
    """Log-odds of rows."""
    return np.asarray(booster.predict(x, raw_score=True, num_threads=2), np.float64) if len(x) else np.zeros(0)


def within_budget(booster: lightgbm.Booster) -> lightgbm.Booster:
    """The longest beginning of the model that can be explained within the budget."""
    count = booster.num_trees()
    while count > 1 and explanation_cost(booster, count) > EXPLANATION_BUDGET:
        count -= 1
    return lightgbm.Booster(model_str=booster.model_to_string(num_iteration=count))


def explanation_cost(booster: lightgbm.Booster, trees: int | None = None) -> float:
    """Leaves times the square of their mean depth."""
    depths: list[int] = []
    for tree in booster.dump_model(num_iteration=trees)["tree_info"]:
        pending = [(tree["tree_structure"], 0)]
        while pending:
            node, depth = pending.pop()
            if "left_child" in node:
                pending += [(node["left_child"], depth + 1), (node["right_child"], depth + 1)]
            else:
                depths.append(depth)
    return float(len(depths) * np.mean(depths) ** 2)


def make_folds(account_id: Sequence[str], group: Sequence[str], time: Floats, seed: int) -> Folds:
    """Fold of each row: whole groups and whole accounts stay together.

    Where no row names a group, folds are blocks of time: two members of one burst must not be parted.
    """
    first: dict[str, float] = {}
    for account, moment in zip(account_id, time, strict=True):
        first[account] = min(moment, first.get(account, moment))
    folds = FOLDS if len(first) < _MANY_ACCOUNTS else _FEWER_FOLDS
    if any(group):
        return np.array([_spread(f"{seed}/{g or a}", folds) for a, g in zip(account_id, group, strict=True)], np.int64)
    edges = np.quantile(list(first.values()), np.linspace(0, 1, folds + 1)[1:-1])
    return np.array([np.searchsorted(edges, first[account], "right") for account in account_id], np.int64)


def _spread(text: str, folds: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % folds


def row_weights(label: Bools, group: Sequence[str], archetype: Sequence[str] = ()) -> Floats:
    """A large campaign counts more than a small one, but by the root of its size; honest rows count one.

    With ``archetype``, an honest class that few belong to counts as ``_LEAST_CLASS`` of all honest rows, by at most
    ``_MOST_HONEST`` a row: a handful of crowds weighed as they come is outvoted by the campaigns they look like.
    """
    sizes: dict[str, int] = {}
    for bad, name in zip(label, group, strict=True):
        if bad:
            sizes[name] = sizes.get(name, 0) + 1
    weight = np.array([sizes[name] ** -0.5 if bad and name else 1.0 for bad, name in zip(label, group, strict=True)])
    if label.any():
        weight[label] *= label.sum() / weight[label].sum()
    if len(archetype) and not label.all():
        names, place, count = np.unique(np.asarray(archetype)[~label], return_inverse=True, return_counts=True)
        scarce = np.clip(_LEAST_CLASS * count.sum() / count, 1.0, _MOST_HONEST)
        weight[~label] = np.where(names == "", 1.0, scarce)[place]
    return weight


def out_of_fold(
    x: Rows, label: Bools, weight: Floats, folds: Folds, names: Sequence[str], shape: Shape, seed: int, count: int = 0
) -> tuple[Floats, list[lightgbm.Booster]]:
    """Margin of each row by a model that saw neither it nor its fold, and the model of each fold.

    ``count``: folds there are, where these rows are not all of them; left out: those that rows have.
    """
    out = np.zeros(len(x))
    boosters = []
    for fold in range(count or int(folds.max(initial=0)) + 1):
        train = folds != fold
        booster = fit(x[train], label[train], weight[train], names, shape, seed + fold)
        out[~train] = margins(booster, x[~train])
        boosters.append(booster)
    return out, boosters


def best_shape(
    x: Rows, label: Bools, weight: Floats, folds: Folds, names: Sequence[str], shapes: Sequence[Shape], seed: int,
    count: int = 0,
) -> tuple[Shape, Floats, list[lightgbm.Booster]]:  # fmt: skip
    """The shape whose out-of-fold log loss is least, with what ``out_of_fold`` gives for it.

    Shapes come largest first; the search ends with the first that does worse than the one before it.
    """
    best: tuple[Shape, Floats, list[lightgbm.Booster]] = (shapes[0], np.zeros(0), [])
    least = np.inf
    for shape in shapes:
        margin, boosters = out_of_fold(x, label, weight, folds, names, shape, seed, count)
        loss = float(np.average(log_loss(margin, label), weights=weight))
        if loss >= least:
            break
        best, least = (shape, margin, boosters), loss
    return best


def log_loss(margin: Floats, label: Bools) -> Floats:
    """-log p(truth) of each row, p from the margin."""
    return np.asarray(np.logaddexp(0.0, np.where(label, -margin, margin)))


def calibrate(margin: Floats, label: Bools) -> list[tuple[float, float]]:
    """Isotonic break-points (margin, risk), strictly rising so that no two margins in use get one risk.

    Bins follow the honest tail, where decisions are made; risks in a bin are shrunk by one account.
    """
    honest = np.sort(margin[~label])
    tails = np.concatenate([np.linspace(0.95, 0.1, 18), np.geomspace(0.08, 1e-4, 24)])
    edges = np.unique(np.quantile(honest, 1 - tails)) if len(honest) else np.zeros(0)
    place = np.searchsorted(edges, margin, "right")
    blocks: list[list[float]] = []
    base = float(label.mean())
    for i in np.unique(place):
        rows = place == i
        blocks.append([float(label[rows].sum()) + base, float(rows.sum()) + 1.0, float(margin[rows].mean())])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            (bad, count, centre), (bad2, count2, centre2) = blocks[-2], blocks[-1]
            total = count + count2
            blocks[-2:] = [[bad + bad2, total, (centre * count + centre2 * count2) / total]]
    points = [(centre, bad / count) for bad, count, centre in blocks]
    low, high = float(margin.min()) - 1.0, float(margin.max()) + 1.0
    return [(low, points[0][1] / 2), *points, (high, (1 + points[-1][1]) / 2)]
