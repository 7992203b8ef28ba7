"""A model never learns from what is left out, and the figures keep the bound apart."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from sybilgate.app.mapping import Truth
from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES
from sybilgate.errors import InvalidInput
from sybilgate.training import ablation, leave_out
from sybilgate.training.beside import with_detectors
from sybilgate.training.boost import FINAL_SHAPE, FINAL_SHAPES
from sybilgate.training.dataset import Dataset, Log

SIZES = {"ring": 60, "farm": 50, "drip": 40, "chain": 30}


@cache
def dataset() -> Dataset:
    """1,000 accounts; each kind of campaign shows itself in one feature of its own, two campaigns a kind."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(1000, len(FEATURE_NAMES))).astype(np.float32)
    archetype, group = ["honest"] * 1000, [""] * 1000
    for j, kind in enumerate(SIZES):
        for row in range(100 * j, 100 * j + 60):
            archetype[row], group[row] = kind, f"{kind}-{row % 2}"
            x[row, j] += 4.0
    label = np.array([kind != "honest" for kind in archetype])
    return Dataset(
        x=x, event=np.arange(1000), account_id=[f"a{i}" for i in range(1000)], time=np.arange(1000.0), label=label,
        known=np.ones(1000, bool), group=group, archetype=archetype,
    )  # fmt: skip


def score(data: Dataset, *left_out: str) -> np.ndarray:
    scorer = leave_out.final_model(FEATURE_NAMES[:40], FINAL_SHAPES[1], 1)
    return scorer(data, ~leave_out.left_out_rows(data, left_out))


def test_halves_hold_every_kind() -> None:
    one, other = leave_out.halves(SIZES)
    assert set(one) == {"ring", "chain"} and set(other) == {"farm", "drip"}
    assert leave_out.one_each(SIZES) == [("chain",), ("drip",), ("farm",), ("ring",)]


def test_left_out_rows_teach_nothing() -> None:
    data = dataset()
    changed = replace(data, x=data.x.copy())
    rows = leave_out.left_out_rows(data, ("ring",))
    changed.x[rows] += 7.0
    np.testing.assert_array_equal(score(data, "ring")[~rows], score(changed, "ring")[~rows])


def test_unseen_kind_scores_lower() -> None:
    data, rows = dataset(), leave_out.left_out_rows(dataset(), ("ring",))
    assert score(data, "ring")[rows].mean() < score(data, "farm")[rows].mean() - 1.0


def test_campaigns_are_judged_by_kind() -> None:
    data = dataset()
    judged = leave_out.judge_block(data, ("ring", "farm"), np.where(data.label, 1.0, np.linspace(-2, -1, 1000)))
    assert {kind: [one.size for one in found] for kind, found in judged[0.01].items()} == {
        "ring": [30, 30], "farm": [30, 30],
    }  # fmt: skip
    assert all(one.recall == 1.0 for found in judged[0.001].values() for one in found)


def test_bound_is_outside_the_macro() -> None:
    data = dataset()
    rows, nobody = leave_out.BlockRows(data, np.zeros(1000)), np.full(1000, -np.inf)
    part = leave_out.block_part(rows, ("ring",), FINAL_SHAPES[-1], lambda *_: nobody, 1)
    at = {rate: {"residential_fresh": kinds["ring"]} for rate, kinds in part["at"].items()}
    report = leave_out.leave_out_report([part, part | {"block": ["residential_fresh"], "at": at, "beside": at}], {})
    assert [(kind, one["bound"]) for kind, one in report["archetypes"].items()] == [
        ("residential_fresh", True), ("ring", False),
    ]  # fmt: skip
    assert report["macro"]["1.0%"]["recall"]["n"] == 2


def test_one_kind_is_no_study() -> None:
    with pytest.raises(InvalidInput, match="at least two archetypes"):
        leave_out.archetype_sizes(Log([], {"a": Truth(True, "g", "ring"), "b": Truth(False)}))


def test_arms_only_grow() -> None:
    arms = list(ablation.arms().values())
    assert all(set(less) < set(more) for less, more in pairwise(arms))
    assert set(arms[-1]) == set(FEATURE_NAMES)
    assert not any("." in name for name in arms[0])


def test_guard_finds_what_model_missed() -> None:
    data = replace(dataset(), x=np.zeros_like(dataset().x))
    crowd = leave_out.left_out_rows(data, ("farm",))
    data.x[crowd, FEATURE_COLUMN["crowd.max"]] = 5.0
    margin = np.where(data.label & ~crowd, 3.0, np.linspace(-1, 0, 1000))
    both = with_detectors(data, margin, np.full(1000, -np.inf))
    assert margin[crowd].max() < np.quantile(margin[~data.label], 0.95)
    assert both[crowd].min() > np.quantile(both[~data.label], 0.95)


def test_caps_count_the_account_itself() -> None:
    data = replace(dataset(), x=np.zeros_like(dataset().x))
    data.x[:3, FEATURE_COLUMN["device_id.month"]] = np.log1p([0, 1, 2])
    assert ablation.over_caps(data)[:3] == pytest.approx([1.0, 1.0, 1.5])
    caps = ablation.fixed_caps([data], [("ring",)], [ablation.over_caps(data)])
    assert caps["recall"] == pytest.approx(1 / 60) and caps["false_positive_rate"] == 0.0


def test_size_is_read_from_the_model() -> None:
    assert leave_out.shape_of("Tree=0\nnum_leaves=5\nTree=1\nnum_leaves=7\n").leaves == 7
    assert leave_out.shape_of("num_leaves=31\n") == FINAL_SHAPE
