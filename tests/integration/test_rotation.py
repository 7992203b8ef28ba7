"""Keys are rotated while accounts come: nobody is taken for new, and a destroyed key leaves no name behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sybilgate.app.assess import Assessor
from sybilgate.app.log import from_records
from sybilgate.app.replay import Replay
from sybilgate.app.task import Result
from sybilgate.cli import app
from sybilgate.config import load_config
from sybilgate.core.event import Event
from sybilgate.core.identifier import TOTALS_KEY, Keyring, Kind, ValueKey, to_keys
from sybilgate.core.observe import observe
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.state import STATE
from sybilgate.keyfile import without_older
from sybilgate.store.store import SqlStore
from tests.factories import KEYRING, REFERENCE, START, assessor, pipeline, ring, signup, task

Opener = Callable[[str], SqlStore]

FIRST = Keyring(1, KEYRING.secret, (ValueKey(1, KEYRING.secret),))
BOTH = Keyring(2, KEYRING.secret, (*FIRST.values, ValueKey(2, b"n" * 32)))
SECOND = without_older(BOTH)
LATER = replace(BOTH, values=(BOTH.values[0], replace(BOTH.values[1], start=START + 2e6)))
EVENTS = [
    *ring(6),
    signup("other", at=400.0, card="c1"),
    *ring(9)[6:],
    signup("late", at=900.0, card="c1", ip="8.8.4.4"),
]
LAST = signup("new", at=2e3, device_id="shared-device", card="c1")


def of(store: SqlStore, keys: Keyring, ids: str = "as") -> Assessor:
    chosen = replace(pipeline(), keyring=keys)
    return replace(assessor(store, ids=ids), keyring=keys, pipeline=lambda: chosen)


def told(service: Assessor, events: list[Event]) -> list[AssessmentRecord]:
    answers = [service.run([task(event)])[0] for event in events]
    found = [answer.assessments[0] for answer in answers if isinstance(answer, Result)]
    return [record for record in found if isinstance(record, AssessmentRecord)]


def without(events: list[Event]) -> Replay:
    """What there is when no key was ever changed."""
    replay = Replay(replace(pipeline(), keyring=FIRST))
    for event in events:
        replay.fold(observe([event], REFERENCE, FIRST))
    return replay


def counts(states: list[bytes]) -> list[tuple[float, ...]]:
    """Holders, first and last time of every identifier, whatever it is called."""
    rows = np.frombuffer(b"".join(states), STATE)
    return sorted(zip(*(rows[name].tolist() for name in ("accounts", "first", "seen")), strict=True))


def holders(states: list[bytes]) -> list[float]:
    return sorted(row[0] for row in counts(states))


def states_of(replay: Replay) -> list[bytes]:
    found = [replay.identifier(key) for key in replay.slot_of]
    return [state.tobytes() for state in found if state is not None and state["accounts"].any()]


def stored(store: SqlStore) -> list[bytes]:
    with store.view() as view:
        return [state for _, states in view.all_states() for state in states]


@pytest.mark.parametrize("at", [1, 4, 7])
def test_rotation_changes_no_answer(store: SqlStore, at: int) -> None:
    online = [*told(of(store, FIRST), EVENTS[:at]), *told(of(store, BOTH, "bs"), EVENTS[at:])]
    reference = Replay(replace(pipeline(), keyring=FIRST))
    expected = [reference.fold(observe([event], REFERENCE, FIRST)).features.tobytes() for event in EVENTS]
    assert [record.features for record in online] == expected
    assert counts(stored(store)) == counts(states_of(reference))


def test_log_replays_over_rotation(store: SqlStore) -> None:
    online = [*told(of(store, FIRST), EVENTS[:5]), *told(of(store, BOTH, "bs"), EVENTS[5:])]
    replayed = Replay(pipeline()).fold(from_records(store.events(0, 100)))
    assert b"".join(record.features for record in online) == replayed.features.tobytes()


def test_new_key_waits_for_start(store: SqlStore) -> None:
    told(of(store, LATER), EVENTS[:3])
    told(of(store, FIRST, "bs"), EVENTS[3:])
    assert counts(stored(store)) == counts(states_of(without(EVENTS)))


def test_destroyed_key_leaves_no_name(store: SqlStore) -> None:
    told(of(store, FIRST), EVENTS)
    told(of(store, BOTH, "bs"), [signup("again", at=1e3, device_id="shared-device")])
    with store.unit() as unit:
        every, behind = unit.left_behind(2)
        done = unit.forget_key(BOTH)
    assert 0 < behind < every and done.forgotten > behind
    names = {key for event in EVENTS for key in to_keys(observe([event], REFERENCE, FIRST).keys[0])} - {TOTALS_KEY}
    assert not names & set(held_anywhere(store))


def test_met_values_survive_destruction(store: SqlStore) -> None:
    told(of(store, FIRST), EVENTS)
    told(of(store, BOTH, "bs"), EVENTS)  # every account is heard of once more
    with store.unit() as unit:
        done = unit.forget_key(BOTH)
    assert done.forgotten == 0
    after = told(of(store, SECOND, "cs"), [LAST])
    reference = without([*EVENTS, *EVENTS])
    expected = reference.fold(observe([LAST], REFERENCE, FIRST))
    assert after[0].features == expected.features.tobytes()


def held_anywhere(store: SqlStore) -> Iterator[bytes]:
    with store.view() as view:
        yield from (key for keys, _ in view.all_states() for key in keys)
        for account in view.accounts([event.account_id for event in EVENTS]).values():
            yield from to_keys(np.frombuffer(account.keys, np.uint64).reshape(-1, 2))
            yield from (account.held[i : i + 16] for i in range(0, len(account.held), 32))
    for line in store.events(0, 100):
        yield from to_keys(np.frombuffer(line.keys, np.uint64).reshape(-1, 2))


def of_replica(name: str) -> list[Event]:
    """Fifty accounts of which many share what those of the other replica have."""
    return [
        signup(f"{name}{i}", at=float(i), device_id=f"d{i % 10}", ip=f"84.112.{i % 7}.9", email=f"p{i % 5}@gmail.com")
        for i in range(50)
    ]


def test_replicas_agree_on_names(postgres_url: str, open_on: Opener) -> None:
    """At one moment one replica still names by the old key and the other by the new: as if there were one key."""
    rings = {"a": LATER, "b": BOTH}
    begin = threading.Barrier(len(rings))

    def work(name: str, keys: Keyring) -> None:
        service = of(open_on(postgres_url), keys, name)
        begin.wait()
        told(service, of_replica(name))

    threads = [threading.Thread(target=work, args=item) for item in rings.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert holders(stored(open_on(postgres_url))) == holders(states_of(without([*of_replica("a"), *of_replica("b")])))


def test_key_is_destroyed_under_load(store: SqlStore, store_url: str, open_on: Opener) -> None:
    """Whoever comes meanwhile waits, and is counted with those before."""
    begun = threading.Event()

    def work() -> None:
        service = of(open_on(store_url), BOTH, "bs")
        for i, event in enumerate(ring(40)):
            told(service, [event])
            if i == 5:
                begun.set()

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(60)
    with store.unit() as unit:
        unit.forget_key(BOTH)
    thread.join()
    shared = SECOND.key(Kind.DEVICE_ID, b"shared-device")
    assert holders([store.identifier_states([shared])[shared][1]]) == [40]


def told_by(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 0, (words, done.output, done.exception)
    return done.output


def test_commands_rotate_and_destroy(
    sqlite_url: str, open_on: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYBILGATE_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("SYBILGATE_DATABASE_URL", sqlite_url)
    told_by("config", "init-key", str(tmp_path / "key"))
    store = open_on(sqlite_url)
    told(of(store, load_config().keyring()), EVENTS)
    told_by("key", "rotate", "--hours", "0")
    told(of(store, load_config().keyring(), "bs"), EVENTS)
    assert "0 of" in told_by("key", "list")
    assert "0 forgotten" in told_by("key", "destroy", "1", "--yes")
    assert told_by("key", "list").startswith("key 2") and "hold" in told_by("audit-log", "verify")
    after = told(of(store, load_config().keyring(), "cs"), [LAST])
    assert after[0].features == without([*EVENTS, *EVENTS]).fold(observe([LAST], REFERENCE, FIRST)).features.tobytes()
    assert CliRunner().invoke(app, ["key", "destroy", "1"]).exit_code == 1
