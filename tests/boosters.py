"""Small LightGBM models, trained in a moment, and bundles of them."""

from __future__ import annotations

import dataclasses
import hashlib
from functools import cache
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle import MANIFEST, write_bundle
from sybilgate.app.manifest import parse_manifest
from sybilgate.core.scoring import LightGBMModels

NAMES = ("age", "burst", "rarity", "trust", "carried_card", "carried_device")
FIRST = 4
CALIBRATION = ((-3.0, 0.01), (0.0, 0.4), (2.0, 0.9))
GUARDS = {"burst": (1.0, 2.0, 3.0)}
TAILS = {"burst": ((0.5, 1.0), (2.0, 3.0))}


def rows(n: int, seed: int = 7) -> npt.NDArray[np.float32]:
    """Finite feature rows."""
    return np.random.default_rng(seed).normal(size=(n, len(NAMES))).astype(np.float32)


@cache
def texts(seed: int = 7) -> tuple[str, str]:
    """First-pass and final model, as text."""
    x = rows(2000, seed)
    x[::5, 2] = np.nan
    y = (np.nan_to_num(x[:, 0] * x[:, 1] + x[:, 2]) + x[:, 4] > 0.7).astype(np.float64)
    settings = {"objective": "binary", "num_leaves": 8, "verbose": -1, "num_threads": 1, "deterministic": True}
    first, final = (
        lightgbm.train(settings, lightgbm.Dataset(x[:, :width], y, feature_name=list(NAMES[:width])), 12)
        for width in (FIRST, len(NAMES))
    )
    return first.model_to_string(), final.model_to_string()


def models(seed: int = 7) -> LightGBMModels:
    return LightGBMModels("small@1", *texts(seed), CALIBRATION, GUARDS, NAMES, TAILS)


def bundle(root: Path, version: str = "1", seed: int = 7) -> Path:
    """Write a bundle under ``root`` and return its folder."""
    first_text, final_text = texts(seed)
    golden = rows(12, seed=11)
    golden[0, :] = np.nan
    return write_bundle(
        root, "small", version, first_text=first_text, final_text=final_text, calibration=CALIBRATION, guards=GUARDS,
        tails=TAILS,
        features=NAMES, golden_rows=golden, policy_text="version = '1'\n", card_text="# Small\n", notes={"trees": 12},
    )  # fmt: skip


def reseal(directory: Path, file: str, data: bytes) -> None:
    """Replace a file and make the manifest agree, as somebody who edits a model by hand might."""
    (directory / file).write_bytes(data)
    manifest = parse_manifest((directory / MANIFEST).read_bytes())
    files = {**manifest.files, file: hashlib.sha256(data).hexdigest()}
    (directory / MANIFEST).write_text(dataclasses.replace(manifest, files=files).to_json())
