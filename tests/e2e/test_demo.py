"""The demonstration, as a stranger starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sybilgate.demo import days_since, later
from sybilgate.simulate import demo_day


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """What `sybilgate demo --fast` printed, and its temporary folder."""
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        [sys.executable, "-m", "sybilgate", "demo", "--fast"],
        env=os.environ | {"TMPDIR": str(folder), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, folder


def test_campaign_is_caught(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, _ = shown
    assert done.returncode == 0, done.stderr
    assert re.search(r"caught at member \d+ of 60, after \d+ signups; \d+ members? (was|were) admitted", done.stdout)


def test_both_sides_are_explained(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    text = shown[0].stdout
    assert text.index("A member of the campaign") < text.index("An honest look-alike")
    assert text.count("= margin") == 2
    assert re.search(r"Honest people challenged so far: \d+ of\s+\d+", text)
    assert "sybilgate db upgrade" in text


def test_nothing_is_left_behind(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, folder = shown
    assert list(folder.iterdir()) == []
    assert done.stderr == ""


@pytest.mark.parametrize("away", [-1e7, -1000.0, 1.0, 1e7])
def test_day_ends_lately(away: float) -> None:
    events, _ = demo_day()
    now = events[-1].time + away
    moved = later(events, days_since(events, now))
    assert 0.0 <= now - moved[-1].time < 86400.0
    assert {(a.time - b.time) % 86400 for a, b in zip(events, moved, strict=True)} == {0.0}
