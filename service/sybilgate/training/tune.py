"""A search for the size of the final model: what finds most of campaigns that its folds did not show it.

The measure is the recall at 0.5 % false positives, macro over campaigns, out of fold with campaigns kept whole. The
best of many trials flatters itself, so it is judged once more beside the default, on folds dealt anew. Trials are kept
in a SQLite file: an interrupted search goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.observation import Floats
from sybilgate.errors import ConfigurationError
from sybilgate.training.boost import (
    EXPLANATION_BUDGET,
    FINAL_SHAPE,
    Shape,
    explanation_cost,
    make_folds,
    out_of_fold,
    row_weights,
)
from sybilgate.training.dataset import Dataset, Progress
from sybilgate.training.evaluate import Bools, threshold_at
from sybilgate.training.outcome_metrics import members

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

#: Share of honest accounts that may be flagged.
RATE = 0.005
#: Added to the seed for the folds of the last comparison.
_ANEW = 1000


@dataclass(frozen=True)
class Tuned:
    """The best shape and the default: recall in the search, and on folds dealt anew."""

    shape: Shape
    trials: int
    refused: int
    search: dict[str, float | None]
    anew: dict[str, float]

    def told(self) -> str:
        """The comment above the shape."""
        tried = f"Best of {self.trials} trials; {self.refused} of them cost too much to explain."
        search = ", ".join(f"{name} {_number(value)}" for name, value in self.search.items())
        anew = ", ".join(f"{name} {value:.4f}" for name, value in self.anew.items())
        return (
            f"{tried}\nRecall at {RATE:.1%} false positives, macro over campaigns: {search}.\nOn other folds: {anew}."
        )


def available() -> None:
    """Raises ``ConfigurationError`` where optuna is not installed."""
    try:
        import optuna  # noqa: F401
    except ImportError:
        raise ConfigurationError("tuning needs optuna: install sybilgate[tune]") from None


def tune(
    data: Dataset, file: Path, trials: int, seed: int, made_of: dict[str, Any], tell: Progress | None = None
) -> Tuned:
    """Search until ``file`` holds ``trials`` of them. ``made_of`` names the data: another has a study of its own."""
    study = _open(file, seed, made_of)
    while (done := _finished(study)) < trials:
        if tell:
            tell("tune", done, trials)
        # Begun anew at each trial, so that an interrupted search goes on as it would have gone.
        study.sampler = _sampler(seed + len(study.trials))
        study.optimize(lambda trial: _trial(trial, data, seed), n_trials=1)
    if tell:
        tell("tune", trials, trials)
    best = Shape(**study.best_params)
    plain = [trial.value for trial in study.trials if trial.state.name == "COMPLETE" and _is_default(trial)]
    arms = {"best": best, "default": FINAL_SHAPE}
    return Tuned(
        best, _finished(study), sum(trial.state.name == "PRUNED" for trial in study.trials),
        {"best": study.best_value, "default": plain[0] if plain else None},
        {name: recall_of(data, shape, seed + _ANEW)[0] for name, shape in arms.items()},
    )  # fmt: skip


def recall_of(data: Dataset, shape: Shape, seed: int) -> tuple[float, float]:
    """Macro recall of a shape out of fold, and what explaining its dearest model costs."""
    folds = make_folds(data.account_id, data.group, data.time, seed)
    weight = row_weights(data.label, data.group)
    margin, boosters = out_of_fold(data.x, data.label, weight, folds, FEATURE_NAMES, shape, seed)
    recall = macro_recall(margin, data.label, data.group, RATE)
    return recall, max(explanation_cost(booster) for booster in boosters)


def macro_recall(margin: Floats, label: Bools, group: Sequence[str], rate: float) -> float:
    """Mean over campaigns of the share above the honest threshold; where none is named, over Sybils."""
    flagged = margin > threshold_at(margin[~label], rate)
    campaigns = list(members(group, label).values()) or [np.flatnonzero(label)]
    return float(np.mean([flagged[at].mean() for at in campaigns]))


def _trial(trial: Trial, data: Dataset, seed: int) -> float:
    from optuna import TrialPruned

    shape = _drawn(trial)
    recall, cost = recall_of(data, shape, seed)
    # Training cuts a model to its budget: a shape beyond it would not be the model that was judged.
    if cost > EXPLANATION_BUDGET and shape != FINAL_SHAPE:
        raise TrialPruned(f"costs {cost:.0f} to explain")
    return recall


def _drawn(trial: Trial) -> Shape:
    """A shape of the space that is searched."""
    return Shape(
        trees=trial.suggest_int("trees", 20, 400, step=20),
        leaves=trial.suggest_int("leaves", 4, 47),
        max_depth=trial.suggest_int("max_depth", 2, 8),
        learning_rate=trial.suggest_float("learning_rate", 0.02, 0.3, log=True),
        l2=trial.suggest_float("l2", 0.5, 100.0, log=True),
        feature_fraction=trial.suggest_float("feature_fraction", 0.2, 1.0),
        habit=trial.suggest_float("habit", 0.05, 1.0),
    )


def _is_default(trial: FrozenTrial) -> bool:
    return trial.system_attrs.get("fixed_params") == asdict(FINAL_SHAPE)


def _open(file: Path, seed: int, made_of: dict[str, Any]) -> Study:
    """The study of this data in the file; the default shape is tried first."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    name = hashlib.sha256(json.dumps(made_of | {"seed": seed}, sort_keys=True, default=str).encode()).hexdigest()[:12]
    study = optuna.create_study(
        storage=f"sqlite:///{file}", study_name=name, direction="maximize", load_if_exists=True
    )  # fmt: skip
    if not any(trial.state.name in ("WAITING", "COMPLETE") and _is_default(trial) for trial in study.trials):
        study.enqueue_trial(asdict(FINAL_SHAPE))
    return study


def _sampler(seed: int) -> Any:
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed)


def _finished(study: Study) -> int:
    """Trials that came to an end; one that was interrupted is not among them."""
    return sum(trial.state.name in ("COMPLETE", "PRUNED") for trial in study.trials)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
