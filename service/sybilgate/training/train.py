"""Training a bundle: two replays of one log, folds that keep campaigns whole, thresholds from honest accounts.

The first replay gives first-stage rows; a small model scores them out of fold. The second replay carries those
scores as serving will carry the first-pass model's, so the final model sees carried risk as good, and as
bad, as it will be. Everything reported comes from models that had not seen the campaign they judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle import write_bundle
from sybilgate.app.distribution import make_reference
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.detector import GUARDS, HONEST_SHARES, guard_values
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES, FIRST, Rows
from sybilgate.core.observation import Floats
from sybilgate.core.tail import Tails
from sybilgate.errors import InvalidInput
from sybilgate.training.boost import (
    FINAL_SHAPES,
    FIRST_SHAPES,
    Shape,
    best_shape,
    calibrate,
    explanation_cost,
    fit,
    make_folds,
    margins,
    row_weights,
    within_budget,
)
from sybilgate.training.card import model_card
from sybilgate.training.dataset import Dataset, Folder, Log, Progress, build_dataset, departures
from sybilgate.training.evaluate import evaluate, threshold_at
from sybilgate.training.mates import learn_mates

#: Share of honest accounts that each decision may touch.
BUDGETS = {"challenge": 0.01, "review": 0.003, "deny": 0.001}
#: What part of that each detector may spend. One budget for all would let the model, which knows only the kinds of
#: campaign it was shown, crowd out those that need no labels.
PULL = "campaign.pull"
SHARES = {"risk": 0.5, PULL: 0.3, "crowd.max": 0.12, "chain.score": 0.05, "contradiction.left": 0.03}
_MATE_BUDGET = 0.03
#: Log-odds from which likeness to a campaign counts, three to one: even odds cost honest people more than they bring.
#: A company's own traffic may ask for more; a simulated history, with more crowds in it on purpose, may not.
_LIKELY = 1.0
#: Share of honest accounts that are watched: campaigns may pull at them.
WATCHED = 0.05
_GOLDEN = 64
#: Guards are written with four decimals: this much above the honest tail is above it after rounding too.
_ABOVE = 1e-4


@dataclass(frozen=True)
class Trained:
    """A bundle's parts before they are written."""

    first_text: str
    final_text: str
    calibration: list[tuple[float, float]]
    guards: dict[str, tuple[float, ...]]
    tails: Tails
    policy_text: str
    golden: Rows
    mates: Mates | None
    report: dict[str, Any]
    reference: dict[str, Any]


def train_bundle(
    log: Log,
    new_replay: Callable[[], Folder],
    out: Path,
    name: str = "default",
    version: str = "1",
    seed: int = 1,
    types: Sequence[EventType] = (EventType.SIGNUP,),
    notes: dict[str, Any] | None = None,
    tell: Progress | None = None,
    shapes: Sequence[Shape] = FINAL_SHAPES,
) -> tuple[Path, dict[str, Any]]:
    """Train and write ``out/name/version``; returns its folder and the report."""
    trained = train(log, new_replay, f"{name}@{version}", seed, types, tell, shapes)
    folder = write_bundle(
        out, name, version,
        first_text=trained.first_text, final_text=trained.final_text, calibration=trained.calibration,
        guards=trained.guards, tails=trained.tails.to_json(),
        features=FEATURE_NAMES, golden_rows=trained.golden, policy_text=trained.policy_text,
        card_text=model_card(f"{name}@{version}", trained.report, notes or {}),
        mates=trained.mates.to_json() if trained.mates else {},
        notes={"seed": seed, "report": trained.report, "reference": trained.reference} | (notes or {}),
    )  # fmt: skip
    return folder, trained.report


