"""Facts about what came lately: every signup of the serving model is counted once, and far values are named."""

from __future__ import annotations

import numpy as np

from sybilgate.app.distribution import Reference, make_reference
from sybilgate.app.traffic import FEWEST, STEPS, traffic
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.records import ScoredRow

DICE = np.random.default_rng(3)
X = DICE.normal(size=(2000, len(FEATURE_NAMES))).astype("<f4")
RISK = DICE.random(2000)


def rows(x: np.ndarray[tuple[int, int], np.dtype[np.float32]], model: str = "m@1") -> list[ScoredRow]:
    return [
        ScoredRow(f"a{i}", f"{i:08d}", "signup", 100.0 + i, float(RISK[i]), 1 + i % 4, model, row.tobytes())
        for i, row in enumerate(x)
    ]


def reference() -> Reference:
    return make_reference(X, RISK, FEATURE_NAMES, [EventType.SIGNUP])


def test_signups_are_counted_by_risk() -> None:
    found = traffic([*rows(X[:800]), *rows(X[:50], "other@1")], "m@1", None)
    assert (found.rows, found.start, found.end, sum(found.risks)) == (800, 100.0, 899.0, 800)
    assert sum(found.risks[610:]) == (RISK[:800] >= 0.61).sum()
    assert found.decisions == {1: 200, 2: 200, 3: 200, 4: 200}
    assert (len(found.risks), found.risk_index) == (STEPS + 1, None)


def test_only_what_moved_has_shifted() -> None:
    moved = X[:800].copy()
    moved[:, 5] += 2.0
    moved[:, 9] += 1.0
    found = traffic(rows(moved), "m@1", reference())
    assert [name for name, _ in found.shifted] == [FEATURE_NAMES[5], FEATURE_NAMES[9]]
    assert found.risk_index is not None and found.risk_index < 0.1


def test_few_signups_tell_nothing() -> None:
    assert traffic(rows(X[: FEWEST - 1]), "m@1", reference()).risk_index is None
    assert traffic([], "m@1", reference()).rows == 0
