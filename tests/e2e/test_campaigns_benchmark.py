"""The benchmark of campaigns runs from a shell and says what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sybilgate.loading import packaged_model
from sybilgate.simulate import WorldConfig
from sybilgate.simulate.world import write_world

ROOT = Path(__file__).parents[2]


def test_campaigns_are_measured(tmp_path: Path) -> None:
    world = tmp_path / "world.parquet"
    write_world(WorldConfig(seed=5, days=3, honest_per_day=150, campaigns=4, campaign_size=(8, 30)), world)
    command = [sys.executable, "-m", "tests.benchmarks.campaigns", str(world), "--bundle", str(packaged_model())]
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    for arm in ("nobody_protected", "known_payers_protected"):
        assert 0 <= found[arm]["completeness_macro"] <= 1 and found[arm]["opened_at"]["share_of_campaigns"] <= 1
        assert 0 <= found[arm]["after_sweep"]["after"]["completeness_macro"] <= 1
        reach = [found[arm]["reach"][purity]["completeness_macro"] for purity in ("1.0", "0.9", "0.5")]
        assert 0 <= reach[0] <= reach[1] <= reach[2] <= 1
    assert found["cost"]["ratio"] > 0
