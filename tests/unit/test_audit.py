"""The audit finds an artefact that was planted, and is silent where there is none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sybilgate.reference.bundle import load_reference
from sybilgate.simulate import SCHEMA, WorldConfig, simulate
from sybilgate.training.artefact import FAMILIES
from sybilgate.training.audit import Audit, auc_within, audit_table, read_signups

Row = dict[str, Any]


@pytest.fixture(scope="module")
def people() -> list[Row]:
    """Honest signups, every tenth group of six called Sybil: the two sides differ in nothing."""
    config = WorldConfig(seed=5, days=6, honest_per_day=300, campaigns=0, crowds=0.0)
    found = [row for batch in simulate(config) for row in batch.to_pylist() if row["type"] == 1]
    order = np.random.default_rng(2).permutation(len(found))
    for place, row in zip(order, found, strict=True):
        bad = place < len(found) // 4
        row |= {"truth.is_sybil": bool(bad), "truth.group": f"ring-{place % 30}" if bad else ""}
    return found


def audited(people: list[Row], plant: Callable[[Row], None] = lambda row: None) -> Audit:
    rows = [dict(row) for row in people]
    for row in rows:
        if row["truth.is_sybil"]:
            plant(row)
    return audit_table(pa.Table.from_pylist(rows, SCHEMA), load_reference())


def names(found: Audit) -> set[str]:
    return {finding.family for finding in found.offenders}


def test_clean_world_passes(people: list[Row]) -> None:
    found = audited(people)
    assert not found.offenders and found.report()["passed"]
    assert len(found.findings) == len(FAMILIES) and found.campaigns == 30
    assert 0.4 < found.together.auc < 0.6


def test_planted_ids_are_found(people: list[Row]) -> None:
    assert "account ids" in names(audited(people, lambda row: row.update(account_id="7" + row["account_id"][1:])))


def test_planted_gaps_are_found(people: list[Row]) -> None:
    found = names(audited(people, lambda row: row.update({"device.time_zone": None})))
    assert {"missing fields, browser", "missing fields, app"} <= found


def test_planted_rounding_is_found(people: list[Row]) -> None:
    assert names(audited(people, lambda row: row.update(time=round(row["time"], 1)))) == {"rounding digits"}


def test_trade_is_not_limited(people: list[Row]) -> None:
    found = audited(people, lambda row: row.update({"signup.captcha_score": 0.11}))
    captcha = next(finding for finding in found.findings if finding.family == "captcha")
    assert captcha.trade and captcha.auc > 0.8 and "captcha" not in names(found)


def test_pairs_stay_within_strata() -> None:
    score, bad = np.array([0.0, 0.0, 1.0, 1.0]), np.array([False, True, False, True])
    strata = np.array([0, 0, 1, 1])
    assert auc_within(score, bad, np.ones(4), strata) == 0.5
    assert auc_within(score, score > 0, np.ones(4), np.zeros(4, int)) == 1.0


def test_honest_sample_is_bounded(people: list[Row], tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(people, SCHEMA), tmp_path / "w.parquet")
    table = read_signups(tmp_path / "w.parquet", honest_rows=200)
    sybil = sum(table.column("truth.is_sybil").to_pylist())
    assert sybil == sum(row["truth.is_sybil"] for row in people) and table.num_rows - sybil <= 200


def test_few_campaigns_are_refused(people: list[Row]) -> None:
    honest = [row for row in people if not row["truth.is_sybil"]]
    with pytest.raises(ValueError, match="at least 10 campaigns"):
        audit_table(pa.Table.from_pylist(honest, SCHEMA), load_reference())
