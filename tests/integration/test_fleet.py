"""A base assessed from a snapshot stands as it would in the store, whichever engine joins."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from sybilgate.app.rescoring import Rescorer
from sybilgate.app.task import Mode
from sybilgate.core.identifier import KEY_BYTES
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.fleet.plan import Plan
from sybilgate.fleet.snapshot import read_meta, write_snapshot
from sybilgate.store.store import SqlStore
from sybilgate.wiring import load_model, packaged_model
from tests.factories import KEYRING, START, assessor, outcome, ring, signup, task

NOW = START + 2e4


@pytest.fixture(scope="module")
def bundle() -> Any:
    return load_model(packaged_model())


@pytest.fixture
def plan(sqlite_store: SqlStore, bundle: Any, tmp_path: Path) -> Plan:
    """A ring with a label among strangers, in a store and in a snapshot of it."""
    events = [*ring(12), *(signup(f"one{i}", at=40.0 * i, card=f"card{i % 7}") for i in range(40))]
    assessor(sqlite_store, ids="in").run([task(*events, outcome("ring2", at=900.0), mode=Mode.RECORD)])
    write_snapshot(sqlite_store, tmp_path / "snap", NOW, frozenset(), frozenset())
    return Plan(bundle, load_policy(bundle.policy_text), read_meta(tmp_path / "snap"))


@pytest.fixture
def wanted(sqlite_store: SqlStore, plan: Plan) -> dict[str, tuple[float, float, str]]:
    """What a job would find at that moment."""
    pipeline = Pipeline(plan.bundle.models, plan.policy, KEYRING)
    serving = replace(assessor(sqlite_store), pipeline=lambda: pipeline, clock=lambda: NOW)
    with sqlite_store.view() as view:
        names = sorted([f"ring{i}" for i in range(12)] + [f"one{i}" for i in range(40)])
        block = Rescorer(serving).score(view, names)
    found = block.found
    rows = zip(found.risk.tolist(), found.margin.tolist(), found.decision.tolist(), strict=True)
    return {name: (a, b, Decision(c).name) for name, (a, b, c) in zip(block.known, rows, strict=True)}


def read(out: Path) -> dict[str, tuple[float, float, str]]:
    rows = pq.read_table(out, columns=["account_id", "risk", "margin", "decision"]).to_pylist()
    return {row["account_id"]: (row["risk"], row["margin"], row["decision"]) for row in rows}


def test_snapshot_names_no_value(plan: Plan, tmp_path: Path) -> None:
    links = pq.read_table(tmp_path / "snap" / "link").to_pydict()
    assert plan.meta.accounts == 52 and plan.meta.watermark == 53
    assert {len(key) for key in links["key"]} == {KEY_BYTES} and len(set(links["ref"])) == 52


def test_part_of_a_snapshot_is_none(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "snap" / "meta.json").unlink()
    with pytest.raises(ValueError, match="not a whole snapshot"):
        read_meta(tmp_path / "snap")


def test_duckdb_finds_what_a_job_finds(plan: Plan, wanted: dict[str, Any], tmp_path: Path) -> None:
    duck = pytest.importorskip("sybilgate.fleet.duck", reason="needs the extra [batch]")
    told: list[int] = []
    assert duck.run(tmp_path / "snap", plan, tmp_path / "out", 0.2, told.append) == 52
    assert read(tmp_path / "out" / "0.parquet") == wanted and told[-1] == 52
    assert len({row[1] for row in wanted.values()}) > 5


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A real session on this machine."""
    sql = pytest.importorskip("pyspark.sql", reason="needs the extra [spark]")
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime")
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
    made = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    made = made.config("spark.sql.shuffle.partitions", "2").config("spark.driver.bindAddress", "127.0.0.1")
    session = made.config("spark.driver.host", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


# Spark looks for pandas, of which nothing is used here, and wants an older one.
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_finds_what_a_job_finds(session: Any, plan: Plan, wanted: dict[str, Any], tmp_path: Path) -> None:
    from sybilgate.fleet import spark

    spark.run(session, tmp_path / "snap", packaged_model().resolve(), "", tmp_path / "out")
    assert read(tmp_path / "out") == wanted
