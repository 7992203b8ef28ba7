"""A base of existing accounts, made fast: a simulated world replayed in memory, and put into the tables several times.

Each copy of the world has accounts and identifiers of its own, with the states that the replay left, so a base of a
million accounts has the sizes and the sharing of a small one many times over; only the totals of the kinds are those of
one copy. Going through the service instead would take a third of a millisecond an account and change nothing measured.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, create_engine

from sybilgate.app.mapping import IDENTITY
from sybilgate.app.observing import observe_source
from sybilgate.app.replay import Replay
from sybilgate.app.source import Source
from sybilgate.core.identifier import KINDS, TOTALS_KEY, Keyring, to_keys, to_words
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import HELD, STATE, pack_totals
from sybilgate.reference import load_reference
from sybilgate.simulate import WorldConfig, write_world
from sybilgate.store import bulk
from sybilgate.store.engine import open_engine
from sybilgate.store.tables import account, identifier

_ROWS = 20_000
_IDENTIFIER = ("key", "version", "state", "accounts", "last_time")
_ACCOUNT = bulk.columns(AccountRecord)


def replayed(folder: Path, signups: int, days: int, keyring: Keyring, pipeline: Pipeline, seed: int = 7) -> Replay:
    """A world of signups that ends about now, folded without scores."""
    world = WorldConfig(
        seed=seed, days=days, honest_per_day=-(-signups // days), campaigns=max(4, signups // 2500), signups_only=True,
        start_time=time.time() - days * 86400.0,
    )  # fmt: skip
    write_world(world, folder / "world.parquet")
    state = Replay(pipeline)
    source = Source(folder / "world.parquet", IDENTITY)
    for obs, _ in observe_source(source, load_reference(), keyring, 2000, 1):
        state.fold(obs, np.zeros(len(obs), np.bool_))
    return state


def load(url: str, state: Replay, copies: int) -> dict[str, int]:
    """Put ``copies`` of the replayed world into an empty migrated database; how much that is."""
    engine = open_engine(url)
    with engine.begin() as connection:
        totals = pack_totals(state.state[: len(KINDS)])
        bulk.write(connection, identifier, _IDENTIFIER, [(TOTALS_KEY, 1, totals, 0, 0.0)])
    links = 0
    for copy in range(copies):
        with engine.begin() as connection:
            _identifiers(connection, state, copy)
            links += _accounts(connection, state, copy)
    engine.dispose()
    return {"accounts": copies * len(state.accounts), "identifiers": copies * len(state.slot_of), "links": links}


def _identifiers(connection: Connection, state: Replay, copy: int) -> None:
    found = state.state[len(KINDS) :][: len(state.slot_of)]
    keys = _moved(b"".join(state.slot_of), copy)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        raw, size, part = found[rows].tobytes(), STATE.itemsize, found[rows]
        numbers = zip(rows, part["accounts"].tolist(), part["seen"].tolist(), strict=True)
        given = [(keys[i], 1, raw[n * size : (n + 1) * size], a, s) for n, (i, a, s) in enumerate(numbers)]
        bulk.write(connection, identifier, _IDENTIFIER, given)


def _accounts(connection: Connection, state: Replay, copy: int) -> int:
    records, links = sorted(state.accounts.values(), key=lambda record: record.account_id), 0
    for start in range(0, len(records), _ROWS):
        rows = []
        for record in records[start : start + _ROWS]:
            held = np.frombuffer(record.held, HELD).copy()
            held["key"] = np.frombuffer(b"".join(_moved(held["key"].tobytes(), copy)), held["key"].dtype)
            keys = b"".join(_moved(record.keys, copy))
            links += len(held)
            rows.append(
                (
                    f"{record.account_id}-{copy:03d}", record.ref ^ copy, record.signup_time, record.last_time,
                    record.label, record.own, keys, held.tobytes(), 1,
                )
            )  # fmt: skip
        bulk.write(connection, account, _ACCOUNT, sorted(rows))
    return links


def _moved(keys: bytes, copy: int) -> list[bytes]:
    """The same keys in another copy: the kind stays, the hash is another. No key stays none."""
    words = to_words(keys)
    words[:, 1] ^= np.where(words[:, 0] != 0, np.uint64(copy * 0x9E3779B97F4A7C15 % 2**64), np.uint64(0))
    return to_keys(words)


def megabytes(url: str) -> int:
    """What a database takes on the disk."""
    if url.startswith("sqlite"):
        return count(url, "SELECT page_count * page_size / 1048576 FROM pragma_page_count(), pragma_page_size()")
    return count(url, "SELECT pg_database_size(current_database()) / 1048576")


def count(url: str, sql: str) -> int:
    """A number that a statement asks a database for."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = int(connection.exec_driver_sql(sql).scalar_one() or 0)
    engine.dispose()
    return found
