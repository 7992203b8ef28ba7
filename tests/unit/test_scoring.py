"""What models promise: rows in any batch, monotone risk, exact contributions, safety under threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sybilgate.core.scoring import LightGBMModels
from tests import boosters

MODELS = boosters.models()
_NUMBERS = st.floats(-1e6, 1e6, width=32) | st.just(float("nan"))


@given(hnp.arrays(np.float32, st.tuples(st.integers(1, 6), st.just(len(boosters.NAMES))), elements=_NUMBERS))
def test_contributions_sum_to_margin(x: np.ndarray) -> None:
    parts = MODELS.contributions(x)
    assert parts.shape == (len(x), len(boosters.NAMES) + 1)
    assert np.allclose(parts.sum(axis=1), MODELS.final(x), rtol=0, atol=1e-9)


def test_first_look_adds_up() -> None:
    x = boosters.rows(50)[:, : boosters.FIRST]
    risk = MODELS.first(x)
    assert np.allclose(MODELS.first_contributions(x).sum(axis=1), np.log(risk / (1 - risk)), rtol=0, atol=1e-9)
    assert MODELS.first_contributions(x[:0]).shape == (0, boosters.FIRST + 1)


def test_base_is_same_everywhere() -> None:
    base = MODELS.contributions(boosters.rows(40))[:, -1]
    assert np.ptp(base) == 0


def test_batching_changes_no_score() -> None:
    x = boosters.rows(33)
    alone = [MODELS.final(x[i : i + 1])[0] for i in range(len(x))]
    assert MODELS.final(x).tolist() == alone


def test_first_risk_is_probability() -> None:
    risk = MODELS.first(boosters.rows(200)[:, : boosters.FIRST])
    assert risk.shape == (200,)
    assert 0 <= risk.min() < risk.max() <= 1


@given(st.lists(st.floats(-60, 60), min_size=2, max_size=30))
def test_risk_never_falls(margins: list[float]) -> None:
    risk = MODELS.calibrate(np.sort(np.array(margins)))
    assert (np.diff(risk) >= 0).all()
    assert 0.01 <= risk[0] <= risk[-1] <= 0.9


def test_empty_batch_scores_empty() -> None:
    x = boosters.rows(0)
    assert MODELS.final(x).shape == MODELS.first(x[:, : boosters.FIRST]).shape == (0,)
    assert MODELS.contributions(x).shape == (0, len(boosters.NAMES) + 1)


def test_strided_rows_score_alike() -> None:
    x = boosters.rows(20)
    assert MODELS.final(np.asfortranarray(x)).tolist() == MODELS.final(x).tolist()


def test_threads_share_one_model() -> None:
    x = boosters.rows(64)
    margin, parts = MODELS.final(x), MODELS.contributions(x)

    def work(turn: int) -> bool:
        if turn % 2:
            return bool((MODELS.final(x) == margin).all())
        return bool((MODELS.contributions(x) == parts).all())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


@pytest.mark.parametrize(
    "points",
    [(), ((0.0, 0.5), (0.0, 0.6)), ((0.0, 0.5), (1.0, 0.4)), ((0.0, -0.1),), ((0.0, 1.1),), ((float("nan"), 0.5),)],
)
def test_bad_calibration_is_refused(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="calibration"):
        LightGBMModels("m@1", *boosters.texts(), points, {}, boosters.NAMES)


def test_other_feature_order_is_refused() -> None:
    with pytest.raises(ValueError, match="features differ"):
        LightGBMModels("m@1", *boosters.texts(), boosters.CALIBRATION, {}, boosters.NAMES[::-1])


def test_guard_must_name_feature() -> None:
    with pytest.raises(ValueError, match="unknown features"):
        LightGBMModels("m@1", *boosters.texts(), boosters.CALIBRATION, {"nothing": (1.0,)}, boosters.NAMES)


def test_extra_feature_is_refused() -> None:
    with pytest.raises(ValueError, match="every feature"):
        LightGBMModels("m@1", *boosters.texts(), boosters.CALIBRATION, {}, (*boosters.NAMES, "more"))
