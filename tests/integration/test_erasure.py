"""An erased account is named nowhere, and is not forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import create_engine, select
from typer.testing import CliRunner

from sybilgate.app.access_export import AccessExport, in_words
from sybilgate.app.assess import Assessor
from sybilgate.app.erase import Eraser
from sybilgate.app.log import from_records
from sybilgate.app.replay import Replay
from sybilgate.app.task import Mode, Result
from sybilgate.cli import app
from sybilgate.core.campaign.records import (
    Change,
    ChangeRecord,
    DueRecord,
    LabelRecord,
    ProtectionRecord,
    Verdict,
)
from sybilgate.core.desk import ClaimRecord
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.records import ShadowRecord
from sybilgate.core.state import STATE
from sybilgate.errors import NotFound
from sybilgate.store.store import SqlStore
from sybilgate.store.tables import metadata
from tests.factories import KEYRING, START, CountingModels, assessor, outcome, signup, task
from tests.unit.test_campaigns import STRICT, farm, strangers

NAME = "d-4711.x"
REF = KEYRING.account_ref(NAME)
STAND_IN = KEYRING.stand_in(REF)


@pytest.fixture
def service(store: SqlStore) -> Assessor:
    """A farm after many strangers; one of it was banned, and is written of wherever one can be."""
    chosen = Pipeline(CountingModels(), STRICT, KEYRING)
    service = replace(assessor(store), pipeline=lambda: chosen)
    events = [*strangers(60), *farm(4), replace(farm(5)[4], account_id=NAME), farm(6)[5]]
    for i, event in enumerate(events):
        service.run([task(event, request_id=f"r{i}")])
    service.run([task(outcome(NAME, at=1000.0), outcome("d5", at=1000.0), mode=Mode.RECORD, request_id="bans")])
    made = store.assessments(NAME, 1)[0]
    campaign = made.campaign
    with store.unit() as unit:
        unit.enqueue([DueRecord(NAME, "label", START)])
        unit.write_labels([LabelRecord("l1", NAME, 0, Verdict.SYBIL, "review", "ada", "", START, START, "he lied", "")])
        unit.write_labels([LabelRecord("l2", "d5", 0, 1, "review", "ada", "", START, START, f"as ({NAME}).", "")])
        unit.append_changes([ChangeRecord(campaign, START, Change.DISMISSED, 0, 3, "ada", f"{NAME}, d-4711.xy")])
        unit.protect([ProtectionRecord(f"account/{NAME}", "", "ada", "a friend", START, START)])
        unit.claim(ClaimRecord(f"accounts/{NAME}", "ada", START, START + 900.0))
        unit.write_shadow_scores([ShadowRecord(made.assessment_id, NAME, "other@1", 0.1, 0.5, START)])
    return service


def everything(url: str) -> str:
    """Every column of every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table))]
    engine.dispose()
    return "\n".join(str([bytes(v) if isinstance(v, bytes | memoryview) else v for v in row]) for row in rows)


def erased(store: SqlStore) -> None:
    Eraser(store, KEYRING, lambda: START + 5000.0).erase(NAME)


def test_nothing_stored_names_it(service: Assessor, store: SqlStore, store_url: str) -> None:
    before = everything(store_url)
    assert before.count(NAME) > 9 and "he lied" in before
    erased(store)
    after = everything(store_url)
    assert NAME not in after.replace("d-4711.xy", "") and "he lied" not in after and "a friend" not in after
    assert f"as ({STAND_IN})." in after and "d-4711.xy" in after


def test_newcomer_meets_what_was_left(service: Assessor, store: SqlStore) -> None:
    member = store.member(NAME)
    erased(store)
    back = signup("back", at=6000.0, device_id="d", card="c", ip="77.1.2.3", email="d4@d4.example")
    answer = service.run([task(back)])[0]
    assert isinstance(answer, Result)
    made = answer.assessments[0]
    row = np.frombuffer(made.features, np.float32)  # type: ignore[union-attr]
    assert row[FEATURE_COLUMN["mailbox.bad"]] == 0.25 and row[FEATURE_COLUMN["mailbox.month"]] > 0.6
    assert member is not None and made.campaign == member.campaign  # type: ignore[union-attr]