def train(
    log: Log,
    new_replay: Callable[[], Folder],
    title: str,
    seed: int = 1,
    types: Sequence[EventType] = (EventType.SIGNUP,),
    tell: Progress | None = None,
    shapes: Sequence[Shape] = FINAL_SHAPES,
) -> Trained:
    """Both stages, the final model of the best of ``shapes``."""
    first_text, data = final_rows(log, new_replay, seed, types, tell)
    assert data.tails is not None, "every dataset that is built has tails"
    weight = row_weights(data.label, data.group, data.archetype)
    folds = make_folds(data.account_id, data.group, data.time, seed)
    shape, margin, _ = best_shape(data.x, data.label, weight, folds, FEATURE_NAMES, shapes, seed)
    points = calibrate(margin, data.label)
    risk = np.interp(margin, *np.array(points).T)
    guards = guard_values(data.x[~data.label], data.tails)
    if tell:
        tell("fit", 0, 1)
    booster = within_budget(fit(data.x, data.label, weight, FEATURE_NAMES, shape, seed))
    return Trained(
        first_text=first_text,
        final_text=booster.model_to_string(),
        calibration=points,
        guards=guard_quantiles(guards),
        tails=data.tails,
        policy_text=policy_toml(title, risk[~data.label], guards),
        golden=golden_rows(data, margin),
        mates=known_mates(log, new_replay(), data, risk, np.ones(len(data), np.bool_), seed),
        report=_report(data, risk, booster),
        reference=make_reference(data.x, risk, FEATURE_NAMES, types).to_json(),
    )


def final_rows(
    log: Log, new_replay: Callable[[], Folder], seed: int, types: Sequence[EventType], tell: Progress | None
) -> tuple[str, Dataset]:
    """The first-pass model, and the rows that the final model learns from.

    Raises ``InvalidInput`` when the log holds too little truth to learn from.
    """
    first_text, first_risk = _first_pass(log, new_replay, seed, types, tell)
    return first_text, build_dataset(log, new_replay(), types, first_risk, tell=tell)


def known_mates(
    log: Log, replay: Folder, data: Dataset, risk: Floats, known: npt.NDArray[np.bool_], seed: int
) -> Mates | None:
    """Who belongs together, learnt from those of the ``known`` rows that out-of-fold scores flag; more honest accounts
    than the policy would stop, because those are whom a campaign must be told from."""
    if not any(data.group):
        return None
    flagged = np.zeros(len(log), np.bool_)
    flagged[data.event[known & (risk > threshold_at(risk[~data.label], _MATE_BUDGET))]] = True
    chunks = np.split(flagged, np.cumsum([len(chunk) for chunk in log.chunks])[:-1])
    parts = []
    for chunk, part, leaving in zip(log.chunks, chunks, departures(log), strict=True):
        parts.append(replay.suspects(chunk, part))
        replay.forget(leaving)
    groups = dict(zip(data.account_id, data.group, strict=True))
    bad = {name for name, label in zip(data.account_id, data.label.tolist(), strict=True) if label}
    return learn_mates(parts, lambda name: groups[name] if name in bad and groups[name] else f"/{name}", seed)


def _first_pass(
    log: Log, new_replay: Callable[[], Folder], seed: int, types: Sequence[EventType], tell: Progress | None
) -> tuple[str, Floats]:
    """The first-pass model, and an out-of-fold first-pass risk per event of the log, of whatever type."""
    data = build_dataset(log, new_replay(), first_only=True, tell=tell)  # which lets go of the replay
    kinds = np.concatenate([chunk.type for chunk in log.chunks])[data.event] if len(data) else np.zeros(0)
    learn = data.known & np.isin(kinds, [int(kind) for kind in (*types, EventType.PAYMENT)])
    bad, good = int(data.label[learn].sum()), int((~data.label[learn]).sum())
    if min(bad, good) < 50:
        found = f"{bad} and {good} were found"
        raise InvalidInput([("truth", f"needs at least 50 Sybil and 50 honest accounts to learn from; {found}")])
    folds = make_folds(data.account_id, data.group, data.time, seed)
    group = [data.group[i] for i in np.flatnonzero(learn)]
    archetype = [data.archetype[i] for i in np.flatnonzero(learn)]
    weight = row_weights(data.label[learn], group, archetype)
    names, count = FEATURE_NAMES[:FIRST], int(folds.max(initial=0)) + 1
    x, label = data.x if learn.all() else data.x[learn], data.label[learn]
    shape, _, boosters = best_shape(x, label, weight, folds[learn], names, FIRST_SHAPES, seed, count)
    whole = fit(x, label, weight, names, shape, seed)
    risk = np.zeros(len(log))
    for fold, booster in enumerate(boosters):
        rows = folds == fold
        risk[data.event[rows]] = 1 / (1 + np.exp(-margins(booster, data.x[rows])))
    return whole.model_to_string(), risk


