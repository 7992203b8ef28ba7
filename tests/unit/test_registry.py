"""The pointer to the active version: replaced in one step, and able to go back."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from sybilgate.app.bundle import ModelHolder, load_bundle
from sybilgate.app.registry import ACTIVE, Choice, activate, active_folder, check_unchanged, read_pointer, rollback
from sybilgate.app.watch import Watcher
from sybilgate.errors import ModelRejected
from tests.bundles import write

NONE, ONE, TWO = Choice(), Choice("1", "aa"), Choice("2", "bb")


def test_nothing_active_at_first(tmp_path: Path) -> None:
    assert active_folder(tmp_path, "default") is None
    assert read_pointer(tmp_path, "default").active == NONE


def test_rollback_returns_step_by_step(tmp_path: Path) -> None:
    activate(tmp_path, "default", ONE, NONE, 10.0)
    activate(tmp_path, "default", TWO, ONE, 20.0)
    assert active_folder(tmp_path, "default") == tmp_path / "default" / "2"
    assert rollback(tmp_path, "default", 30.0).active == ONE
    assert rollback(tmp_path, "default", 40.0).active == NONE
    assert active_folder(tmp_path, "default") is None
    with pytest.raises(ModelRejected, match="nothing to go back to"):
        rollback(tmp_path, "default", 50.0)


def test_reasons_stay_in_history(tmp_path: Path) -> None:
    activate(tmp_path, "default", ONE, NONE, 10.0, "first of all", ("AUC",))
    rollback(tmp_path, "default", 20.0, "too many calls")
    told = [(c.time, c.action, c.version, c.reason, c.failed) for c in read_pointer(tmp_path, "default").history]
    assert told == [(10.0, "activate", "1", "first of all", ("AUC",)), (20.0, "rollback", "", "too many calls", ())]


def test_judged_against_another_is_refused(tmp_path: Path) -> None:
    activate(tmp_path, "default", ONE, NONE, 10.0)
    with pytest.raises(ModelRejected, match="version 1 was activated in the meantime"):
        activate(tmp_path, "default", TWO, NONE, 20.0)
    assert read_pointer(tmp_path, "default").active == ONE


@pytest.mark.parametrize("text", ["", "{}", '{"format": 9}', '{"format": 1, "stack": [{}], "history": []}'])
def test_broken_pointer_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "default").mkdir()
    (tmp_path / "default" / ACTIVE).write_text(text)
    with pytest.raises(ModelRejected, match="ACTIVE"):
        active_folder(tmp_path, "default")


def test_name_cannot_lead_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="not a model name"):
        activate(tmp_path / "models", "../x", ONE, NONE, 1.0)
    activate(tmp_path, "default", Choice("../../x", ""), NONE, 1.0)
    with pytest.raises(ModelRejected, match="not a model name"):
        active_folder(tmp_path, "default")


def test_readers_never_see_half(tmp_path: Path) -> None:
    stop, seen = threading.Event(), set()

    def read() -> None:
        while not stop.is_set():
            seen.add(read_pointer(tmp_path, "default").active.version)

    reader = threading.Thread(target=read)
    reader.start()
    for step in range(30):
        activate(tmp_path, "default", Choice(str(step % 2 + 1), ""), read_pointer(tmp_path, "default").active, step)
    stop.set()
    reader.join()
    assert seen <= {"", "1", "2"}
    assert [path.name for path in (tmp_path / "default").iterdir() if path.name.startswith(".ACTIVE")] == []


def test_changed_bundle_is_noticed(tmp_path: Path) -> None:
    manifest = load_bundle(write(tmp_path, "1")).manifest
    activate(tmp_path, "default", Choice("1", manifest.digest), NONE, 1.0)
    check_unchanged(tmp_path, "default", manifest)
    activate(tmp_path, "default", Choice("1", "another"), Choice("1", manifest.digest), 2.0)
    with pytest.raises(ModelRejected, match="changed since"):
        check_unchanged(tmp_path, "default", manifest)


def test_watcher_serves_active_version(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one, two = write(tmp_path, "1"), write(tmp_path, "2", leaves=2)
    target = [one]
    holder = ModelHolder(load_bundle(one))
    watcher = Watcher(lambda: target[0], one, holder)
    caplog.set_level("INFO", logger="sybilgate.app.watch")
    watcher.look()
    target[0] = two
    watcher.look()
    watcher.look()
    assert holder.current.manifest.title == "default@2"
    assert caplog.messages == ["model default@2 serves from now on, instead of default@1"]
    assert holder.models("default@1") is not None and holder.models("default@4") is None


def test_watcher_keeps_old_on_failure(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one, two = write(tmp_path, "1"), write(tmp_path, "2", leaves=2)
    (two / "model.txt").write_text("tree\n")
    holder = ModelHolder(load_bundle(one))
    watcher = Watcher(lambda: two, one, holder)
    for _ in range(3):
        watcher.look()
    assert holder.current.manifest.title == "default@1"
    assert len(caplog.messages) == 1
    assert "default@1 serves on: model.txt does not match" in caplog.messages[0]


def test_watcher_outlives_any_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    one = write(tmp_path, "1")
    looked = threading.Semaphore(0)

    def target() -> Path:
        looked.release()
        raise RuntimeError("disk")

    watcher = Watcher(target, one, ModelHolder(load_bundle(one)), every=0.01)
    watcher.start()
    assert all(looked.acquire(timeout=30) for _ in range(3))
    watcher.stop()
    assert caplog.messages == ["model default@1 serves on: RuntimeError: disk"]
