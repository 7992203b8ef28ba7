"""What an explained row costs: ``predict``, ``pred_contrib`` and compiled tables, one thread, interleaved.

``python -m tests.benchmarks.explanation [ROUNDS]`` prints one JSON object per model: microseconds per row (medians over
rounds) at 1, 32 and 1,000 rows, ratios, the largest difference of any cell on 3,000 rows of which half are adversarial,
seconds to compile, and bytes of tables. Rows differ within a batch: repeated rows flatter every branch predictor.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import lightgbm
import numpy as np

from sybilgate.core.explanation import Explainer

SIZES = (1, 32, 1000)
CHECKED = 3000
_SECONDS = 0.03
_ONLINE = {"num_threads": 1, "validate_features": False}
#: trees, leaves, depth (-1: any)
_SHAPES = ((80, 31, 6), (300, 31, 8), (100, 63, -1))


def _synthetic(width: int = 100, rows: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the usual kinds: flags, counts with many zeros, gaps, heavy tails."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(rows, width))
    x[:, ::4] = x[:, ::4] > 1
    x[:, 1::4] = np.floor(np.exp(x[:, 1::4]))
    x[:, 2::4][rng.random(x[:, 2::4].shape) < 0.2] = np.nan
    z = np.nan_to_num(x)
    margin = z[:, :40] @ rng.normal(size=40) * 0.4 + z[:, 3] * z[:, 7] + np.sin(z[:, 5]) * z[:, 11]
    return x, (margin + rng.normal(size=rows) > np.median(margin)).astype(np.float64)


def _models() -> dict[str, tuple[str, np.ndarray]]:
    newest = max(Path("models/default").iterdir(), key=lambda path: int(path.name))
    found = {f"default/{newest.name}": ((newest / "model.txt").read_text(), np.load(newest / "golden.npy"))}
    x, y = _synthetic()
    for trees, leaves, depth in _SHAPES:
        settings = {
            "objective": "binary", "num_leaves": leaves, "max_depth": depth, "verbose": -1, "num_threads": 1,
            "feature_fraction": 0.5, "learning_rate": 0.05, "seed": 1,
        }  # fmt: skip
        text = lightgbm.train(settings, lightgbm.Dataset(x, y), trees).model_to_string()
        found[f"{trees} x {leaves}, depth {depth}"] = (text, x)
    return found


def _batch(rows: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Each column drawn on its own, so that no row repeats."""
    at = np.random.default_rng(seed).integers(0, len(rows), size=(size, rows.shape[1]))
    return np.ascontiguousarray(np.take_along_axis(rows, at, axis=0), dtype=np.float32)


def _time(work: Callable[[np.ndarray], Any], batches: list[np.ndarray]) -> float:
    """Microseconds per row."""
    work(batches[0])
    begun, turns = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < _SECONDS or turns == 0:
        work(batches[turns % len(batches)])
        turns += 1
    return spent / turns / len(batches[0]) * 1e6


def _compare(text: str, rows: np.ndarray, rounds: int) -> dict[str, Any]:
    booster = lightgbm.Booster(model_str=text)
    begun = time.perf_counter()
    Explainer.compile(text)
    first, begun = time.perf_counter() - begun, time.perf_counter()
    explainer = Explainer.compile(text)
    seconds = time.perf_counter() - begun
    arms: dict[str, Callable[[np.ndarray], Any]] = {
        "predict": lambda x: booster.predict(x, raw_score=True, **_ONLINE),
        "pred_contrib": lambda x: booster.predict(x, pred_contrib=True, **_ONLINE),
        "tables": explainer.contributions,
    }
    found: dict[str, Any] = {}
    for size in SIZES:
        batches = [_batch(rows, size, seed) for seed in range(8)]
        times: dict[str, list[float]] = {name: [] for name in arms}
        for _ in range(rounds):
            for name, work in arms.items():
                times[name].append(_time(work, batches))
        middle = {name: median(values) for name, values in times.items()}
        found[f"us per row at {size}"] = {name: round(value, 2) for name, value in middle.items()} | {
            "tables / predict": round(median(a / b for a, b in zip(times["tables"], times["predict"], strict=True)), 2),
            "pred_contrib / tables": round(middle["pred_contrib"] / middle["tables"], 1),
        }
    x = explainer.probe(CHECKED)
    x[::2] = _batch(rows, len(x[::2]), 99)
    apart = np.abs(explainer.contributions(x) - booster.predict(x, pred_contrib=True, **_ONLINE)).max()
    return found | {
        "largest difference": float(apart), "seconds to compile at first": round(first, 2),
        "seconds to compile": round(seconds, 3), "bytes of tables": explainer.tables.cells.nbytes,
        "tables": len(explainer.tables.offset) - 1, "nodes outside": len(explainer.paths.parent),
    }  # fmt: skip


def main(rounds: int = 7) -> None:
    """Print one line per model."""
    for name, (text, rows) in _models().items():
        print(json.dumps({"model": name, "rounds": rounds} | _compare(text, rows, rounds)), flush=True)


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
