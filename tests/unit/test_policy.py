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


def test_holders_count_other_accounts() -> None:
    guards = load_policy(TEXT + "[holders]\ncard = [2, 5]\n").guards
    challenge, review = (np.expm1(level) for level in guards["card.month"])
    assert guards["device_id.month"] == (2.0, 3.0)
    assert 1.4 < challenge <= 1.5 < 2.0  # the second of two who came some days ago has faded a little
    assert 4.4 < review <= 4.5


@pytest.mark.parametrize("pair", ["[0, 2]", "[3, 2]", "[2, 51]", "[1.5, 2]", "[true, 2]", "2"])
def test_meaningless_holders_are_refused(pair: str) -> None:
    with pytest.raises(ConfigurationError, match=r"holders\.card"):
        load_policy(f"{TEXT}[holders]\ncard = {pair}\n")


def test_rule_is_written_once() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        load_policy(f"{TEXT}[holders]\ndevice_id = [2, 3]\n")


def test_policy_reads_its_file() -> None:
    assert load_policy(TEXT) == Policy("1", 0.2, 0.5, 0.9, {"device_id.month": (2.0, 3.0)})
