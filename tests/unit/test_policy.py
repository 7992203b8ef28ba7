"""Facts about decisions."""

from __future__ import annotations

import numpy as np
import pytest

from sybilgate.core.policy import Decision, Policy, decide, load_policy
from sybilgate.errors import ConfigurationError

TEXT = """
version = "1"
challenge = 0.2
review = 0.5
deny = 0.9
[guards]
"device_id.month" = [2.0, 3.0]
"""


def decisions(risk: float, axes: int, crowd: float = 0.0) -> Decision:
    guards = {"device_id.month": np.array([crowd])}
    return Decision(int(decide(load_policy(TEXT), np.array([risk]), np.array([axes]), guards)[0]))


def test_thresholds_rise_in_order() -> None:
    assert [decisions(risk, 0) for risk in (0.1, 0.2, 0.5)] == [Decision.ALLOW, Decision.CHALLENGE, Decision.REVIEW]


def test_deny_needs_two_axes() -> None:
    assert decisions(0.99, 1) is Decision.REVIEW
    assert decisions(0.99, 2) is Decision.DENY


def test_guard_asks_people_only() -> None:
    assert decisions(0.0, 5, crowd=2.5) is Decision.CHALLENGE
    assert decisions(0.0, 5, crowd=99.0) is Decision.REVIEW


def test_missing_guard_value_allows() -> None:
    assert decisions(0.0, 0, crowd=float("nan")) is Decision.ALLOW


def test_policy_names_every_fault() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_policy("challenge = 0.9\nreview = 0.1\nsurprise = 1\n[guards]\nx = [3, 1]")
    assert all(word in str(caught.value) for word in ("version", "deny", "surprise", "guards.x", "<="))


def test_policy_reads_its_file() -> None:
    assert load_policy(TEXT) == Policy("1", 0.2, 0.5, 0.9, {"device_id.month": (2.0, 3.0)})
