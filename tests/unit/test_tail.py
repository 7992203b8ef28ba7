"""Facts about surprise and how it is pooled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sybilgate.core.tail import fit_tails, pool, surprise, tails_from_json

RNG = np.random.default_rng(1)
CROWDS = RNG.pareto(2.0, (20_000, 2))


def test_surprise_is_decades_of_tail() -> None:
    found = surprise(fit_tails(["a", "b"], CROWDS), np.quantile(CROWDS, [0.9, 0.99, 0.999], axis=0))
    assert found == pytest.approx(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]), abs=0.1)


def test_unseen_crowd_surprises_more() -> None:
    tails = fit_tails(["a"], np.log1p(CROWDS[:, :1]))
    largest = float(np.log1p(CROWDS[:, 0]).max())
    found = surprise(tails, np.array([[largest], [largest + 0.5], [largest + 50.0]]))[:, 0]
    assert found[0] < found[1] < found[2] <= tails.scores.max() + 3.0


def test_nothing_shared_surprises_nobody() -> None:
    tails = fit_tails(["a"], np.zeros((1000, 1)))
    assert (surprise(tails, np.array([[0.0], [np.nan], [-1.0]])) == 0).all()
    assert surprise(tails, np.array([[2.0]]))[0, 0] > 1


@given(st.lists(st.floats(0, 20), min_size=1, max_size=300), st.floats(0, 30), st.floats(0, 30))
def test_surprise_never_falls(history: list[float], a: float, b: float) -> None:
    tails = fit_tails(["a"], np.array(history)[:, None])
    low, high = surprise(tails, np.array(sorted([a, b]))[:, None])[:, 0]
    assert low <= high + 1e-12


def test_tails_survive_their_json() -> None:
    tails = fit_tails(["a", "b"], CROWDS)
    again = tails_from_json(tails.to_json())
    probe = RNG.pareto(1.0, (500, 2))
    np.testing.assert_array_equal(surprise(again, probe), surprise(tails, probe))


def test_falling_tails_are_refused() -> None:
    with pytest.raises(ValueError, match="rise"):
        tails_from_json({"a": [(1.0, 2.0), (0.5, 3.0)]})


def test_pool_names_no_kind() -> None:
    axis_of, bursts = np.array([0, 0, 1]), np.zeros((1, 2))
    one = pool(np.array([[3.0, 0.5, 1.0]]), bursts, axis_of, 2)
    other = pool(np.array([[0.5, 3.0, 1.0]]), bursts, axis_of, 2)
    np.testing.assert_array_equal(one, other)
    assert one[0].tolist() == [3.0, 1.5, 1.0, 4.0, 1.0, 3.0, 1.0, 0.0, 0.0]
