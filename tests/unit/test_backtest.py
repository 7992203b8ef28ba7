"""A backtest says what would have been decided, and who would have noticed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sybilgate.app.bundle import Bundle, load_bundle
from sybilgate.app.mapping import Truth
from sybilgate.core.event import EventType
from sybilgate.core.observe import observe
from sybilgate.core.policy import load_policy
from sybilgate.training.backtest import Arm, backtest
from sybilgate.training.dataset import Log
from tests.bundles import write
from tests.factories import KEYRING, REFERENCE, outcome, ring, signup

WEEK = 7 * 86_400.0


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return load_bundle(write(tmp_path_factory.mktemp("models"), "1"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return load_bundle(write(tmp_path_factory.mktemp("models"), "2", leaves=2))


def history(truth: bool = True) -> Log:
    """A ring of eight on one device, eight people, and one more person a week later."""
    people = [signup(f"person{i}", at=30.0 + 60.0 * i, ip=f"84.112.7.{i}") for i in range(8)]
    events = [*sorted([*ring(8), *people], key=lambda event: event.time), signup("late", at=WEEK)]
    log = Log([observe(events[:5], REFERENCE, KEYRING), observe(events[5:], REFERENCE, KEYRING)])
    if truth:
        log.truths = {e.account_id: Truth("ring" in e.account_id, "r" * ("ring" in e.account_id)) for e in events[:-1]}
    return log


def arm(bundle: Bundle, challenge: float = 0.5) -> Arm:
    policy = replace(load_policy(bundle.policy_text), challenge=challenge, version=f"at {challenge}")
    return Arm(bundle, policy)


def run(log: Log, new: Arm, old: Arm) -> dict[str, Any]:
    return backtest(log, new, old, (EventType.SIGNUP,), KEYRING)


def test_same_arm_changes_nothing(bundle: Bundle) -> None:
    report = run(history(), arm(bundle), arm(bundle))
    assert report["changed"]["rows"] == 0 and report["changed"]["decisions"] == {}
    assert report["candidate"] == report["in_service"]
    assert (report["rows"], report["known"]) == (17, 16)


def test_strict_policy_stops_honest(bundle: Bundle) -> None:
    report = run(history(), arm(bundle, challenge=0.0), arm(bundle))
    assert report["changed"]["honest_newly_stopped"]["accounts"] == 8
    assert report["changed"]["unknown_newly_stopped"] == {"accounts": 1, "first": ["late"]}
    assert report["changed"]["decisions"]["ALLOW→CHALLENGE"] >= 9
    assert report["candidate"]["judged"]["decisions"]["false_positive_rate"] == 1.0


def test_lax_policy_misses_sybils(bundle: Bundle) -> None:
    lax = Arm(bundle, replace(load_policy(bundle.policy_text), challenge=1.0, review=1.0, deny=1.0))
    report = run(history(), lax, arm(bundle))
    caught = report["in_service"]["judged"]["decisions"]["recall"] * 8
    assert report["changed"]["sybils_newly_missed"]["accounts"] == caught > 0
    assert report["changed"]["sybils_newly_caught"]["accounts"] == 0


def test_policy_alone_equals_its_replay(bundle: Bundle) -> None:
    one = run(history(), arm(bundle, 0.3), arm(bundle, 0.7))
    assert one["candidate"] == run(history(), arm(bundle, 0.3), arm(bundle, 0.3))["candidate"]
    assert one["in_service"] == run(history(), arm(bundle, 0.7), arm(bundle, 0.7))["in_service"]


def test_other_model_folds_by_itself(bundle: Bundle, other: Bundle) -> None:
    report = run(history(), arm(other), arm(bundle))
    assert report["candidate"] == run(history(), arm(other), arm(other))["candidate"]
    assert report["in_service"]["title"] == "default@1 under policy at 0.5"


def test_weeks_begin_on_monday(bundle: Bundle) -> None:
    weeks = run(history(), arm(bundle), arm(bundle))["weeks"]
    assert [(line["week"], line["rows"]) for line in weeks] == [("2025-10-06", 16), ("2025-10-13", 1)]
    assert weeks[1]["candidate"]["recall"] is None
    assert sum(weeks[0]["candidate"]["decided"].values()) == 16


def test_truth_may_be_missing(bundle: Bundle) -> None:
    log = history(truth=False)
    log.chunks.append(observe([outcome("ring3", at=2 * WEEK)], REFERENCE, KEYRING))
    log.truth_from_outcomes(as_of=outcome(at=2 * WEEK).time)
    report = run(log, arm(bundle, challenge=0.0), arm(bundle))
    assert report["known"] == report["candidate"]["judged"]["sybils"] == 1
    assert report["changed"]["honest_newly_stopped"]["accounts"] == 0
