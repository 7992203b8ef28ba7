"""Several replicas of the service over one database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from sybilgate.core.records import EventRecord, IdentifierRow
from sybilgate.errors import Unavailable
from sybilgate.store.store import SqlStore
from sybilgate.store.unit import SqlUnit

Opener = Callable[[str], SqlStore]

KEYS = [number.to_bytes(16, "big") for number in range(40)]
EVENT = EventRecord("a", 1, 10.0, 11.0, 0, b"", b"")


def _add(_: bytes, stored: bytes, base: bytes | None, new: bytes) -> bytes:
    return _packed(_count(stored) + _count(new) - _count(base))


def _count(state: bytes | None) -> int:
    return int.from_bytes(state or b"", "big")


def _packed(count: int) -> bytes:
    return count.to_bytes(8, "big")


def _one_more(unit: SqlUnit, keys: Sequence[bytes]) -> list[IdentifierRow]:
    found = unit.identifiers(keys)
    bases = [(key, *found.get(key, (0, None))) for key in keys]
    return [IdentifierRow(key, version, base, _packed(_count(base) + 1), 1, 0.0) for key, version, base in bases]


def test_interleaved_units_lose_nothing(postgres_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(postgres_url), open_on(postgres_url)
    with ThreadPoolExecutor(1) as pool, ours.unit() as unit:
        rows = _one_more(unit, KEYS)
        with theirs.unit() as other:
            late = _one_more(other, KEYS[5:])
            unit.write_identifiers(rows, _add)
            blocked = pool.submit(other.write_identifiers, late, _add)
            with pytest.raises(TimeoutError):
                blocked.result(timeout=0.2)
            unit._connection.commit()
            blocked.result(timeout=5)
    with ours.unit() as unit:
        counts = [_count(state) for _, state in map(unit.identifiers(KEYS).__getitem__, KEYS)]
    assert counts == [1] * 5 + [2] * 35


def test_busy_replicas_lose_nothing(store_url: str, open_on: Opener) -> None:
    start = threading.Barrier(4)

    def work(number: int) -> None:
        replica = open_on(store_url)
        start.wait()
        for turn in range(10):
            with replica.unit() as unit:
                unit.write_identifiers(_one_more(unit, KEYS[(number + turn) % 3 :: 2]), _add)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with open_on(store_url).unit() as unit:
        found = unit.identifiers(KEYS)
    assert {key: version for key, (version, _) in found.items()} == {k: _count(s) for k, (_, s) in found.items()}
    assert sum(_count(state) for _, state in found.values()) == sum(
        len(KEYS[(number + turn) % 3 :: 2]) for number in range(4) for turn in range(10)
    )


def test_account_lock_excludes_others(postgres_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(postgres_url), open_on(postgres_url)
    with ThreadPoolExecutor(1) as pool, theirs.unit() as other:
        with ours.unit() as unit:
            unit.lock([7, 5])
            waiting = pool.submit(other.lock, [5, 9])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.2)
        waiting.result(timeout=5)


def test_log_waits_for_earlier_numbers(postgres_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(postgres_url), open_on(postgres_url)
    with ThreadPoolExecutor(1) as pool:
        with ours.unit() as unit:
            early = unit.append_events([EVENT])
            with theirs.unit() as other:
                late = other.append_events([EVENT])
            reading = pool.submit(theirs.events, 0, 10)
            with pytest.raises(TimeoutError):
                reading.result(timeout=0.2)
        assert [row.seq for row in reading.result(timeout=5)] == early + late


def test_second_sqlite_writer_waits(sqlite_url: str, open_on: Opener) -> None:
    ours, theirs = open_on(sqlite_url), open_on(sqlite_url)

    def count_after() -> int:
        with theirs.unit() as other:
            return len(other.identifiers(KEYS))

    with ThreadPoolExecutor(1) as pool:
        with ours.unit() as unit:
            unit.write_identifiers(_one_more(unit, KEYS), _add)
            waiting = pool.submit(count_after)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.1)
        assert waiting.result(timeout=5) == len(KEYS)


def test_readers_pass_sqlite_writer(sqlite_url: str, open_on: Opener) -> None:
    store = open_on(sqlite_url)
    with store.unit() as unit:
        unit.append_events([EVENT])
        assert store.events(0, 10) == []
    assert len(store.events(0, 10)) == 1


def test_unreachable_server_is_unavailable(open_on: Opener) -> None:
    store = open_on("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Unavailable), store.unit():
        pass
    with pytest.raises(Unavailable):
        store.check()
