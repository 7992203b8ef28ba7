"""The study, as an operator starts it: a page and its numbers, and nothing run twice."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sybilgate.simulate import WorldConfig, write_world

pytest.importorskip("matplotlib")


def study(folder: Path, *more: str, out: str = "out") -> None:
    """Run `sybilgate study --quick`."""
    done = subprocess.run(
        [sys.executable, "-m", "sybilgate", "study", "train.parquet", "--eval", "other.parquet", "--out", out,
         "--quick", *more],
        cwd=folder, capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two small worlds by two seeds, and the study of them."""
    path = tmp_path_factory.mktemp("study")
    for name, seed in (("train", 3), ("other", 4)):
        world = WorldConfig(
            seed=seed, days=4, honest_per_day=120, campaigns=8, campaign_size=(12, 40), campaign_window=0.5
        )
        write_world(world, path / f"{name}.parquet")
    study(path)
    return path


def test_page_needs_nothing_else(folder: Path) -> None:
    page = (folder / "out" / "study.html").read_text(encoding="utf-8")
    assert page.count("<svg") == page.count("</svg>") == page.count("<figcaption>") == 8
    assert not re.search(r"(src|href)=['\"](?!#)(?!https?://www\.w3\.org)", page)
    assert "<script" not in page and "nan" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.S)


def test_numbers_stand_beside_page(folder: Path) -> None:
    found = json.loads((folder / "out" / "study.json").read_text(encoding="utf-8"))
    world = found["worlds"][0]
    assert set(world["all"]["at"]) == {"0.1%", "0.5%", "1.0%"}
    assert sum(kind["campaigns"] for kind in world["archetypes"].values()) == world["campaigns"] > 1
    assert len(found["left_out_halves"]["blocks"]) == 2
    assert list(found["ablation"]["arms"])[:2] == ["rules with caps", "single account"]


def test_finished_parts_stay(folder: Path) -> None:
    parts = {path.name: path.stat().st_mtime_ns for path in (folder / "out" / "parts").iterdir()}
    before = (folder / "out" / "study.json").read_bytes()
    study(folder)
    assert {path.name: path.stat().st_mtime_ns for path in (folder / "out" / "parts").iterdir()} == parts
    assert (folder / "out" / "study.json").read_bytes() == before


def test_given_model_is_judged_alone(folder: Path) -> None:
    shutil.copytree(folder / "out", folder / "given")
    (model,) = (folder / "given" / "model" / "study").iterdir()
    study(folder, "--model", str(model), "--part", "halves", out="given")
    first, given = (json.loads((folder / out / "study.json").read_text(encoding="utf-8")) for out in ("out", "given"))
    assert given["worlds"] == first["worlds"] and given["left_out_halves"] == first["left_out_halves"]
    assert "ablation" not in given and given["train"]["report"] == first["train"]["report"]
    page = (folder / "given" / "study.html").read_text(encoding="utf-8")
    assert "was trained on" in page and "id=ablation" not in page
