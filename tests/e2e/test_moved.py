"""The benchmark of a model moved to other traffic, on a world of a day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sybilgate.loading import packaged_model
from sybilgate.simulate import WorldConfig
from sybilgate.simulate.world import write_world
from tests.benchmarks.moved import main


def test_both_arms_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_world(WorldConfig(seed=7, days=2, honest_per_day=900, campaigns=4, usage=False), tmp_path / "w.parquet")
    main([str(tmp_path / "w.parquet"), "--bundle", str(packaged_model()), "--burn-in-days", "0.2"])
    found = json.loads(capsys.readouterr().out)
    assert found["calibration"]["signups"] > 1000
    assert [len(arm["stopped"]) >= 2 for arm in found["arms"].values()] == [True, True]
