"""Reference distributions that a bundle keeps of its training rows."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sybilgate.app.distribution import bins_of, make_reference, parse_reference
from sybilgate.core.event import EventType
from sybilgate.errors import ModelRejected


def test_deciles_hold_tenths() -> None:
    bins = bins_of(np.random.default_rng(1).permutation(1000.0 * np.arange(500)))
    assert len(bins.edges) == 9
    np.testing.assert_allclose(bins.shares, [0.1] * 10 + [0.0], atol=0.003)


def test_rare_value_keeps_own_bin() -> None:
    bins = bins_of(np.array([0.0] * 96 + [1.0] * 4))
    assert bins.edges.tolist() == [0.0]
    assert bins.shares.tolist() == [0.96, 0.04, 0.0]


def test_missing_values_are_counted() -> None:
    bins = bins_of(np.array([np.nan, 3.0, np.nan, np.nan]))
    assert bins.shares.tolist() == [0.25, 0.0, 0.75]
    assert bins_of(np.full(3, np.nan)).shares.tolist() == [0.0, 1.0]


def test_reference_survives_its_json() -> None:
    x = np.log1p(np.random.default_rng(2).poisson(1.5, (400, 2))).astype(np.float32)
    x[::7, 1] = np.nan
    made = make_reference(x, x[:, 0].astype(np.float64), ["a", "b"], (EventType.SIGNUP,))
    read = parse_reference(json.loads(json.dumps({"reference": made.to_json()})))
    assert (read.rows, read.causes) == (400, ("signup",))
    for name, column in zip("ab", x.T, strict=True):
        assert read.features[name].edges.tolist() == made.features[name].edges.tolist()
        np.testing.assert_allclose(read.features[name].count(column) / 400, made.features[name].shares)


@pytest.mark.parametrize("notes", [None, {}, {"reference": {"rows": 1}}, {"reference": {"features": {"a": "2 1 | 1"}}}])
def test_bundle_without_reference_is_told(notes: object) -> None:
    with pytest.raises(ModelRejected, match="reference"):
        parse_reference(notes)
