"""What was known at a date: labels by their time, silence by its age."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sybilgate.app.mapping import DAY, Truth
from sybilgate.core.observe import observe
from sybilgate.errors import InvalidInput
from sybilgate.training.commands import blank_replay
from sybilgate.training.dataset import TRAINING_KEYS, Log, build_dataset
from sybilgate.training.history import Knowledge, know
from sybilgate.training.label_file import read_labels
from sybilgate.training.labels import NOT_TOLD, Label, known_by, late_and_wrong
from tests.factories import REFERENCE, START, outcome, ring, signup

BAD, GOOD = Truth(True, "ring", "farm"), Truth(False, "", "honest")


def history() -> Log:
    """A ring of eight on the first day, a person on each of ten days."""
    events = sorted([*ring(8), *(signup(f"h{i}", at=i * DAY + 900) for i in range(10))], key=lambda event: event.time)
    log = Log([observe(events[:6], REFERENCE, TRAINING_KEYS), observe(events[6:], REFERENCE, TRAINING_KEYS)])
    log.truths = {event.account_id: BAD if "ring" in event.account_id else GOOD for event in events}
    return log


def sybils(log: Log) -> set[str]:
    return {account for account, truth in log.truths.items() if truth.is_sybil}


def test_latest_label_counts() -> None:
    labels = [Label("a", GOOD, 9.0), Label("a", BAD, 5.0), Label("b", BAD, 11.0)]
    assert known_by(10.0, labels, {}, 0.0) == {"a": GOOD}
    assert known_by(11.0, labels, {}, 0.0) == {"a": GOOD, "b": BAD}


def test_silence_must_be_old() -> None:
    seen = {"old": 0.0, "young": 9 * DAY}
    assert known_by(10 * DAY, [], seen, 5.0) == {"old": Truth(False)}
    assert known_by(10 * DAY, [], seen, math.inf) == {}


def test_labels_come_late_by_seed() -> None:
    labels = [Label(f"a{i}", BAD, 0.0) for i in range(2000)]
    late = late_and_wrong(labels, 7.0, 0.0, 1)
    assert np.mean([label.time for label in late]) == pytest.approx(7 * DAY, rel=0.1)
    assert late == late_and_wrong(labels, 7.0, 0.0, 1) != late_and_wrong(labels, 7.0, 0.0, 2)
    assert late_and_wrong(labels, 0.0, 0.0, 1) == labels


def test_noise_turns_its_share() -> None:
    told = late_and_wrong([Label(f"a{i}", BAD, 0.0) for i in range(2000)], 0.0, 0.1, 1)
    wrong = [label.truth for label in told if not label.truth.is_sybil]
    assert 150 < len(wrong) < 250
    assert set(wrong) == {Truth(False, "", NOT_TOLD)}


def test_whole_knowledge_changes_nothing() -> None:
    log = know(history(), Knowledge(), None)
    assert log.truths == history().truths and len(log) == 18
    assert Knowledge().notes() == {}


def test_late_sybils_look_honest() -> None:
    log = know(history(), Knowledge(as_of=START + 5 * DAY, label_delay_days=5.0), None)
    assert 0 < len(sybils(log)) < 8
    assert log.truths["ring0"].is_sybil or log.truths["ring0"] == Truth(False, "", NOT_TOLD)
    assert log.truths["h1"] == GOOD


def test_nothing_after_date_is_known() -> None:
    log = know(history(), Knowledge(as_of=START + 5 * DAY, maturity_days=2.0), None)
    assert len(log) == 8 + 5
    assert set(log.truths) == {f"ring{i}" for i in range(8)} | {"h0", "h1", "h2"}
    with pytest.raises(InvalidInput, match="before the history begins"):
        know(history(), Knowledge(as_of=START - DAY), None)


def test_burn_in_only_fills_state() -> None:
    log = know(history(), Knowledge(burn_in_days=2.0), None)
    rows, every = build_dataset(log, blank_replay()), build_dataset(log, blank_replay(), first_only=True)
    assert len(rows) == 8 and not rows.label.any()
    assert len(every) == 18 and every.known.sum() == 8 and not every.label.any()


def test_outcomes_serve_without_columns() -> None:
    log = history()
    log.truths = {}
    log.chunks.append(observe([outcome("ring3", at=20 * DAY)], REFERENCE, TRAINING_KEYS))
    known = know(log, Knowledge(maturity_days=15.0), None)
    assert sybils(known) == {"ring3"} and not known.truths["ring4"].is_sybil
    assert "h6" not in known.truths


def test_labels_are_read_from_any_file(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("account_id,label,time,group\n007,sybil,2026-01-01,r1\nb,0,1767225600,\n")
    rows = [{"account_id": "007", "label": 1, "time": "2026-01-01T00:00:00Z", "group": "r1"}]
    (tmp_path / "l.jsonl").write_text(json.dumps(rows[0]) + "\n")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "l.parquet")
    first = Label("007", Truth(True, "r1"), 1767225600.0)
    assert read_labels(tmp_path / "l.csv") == [first, Label("b", Truth(False), 1767225600.0)]
    assert read_labels(tmp_path / "l.jsonl") == read_labels(tmp_path / "l.parquet") == [first]


def test_every_label_fault_is_named(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("account_id,label,time\n,maybe,soon\na,perhaps,1767225600000\nb,1,2026-01-01\n")
    with pytest.raises(InvalidInput) as caught:
        read_labels(tmp_path / "l.csv")
    assert [path for path, _ in caught.value.violations] == ["labels.account_id", "labels.label", "labels.time"]
    assert "(2 rows, the first is 1)" in caught.value.violations[1][1]


def test_missing_label_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("account_id,verdict\na,1\n")
    with pytest.raises(InvalidInput, match="not in the file: label, time"):
        read_labels(tmp_path / "l.csv")
