"""The benchmarks of what attackers can do run from a shell's arguments, on a world of a day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sybilgate.simulate import WorldConfig
from sybilgate.simulate.world import write_world
from tests.benchmarks import poison, surrogate


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("attacks") / "w.parquet"
    write_world(WorldConfig(seed=7, days=2, honest_per_day=700, campaigns=5, usage=False), path)
    return path


def test_poison_is_measured(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    poison.main([str(world), "--events", "1500", "--victims", "4"])
    found = json.loads(capsys.readouterr().out)
    assert found["reviewer"]["labels"] > 0
    for name, told in found.items():
        if name.startswith("copied"):
            assert not told or 0 <= told["denied"] <= told["stopped"] <= 1
    assert found["copied_device_20"]["victims"] == 4
    assert {f"bridge_{copies}" for copies in (1, 5, 20)} <= found.keys()


def test_surrogate_is_measured(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    surrogate.main([str(world), "--answers", "100,400"])
    found = json.loads(capsys.readouterr().out)
    assert found["row_400"]["copies"] > 0.2
    assert found["profile_100"]["by_the_model_stopped"] <= found["profile_100"]["at_random_stopped"]
