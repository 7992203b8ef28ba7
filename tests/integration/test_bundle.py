"""Bundles on disk: what is written loads, and anything else is refused with its reason."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from sybilgate.app.bundle import CAPS, FINAL, GOLDEN, MANIFEST, Bundle, Limits, ModelHolder, bundle_path, load_bundle
from sybilgate.app.manifest import parse_manifest
from sybilgate.errors import ModelRejected
from tests import boosters


def load(directory: Path, limits: Limits | None = None) -> Bundle:
    return load_bundle(directory, boosters.NAMES, boosters.FIRST, limits or Limits())


def test_written_bundle_loads_again(tmp_path: Path) -> None:
    loaded = load(boosters.bundle(tmp_path))
    x = boosters.rows(50)
    assert loaded.models.name == "small@1"
    assert loaded.models.guards == boosters.GUARDS
    assert loaded.policy_text == "version = '1'\n"
    assert loaded.models.final(x).tolist() == boosters.models().final(x).tolist()
    assert loaded.models.calibrate(np.array([0.0])).tolist() == [0.4]


def test_bundle_bytes_are_reproducible(tmp_path: Path) -> None:
    one, two = boosters.bundle(tmp_path / "a"), boosters.bundle(tmp_path / "b")
    assert {f.name: f.read_bytes() for f in one.iterdir()} == {f.name: f.read_bytes() for f in two.iterdir()}


def test_manifest_survives_reading(tmp_path: Path) -> None:
    data = (boosters.bundle(tmp_path) / MANIFEST).read_bytes()
    manifest = parse_manifest(data)
    assert manifest.to_json().encode() == data
    assert manifest.features == boosters.NAMES


@pytest.mark.parametrize("file", sorted([*CAPS, MANIFEST]))
@pytest.mark.parametrize("damage", ["flipped", "truncated", "missing", "empty"])
def test_damaged_file_is_refused(tmp_path: Path, file: str, damage: str) -> None:
    path = boosters.bundle(tmp_path) / file
    data = path.read_bytes()
    middle = len(data) // 2
    if damage == "missing":
        path.unlink()
    else:
        flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
        path.write_bytes({"flipped": flipped, "truncated": data[:middle], "empty": b""}[damage])
    with pytest.raises(ModelRejected, match=file):
        load(path.parent)


def test_changed_calibration_is_refused(tmp_path: Path) -> None:
    path = boosters.bundle(tmp_path) / MANIFEST
    path.write_text(path.read_text().replace("0.4", "0.3"))
    with pytest.raises(ModelRejected, match="digest"):
        load(path.parent)


def test_oversized_file_is_refused(tmp_path: Path) -> None:
    directory = boosters.bundle(tmp_path)
    boosters.reseal(directory, "policy.toml", b"#" * (CAPS["policy.toml"] + 1))
    with pytest.raises(ModelRejected, match="larger"):
        load(directory)


@pytest.mark.parametrize("features", [boosters.NAMES[::-1], boosters.NAMES[:-1], (*boosters.NAMES, "more")])
def test_other_features_are_refused(tmp_path: Path, features: tuple[str, ...]) -> None:
    with pytest.raises(ModelRejected, match="features differ"):
        load_bundle(boosters.bundle(tmp_path), features, boosters.FIRST)


def test_other_first_stage_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelRejected, match="first-pass"):
        load_bundle(boosters.bundle(tmp_path), boosters.NAMES, boosters.FIRST - 1)


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-a", "a\n", "é", "a" * 65])
def test_unsafe_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelRejected):
        bundle_path(tmp_path, name, "1")


def test_version_is_never_overwritten(tmp_path: Path) -> None:
    directory = boosters.bundle(tmp_path)
    with pytest.raises(FileExistsError):
        boosters.bundle(tmp_path, seed=8)
    assert [p.name for p in directory.parent.iterdir()] == ["1"]


def test_manifest_refuses_infinite_number(tmp_path: Path) -> None:
    manifest = parse_manifest((boosters.bundle(tmp_path) / MANIFEST).read_bytes())
    with pytest.raises(ValueError, match="JSON"):
        dataclasses.replace(manifest, notes=float("inf")).to_json()


def test_pickled_rows_are_refused(tmp_path: Path) -> None:
    directory = boosters.bundle(tmp_path)
    np.save(directory / GOLDEN, np.array([[{}]], dtype=object), allow_pickle=True)
    boosters.reseal(directory, GOLDEN, (directory / GOLDEN).read_bytes())
    with pytest.raises(ModelRejected, match="not an array"):
        load(directory)


def test_swap_serves_new_model(tmp_path: Path) -> None:
    holder = ModelHolder(load(boosters.bundle(tmp_path)), load)
    assert holder.swap(boosters.bundle(tmp_path, "2", seed=8)) is holder.current
    assert holder.current.models.name == "small@2"


def test_failed_swap_keeps_old_model(tmp_path: Path) -> None:
    holder = ModelHolder(load(boosters.bundle(tmp_path)), load)
    before, other = holder.current, boosters.bundle(tmp_path, "2", seed=8)
    (other / FINAL).write_bytes(b"tree\n")
    with pytest.raises(ModelRejected):
        holder.swap(other)
    assert holder.current is before


def test_one_name_means_one_model(tmp_path: Path) -> None:
    holder = ModelHolder(load(boosters.bundle(tmp_path / "a")), load)
    with pytest.raises(ModelRejected, match="new version"):
        holder.swap(boosters.bundle(tmp_path / "b", seed=8))
