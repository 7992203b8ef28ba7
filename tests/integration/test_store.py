"""What every store promises, whichever database is behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy.exc import DBAPIError

from sybilgate.core.records import AccountRecord, AssessmentRecord, EventRecord, IdentifierRow, RequestRecord
from sybilgate.errors import Unavailable
from sybilgate.store.store import SqlStore

EVENT = EventRecord("a", 1, 10.5, 11.0, -1, b"own\x00", b"keys", "geo")
ACCOUNT = AccountRecord("a", 2**62, 1.0, 2.0, 1, b"own", b"keys", b"held")
REQUEST = RequestRecord("r", b"digest", "CreateAssessment", '["1"]', 5.0)
ASSESSMENT = AssessmentRecord(
    "1", "a", "SIGNUP", 1.0, 2.0, 0.25, -1.5, 0.2, 3, "NETWORK", "m1", "p1", b"\x00f", None, "[]", "{}", "geo"
)


def _key(number: int) -> bytes:
    return number.to_bytes(16, "big")


def _row(number: int, state: bytes, version: int = 0, base: bytes | None = None) -> IdentifierRow:
    return IdentifierRow(_key(number), version, base, state, 1, 3.0)


def _never(_: bytes, stored: bytes, base: bytes | None, new: bytes) -> bytes:
    raise AssertionError("nobody else wrote")


def test_events_are_numbered_in_order(store: SqlStore) -> None:
    rows = [replace(EVENT, account_id=f"a{number}") for number in range(300)]
    with store.unit() as unit:
        first = unit.append_events(rows[:200])
        second = unit.append_events(rows[200:])
    assert first + second == sorted(first + second)
    read = store.events(0, 1000)
    assert read == [replace(row, seq=seq) for row, seq in zip(rows, first + second, strict=True)]


def test_log_pages_by_seq(store: SqlStore) -> None:
    with store.unit() as unit:
        seqs = unit.append_events([EVENT] * 5)
    page = store.events(seqs[1], 2)
    assert [row.seq for row in page] == seqs[2:4]
    assert store.events(seqs[-1], 2) == []


def test_rolled_back_numbers_are_skipped(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.append_events([EVENT])
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.append_events([EVENT])
        raise ZeroDivisionError
    with store.unit() as unit:
        (last,) = unit.append_events([EVENT])
    assert [row.seq for row in store.events(0, 10)][1:] == [last]


def test_account_write_bumps_version(store: SqlStore) -> None:
    other = replace(ACCOUNT, account_id="b")
    with store.unit() as unit:
        unit.write_accounts([other, ACCOUNT])
    with store.unit() as unit:
        unit.write_accounts([replace(ACCOUNT, label=-1, held=b"")])
    with store.unit() as unit:
        found = unit.accounts(["a", "b", "missing"])
    assert found == {"a": replace(ACCOUNT, label=-1, held=b"", version=2), "b": replace(other, version=1)}


@pytest.mark.parametrize("count", [0, 1, 7, 513, 1500])
def test_many_identifiers_come_back(store: SqlStore, count: int) -> None:
    with store.unit() as unit:
        unit.write_identifiers([_row(number, b"s%d" % number) for number in range(count)], _never)
    with store.unit() as unit:
        found = unit.identifiers([_key(number) for number in range(count + 5)])
    assert found == {_key(number): (1, b"s%d" % number) for number in range(count)}


def test_undisputed_write_replaces_state(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"old")], _never)
    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"new", version=1, base=b"old"), _row(2, b"first")], _never)
        assert unit.identifiers([_key(1), _key(2)]) == {_key(1): (2, b"new"), _key(2): (1, b"first")}


def test_lost_write_is_merged(store: SqlStore) -> None:
    seen = []

    def merge(key: bytes, stored: bytes, base: bytes | None, new: bytes) -> bytes:
        seen.append((stored, base, new))
        return stored + new[len(base or b"") :]

    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"a"), _row(2, b"a")], _never)
    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"ab", 1, b"a")], _never)
    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"ac", 1, b"a"), _row(2, b"ac", 1, b"a"), _row(3, b"c")], merge)
        assert unit.identifiers([_key(1), _key(2)]) == {_key(1): (3, b"abc"), _key(2): (2, b"ac")}
    assert seen == [(b"ab", b"a", b"ac")]


def test_new_row_meets_another(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"theirs")], _never)
    with store.unit() as unit:
        unit.write_identifiers([_row(1, b"ours")], lambda key, stored, base, new: stored + b"|" + new)
        assert unit.identifiers([_key(1)]) == {_key(1): (2, b"theirs|ours")}


def test_assessment_reads_back_whole(store: SqlStore) -> None:
    explained = replace(ASSESSMENT, assessment_id="2", contributions=b"\x00\x01")
    with store.unit() as unit:
        unit.write_assessments([explained, ASSESSMENT])
    assert store.assessment("a", "1") == ASSESSMENT
    assert store.assessment("a", "2") == explained
    assert store.assessment("b", "1") is None


def test_assessments_list_newest_first(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_assessments([replace(ASSESSMENT, assessment_id=name) for name in "aBcD"])
        unit.write_assessments([replace(ASSESSMENT, account_id="b")])
    assert [row.assessment_id for row in store.assessments("a", 3)] == ["c", "a", "D"]
    assert [row.assessment_id for row in store.assessments("a", 3, before="a")] == ["D", "B"]


def test_answered_requests_are_found(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_requests([REQUEST])
    with store.unit() as unit:
        assert unit.requests(["r", "s"]) == {"r": REQUEST}


def test_request_answered_twice_undoes_unit(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.write_requests([REQUEST])
    with pytest.raises(Unavailable), store.unit() as unit:
        unit.append_events([EVENT])
        unit.write_requests([REQUEST])
    assert store.events(0, 10) == []


def test_failed_unit_leaves_nothing(store: SqlStore) -> None:
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        unit.lock([3, 2**64 - 1, 3])
        unit.append_events([EVENT])
        unit.write_accounts([ACCOUNT])
        unit.write_identifiers([_row(1, b"s")], _never)
        raise ZeroDivisionError
    with store.unit() as unit:
        assert (unit.accounts(["a"]), unit.identifiers([_key(1)])) == ({}, {})


def test_empty_writes_do_nothing(store: SqlStore) -> None:
    with store.unit() as unit:
        unit.lock([])
        assert unit.append_events([]) == []
        unit.write_accounts([])
        unit.write_identifiers([], _never)
        unit.write_assessments([])
        unit.write_requests([])
        assert (unit.requests([]), unit.accounts([]), unit.identifiers([])) == ({}, {}, {})


def test_foreign_number_is_no_blob(sqlite_store: SqlStore) -> None:
    stray: int = np.int64(3)  # type: ignore[assignment]
    with pytest.raises(DBAPIError), sqlite_store.unit() as unit:
        unit.append_events([replace(EVENT, type=stray)])
    assert sqlite_store.events(0, 1) == []
