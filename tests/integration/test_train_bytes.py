"""Training is reproducible to the byte: by whoever, whenever, in whatever process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sybilgate.simulate import WorldConfig, write_world
from sybilgate.training.commands import run_train

WORLD = WorldConfig(seed=5, days=3, honest_per_day=150, campaigns=6, campaign_size=(10, 40), campaign_window=0.5)


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    world = tmp_path / "world.parquet"
    write_world(WORLD, world)
    here, _ = run_train(world, tmp_path / "here", seed=3)
    # Another process has another order of sets.
    command = [sys.executable, "-m", "sybilgate", "train", str(world), str(tmp_path / "there"), "--seed", "3"]
    done = subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": "12345"}, capture_output=True, check=False)
    there = tmp_path / "there" / "default" / "1"
    assert done.returncode == 0, done.stderr.decode()
    assert {path.name: path.read_bytes() for path in here.iterdir()} == {
        path.name: path.read_bytes() for path in there.iterdir()
    }
