"""Bundles over the features that this code computes: small, made in a moment, good for nothing but tests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from sybilgate.app.bundle import write_bundle
from sybilgate.core.detector import GUARDS
from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES, FIRST, WATCHED_NAMES

POLICY_TOML = 'version = "small"\nchallenge = 0.5\nreview = 0.8\ndeny = 0.95\n'


@cache
def texts(leaves: int) -> tuple[str, str]:
    """First-pass and final model. Both fear accounts that share a device; with more leaves they go on to fear more."""
    x = np.random.default_rng(3).exponential(0.5, (3000, len(FEATURE_NAMES))).astype(np.float32)
    y = (x[:, FEATURE_COLUMN["device_id.month"]] > 0.6).astype(np.float64)
    settings = {"num_leaves": leaves, "verbose": -1, "num_threads": 1, "deterministic": True, "objective": "binary"}
    first, final = (
        lightgbm.train(settings, lightgbm.Dataset(x[:, :width], y, feature_name=list(FEATURE_NAMES[:width])), 8)
        for width in (FIRST, len(FEATURE_NAMES))
    )
    return first.model_to_string(), final.model_to_string()


def write(
    root: Path, version: str, name: str = "default", leaves: int = 4, notes: Mapping[str, Any] | None = None,
    policy: str = POLICY_TOML,
) -> Path:  # fmt: skip
    """Write a bundle and return its folder."""
    first_text, final_text = texts(leaves)
    golden = np.random.default_rng(4).exponential(0.5, (5, len(FEATURE_NAMES))).astype(np.float32)
    return write_bundle(
        root, name, version, first_text=first_text, final_text=final_text,
        calibration=((-2.0, 0.05), (0.0, 0.5), (2.0, 0.97)), guards=dict.fromkeys(GUARDS, (1.0, 2.0, 3.0)),
        tails=dict.fromkeys(WATCHED_NAMES, ((0.5, 1.0), (3.0, 4.0))),
        features=FEATURE_NAMES, golden_rows=golden, policy_text=policy, card_text="# Small\n", notes=notes,
    )  # fmt: skip


def report(auc: float = 0.9, macro: float = 0.6, crowd: float = 0.01, cost: int = 900) -> dict[str, Any]:
    """Notes as training leaves them, as far as gates read them. ``crowd``: share of 1,000 flagged at 1 %."""
    rates = {"honest": (9000, 0.01), "office_card": (1000, crowd)}
    return {
        "history_sha256": "aa",
        "report": {
            "explanation_cost": cost,
            "out_of_fold": {
                "auc": auc,
                "bursts": {"macro_recall_at_fpr": {"1.0%": macro}},
                "crowds": {name: {"accounts": n, "flagged_at_1.0%": rate} for name, (n, rate) in rates.items()},
            },
        },
    }
