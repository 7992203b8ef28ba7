"""Facts about evidence: surprise needs history, hubs never surprise, restatements count once."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np

from sybilgate.app.replay import Replay
from sybilgate.core import linking as l
from sybilgate.core.event import Event, EventType, Usage
from sybilgate.core.evidence import SPEAKING, axes_of, chance, evidence_json, speaking
from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, KINDS, Axis, Kind
from sybilgate.core.observe import observe
from tests.factories import KEYRING, REFERENCE, START, pipeline, ring, signup

DEVICE, CARD, BIN = (LINKS.index(kind) for kind in (Kind.DEVICE_ID, Kind.CARD, Kind.BIN))


def usage(account: str, at: float, sketch: Iterable[int]) -> Event:
    use = Usage(prompt_template_minhash=tuple(sketch))
    return Event(account_id=account, time=START + at, type=EventType.USAGE, usage=use)


def statistics(kind: Kind, day: float, month: float, flow_day: float, flow_month: float) -> np.ndarray:
    """One account that has one shared value; a week lies between day and month."""
    stats = np.full((1, len(KINDS), l.STATS), np.nan)
    row = stats[0, COLUMN[kind]]
    row[[l.W_DAY, l.W_WEEK, l.W_MONTH, l.ACCOUNTS]] = day, day, month, round(month)
    row[[l.N_DAY, l.N_WEEK, l.N_MONTH, l.SINCE, l.IDLE]] = flow_day, flow_day * 4, flow_month, 1e9, 60.0
    return stats


def test_new_crowd_on_value_surprises() -> None:
    stats = statistics(Kind.CARD, day=5, month=5, flow_day=500, flow_month=15_000)
    assert chance(stats)[0, CARD] < 1e-6
    assert axes_of(speaking(stats, chance(stats))[0]) == (Axis.PAYMENT,)


def test_steady_hub_never_surprises() -> None:
    stats = statistics(Kind.BIN, day=40, month=1_200, flow_day=500, flow_month=15_000)
    assert chance(stats)[0, BIN] > 0.1


def test_empty_service_is_never_surprised() -> None:
    stats = statistics(Kind.DEVICE_ID, day=30, month=30, flow_day=60, flow_month=60)
    assert chance(stats)[0, DEVICE] > 0.01


def test_one_axis_counts_once() -> None:
    stats = statistics(Kind.CARD, day=5, month=5, flow_day=500, flow_month=15_000)
    stats[0, COLUMN[Kind.HOLDER]] = stats[0, COLUMN[Kind.CARD]]
    assert axes_of(speaking(stats, chance(stats))[0]) == (Axis.PAYMENT,)


def test_evidence_counts_other_holders() -> None:
    history = [signup(f"h{i}", at=-86400.0 * 9 + 600.0 * i, ip=f"84.{i % 200}.7.9") for i in range(300)]
    out = Replay(pipeline()).fold(observe([*history, *ring(6)], REFERENCE, KEYRING))
    items = {item["kind"]: item for item in json.loads(out.evidence[-1])}
    assert items["device_id"]["holders"] == 5
    assert items["device_id"]["chance_probability"] < 1e-3
    assert items["device_id"]["first_seen_time"] == ring(1)[0].time


def test_lone_value_is_no_evidence() -> None:
    blank, unknown = np.full((1, len(KINDS), l.STATS), np.nan), np.full((1, len(SPEAKING)), np.nan)
    assert evidence_json(blank, unknown, np.zeros(1)) == ["[]"]


def test_evidence_is_written_as_json() -> None:
    stats, probability = np.full((1, len(KINDS), l.STATS), np.nan), np.full((1, len(SPEAKING)), np.nan)
    stats[0, COLUMN[LINKS[3]]] = np.arange(float(l.STATS))
    probability[0, 3] = 0.00012345
    (text,) = evidence_json(stats, probability, np.array([100.0]))
    (item,) = json.loads(text)
    assert text == json.dumps([item])
    assert (item["kind"], item["holders"]) == (LINKS[3].name.lower(), l.ACCOUNTS)
    assert (item["chance_probability"], item["last_seen_time"]) == (0.000123, 100.0 - l.IDLE)


def test_use_in_lock_step_is_evidence() -> None:
    alike = [
        usage(f"ring{i}", at=9e5 + 60 * i, sketch=[*range(8), *range(100 * i + 10, 100 * i + 18)]) for i in range(6)
    ]
    others = [usage(f"h{i}", at=600.0 * i, sketch=range(1000 * i + 1000, 1000 * i + 1016)) for i in range(1500)]
    out = Replay(pipeline()).fold(observe([*others, *alike], REFERENCE, KEYRING))
    (item,) = json.loads(out.evidence[-1])
    assert (item["kind"], item["axis"], item["holders"]) == ("prompts", "usage", 5)
    assert out.axes[-1] == "usage" and out.evidence[len(others) - 1] == "[]"
