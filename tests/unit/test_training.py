"""A bundle learnt from a small world: point in time, folds that keep campaigns whole, budgets that hold."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import lightgbm
import numpy as np
import pytest

from sybilgate.app.bundle import load_bundle
from sybilgate.app.mapping import Truth
from sybilgate.app.rows import event_from_row
from sybilgate.core.detector import GUARDS
from sybilgate.core.event import Event, EventType, Outcome, OutcomeKind
from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES, FIRST, POOLED
from sybilgate.core.observe import observe
from sybilgate.core.policy import load_policy
from sybilgate.errors import InvalidInput
from sybilgate.reference.bundle import load_reference
from sybilgate.simulate import WorldConfig, rows
from sybilgate.training import boost
from sybilgate.training.commands import blank_replay, judge
from sybilgate.training.dataset import TRAINING_KEYS, Log, build_dataset, departures
from sybilgate.training.train import policy_toml, train_bundle

WORLD = WorldConfig(seed=5, days=3, honest_per_day=150, campaigns=6, campaign_size=(10, 40), campaign_window=0.5)


@cache
def world_log() -> Log:
    log, reference, events = Log(), load_reference(), []
    for row in rows(WORLD):
        events.append(event_from_row(row))
        log.truths[str(row["account_id"])] = Truth(
            bool(row["truth.is_sybil"]), str(row["truth.group"] or ""), str(row["truth.archetype"])
        )
    for start in range(0, len(events), 500):
        log.chunks.append(observe(events[start : start + 500], reference, TRAINING_KEYS))
    return log


def outcome_log(*told: tuple[str, float, OutcomeKind | None]) -> Log:
    events = [
        Event(
            account_id=account,
            time=1.7e9 + days * 86_400,
            type=EventType.OUTCOME if kind else EventType.SIGNUP,
            outcome=Outcome(kind=kind) if kind else None,
        )
        for account, days, kind in told
    ]
    return Log([observe(events, load_reference(), TRAINING_KEYS)])


def test_trained_bundle_loads_and_ranks(tmp_path: Path) -> None:
    folder, report = train_bundle(world_log(), blank_replay, tmp_path, "tiny", "1")
    bundle = load_bundle(folder, FEATURE_NAMES, FIRST)
    judged = judge(world_log(), bundle, 1.0, (EventType.SIGNUP,), TRAINING_KEYS, None)
    assert judged["auc"] > 0.7
    assert report["explanation_cost"] <= boost.EXPLANATION_BUDGET
    assert "recall at 1.0% false positives" in (folder / "MODEL_CARD.md").read_text()


def test_rows_do_not_know_their_future() -> None:
    log = world_log()
    whole = build_dataset(log, blank_replay())
    early = build_dataset(Log(log.chunks[:2], log.truths), blank_replay())
    assert 100 < len(early) < len(whole)
    # Only the scale of surprise comes from the whole history, as it does when the model serves.
    mine, theirs = (np.delete(data.x[: len(early)], POOLED, axis=1) for data in (early, whole))
    np.testing.assert_array_equal(mine, theirs)


def test_pooled_columns_are_filled() -> None:
    data = build_dataset(world_log(), blank_replay())
    assert data.tails is not None and not np.isnan(data.x[:, POOLED]).any()
    assert (
        data.x[data.label][:, FEATURE_COLUMN["crowd.max"]].mean()
        > data.x[~data.label][:, FEATURE_COLUMN["crowd.max"]].mean()
    )


def test_too_little_truth_is_refused(tmp_path: Path) -> None:
    log = world_log()
    few = {account: truth for account, truth in log.truths.items() if not truth.is_sybil}
    with pytest.raises(InvalidInput, match="at least 50 Sybil"):
        train_bundle(Log(log.chunks, few), blank_replay, tmp_path)


def test_folds_keep_campaigns_whole() -> None:
    accounts = [f"a{i}" for i in range(200)]
    groups = [f"ring{i % 7}" if i % 2 else "" for i in range(200)]
    folds = boost.make_folds(accounts, groups, np.arange(200.0), 1)
    assert all(len({folds[i] for i in range(200) if groups[i] == f"ring{ring}"}) == 1 for ring in range(7))
    assert set(folds) == set(range(boost.FOLDS))


def test_folds_without_groups_are_time_blocks() -> None:
    folds = boost.make_folds([f"a{i // 2}" for i in range(100)], [""] * 100, np.arange(100.0), 1)
    assert (np.diff(folds) >= 0).all() and set(folds) == set(range(boost.FOLDS))
    assert (folds[::2] == folds[1::2]).all()


def test_large_campaigns_do_not_drown_small() -> None:
    label = np.array([True] * 110 + [False] * 5)
    weight = boost.row_weights(label, ["big"] * 100 + ["small"] * 10 + [""] * 5)
    assert weight[label].sum() == pytest.approx(110)
    assert 3 < weight[:100].sum() / weight[100:110].sum() < 3.5
    assert (weight[110:] == 1).all()


def test_many_accounts_need_fewer_folds() -> None:
    names = [f"a{n}" for n in range(750_000)]
    folds = boost.make_folds(names, ["ring"] + [""] * (len(names) - 1), np.zeros(len(names)), 1)
    assert set(np.unique(folds).tolist()) == {0, 1, 2}


def test_rare_honest_classes_count_more() -> None:
    label = np.array([True] * 50 + [False] * 1000)
    kinds = ["ring"] * 50 + ["honest"] * 884 + ["common"] * 100 + ["rare"] * 14 + [""] * 2
    weight = boost.row_weights(label, [""] * 1050, kinds)
    assert weight[label].sum() == pytest.approx(50)
    assert (weight[50:1034] == 1).all() and (weight[-2:] == 1).all()
    assert weight[1034:1048].sum() == pytest.approx(0.05 * 1000)


def test_noise_gets_small_model() -> None:
    rng, names = np.random.default_rng(5), FEATURE_NAMES[:40]
    x = rng.normal(size=(1500, len(names))).astype(np.float32)
    label = rng.random(1500) < 0.2
    folds = np.arange(1500) % boost.FOLDS
    shape, margin, _ = boost.best_shape(x, label, np.ones(1500), folds, names, boost.FINAL_SHAPES, 1)
    assert shape != boost.FINAL_SHAPE
    assert boost.log_loss(margin, label).mean() < 0.62


def test_calibration_rises_strictly() -> None:
    rng = np.random.default_rng(3)
    label = rng.random(5000) < 0.1
    margin = rng.normal(size=5000) + 2.0 * label
    table = np.array(boost.calibrate(margin, label))
    assert (np.diff(table, axis=0) > 0).all() and table.min(axis=0)[1] >= 0 and table.max(axis=0)[1] <= 1
    assert np.interp(margin, *table.T).mean() == pytest.approx(0.1, abs=0.02)


def test_policy_keeps_its_budgets() -> None:
    rng = np.random.default_rng(2)
    risk, honest = rng.random(10_000), np.zeros((10_000, len(GUARDS)))
    honest[:, GUARDS.index("chain.score")] = rng.random(10_000)
    policy = load_policy(policy_toml("m@1", risk, honest))
    assert (risk >= policy.challenge).sum() in (49, 50)
    assert (risk >= policy.deny).sum() in (4, 5)
    assert (honest[:, GUARDS.index("chain.score")] >= policy.guards["chain.score"][0]).sum() in (4, 5, 6)


def test_model_is_cut_to_its_budget() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(4000, 5)), rng.random(4000) < 0.5
    booster = lightgbm.train({"num_leaves": 63, "verbosity": -1, "num_threads": 1}, lightgbm.Dataset(x, y * 1.0), 60)
    cut = boost.within_budget(booster)
    assert 1 < cut.num_trees() < 60
    assert boost.explanation_cost(cut) <= boost.EXPLANATION_BUDGET


def test_outcomes_label_mature_accounts_only() -> None:
    log = outcome_log(
        ("old", 0, None), ("bad", 1, None), ("new", 90, None),
        ("bad", 95, OutcomeKind.CHARGEBACK), ("late", 96, OutcomeKind.BANNED),
    )  # fmt: skip
    log.truth_from_outcomes(1.7e9 + 95.5 * 86_400)
    assert {name: truth.is_sybil for name, truth in log.truths.items()} == {"old": False, "bad": True}


def test_accounts_leave_after_their_last_event() -> None:
    log = outcome_log(("a", 0, None), ("b", 1, None), ("a", 2, OutcomeKind.BANNED))
    log.chunks = [log.chunks[0].take([row]) for row in range(3)]
    assert departures(log) == [[], ["b"], ["a"]]


def test_leaving_changes_no_row() -> None:
    replay = blank_replay()
    data = build_dataset(world_log(), replay, first_only=True)
    kept = blank_replay()
    rows = np.concatenate([kept.fold(chunk).features[:, :FIRST] for chunk in world_log().chunks])
    ours, theirs = (np.delete(x, POOLED, axis=1) for x in (data.x, rows))
    assert not replay.accounts and kept.accounts and ours.tobytes() == theirs.tobytes()
