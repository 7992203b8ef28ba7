"""The incident in small, as its benchmark is started: every figure is there, and no more is stopped than was drawn."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sybilgate.loading import packaged_model
from sybilgate.simulate import WorldConfig, write_world
from tests.benchmarks.incident_world import read_world

ROOT = Path(__file__).parents[2]
WORLD = WorldConfig(seed=5, days=12, honest_per_day=150, campaigns=1, kinds=("card_ring",), campaign_size=(60, 60),
                    campaign_days=6, requests_per_day=90.0)  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("incident") / "world.parquet"
    write_world(WORLD, path)
    return path


def test_figures_for_both_arms(world: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.incident", str(world), "--bundle", str(packaged_model())]
    done = subprocess.run(
        [*command, "--review=0", "--review=0.01", "--workers=1"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["world"]["campaign"]["accounts"] == 60
    plain, reviewed = found["arms"]
    assert plain["last_week"]["1.0%"]["recall_at_signup"] > 0.5
    assert plain["all_honest"]["1.0%"]["false_positives"]["at_signup"] <= 0.01
    assert reviewed["reviewed"]["told"]["sybils"] > 10
    assert 0 < reviewed["reviewed"]["exchanges_stopped"]["at_signup"] < 1


def test_world_knows_who_comes_when(world: Path) -> None:
    found = read_world(world)
    assert (found.last >= found.time).all() and found.sybil.sum() == 60
    assert (found.use_to > found.use_from).all() and found.sybil[found.user].all()
    assert set(found.archetype[found.sybil]) == {"card_ring"}
