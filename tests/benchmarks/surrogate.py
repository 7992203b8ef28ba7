"""How well a model trained on the service's answers copies the model: what an oracle gives away. Prints JSON.

    python -m tests.benchmarks.surrogate world.parquet [other.parquet …] [--answers 1000,10000] [--model models/…]

Whoever runs a signup that asks the service, or signs up often enough, collects pairs of a profile and a band (five of
them; the risk itself is not told to the signup role). A surrogate is trained on as many pairs from the first 70 % of
the signups, and judged on the rest. Two arms: ``profile`` knows what an attacker can know of his profile, ``row``
also every count and surprise of the service, which he cannot: an upper bound. ``copies`` is the rank correlation with
the model's risk, ``stopped_auc`` how well it tells who is stopped. ``picked``: of twenty profiles of Sybils the one the
surrogate likes best, how often it is stopped, beside one at random and the best that the model itself would pick.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from sybilgate.app.replay import Replay
from sybilgate.core.own import OWN
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.loading import load_model, packaged_model
from sybilgate.reference.bundle import load_reference
from sybilgate.rpc.render import BAND_LIMITS
from sybilgate.training.dataset import TRAINING_KEYS, read_log, score_log
from sybilgate.training.evaluate import auc
from sybilgate.training.history import open_source

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
_CHOICES, _DRAWS = 20, 2000
_SHAPE = {"objective": "regression", "num_leaves": 63, "learning_rate": 0.1, "num_threads": 2, "verbose": -1, "seed": 1}
_TREES = 150


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("worlds", nargs="+", type=Path)
    parser.add_argument("--answers", default="1000,10000,100000")
    parser.add_argument("--model", type=Path, default=None)
    given = parser.parse_args(arguments)
    x, risk, stopped, sybil = answered(given.worlds, given.model or packaged_model())
    rng = np.random.default_rng(1)
    cut = int(0.7 * len(x))
    report: dict[str, Any] = {"signups": len(x), "judged_on": len(x) - cut, "stopped": round(float(stopped.mean()), 4)}
    for count in map(int, given.answers.split(",")):
        chosen = rng.choice(cut, min(count, cut), replace=False)
        for arm, width in (("profile", len(OWN)), ("row", x.shape[1])):
            told = surrogate(x[chosen, :width], risk[chosen])
            said = told.predict(x[cut:, :width])
            report[f"{arm}_{len(chosen)}"] = judged(said, risk[cut:], stopped[cut:], sybil[cut:], rng)
    print(json.dumps(report, indent=1))


def answered(worlds: Sequence[Path], model: Path) -> tuple[Rows, Floats, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Feature rows of all signups, the risk they were given, who was stopped, who is a Sybil; mixed."""
    bundle = load_model(model)
    parts = []
    for world in worlds:
        pipeline = Pipeline(bundle.models, load_policy(bundle.policy_text), TRAINING_KEYS, evidence=False)
        scored = score_log(read_log(open_source(world, None), load_reference()), Replay(pipeline))
        parts.append((scored.dataset.x, scored.risk, scored.decision != Decision.ALLOW, scored.dataset.label))
    x, risk, stopped, sybil = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.random.default_rng(0).permutation(len(x))
    return x[order], risk[order], stopped[order], sybil[order]


def surrogate(x: Rows, risk: Floats) -> lightgbm.Booster:
    """A model of the bands."""
    bands = np.searchsorted(BAND_LIMITS, risk, side="right").astype(float)
    return lightgbm.train(_SHAPE, lightgbm.Dataset(x, bands), _TREES)


def judged(
    said: Floats, risk: Floats, stopped: npt.NDArray[np.bool_], sybil: npt.NDArray[np.bool_], rng: np.random.Generator
) -> dict[str, float]:
    """How far the copy agrees, and what it is worth to who picks his profiles by it."""
    draws = rng.choice(np.flatnonzero(sybil), (_DRAWS, _CHOICES))
    rows = np.arange(_DRAWS)
    by_copy, by_model = (draws[rows, values[draws].argmin(axis=1)] for values in (said, risk))
    return {
        "copies": round(float(spearmanr(said, risk).statistic), 3),
        "stopped_auc": round(auc(said, stopped) or 0.0, 3),
        "picked_stopped": round(float(stopped[by_copy].mean()), 3),
        "at_random_stopped": round(float(stopped[draws[:, 0]].mean()), 3),
        "by_the_model_stopped": round(float(stopped[by_model].mean()), 3),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