def test_replay_gives_same_state(service: Assessor, store: SqlStore) -> None:
    erased(store)
    replay = Replay(service.pipeline())
    replay.fold(from_records(store.events(0, 1000)))
    with store.unit() as unit:
        kept = unit.identifiers(list(replay.slot_of))
        assert set(unit.accounts(["d1", NAME, STAND_IN])) == {"d1"}
    for key, (_, row) in kept.items():
        state = replay.identifier(key)
        assert state is not None
        assert np.array_equal(np.frombuffer(row, STATE), state)


def test_campaign_keeps_its_place(service: Assessor, store: SqlStore) -> None:
    before = store.member(NAME)
    erased(store)
    after = store.member(STAND_IN)
    assert before is not None and after is not None and store.member(NAME) is None
    assert (after.campaign, after.join_time, after.evidence) == (before.campaign, before.join_time, "[]")
    with store.unit() as unit:
        record = unit.tombstone(REF)
    assert record is not None and (record.label, record.campaign) == (1, before.campaign)


def test_old_request_is_not_done_again(service: Assessor, store: SqlStore) -> None:
    erased(store)
    seen = len(store.events(0, 1000))
    answer = service.run([task(replace(farm(5)[4], account_id=NAME), request_id="r64")])[0]
    assert isinstance(answer, Result) and isinstance(answer.assessments[0], NotFound)
    assert len(store.events(0, 1000)) == seen


def test_erasing_again_changes_nothing(service: Assessor, store: SqlStore, store_url: str) -> None:
    erased(store)
    before = everything(store_url)
    erased(store)
    assert everything(store_url) == before
    with pytest.raises(NotFound):
        Eraser(store, KEYRING, lambda: START).erase("nobody")


def test_returned_account_is_erased_again(service: Assessor, store: SqlStore, store_url: str) -> None:
    erased(store)
    service.run([task(replace(farm(5)[4], account_id=NAME, time=START + 9000.0))])
    assert store.member(NAME) is not None
    erased(store)
    assert NAME not in everything(store_url).replace("d-4711.xy", "")


def test_command_erases_an_account(sqlite_url: str, open_on: Callable[[str], SqlStore], tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEYRING.secret.decode())
    (tmp_path / "key").chmod(0o600)
    assessor(open_on(sqlite_url)).run([task(signup("a1"))])
    environment = {"SYBILGATE_DATABASE_URL": sqlite_url, "SYBILGATE_KEY_FILE": str(tmp_path / "key")}
    asked = CliRunner().invoke(app, ["account", "erase", "a1"], env=environment, input="n\n")
    done = CliRunner().invoke(app, ["account", "erase", "a1", "--yes"], env=environment)
    assert (asked.exit_code, done.exit_code) == (1, 0), done.output
    assert KEYRING.stand_in(KEYRING.account_ref("a1")) in done.output
    assert json.dumps("a1") not in everything(sqlite_url)


def test_export_tells_in_plain_words(service: Assessor, store: SqlStore) -> None:
    found = AccessExport(store, lambda: START + 5000.0)(NAME)
    told = "\n".join(in_words(found))
    assert found["known to be"] == "one of many of one operator"
    assert [line.rpartition(" ")[2] for line in found["what happened"]] == ["signup", "outcome"]
    for words in ("device_id", "SYBIL, from review, by ada: he lied", "risk 0.", "flagged by itself", "protected: no"):
        assert words in told
    assert "d5" not in told and "erased" not in told


def test_export_of_nobody_is_refused(service: Assessor, store: SqlStore) -> None:
    with pytest.raises(NotFound):
        AccessExport(store, lambda: START)("nobody")
