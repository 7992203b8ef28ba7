"""Drift is told from stored rows, and chance is not taken for it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from sybilgate.app.distribution import make_reference
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.records import ScoredRow
from sybilgate.training.drift import chance, drift, psi


def rows_of(n: int, seed: int) -> npt.NDArray[np.float32]:
    x = np.random.default_rng(seed).exponential(1.0, (n, len(FEATURE_NAMES))).astype(np.float32)
    x[::4, 1] = np.nan
    return x


def stored(
    x: npt.NDArray[np.float32], risk: float | None = None, cause: str = "signup", model: str = "m@1"
) -> list[ScoredRow]:
    risks = np.random.default_rng(9).random(len(x)) if risk is None else np.full(len(x), risk)
    return [ScoredRow(f"a{i}", f"x{i}", cause, 0.0, float(risks[i]), 1, model, x[i].tobytes()) for i in range(len(x))]


TRAINING = rows_of(4000, 1)
REFERENCE = make_reference(TRAINING, np.random.default_rng(8).random(4000), FEATURE_NAMES, (EventType.SIGNUP,))


def test_index_follows_its_definition() -> None:
    then, now = np.array([0.5, 0.5]), np.array([9_000, 1_000])
    assert psi(then, now, 10_000) == pytest.approx(0.4 * math.log(1.8) + 0.4 * math.log(5.0), rel=1e-3)
    assert psi(then, np.array([500, 500]), 10_000) == pytest.approx(0.0)


def test_same_world_is_stable() -> None:
    report = drift(stored(rows_of(3000, 2)), REFERENCE, "m@1")
    assert report["rows"] == 3000 and report["risk"]["verdict"] == "stable"
    assert {one["verdict"] for one in report["features"]} == {"stable"}
    beyond = np.mean([one["psi"] > one["by_chance"] for one in report["features"]])
    assert beyond < 0.12


def test_shifted_feature_comes_first() -> None:
    x = rows_of(3000, 2)
    x[:, 7] *= 4.0
    report = drift(stored(x), REFERENCE, "m@1")
    assert report["features"][0]["name"] == FEATURE_NAMES[7]
    assert [one["verdict"] for one in report["features"][:2]] == ["large", "stable"]


def test_lost_field_is_drift() -> None:
    x = rows_of(3000, 2)
    x[:, 7] = np.nan
    first = drift(stored(x), REFERENCE, "m@1")["features"][0]
    assert (first["name"], first["missing_then"], first["missing_now"]) == (FEATURE_NAMES[7], 0.0, 1.0)
    assert first["verdict"] == "large"


def test_few_rows_prove_nothing() -> None:
    report = drift(stored(rows_of(12, 2)), REFERENCE, "m@1")
    assert {one["verdict"] for one in report["features"]} <= {"too few rows", "stable", "large"}
    assert sum(one["verdict"] == "too few rows" for one in report["features"]) > len(FEATURE_NAMES) / 2
    assert chance(10, 12, 4000) > 1.0


def test_risk_quantiles_are_told() -> None:
    risk = drift(stored(rows_of(500, 2), risk=0.99), REFERENCE, "m@1")["risk"]
    assert risk["verdict"] == "large"
    np.testing.assert_allclose(risk["then"], np.linspace(0.1, 0.9, 9), atol=0.01)
    assert risk["now"] == [0.0] * 9


def test_other_rows_are_left_out() -> None:
    x = rows_of(4, 2)
    narrow = ScoredRow("n", "n", "signup", 0.0, 0.5, 1, "m@1", b"\0" * 8)
    rows = [*stored(x), *stored(x, cause="rescore"), *stored(x, model="m@2"), narrow]
    report = drift(rows, REFERENCE, "m@1")
    assert report["rows"] == 4
    assert report["left_out"] == {"of another kind": 4, "scored by another model": 4, "with other features": 1}


def test_no_rows_no_verdict() -> None:
    report = drift([], REFERENCE, "m@1")
    assert report["risk"]["verdict"] == "no rows" and report["risk"]["psi"] is None
