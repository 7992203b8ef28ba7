"""Parts are made once; the page escapes what it is told and says what is missing."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from sybilgate.training.report_parts import beyond_chance, count, interval, share, table
from sybilgate.training.study import Parts, code_digest, tidy


def test_part_is_made_once(tmp_path: Path) -> None:
    parts, calls = Parts(tmp_path), []

    def make() -> dict[str, object]:
        calls.append(1)
        return {"auc": np.float32(0.5)}

    first = parts.get("p", {"seed": 1}, make)
    assert parts.get("p", {"seed": 1}, make) == first and len(calls) == 1
    parts.get("p", {"seed": 2}, make)
    assert len(calls) == 2


def test_unfinished_part_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "p.part").write_text("{")
    found = Parts(tmp_path).get("p", {}, lambda: {"value": 1})
    assert found["value"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["p.json"]


def test_what_is_not_finite_is_null() -> None:
    found = tidy(
        {"a": math.inf, "b": [np.float64("nan"), np.int64(3)], "c": np.bool_(True), "d": "x", "e": 0.1234567891}
    )
    assert json.loads(json.dumps(found, allow_nan=False)) == {
        "a": None, "b": [None, 3], "c": True, "d": "x", "e": 0.123457,
    }  # fmt: skip


def test_cells_are_escaped() -> None:
    page = table(["<b>"], [["<script>"], ["last"]], total=True)
    assert "<script>" not in page and "&lt;b&gt;" in page
    assert page.count("<tr class=total>") == 1


def test_numbers_read_plainly() -> None:
    assert [share(None), share(0.0), share(0.0012), share(0.123)] == ["–", "0.0%", "0.12%", "12.3%"]
    assert [count(3.0), count(1234.5), count(None)] == ["3", "1,234.5", "–"]
    assert interval({"value": 0.5, "low": 0.25, "high": 0.75}) == "50.0% [25.0%, 75.0%]"


def test_trace_by_chance_is_none() -> None:
    assert beyond_chance({"rare_trace": 0.8, "rare_trace_chance": 0.5}) == pytest.approx(0.6)
    assert beyond_chance({"rare_trace": 0.4, "rare_trace_chance": 0.5}) == 0.0
    assert beyond_chance({}) is None


def test_code_has_one_digest() -> None:
    found = code_digest()
    assert re.fullmatch("[0-9a-f]{16}", found) and found == code_digest()
