"""Models whose manifest agrees but that abort, hang or lie: the child meets them, this process does not."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from sybilgate.app.bundle import FINAL, Limits, load_bundle
from sybilgate.errors import ModelRejected
from tests import boosters

FINAL_TEXT = boosters.texts()[1]


def refused(tmp_path: Path, text: str, limits: Limits | None = None) -> str:
    """Why a bundle with this final model is refused."""
    directory = boosters.bundle(tmp_path)
    boosters.reseal(directory, FINAL, text.encode())
    with pytest.raises(ModelRejected) as caught:
        load_bundle(directory, boosters.NAMES, boosters.FIRST, limits or Limits())
    return str(caught.value)


def loop_first_tree() -> str:
    """A first tree whose root is its own left child."""
    return re.sub(r"(left_child=)\S+", r"\g<1>0", FINAL_TEXT, count=1)


def test_aborting_model_is_refused(tmp_path: Path) -> None:
    text = re.sub(r"num_leaves=\S+", "num_leaves=2000000000", FINAL_TEXT, count=1)
    assert "died of SIG" in refused(tmp_path, text)


def test_truncated_model_is_refused(tmp_path: Path) -> None:
    assert "model" in refused(tmp_path, FINAL_TEXT[: len(FINAL_TEXT) // 2])


def test_hanging_model_meets_processor_limit(tmp_path: Path) -> None:
    reason = refused(tmp_path, loop_first_tree(), Limits(cpu_seconds=4))
    assert "SIGXCPU" in reason or "SIGSEGV" in reason


def test_hanging_model_meets_clock(tmp_path: Path) -> None:
    began = time.monotonic()
    assert "in 0.2 s" in refused(tmp_path, loop_first_tree(), Limits(wall_seconds=0.2))
    assert time.monotonic() - began < 5


def test_greedy_child_meets_memory_limit(tmp_path: Path) -> None:
    assert refused(tmp_path, FINAL_TEXT, Limits(address_bytes=1 << 20))


def test_altered_leaf_is_noticed(tmp_path: Path) -> None:
    found = re.search(r"leaf_value=\S*?\d\.\d*?([1-8])", FINAL_TEXT)
    assert found
    at = found.start(1)
    text = FINAL_TEXT[:at] + str(int(FINAL_TEXT[at]) + 1) + FINAL_TEXT[at + 1 :]
    assert "golden rows score differently" in refused(tmp_path, text)


def test_text_that_is_no_model_is_explained(tmp_path: Path) -> None:
    assert "LightGBMError" in refused(tmp_path, "hello")
