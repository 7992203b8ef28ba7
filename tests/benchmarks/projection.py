"""Whether a database's accounts and identifiers are what a replay of its event log gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sqlalchemy import create_engine, select

from sybilgate.app.log import from_records
from sybilgate.app.replay import Replay
from sybilgate.core.identifier import KINDS, TOTALS_KEY
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import HELD, STATE, TOTAL, unpack_totals
from sybilgate.store import tables
from sybilgate.store.store import SqlStore
from tests.benchmarks.application import application

_PAGE = 2048
_TOLERANCE = 1e-9
_SHOWN = 10


def differences(url: str, expected_events: int) -> list[str]:
    """What differs, one line each, at most a handful; empty when log and tables agree."""
    with application(url) as app:
        replay = Replay(app.assessor.pipeline())
        seqs = []
        for records in _pages(app.store):
            replay.fold(from_records(records))
            seqs += [record.seq for record in records]
    found = [] if len(seqs) == expected_events else [f"{len(seqs)} events in the log, {expected_events} sent"]
    engine = create_engine(url)
    with engine.connect() as connection:
        accounts = connection.execute(select(tables.account)).all()
        identifiers = connection.execute(select(tables.identifier)).all()
    engine.dispose()
    found += _accounts([AccountRecord(*row) for row in accounts], replay)
    found += _identifiers({bytes(row.key): (bytes(row.state), row.accounts) for row in identifiers}, replay)
    return found[:_SHOWN]


def _pages(store: SqlStore) -> Iterator[list]:  # type: ignore[type-arg]
    after = 0
    while records := store.events(after, _PAGE):
        yield records
        after = records[-1].seq


def _accounts(stored: list[AccountRecord], replay: Replay) -> list[str]:
    found = [] if len(stored) == len(replay.accounts) else [f"{len(stored)} accounts, {len(replay.accounts)} in replay"]
    for row in stored:
        again = replay.accounts.get(row.account_id)
        if again is None or not _same_account(row, again):
            found.append(f"account {row.account_id} differs")
    return found


def _same_account(a: AccountRecord, b: AccountRecord) -> bool:
    plain = all(getattr(a, name) == getattr(b, name) for name in ("ref", "signup_time", "last_time", "label", "keys"))
    held_a, held_b = np.frombuffer(a.held, HELD), np.frombuffer(b.held, HELD)
    return (
        plain
        and np.array_equal(np.frombuffer(a.own), np.frombuffer(b.own), equal_nan=True)
        and held_a["key"].tobytes() == held_b["key"].tobytes()
        and all(_close(held_a[name], held_b[name]) for name in ("time", "risk"))
    )


def _identifiers(stored: dict[bytes, tuple[bytes, int]], replay: Replay) -> list[str]:
    held = {key for key, slot in replay.slot_of.items() if replay.state[slot]["seen"] > 0}
    found = [] if _same_totals(stored.pop(TOTALS_KEY, (b"", 0))[0], replay) else ["the totals of the kinds differ"]
    found += [] if stored.keys() == held else [f"{len(stored)} identifiers, {len(held)} in replay"]
    for key, (state, accounts) in stored.items():
        again = replay.identifier(key)
        row = np.frombuffer(state, STATE)
        if again is None or accounts != row["accounts"][0] or not same_state(row, again):
            found.append(f"identifier of kind {key[0]} differs")
    return found


def _same_totals(stored: bytes, replay: Replay) -> bool:
    found = unpack_totals(stored, len(KINDS))
    return all(_close(found[name], replay.state[name][: len(KINDS)]) for name in TOTAL.names or ())


def same_state(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two identifiers' counters agree; claims of campaigns are set aside, because scoring writes them."""
    exact = ("accounts", "bad", "good", "sketch", "ring", "ties")
    return all(np.array_equal(a[name], b[name]) for name in exact) and all(
        _close(a[name], b[name]) for name in ("seen", "first", "weight", "risk", "risk_seen", "chain", "chain_seen")
    )


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(np.allclose(a, b, rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True))
