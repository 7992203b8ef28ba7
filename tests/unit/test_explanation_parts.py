"""The parts of an explanation: what a bin says, what a quadrature sums, which models are left to LightGBM."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sybilgate.core.explanation import Explainer
from sybilgate.core.explanation.binning import _floor32, bin_features
from sybilgate.core.explanation.filling import _leaf_values
from sybilgate.core.explanation.probe import candidates, probe_rows
from sybilgate.core.explanation.program import quadrature
from sybilgate.core.explanation.reading import read_forest
from sybilgate.core.scoring import LightGBMModels
from tests import boosters

TEXT = boosters.texts()[1]


@given(st.floats(allow_nan=False), st.floats(width=32, allow_nan=False))
def test_floor_decides_alike(threshold: float, x: float) -> None:
    assert (x <= threshold) == (np.float32(x) <= _floor32(threshold))


def _shapley(shares: list[float], met: list[bool], player: int) -> float:
    """By definition: the mean over all orders in which the players become known."""
    n, others, total = len(shares), [i for i in range(len(shares)) if i != player], 0.0
    for size in range(n):
        for known in combinations(others, size):
            worth = np.prod([float(met[i]) if i in known else shares[i] for i in others])
            total += factorial(size) * factorial(n - size - 1) / factorial(n) * worth
    return (float(met[player]) - shares[player]) * total


@given(st.lists(st.tuples(st.floats(0.001, 1), st.booleans()), min_size=1, max_size=7))
def test_quadrature_equals_definition(players: list[tuple[float, bool]]) -> None:
    shares, met = [p[0] for p in players], [p[1] for p in players]
    times, weights, start = quadrature(len(players))
    low, high = start[len(players)], start[len(players) + 1]
    values = _leaf_values(2.0, np.array(shares), times[low:high], weights[low:high])
    held = sum(1 << i for i, one in enumerate(met) if one)
    assert np.allclose(values[held], [2 * _shapley(shares, met, i) for i in range(len(shares))], rtol=0, atol=1e-14)


def test_probe_tries_every_value() -> None:
    bins = bin_features(read_forest(TEXT))
    x = probe_rows(bins, len(boosters.NAMES), 2000)
    for one in bins.values():
        tried = set(x[:, one.column].view(np.int32).tolist())
        assert tried == set(candidates(one).view(np.int32).tolist())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("is_linear=0", "is_linear=1", "linear"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "several outputs"),
        ("leaf_count=", "leaf_count=0 ", "without training data"),
    ],
)
def test_other_models_are_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Explainer.compile(TEXT.replace(old, new))


def test_tables_explain_by_default() -> None:
    assert boosters.models().no_tables == ""


def test_missing_tables_are_said() -> None:
    plain = LightGBMModels(
        "m@1", *boosters.texts(), boosters.CALIBRATION, boosters.GUARDS, boosters.NAMES, tables=False
    )
    x = boosters.rows(50)
    assert plain.no_tables == "not asked for"
    assert np.abs(plain.contributions(x) - boosters.models().contributions(x)).max() < 1e-12