def guard_quantiles(guards: Floats) -> dict[str, tuple[float, ...]]:
    """Values that ``HONEST_SHARES`` of honest accounts exceed, of each column of their ``guard_values``."""
    shares = [1.0 - share for share in HONEST_SHARES]
    return {name: tuple(np.quantile(values, shares).tolist()) for name, values in zip(GUARDS, guards.T, strict=True)}


def policy_toml(title: str, honest_risk: Floats, guards: Floats, pull: Floats | None = None) -> str:
    """Thresholds that at most the budgeted share of honest accounts reaches, for the risk, for the ``guards``
    (``core.detector.guard_values``), and for the ``pull`` of campaigns, if that is known (minus infinity for those whom
    something else flags: it adds the rest)."""
    lines = [f'version = "{title}"', "# Risk from which each decision is recommended; honest share in comments."]
    for name, budget in BUDGETS.items():
        level = min(math.nextafter(threshold_at(honest_risk, SHARES["risk"] * budget), 2.0), 1.0)
        lines.append(f"{name} = {level!r}  # {SHARES['risk'] * budget:.2%} of honest accounts")
    lines += ["", "# Detectors beside the model, in units of their feature: [challenge, review]. None of them denies."]
    lines.append("[guards]")
    for name, values in zip(GUARDS, guards.T, strict=True):
        levels = [threshold_at(values, SHARES[name] * BUDGETS[decision]) for decision in ("challenge", "review")]
        challenge, review = (level + _ABOVE for level in levels)
        lines.append(f'"{name}" = [{challenge:.4f}, {review:.4f}]')
    watch = math.nextafter(threshold_at(honest_risk, WATCHED), 2.0)
    level = _LIKELY if pull is None else max(threshold_at(pull, SHARES[PULL] * BUDGETS["challenge"]) + _ABOVE, _LIKELY)
    lines += ["", "# Risk from which an account is watched, and log-odds of belonging to a campaign that challenge it."]
    lines += ["[campaign]", f"watch = {watch!r}  # {WATCHED:.0%} of honest accounts", f"pull = {level:.4f}"]
    return "\n".join(lines) + "\n"


def golden_rows(data: Dataset, margin: Floats) -> Rows:
    """Rows from all over the range of margins."""
    order = np.argsort(margin, kind="stable")
    rows: Rows = data.x[order[np.linspace(0, len(order) - 1, min(_GOLDEN, len(order))).astype(int)]]
    return rows


def _report(data: Dataset, risk: Floats, booster: lightgbm.Booster) -> dict[str, Any]:
    archetypes = data.archetype if any(data.archetype) else None
    groups = data.group if any(data.group) else None
    gain = booster.feature_importance("gain")
    top = np.argsort(-gain)[:15]
    return {
        "out_of_fold": evaluate(risk, data.label, data.time, groups, archetypes),
        "days": float((data.time.max() - data.time.min()) / 86_400),
        "trees": booster.num_trees(),
        "explanation_cost": round(explanation_cost(booster)),
        "top_features": [[FEATURE_NAMES[i], round(float(gain[i] / gain.sum()), 4)] for i in top],
    }
