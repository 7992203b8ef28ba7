"""Facts about the incident's figures, on a handful of accounts one can follow by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sybilgate.app.mapping import DAY
from sybilgate.core.event import EventType
from sybilgate.core.observe import observe
from tests.benchmarks.incident_figures import figures
from tests.benchmarks.incident_replay import Answers, Review, Threshold, blank_answers
from tests.benchmarks.incident_world import World
from tests.benchmarks.observed import read_observed, write_observed
from tests.factories import KEYRING, REFERENCE, outcome, signup


def world(days: int = 20, a_day: int = 10) -> World:
    """Ten signups a day; from the third day on every tenth is of the campaign, which uses the service for two weeks."""
    n = days * a_day
    time = np.arange(n) * DAY / a_day + 1e9
    sybil = (np.arange(n) % a_day == 0) & (time >= 1e9 + 2 * DAY)
    user = np.flatnonzero(sybil)
    return World(
        n, float(time[-1]), time, time, sybil, np.where(sybil, "drip", "honest").astype(object), user, time[user],
        time[user] + 14 * DAY, np.full(len(user), 100.0),
    )  # fmt: skip


def answers(found: World, week: bool = False) -> Answers:
    """The model knows every Sybil, at signup or only a week later."""
    margin = np.where(found.sybil, 9.0, 0.0)
    return replace(blank_answers(found), margin=np.zeros(len(margin)) if week else margin, week=margin)


def test_third_flag_is_the_alarm() -> None:
    found = figures(world(), answers(world()))["all_honest"]["0.1%"]
    assert (found["alarm_at_account"], found["alarm_hours"]) == (3, pytest.approx(48.0))
    assert found["recall_at_signup"] == found["recall_after_alarm"] == found["precision_at_signup"] == 1.0
    assert found["exchanges_stopped"]["at_signup"] == 1.0


def test_a_week_costs_half() -> None:
    found = figures(world(), answers(world(), week=True))["burn_in"]["1.0%"]
    assert found["alarm_at_account"] is None and found["recall_at_signup"] == 0.0
    assert found["recall_a_week_later"] == 1.0
    assert found["exchanges_stopped"]["at_signup_or_a_week_later"] == pytest.approx(0.5)


def test_threshold_waits_a_day() -> None:
    found = world()
    one = Threshold(found, answers(found), np.arange(len(found.time), dtype=float), 0.1, lag=0.0)
    assert one.at(found.time[0] + 0.9 * DAY) == np.inf
    assert one.at(found.time[0] + 1.0 * DAY) == 8.0
    assert one.at(found.time[0] + 1.9 * DAY) == 8.0


def test_reviewers_answer_next_day() -> None:
    found = world()
    said = answers(found)
    team, now = Review(found, said, 0.05), float(found.time[20])
    team.look(now, 20, ["sybil", "honest"], np.array([9.0, 0.0]), week=False)
    assert team.outcomes(now + 0.9 * DAY) is None
    told = team.outcomes(now + DAY)
    assert told is not None and told.account_id == ["sybil"]
    assert (told.type.tolist(), told.label.tolist()) == ([EventType.OUTCOME], [1])
    assert said.flagged[20] == now and np.isnan(said.flagged[21])


def test_observed_chunks_come_back_whole(tmp_path: Path) -> None:
    chunks = [observe(part, REFERENCE, KEYRING) for part in ([signup("a", card="c"), outcome("a")], [signup("é")])]
    write_observed(tmp_path / "kept", chunks)
    for one, other in zip(read_observed(tmp_path / "kept"), chunks, strict=True):
        assert one.account_id == other.account_id
        for name in ("type", "time", "label", "own", "keys"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
