"""Laying out a batch, compiled: each event's newest values, and a slot and a link for every identifier it has.

Accounts are numbered in the order in which the batch first names them. A link is one identifier that one account
holds; the links of an account form a list in the order in which it came to hold them.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from sybilgate.core.identifier import KINDS, Words
from sybilgate.core.keytable import slot_in
from sybilgate.core.observation import Floats
from sybilgate.core.own import OWN

_SIGNUP = 1
_KIND = np.uint64(255)
_SHIFT, _SIX_BITS, _ONE = np.uint64(8), np.uint64(63), np.uint64(1)


#: What is known of an account of the batch; brought up to date while the batch is laid out.
ACCOUNT = np.dtype(
    [
        ("own", "<f8", (len(OWN),)),
        ("keys", "<u8", (len(KINDS), 2)),  # as words, zero where there is none
        ("signup_time", "<f8"),
        ("last_time", "<f8"),
        ("label", "<i4"),
        ("changed", "<i4"),
        ("first", "<i4"),  # first and last of its links, -1 for none
        ("last", "<i4"),
    ]
)


class Events(NamedTuple):
    """Rows of a batch. ``keys`` [events, kinds, 2] is as sent; ``own`` becomes what is then known of the account."""

    account: npt.NDArray[np.int32]
    update: npt.NDArray[np.bool_]
    type: npt.NDArray[np.int8]
    time: Floats
    told: npt.NDArray[np.int8]  #: label the event tells
    keys: Words
    own: Floats


@njit(cache=True)
def absent_combinations(
    account: Any, update: Any, keys: Any, current: Any, known: Any, combined: Any
) -> tuple[Any, Any, Any]:
    """Combinations that form across events of a known account (later card, earlier browser): event, kind, parts.

    ``combined`` [n, 3] is kind, part, part. ``current`` [accounts, kinds, 2] and ``known`` are used up.
    """
    n, width = keys.shape[0], keys.shape[1]
    most = n * combined.shape[0]
    event, kind, parts = np.empty(most, np.int32), np.empty(most, np.int32), np.empty((most, 4), np.uint64)
    found = 0
    for i in range(n):
        a = account[i]
        if update[i]:
            for k in range(width):
                if keys[i, k, 0] & _KIND:
                    current[a, k, 0] = keys[i, k, 0]
                    current[a, k, 1] = keys[i, k, 1]
            for c in range(combined.shape[0] if known[a] else 0):
                k, left, right = combined[c]
                if (
                    not keys[i, k, 0] & _KIND
                    and current[a, left, 0] & _KIND
                    and current[a, right, 0] & _KIND
                    and (keys[i, left, 0] & _KIND or keys[i, right, 0] & _KIND)
                ):
                    event[found], kind[found] = i, k
                    parts[found, :2] = current[a, left]
                    parts[found, 2:] = current[a, right]
                    found += 1
        for k in range(0 if known[a] else width):
            if current[a, k, 0] & _KIND:
                known[a] = True
    return event[:found], kind[:found], parts[:found]


@njit(cache=True)
def _absorb(accounts: Any, events: Any, i: int, a: int) -> None:
    """Newest known value wins, signal by signal."""
    if not events.update[i]:
        for j in range(events.own.shape[1]):
            events.own[i, j] = accounts[a]["own"][j]
        return
    for j in range(events.own.shape[1]):
        if np.isnan(events.own[i, j]):
            events.own[i, j] = accounts[a]["own"][j]
        else:
            accounts[a]["own"][j] = events.own[i, j]
    for k in range(events.keys.shape[1]):
        if events.keys[i, k, 0] & _KIND:
            accounts[a]["keys"][k, 0] = events.keys[i, k, 0]
            accounts[a]["keys"][k, 1] = events.keys[i, k, 1]
    accounts[a]["last_time"] = max(accounts[a]["last_time"], events.time[i])
    if events.type[i] == _SIGNUP and accounts[a]["signup_time"] == 0.0:
        accounts[a]["signup_time"] = events.time[i]
    accounts[a]["changed"] = 1


@njit(cache=True)
def _link(accounts: Any, link_words: Any, after: Any, count: int, a: int, first: Any, second: Any) -> int:
    """The account's link to a key; ``count`` itself if it is new."""
    at = accounts[a]["first"]
    while at >= 0:
        if link_words[at, 1] == second and link_words[at, 0] == first:
            return int(at)
        at = after[at]
    link_words[count, 0] = first
    link_words[count, 1] = second
    after[count] = -1
    if accounts[a]["first"] < 0:
        accounts[a]["first"] = count
    else:
        after[accounts[a]["last"]] = count
    accounts[a]["last"] = count
    return count


