"""What the command line calls: train, evaluate and backfill, from files and stores to reports."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sybilgate.app.bundle import Bundle, load_bundle
from sybilgate.app.log import from_records
from sybilgate.app.ports import Store
from sybilgate.app.replay import Replay
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES, FIRST
from sybilgate.core.identifier import Keyring
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Policy, load_policy
from sybilgate.reference.bundle import load_reference
from sybilgate.training.boost import FINAL_SHAPES
from sybilgate.training.dataset import CHUNK, TRAINING_KEYS, Log, Progress, read_log, score_log
from sybilgate.training.evaluate import evaluate
from sybilgate.training.history import Knowledge, open_source, read_history
from sybilgate.training.shape import read_shape, shape_toml
from sybilgate.training.train import final_rows, train_bundle
from sybilgate.training.tune import Tuned, available, tune

_SIGNUPS = (EventType.SIGNUP,)
_NO_POLICY = Policy("training", 1.0, 1.0, 1.0)


def run_train(
    history: Path,
    out: Path,
    name: str = "default",
    version: str = "1",
    seed: int = 1,
    mapping: Path | None = None,
    types: Sequence[EventType] = _SIGNUPS,
    tell: Progress | None = None,
    labels: Path | None = None,
    knowledge: Knowledge | None = None,
    shape: Path | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Train on a history file (a simulated world, or with ``mapping`` a company's own); writes ``out/name/version``.

    ``labels``: a file that says who was who; ``knowledge``: how much of the truth may be known; ``shape``: a file with
    the size of the final model.
    """
    shapes = FINAL_SHAPES if shape is None else (read_shape(shape),)
    log, notes = read_history(history, mapping, labels, knowledge, seed, tell)
    return train_bundle(log, blank_replay, out, name, version, seed, types, notes, tell, shapes)


def run_tune(
    history: Path,
    out: Path,
    study: Path,
    trials: int,
    seed: int = 1,
    mapping: Path | None = None,
    types: Sequence[EventType] = _SIGNUPS,
    tell: Progress | None = None,
    labels: Path | None = None,
    knowledge: Knowledge | None = None,
) -> Tuned:
    """Search for the best shape on a history, or go on with the search in ``study``; writes it to ``out``."""
    available()
    log, notes = read_history(history, mapping, labels, knowledge, seed, tell)
    _, data = final_rows(log, blank_replay, seed, types, tell)
    found = tune(data, study, trials, seed, notes | {"types": list(types), "features": FEATURE_NAMES}, tell)
    out.write_text(shape_toml(found.shape, found.told()), encoding="utf-8")
    return found


def run_evaluate(
    history: Path,
    bundle: Path,
    mapping: Path | None = None,
    test_share: float = 0.2,
    types: Sequence[EventType] = _SIGNUPS,
    tell: Progress | None = None,
) -> dict[str, Any]:
    """Replay a history under a bundle and judge its last ``test_share`` of rows by time (1: all of them)."""
    log = read_log(open_source(history, mapping), load_reference(), tell=tell)
    return judge(log, load_bundle(bundle, FEATURE_NAMES, FIRST), test_share, types, TRAINING_KEYS, tell)


def run_evaluate_store(
    store: Store, keyring: Keyring, bundle: Path, test_share: float = 0.2, tell: Progress | None = None
) -> dict[str, Any]:
    """The same on a store's event log, with truth from the outcomes in it."""
    log = store_log(store)
    log.truth_from_outcomes(as_of=max((float(chunk.time.max()) for chunk in log.chunks), default=-math.inf))
    return judge(log, load_bundle(bundle, FEATURE_NAMES, FIRST), test_share, _SIGNUPS, keyring, tell)


def judge(
    log: Log, bundle: Bundle, test_share: float, types: Sequence[EventType], keyring: Keyring, tell: Progress | None
) -> dict[str, Any]:
    """Score the whole log, judge its last part: earlier rows are what the state has learnt from."""
    pipeline = Pipeline(bundle.models, load_policy(bundle.policy_text), keyring, evidence=False)
    scored = score_log(log, Replay(pipeline), types, tell)
    data = scored.dataset
    start = len(data) - math.ceil(test_share * len(data))
    last = slice(start, None)
    groups, archetypes = data.group[last], data.archetype[last]
    return {"model": bundle.manifest.title, "events": len(log), "test_share": test_share} | evaluate(
        scored.risk[last], data.label[last], data.time[last],
        groups if any(groups) else None, archetypes if any(archetypes) else None, scored.decision[last],
    )  # fmt: skip


def store_log(store: Store) -> Log:
    """A store's whole event log, observed already."""
    log, last = Log(), 0
    while records := store.events(last, CHUNK):
        log.chunks.append(from_records(records))
        last = records[-1].seq
    return log


def blank_replay() -> Replay:
    """A replay without models: features only."""
    return Replay(Pipeline(None, _NO_POLICY, TRAINING_KEYS))
