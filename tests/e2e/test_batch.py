"""The measurement of jobs over a whole base runs, and finds what it must."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks import batch


def test_job_finds_what_the_service_finds(capsys: pytest.CaptureFixture[str]) -> None:
    batch.main(["--accounts", "200", "--world", "200", "--days", "2", "--only", "equal"])
    found = json.loads(capsys.readouterr().out)
    assert found["equal"]["accounts"] > 150 and found["equal"]["largest_difference"] == 0.0
    assert found["base"]["links"] > found["base"]["accounts"]
