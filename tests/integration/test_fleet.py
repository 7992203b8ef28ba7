"""A base assessed from a snapshot stands as it would in the store, whichever engine joins."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sybilgate.app.rescoring import Rescorer
from sybilgate.app.task import Mode
from sybilgate.core.identifier import KEY_BYTES, Kind
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.fleet.grouping import ASSESSED, group
from sybilgate.fleet.plan import Plan
from sybilgate.fleet.snapshot import read_meta, write_snapshot
from sybilgate.loading import load_model, packaged_model
from sybilgate.store.store import SqlStore
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


def grouped(out: Path) -> set[frozenset[str]]:
    rows = pq.read_table(out).to_pylist()
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(row["group_id"], set()).add(row["account_id"])
    assert all(row["size"] == len(groups[row["group_id"]]) for row in rows)
    return {frozenset(one) for one in groups.values()}


@pytest.fixture
def joined(tmp_path: Path) -> tuple[Path, set[frozenset[str]]]:
    """A snapshot of stopped accounts, a long chain among them, and the groups that a graph library finds."""
    rng, n = np.random.default_rng(5), 400
    pairs = [(i, 1000 + i // 2) for i in range(16)] + [(i, 2000 + (i + 1) // 2) for i in range(16)]
    pairs += [(int(ref), 3000 + value) for value in range(60) for ref in rng.integers(16, n, 2)]
    pairs += [(i, 4000) for i in range(n)]  # held by everybody
    names, ruled = [f"a{i}" for i in range(n)], ["ALLOW" if i % 17 == 0 else "REVIEW" for i in range(n)]
    parts = {
        "account": {"account_id": names, "ref": [(i * 7919) % 1009 - 500 for i in range(n)]},
        "link": {"ref": [(i * 7919) % 1009 - 500 for i, _ in pairs], "key": [_key(value) for _, value in pairs]},
        "identifier": {"key": [_key(value) for _, value in pairs], "state": [b""] * len(pairs)},
        "assessed": {"account_id": names, "decision": ruled},
    }  # fmt: skip
    for name, columns in parts.items():
        (tmp_path / "joined" / name).mkdir(parents=True)
        pq.write_table(pa.table(columns), tmp_path / "joined" / name / "0.parquet")
    return tmp_path / "joined", _components([(i, v) for i, v in pairs if i % 17 and v != 4000], n)


def _key(value: int) -> bytes:
    return bytes([Kind.CARD]) + value.to_bytes(KEY_BYTES - 1, "big")


def _components(pairs: list[tuple[int, int]], n: int) -> set[frozenset[str]]:
    left, right = np.array(pairs).T
    graph = coo_array((np.ones(len(pairs)), (left, right)), shape=(5000, 5000))
    _, label = connected_components(graph, directed=False)
    groups = [frozenset(f"a{i}" for i in np.flatnonzero(label[:n] == one)) for one in np.unique(label[:n])]
    return {one for one in groups if len(one) > 1}


def test_duckdb_finds_connected_groups(joined: tuple[Path, set[frozenset[str]]], tmp_path: Path) -> None:
    duck = pytest.importorskip("sybilgate.fleet.duck", reason="needs the extra [batch]")
    rounds: list[int] = []
    with duck.opened(joined[0], tmp_path, 0.2) as engine:
        engine.read(joined[0] / "assessed", ASSESSED)
        assert group(engine, tmp_path / "out", 10, rounds.append) == sum(map(len, joined[1]))
    assert grouped(tmp_path / "out") == joined[1]
    assert len(joined[1]) > 20 and len(rounds) < 9


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """A real session on this machine."""
    sql = pytest.importorskip("pyspark.sql", reason="needs the extra [spark]")
    if shutil.which("java") is None:
        pytest.skip("needs a Java runtime")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
        monkeypatch.setenv("PYTHONPATH", ":".join(path for path in sys.path if path))
        made = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        made = made.config("spark.sql.shuffle.partitions", "1").config("spark.driver.bindAddress", "127.0.0.1")
        session = made.config("spark.driver.host", "127.0.0.1").getOrCreate()
        yield session
        session.stop()


# Spark looks for pandas, of which nothing is used here, and wants an older one.
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_finds_what_a_job_finds(session: Any, plan: Plan, wanted: dict[str, Any], tmp_path: Path) -> None:
    from sybilgate.fleet import spark

    spark.run(session, tmp_path / "snap", packaged_model().resolve(), "", tmp_path / "out")
    assert read(tmp_path / "out") == wanted


@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_spark_finds_connected_groups(session: Any, joined: tuple[Path, set[frozenset[str]]], tmp_path: Path) -> None:
    from sybilgate.fleet.spark import Spark

    engine = Spark(session, joined[0])
    engine.read(joined[0] / "assessed", ASSESSED)
    assert group(engine, tmp_path / "out", 10) == sum(map(len, joined[1]))
    assert grouped(tmp_path / "out") == joined[1]
