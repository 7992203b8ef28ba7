"""Online against offline: a server that holds the first part of a log is sent the rest, one event at a time."""

from __future__ import annotations

import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from sybilgate import wiring
from sybilgate.app.backfill import BLOCK
from sybilgate.app.bundle import write_bundle
from sybilgate.app.replay import Replay
from sybilgate.app.source import Source
from sybilgate.app.task import Mode, Task
from sybilgate.client import Client
from sybilgate.config import Config, create_key
from sybilgate.core.event import Event
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.observe import observe
from sybilgate.errors import SybilgateError
from sybilgate.store import migrate
from sybilgate.training.train import Trained


def online_difference(source: Source, trained: Trained, cut: float, limit: int = 0) -> dict[str, Any]:
    """Send every event from ``cut`` on (at most ``limit``, if given) over gRPC; compare with an offline replay."""
    events = [mapped.event for mapped in source.events()]
    held = [event for event in events if event.time < cut]
    rest = [event for event in events if event.time >= cut]
    rest = rest[: limit or len(rest)]
    with tempfile.TemporaryDirectory(prefix="sybilgate-fraudecom-") as name:
        config = configure(Path(name), trained)
        application = wiring.build(config)
        try:
            for start in range(0, len(held), BLOCK):
                hold(application, tuple(held[start : start + BLOCK]))
            sent = send(application, config, rest)
            return {"held": len(held), "sent": len(rest)} | sent | compare(application, held + rest, len(held))
        finally:
            application.close()


def configure(folder: Path, trained: Trained) -> Config:
    """A database, a key and the bundle in ``folder``."""
    url = f"sqlite:///{folder}/fraudecom.db"
    create_key(folder / "key")
    migrate.upgrade(url)
    bundle = write_bundle(
        folder, "fraudecom", "1", first_text=trained.first_text, final_text=trained.final_text,
        calibration=trained.calibration, guards=trained.guards, features=FEATURE_NAMES,
        tails=trained.tails.to_json(), golden_rows=trained.golden, policy_text=trained.policy_text,
        card_text="# fraudecom\n",
    )  # fmt: skip
    return Config(database_url=url, address="127.0.0.1:0", key_file=folder / "key", model_dir=bundle, auth="off")


def hold(application: wiring.Application, events: tuple[Event, ...]) -> None:
    """Record history, as a backfill does."""
    result = application.assessor.run([Task(mode=Mode.RECORD, events=events)])[0]
    if isinstance(result, SybilgateError):
        raise result


def send(application: wiring.Application, config: Config, events: list[Event]) -> dict[str, Any]:
    """Assess one event after the other."""
    server = wiring.open_server(application, config)
    server.start()
    server.ready()
    began = time.perf_counter()
    try:
        with Client(f"127.0.0.1:{server.port}") as client:
            for event in events:
                client.create_assessment(event)
    finally:
        server.drain(5.0)
    return {"seconds": round(time.perf_counter() - began, 1)}


def compare(application: wiring.Application, events: list[Event], first: int) -> dict[str, Any]:
    """Largest differences between what was stored and a replay in one go, over all features, margins and risks."""
    replay = Replay(application.assessor.pipeline())
    features: list[Any] = []
    numbers: list[Any] = []
    iterator = iter(events)
    while part := list(islice(iterator, 2000)):
        outcome = replay.fold(observe(part, application.reference, application.keyring))
        features.append(outcome.features)
        numbers.append(np.column_stack([outcome.first_risk, outcome.margin, outcome.risk, outcome.decision]))
    offline, scores = np.concatenate(features), np.concatenate(numbers)
    worst, worst_score, unequal = 0.0, 0.0, 0
    seen: dict[str, list[Any]] = {}
    for i in range(first, len(events)):
        event = events[i]
        if event.account_id not in seen:
            records = application.store.assessments(event.account_id, 100, None)
            seen[event.account_id] = sorted(records, key=lambda record: record.assessment_id)
        record = seen[event.account_id].pop(0)
        row = np.frombuffer(record.features, np.float32)
        unequal += not np.array_equal(row, offline[i], equal_nan=True)
        worst = max(worst, float(np.nanmax(np.abs(row - offline[i]))))
        stored = np.array([record.first_risk, record.margin, record.risk, record.decision])
        worst_score = max(worst_score, float(np.abs(stored - scores[i]).max()))
    return {"max_feature_difference": worst, "max_score_difference": worst_score, "unequal_rows": unequal}
