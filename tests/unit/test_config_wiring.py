"""Ids and limits the wiring hands out."""

from __future__ import annotations

import re
from pathlib import Path

from sybilgate.config import Config
from sybilgate.ids import SortableIds
from sybilgate.loading import model_dir
from sybilgate.wiring import limits


def test_ids_sort_by_time() -> None:
    times = iter([1.0e9, 1.0e9 + 0.001, 1.7e9, 4.0e9])
    new_id = SortableIds(lambda: next(times))
    ids = [new_id() for _ in range(4)]
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"[0-9a-z]{26}", item) for item in ids)


def test_ids_rise_when_clock_stands() -> None:
    new_id = SortableIds(lambda: 1.7e9)
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_ids_rise_when_clock_falls() -> None:
    times = iter([1.7e9, 1.6e9])
    new_id = SortableIds(lambda: next(times))
    assert new_id() < new_id()


def test_configured_model_is_used(tmp_path: Path) -> None:
    assert model_dir(Config(model_dir=tmp_path)) == tmp_path
    assert model_dir(Config()).parent.name == "default"


def test_configured_limits_are_used() -> None:
    found = limits(Config(batch_events=3, queued_tasks=5, queued_events=7))
    assert (found.batch_events, found.queued_tasks, found.queued_events) == (3, 5, 7)
