"""The audit as a command: a table or JSON, and an exit code that a pipeline can act on."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sybilgate.cli import app
from sybilgate.simulate import WorldConfig, write_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "w.parquet"
    write_world(WorldConfig(seed=4, days=4, honest_per_day=150, campaigns=12, campaign_size=(8, 20)), path)
    return path


def test_json_lists_every_family(world: Path) -> None:
    result = CliRunner().invoke(app, ["audit", str(world), "--json", "--limit", "1.0"])
    report = json.loads(result.output)
    assert result.exit_code == 0 and report["passed"]
    assert {"family", "trade", "rows", "auc", "recall", "leader"} == set(report["findings"][0])


def test_planted_artefact_fails(world: Path, tmp_path: Path) -> None:
    table = pq.read_table(world)
    bad = table.column("truth.is_sybil").to_pylist()
    ids = [name[:-1] + "f" if sybil else name for name, sybil in zip(table["account_id"].to_pylist(), bad, strict=True)]
    planted = table.set_column(table.column_names.index("account_id"), "account_id", pa.array(ids))
    pq.write_table(planted, tmp_path / "planted.parquet")
    result = CliRunner().invoke(app, ["audit", str(tmp_path / "planted.parquet"), "--limit", "0.9"])
    assert result.exit_code == 1 and "account ids" in result.output and "<-- too high" in result.output


def test_world_without_truth(tmp_path: Path) -> None:
    pq.write_table(pa.table({"account_id": ["a"], "time": [1.0], "type": [1]}), tmp_path / "own.parquet")
    result = CliRunner().invoke(app, ["audit", str(tmp_path / "own.parquet")])
    assert result.exit_code != 0 and "holds no truth" in str(result.exception)
