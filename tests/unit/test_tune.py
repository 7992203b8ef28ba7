"""A search for the size of a model: it goes on where it was, keeps to the budget and tells the default beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.errors import InvalidInput
from sybilgate.training import boost
from sybilgate.training.boost import FINAL_SHAPE, Shape
from sybilgate.training.dataset import Dataset
from sybilgate.training.shape import read_shape, shape_toml
from sybilgate.training.tune import Tuned, macro_recall, tune

pytest.importorskip("optuna")


def rows() -> Dataset:
    """Two hundred accounts; ten campaigns of four show in one feature."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(200, len(FEATURE_NAMES))).astype(np.float32)
    label = np.arange(200) < 40
    x[label, 0] += 2.0
    names = [f"a{i}" for i in range(200)]
    group = [f"ring{i // 4}" if i < 40 else "" for i in range(200)]
    return Dataset(x, np.arange(200), names, np.arange(200.0), label, np.ones(200, bool), group, [""] * 200)


def search(folder: Path, trials: int) -> Tuned:
    return tune(rows(), folder / "study.db", trials, 1, {"world": "w"})


def test_search_goes_on(tmp_path: Path) -> None:
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    stopped.mkdir(), whole.mkdir()
    search(stopped, 1)
    assert search(stopped, 2) == search(whole, 2)
    assert search(whole, 2).trials == 2


def test_default_is_tried_first(tmp_path: Path) -> None:
    found = search(tmp_path, 1)
    assert found.shape == FINAL_SHAPE
    assert found.search["best"] == found.search["default"] and found.anew["best"] == found.anew["default"]
    assert "Best of 1 trials" in found.told()


def test_every_campaign_has_one_vote() -> None:
    label = np.array([True] * 6 + [False] * 4)
    group = ["big"] * 4 + ["small"] * 2 + [""] * 4
    margin = np.array([9.0, 9.0, 9.0, 9.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    assert macro_recall(margin, label, group, 0.005) == 0.5
    assert macro_recall(margin, label, [""] * 10, 0.005) == pytest.approx(4 / 6)


def test_shape_survives_its_file(tmp_path: Path) -> None:
    shape = Shape(70, 12, 5, 0.05, 12.5, 0.4, 0.1)
    (tmp_path / "best.toml").write_text(shape_toml(shape, "two\nlines"))
    assert read_shape(tmp_path / "best.toml") == shape
    (tmp_path / "part.toml").write_text("leaves = 7\n")
    assert read_shape(tmp_path / "part.toml").leaves == 7


def test_every_shape_fault_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('trees = 1.5\nleaves = 900\nl2 = "much"\ncolour = 1\n')
    with pytest.raises(InvalidInput) as caught:
        read_shape(tmp_path / "bad.toml")
    assert {path for path, _ in caught.value.violations} == {
        "shape.trees", "shape.leaves", "shape.l2", "shape.colour",
    }  # fmt: skip


def test_habits_claim_their_share() -> None:
    assert boost.gain_share("form_fill_seconds", 0.2) == boost.gain_share("card.month", 0.2) == 0.2
    assert boost.gain_share("crowd.max", 0.2) == boost.gain_share("card.mean_risk", 0.2) == 1.0
