"""Leak audit of a simulated world: does any artefact alone tell Sybil accounts from honest ones?

For each family of values a tiny model is trained on that family alone and judged out of fold, whole campaigns left
out. A family of artefacts that separates says that the world gives its truth away, and that a model trained on it
learns the simulator instead of the trade.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sybilgate.core.enrichment import Reference
from sybilgate.core.observation import Floats
from sybilgate.training.artefact import FAMILIES, TOGETHER, Family
from sybilgate.training.boost import FOLDS, make_folds, row_weights
from sybilgate.training.signups import Bools, Signups

LIMIT = 0.60
#: Honest signups judged at most: more only sharpen the fourth digit.
HONEST_ROWS = 60_000
_SIGNUP = 1
_TRUTH = ("truth.is_sybil", "truth.group")
_SKIP = ("usage.", "verification.", "outcome.", "truth.archetype")
_TREES = 20


@dataclass(frozen=True)
class Finding:
    """How well one family separates. ``recall`` is at 1 % false positives; ``leader`` the column used most."""

    family: str
    trade: bool
    rows: int
    auc: float
    recall: float
    leader: str


@dataclass(frozen=True)
class Audit:
    """All findings, worst first, and the limit for artefacts. ``together``: all artefacts in one model."""

    limit: float
    signups: int
    sybil: int
    campaigns: int
    findings: tuple[Finding, ...]
    together: Finding

    @property
    def offenders(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if not f.trade and f.auc > self.limit)

    def report(self) -> dict[str, Any]:
        """The same as plain values, for JSON."""
        return asdict(self) | {"passed": not self.offenders}


def run_audit(
    world: Path,
    reference: Reference,
    limit: float = LIMIT,
    seed: int = 1,
    tell: Callable[[str, int, int], None] | None = None,
) -> Audit:
    """Audit a world's signups. Raises ``ValueError`` when it holds no truth, or too few campaigns to leave some out."""
    return audit_table(read_signups(world), reference, limit, seed, tell)


def audit_table(
    table: pa.Table,
    reference: Reference,
    limit: float = LIMIT,
    seed: int = 1,
    tell: Callable[[str, int, int], None] | None = None,
) -> Audit:
    """Audit signups that are in memory already."""
    signups = Signups(table, reference)
    label = np.array([bool(value) for value in signups.values(_TRUTH[0])], bool)
    group = [name or "" for name in signups.values(_TRUTH[1])]
    campaigns = len({name for name, bad in zip(group, label, strict=True) if bad})
    if campaigns < 2 * FOLDS or label.all():
        raise ValueError(f"an audit needs honest signups and at least {2 * FOLDS} campaigns, to leave some out")
    folds = make_folds(signups.values("account_id"), group, signups.numbers("time"), seed)
    findings = []
    for number, family in enumerate((*FAMILIES, TOGETHER), 1):
        findings.append(_judge(family, signups, label, group, folds, seed))
        if tell:
            tell("audit", number, len(FAMILIES) + 1)
    ranked = sorted(findings[:-1], key=lambda f: (f.trade, -f.auc))
    return Audit(limit, len(signups), int(label.sum()), campaigns, tuple(ranked), findings[-1])


