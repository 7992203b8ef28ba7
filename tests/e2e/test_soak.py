"""Callers that give up cost nobody an answer."""

import os

import pytest

from tests.benchmarks import soak


@pytest.mark.skipif(not os.environ.get("SYBILGATE_LONG"), reason="SYBILGATE_LONG=1 plays it")
def test_cancelled_calls_fail_no_other():
    found = soak.run("sqlite", 0.1, 25.0)
    assert not found["failed"].keys() - {"RESOURCE_EXHAUSTED"}, "a busy machine may refuse"
    assert found["cancelled"] > 5
    assert found["answered"] > 20
    assert found["memory_mb_by_fifth"][4] > 0
