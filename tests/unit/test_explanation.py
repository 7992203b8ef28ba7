"""Explanations against LightGBM's own, cell by cell: additivity alone does not reveal wrong values."""

from __future__ import annotations

from functools import cache
from typing import Any

import lightgbm
import numpy as np
import pytest

from sybilgate.core.explanation import Explainer
from sybilgate.core.explanation.explainer import TOLERANCE
from sybilgate.core.explanation.filling import fill
from sybilgate.core.explanation.kernels import explain

WIDTH = 9
CATEGORIES = [5, 6, 7]
ROWS = 3000
_BASE: dict[str, Any] = {
    "objective": "binary", "verbose": -1, "num_threads": 1, "deterministic": True, "seed": 1, "num_leaves": 15,
    "min_data_in_leaf": 5, "rounds": 8,
}  # fmt: skip
_MODELS: dict[str, dict[str, Any]] = {
    "plain": {"max_depth": 5},
    "stumps": {"num_leaves": 2},
    "constant": {"min_data_in_leaf": 4000},
    "unlimited depth": {"num_leaves": 120, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0, "rounds": 3},
    "many bins": {"max_bin": 1023, "num_leaves": 63, "rounds": 4},
    "categorical": {"categorical": CATEGORIES},
    "one-hot categorical": {"categorical": CATEGORIES, "max_cat_to_onehot": 50},
    "deep categorical": {"categorical": CATEGORIES, "num_leaves": 80, "min_data_per_group": 5, "rounds": 3},
    "zero as missing": {"zero_as_missing": True},
    "zero as missing, categorical": {"zero_as_missing": True, "categorical": CATEGORIES},
    "no missing": {"use_missing": False},
    "no missing, categorical": {"use_missing": False, "categorical": CATEGORIES},
    "monotone": {"monotone_constraints": [1, -1, 1, 0, 0, 0, 0, 0, 0]},
    "dart": {"boosting": "dart"},
    "bagging": {"bagging_fraction": 0.5, "bagging_freq": 1},
    "goss": {"data_sample_strategy": "goss", "top_rate": 0.3},
    "forest": {"boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1},
    "extra trees": {"extra_trees": True, "num_leaves": 40, "max_depth": 8},
    "regression": {"objective": "regression"},
}


@cache
def data() -> tuple[np.ndarray, np.ndarray]:
    """Rows with gaps, zeros, ties and categories, and an outcome that needs pairs of features."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(ROWS, WIDTH))
    x[:, 3] = np.round(x[:, 3] * 2)
    x[:, CATEGORIES] = rng.integers(0, (40, 6, 100), size=(ROWS, 3))
    x[rng.random(ROWS) < 0.4, 4] = 0
    x[rng.random((ROWS, WIDTH)) < 0.1] = np.nan
    z = np.nan_to_num(x)
    y = z[:, 0] * z[:, 1] + z[:, 2] + (z[:, 5] % 3 - 1) * (z[:, 6] == 2) + np.sin(z[:, 7]) * z[:, 4]
    return x, (y + rng.normal(size=ROWS) > 0).astype(np.float64)


@cache
def booster(kind: str) -> lightgbm.Booster:
    settings = {**_BASE, **_MODELS[kind]}
    rounds, categorical = settings.pop("rounds"), settings.pop("categorical", [])
    x, y = data()
    return lightgbm.train(settings, lightgbm.Dataset(x, y, categorical_feature=categorical, params=settings), rounds)


def apart(kind: str, rows: int, **limits: int) -> float:
    """Largest difference of any cell, half of the rows adversarial; a NaN on either side counts as infinite."""
    explainer = Explainer.compile(booster(kind).model_to_string(), **limits)
    x = explainer.probe(rows)
    x[::2] = data()[0][: len(x[::2])]
    reference = booster(kind).predict(x, pred_contrib=True, num_threads=1)
    return float(np.nan_to_num(np.abs(explainer.contributions(x) - reference), nan=np.inf).max())


@pytest.mark.parametrize("kind", _MODELS)
def test_cells_equal_lightgbm(kind: str) -> None:
    assert apart(kind, ROWS) < 1e-12


@pytest.mark.parametrize("kind", _MODELS)
def test_deep_leaves_equal_lightgbm(kind: str) -> None:
    assert apart(kind, 200, states=1) < 1e-12


@pytest.mark.parametrize("limits", [{"states": 16}, {"states": 1024, "cells": 5000}, {"cells": 0}])
@pytest.mark.parametrize("kind", ["unlimited depth", "deep categorical", "zero as missing, categorical"])
def test_any_limits_agree(kind: str, limits: dict[str, int]) -> None:
    assert apart(kind, 200, **limits) < 1e-12


@pytest.mark.parametrize("kind", ["plain", "unlimited depth", "deep categorical"])
def test_batching_changes_no_bit(kind: str) -> None:
    explainer = Explainer.compile(booster(kind).model_to_string(), states=64)
    x = explainer.probe(301)
    alone = [explainer.contributions(x[i : i + 1])[0].tolist() for i in range(len(x))]
    assert explainer.contributions(x).tolist() == alone
    assert explainer.contributions(np.asfortranarray(x)).tolist() == alone


def test_stored_rows_explain_alike() -> None:
    explainer = Explainer.compile(booster("plain").model_to_string())
    x = explainer.probe(5)
    stored = np.frombuffer(b"\0" + x.tobytes(), np.float32, offset=1).reshape(x.shape)
    assert not stored.flags.writeable and not stored.flags.aligned
    assert explainer.contributions(stored).tolist() == explainer.contributions(x).tolist()


def test_one_compilation_serves_all() -> None:
    for kind in _MODELS:
        Explainer.compile(booster(kind).model_to_string()).contributions(data()[0].astype(np.float32))
    assert len(explain.signatures) == len(fill.signatures) == 1


def test_empty_batch_explains_empty() -> None:
    explainer = Explainer.compile(booster("plain").model_to_string())
    assert explainer.contributions(np.zeros((0, WIDTH), np.float32)).shape == (0, WIDTH + 1)


def test_other_width_is_refused() -> None:
    explainer = Explainer.compile(booster("plain").model_to_string())
    with pytest.raises(ValueError, match="9 columns"):
        explainer.contributions(np.zeros((2, WIDTH + 1), np.float32))


def test_right_tables_are_taken() -> None:
    model = booster("categorical")
    explainer, reason = Explainer.checked(
        model.model_to_string(), lambda x: np.asarray(model.predict(x, pred_contrib=True, num_threads=1))
    )
    assert explainer is not None and reason == ""


@pytest.mark.parametrize("error", [2 * TOLERANCE, np.nan])
def test_one_wrong_cell_is_noticed(error: float) -> None:
    text = booster("plain").model_to_string()
    wrong = Explainer.compile(text).contributions

    def reference(x: np.ndarray) -> np.ndarray:
        values = wrong(x)
        values[77, 1] += error
        return values

    explainer, reason = Explainer.checked(text, reference)
    assert explainer is None and "differs" in reason