@njit(cache=True)
def lay_out(
    accounts: Any, events: Any, rows: Any, link_words: Any, after: Any, place: Any, words: Any, sketched: Any,
    slots: Any, link_at: Any, label: Any, bits: Any,
) -> tuple[int, int, Any]:  # fmt: skip
    """Write ``slots``, ``link_at``, ``label`` and ``bits`` of every event; ``place`` and ``words`` are a key table.

    ``rows`` (key, time, risk) are the links there are already; ``after`` tells an account's next one, -1 for none.
    Gives the number of keys, the number of links, and the label changes as (event, slot, bad, good): a label reaches
    every identifier the account holds, once.
    """
    width = events.keys.shape[1]
    keys, count, changes = 0, rows.shape[0], 0
    link_words[:count] = rows.view(np.uint64)[:, :2]
    for link in range(count):
        after[link] = link + 1
    for a in range(accounts.shape[0]):
        if accounts[a]["last"] >= 0:
            after[accounts[a]["last"]] = -1
    ops = np.empty((0, 4), np.int32)
    for i in range(events.account.shape[0]):
        a = events.account[i]
        _absorb(accounts, events, i, a)
        label[i] = accounts[a]["label"]
        for k in range(width):
            first, second = accounts[a]["keys"][k, 0], accounts[a]["keys"][k, 1]
            if not first & _KIND:
                slots[i, k] = link_at[i, k] = -1
                continue
            slot = slot_in(place, words, keys, first, second)
            keys += slot == keys
            link = _link(accounts, link_words, after, count, a, first, second)
            count += link == count
            slots[i, k], link_at[i, k] = width + slot, link
        for j in range(sketched.shape[0]):
            first = accounts[a]["keys"][sketched[j], 0]
            if first & _KIND:
                bits[i, j] = _ONE << ((first >> _SHIFT) & _SIX_BITS)
        told = events.told[i]
        if events.update[i] and told != 0 and told != label[i]:
            at = accounts[a]["first"]
            while at >= 0:
                slot = slot_in(place, words, keys, link_words[at, 0], link_words[at, 1])
                keys += slot == keys
                if changes == ops.shape[0]:
                    grown = np.empty((2 * changes + 256, 4), np.int32)
                    grown[:changes] = ops
                    ops = grown
                ops[changes] = (
                    i, width + slot, int(told > 0) - int(label[i] > 0), int(told < 0) - int(label[i] < 0)
                )  # fmt: skip
                changes += 1
                at = after[at]
            accounts[a]["label"] = told
    return keys, count, ops[:changes]


@njit(cache=True)
def pack_held(accounts: Any, link_words: Any, after: Any, time: Any, risk: Any, most: int) -> tuple[Any, Any]:
    """Rows (key, time, risk) of what each account holds, the newest ``most``; and where each one's rows end."""
    ends = np.zeros(accounts.shape[0] + 1, np.int64)
    sizes = np.zeros(accounts.shape[0], np.int64)
    for c in range(accounts.shape[0]):
        at = accounts[c]["first"]
        while at >= 0:
            sizes[c] += not np.isnan(time[at])
            at = after[at]
        ends[c + 1] = ends[c] + min(sizes[c], most)
    rows = np.empty((ends[-1], 4), np.float64)
    words = rows.view(np.uint64)
    for c in range(accounts.shape[0]):
        at, out, skipped = accounts[c]["first"], ends[c], sizes[c] - most
        while at >= 0:
            if not np.isnan(time[at]):
                if skipped <= 0:
                    words[out, 0], words[out, 1] = link_words[at, 0], link_words[at, 1]
                    rows[out, 2], rows[out, 3] = time[at], risk[at]
                    out += 1
                skipped -= 1
            at = after[at]
    return rows, ends
