"""Facts about the state of one identifier."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sybilgate.core.identifier import KINDS, TOTALS_KEY, keys_of, words_of
from sybilgate.core.linking import _touch
from sybilgate.core.state import (
    STATE,
    TAU,
    merge_rows,
    pack_totals,
    unpack_keys,
    unpack_states,
    unpack_totals,
)

KEY = b"\x01" + bytes(15)
TIMES = st.lists(st.floats(1e9, 1e9 + 1e6), min_size=1, max_size=8)


def touched(times: list[float], start: bytes | None = None) -> bytes:
    state = unpack_states([start])
    for time in times:
        _touch(state, 0, time, 1.0)
        state["accounts"] += 1
    return state.tobytes()


@given(TIMES, TIMES, TIMES)
def test_merge_loses_no_increment(base: list[float], ours: list[float], theirs: list[float]) -> None:
    start = touched(base)
    merged = np.frombuffer(merge_rows(KEY, touched(theirs, start), start, touched(ours, start)), STATE)
    apart = np.frombuffer(touched([*base, *ours, *theirs]), STATE)
    assert merged["accounts"] == apart["accounts"]
    assert merged["seen"] == apart["seen"]
    assert merged["weight"][0] == pytest.approx(apart["weight"][0], rel=1e-6, abs=1e-6)


@given(TIMES)
def test_order_changes_no_count(times: list[float]) -> None:
    one, two = (np.frombuffer(touched(list(order)), STATE) for order in (times, times[::-1]))
    assert one["weight"][0] == pytest.approx(two["weight"][0], rel=1e-9)
    assert one["first"] == two["first"]


def test_weight_halves_as_told() -> None:
    state = np.frombuffer(touched([1e9, 1e9 + TAU[1]]), STATE)
    assert state["weight"][0][1] == pytest.approx(1 + np.exp(-1))


def test_new_row_merges_onto_new_row() -> None:
    merged = np.frombuffer(merge_rows(KEY, touched([1e9]), None, touched([1e9])), STATE)
    assert merged["accounts"][0] == 2
    assert merged["weight"][0] == pytest.approx([2.0] * 4)


def test_keys_survive_packing() -> None:
    keys = [bytes([1]) + bytes(14) + b"x", None, bytes([3]) * 16]
    rows = unpack_keys([words_of([keys + [None] * (len(KINDS) - 3)]).tobytes()])
    assert keys_of(rows[0])[:3] == keys


def test_older_rows_end_early() -> None:
    assert keys_of(unpack_keys([bytes([1]) * 16])[0]) == [bytes([1]) * 16] + [None] * (len(KINDS) - 1)


def test_totals_merge_like_states() -> None:
    start, theirs, ours = (unpack_states([None, None]) for _ in range(3))
    _touch(theirs, 0, 1e9, 1.0)
    _touch(ours, 0, 1e9 + 60, 1.0)
    _touch(ours, 1, 1e9 + 60, 1.0)
    merged = unpack_totals(merge_rows(TOTALS_KEY, pack_totals(theirs), pack_totals(start), pack_totals(ours)), 2)
    assert merged["weight"][:, 0] == pytest.approx([1 + np.exp(-60 / TAU[0]), 1.0])


def test_short_totals_row_grows() -> None:
    assert (unpack_totals(pack_totals(unpack_states([None])), 3)["accounts"] == 0).all()
