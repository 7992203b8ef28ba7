"""The benchmark of bridges: no input makes one campaign of everybody."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks.bridges import main


def test_no_campaign_swallows_all(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--accounts", "3000"])
    arms = json.loads(capsys.readouterr().out)["arms"]
    assert arms["ordinary"]["honest_inside"] == 0
    assert arms["everybody"]["largest"] < 1000
    assert arms["exits"]["after_sweep"]["pure"] == 1.0
