"""The million in small: three stages, each with its time and memory, and a model at the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sybilgate.app.bundle import load_bundle

ROOT = Path(__file__).parents[2]


def test_small_million_ends_in_a_model(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.million", "--signups=1200", "--days=3", "--campaigns=4"]
    done = subprocess.run(
        [*command, "--without=card_ring", f"--out={tmp_path}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found["stages"]) == ["simulate", "replay", "train"]
    assert all(stage["seconds"] > 0 and 0 < stage["peak_rss_gb"] < 4 for stage in found["stages"].values())
    assert found["replayed"]["accounts"] == found["replayed"]["events"] >= 1200
    assert load_bundle(tmp_path / "million" / "1").manifest.title == "million@1"