def read_signups(world: Path, honest_rows: int = HONEST_ROWS) -> pa.Table:
    """All Sybil signups of a world and an even sample of the honest ones."""
    with pq.ParquetFile(world) as file:
        names = file.schema_arrow.names
        if not {*_TRUTH, "type", "account_id", "time"} <= set(names):
            raise ValueError(f"{world} holds no truth to audit against")
        columns = [name for name in names if not name.startswith(_SKIP)]
        step = max(1, file.metadata.num_rows // (4 * honest_rows))
        parts, seen = [], 0
        for batch in file.iter_batches(65_536, columns=columns):
            part = pa.Table.from_batches([batch])
            part = part.filter(pc.equal(part.column("type"), _SIGNUP))
            order = np.arange(seen, seen + part.num_rows)
            seen += part.num_rows
            parts.append(part.filter(pc.or_(part.column(_TRUTH[0]), pa.array(order % step == 0))))
    table = pa.concat_tables(parts)
    honest = np.flatnonzero(~np.asarray(table.column(_TRUTH[0]).to_numpy(), bool))
    if len(honest) <= honest_rows:
        return table
    keep = np.asarray(table.column(_TRUTH[0]).to_numpy(), bool)
    keep[honest[np.linspace(0, len(honest) - 1, honest_rows).astype(int)]] = True
    return table.filter(pa.array(keep))


def _judge(
    family: Family, signups: Signups, label: Bools, group: Sequence[str], folds: npt.NDArray[np.int64], seed: int
) -> Finding:
    x, names, categories = family.columns(signups).matrix()
    keep = family.only(signups) if family.only else np.ones(len(signups), bool)
    strata = family.within(signups) if family.within else np.zeros(len(signups), np.int64)
    bad = label[keep]
    if bad.sum() < 2 * FOLDS or (~bad).sum() < 2 * FOLDS:
        return Finding(family.name, family.trade, int(keep.sum()), 0.5, 0.0, "")
    weight = row_weights(bad, [name for name, kept in zip(group, keep, strict=True) if kept])
    weight[bad] *= (~bad).sum() / weight[bad].sum()
    score, leader = _out_of_fold(x[keep], bad, weight, folds[keep], names, categories, seed)
    auc = auc_within(score, bad, weight, strata[keep])
    edge = np.quantile(score[~bad], 0.99)
    recall = float(weight[bad & (score > edge)].sum() / weight[bad].sum())
    return Finding(family.name, family.trade, int(keep.sum()), round(auc, 4), round(recall, 4), leader)


def _out_of_fold(
    x: Floats,
    bad: Bools,
    weight: Floats,
    folds: npt.NDArray[np.int64],
    names: list[str],
    categories: list[str],
    seed: int,
) -> tuple[Floats, str]:
    """Scores by models that saw no member of a row's group, and the column with the largest gain."""
    parameters: dict[str, Any] = {
        "objective": "binary", "num_leaves": 8, "learning_rate": 0.15, "min_data_in_leaf": 40, "cat_smooth": 50.0,
        "max_cat_threshold": 16, "lambda_l2": 10.0, "num_threads": 1, "deterministic": True, "force_row_wise": True,
        "seed": seed, "verbosity": -1,
    }  # fmt: skip
    score, gain = np.zeros(len(x)), np.zeros(x.shape[1])
    plain = [f"column_{number}" for number in range(len(names))]  # LightGBM refuses some marks in names
    chosen = [plain[names.index(name)] for name in categories]
    for fold in range(FOLDS):
        train = folds != fold
        if train.all() or not bad[train].any() or bad[train].all():
            continue
        data = lightgbm.Dataset(
            x[train], bad[train].astype(np.float32), weight=weight[train], feature_name=plain,
            categorical_feature=chosen, free_raw_data=True,
        )  # fmt: skip
        booster = lightgbm.train(parameters, data, _TREES)
        score[~train] = np.asarray(booster.predict(x[~train], raw_score=True, num_threads=1))
        # Folds differ in their share of Sybil rows: only differences within a fold may count.
        score[~train] -= np.median(score[~train & ~bad]) if (~train & ~bad).any() else 0.0
        gain += booster.feature_importance("gain")
    return score, names[int(gain.argmax())] if gain.any() else ""


def auc_within(score: Floats, bad: Bools, weight: Floats, strata: npt.NDArray[np.int64]) -> float:
    """Weighted AUC of pairs that lie in the same stratum; strata count by their Sybil weight."""
    total = share = 0.0
    for stratum in np.unique(strata):
        rows = strata == stratum
        positive = float(weight[rows & bad].sum())
        if positive and (rows & ~bad).any():
            total += positive * _auc(score[rows], bad[rows], weight[rows])
            share += positive
    return total / share if share else 0.5


def _auc(score: Floats, bad: Bools, weight: Floats) -> float:
    _, place = np.unique(score, return_inverse=True)
    good_at = np.bincount(place, np.where(bad, 0.0, weight))
    bad_at = np.bincount(place, np.where(bad, weight, 0.0))
    below = np.concatenate([[0.0], np.cumsum(good_at)[:-1]])
    return float((bad_at * (below + good_at / 2)).sum() / (bad_at.sum() * good_at.sum()))
