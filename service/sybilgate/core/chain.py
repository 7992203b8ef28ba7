"""Chains of exclusive pairs: accounts joined by values that exactly two accounts hold.

An operator who never uses one value thrice leaves no crowd on any value, but his accounts still hang together: this
one shares a card with that one, which shares a device with another. A family does so too, on one kind of value; a chain
that is long *and* made of many kinds is an operator's. The score is log(decayed size) times the entropy of the kinds of
its links. Exactly two: the more holders a value may have, the more the chains of strangers run into each other.

Online, a chain is not a set but what is known of it at each value: the size and ties its latest holder knew. An account
that becomes the second holder of a value adds to that; so a chain is told member by member, in bounded work, whatever
its length. A chain that closes into a ring counts its size more than once, which a bound keeps harmless.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sybilgate.core.identifier import COLUMN, KINDS, Kind
from sybilgate.core.state import TIES

#: Kinds whose values two unrelated honest accounts hardly ever share alone, each with its place among the ties.
CHAINING = (Kind.DEVICE_ID, Kind.CARD, Kind.IP, Kind.PHONE, Kind.MAILBOX, Kind.HOLDER_POSTCODE, Kind.MAIL_DOMAIN)
#: Column of a kind -> its place among the ties, -1 for kinds that do not chain.
TIE_OF = np.full(len(KINDS), -1, np.int8)
TIE_OF[[COLUMN[kind] for kind in CHAINING]] = np.arange(len(CHAINING), dtype=np.int8)
CHAIN_TAU = 2592000.0
MAX_SIZE = 1000.0
_MAX_TIES = 255


@njit(cache=True)
def read_chain(state: Any, row_slots: Any, row_links: Any, held: Any, t: float, tie_of: Any, ties: Any) -> float:
    """Size of the chain an account would be in, itself counted; ``ties`` is filled with its links by kind.

    What the account holds already tells the chain it is in; a value that one other account holds alone adds that
    account's. Two values shared with the same account add it once.
    """
    size = 1.0
    partners = np.zeros(TIES, np.int64)
    found = 0
    for k in range(row_slots.shape[0]):
        s = row_slots[k]
        if s >= 0 and tie_of[k] >= 0 and not np.isnan(held[row_links[k]]) and state[s]["accounts"] <= 2:
            known = state[s]["chain"] * np.exp(-max(t - state[s]["chain_seen"], 0.0) / CHAIN_TAU)
            if known > size:
                size = known
                for j in range(TIES):
                    ties[j] = state[s]["ties"][j]
    for k in range(row_slots.shape[0]):
        s = row_slots[k]
        if s < 0 or tie_of[k] < 0 or not np.isnan(held[row_links[k]]) or state[s]["accounts"] != 1:
            continue
        ties[tie_of[k]] += 1
        partner = state[s]["ring"][0]
        if not (partners[:found] == partner).any():
            partners[found] = partner
            found += 1
            size += state[s]["chain"] * np.exp(-max(t - state[s]["chain_seen"], 0.0) / CHAIN_TAU)
            for j in range(TIES):
                ties[j] += state[s]["ties"][j]
    return min(size, MAX_SIZE)


@njit(cache=True)
def write_chain(state: Any, row_slots: Any, t: float, tie_of: Any, size: float, ties: Any) -> None:
    """Tell every chaining value of an account, while at most two hold it, what chain it is in now."""
    for k in range(row_slots.shape[0]):
        s = row_slots[k]
        if s >= 0 and tie_of[k] >= 0 and state[s]["accounts"] <= 2:
            state[s]["chain"] = size
            state[s]["chain_seen"] = t
            for j in range(TIES):
                state[s]["ties"][j] = min(ties[j], _MAX_TIES)


@njit(cache=True)
def chain_score(size: float, ties: Any) -> float:
    """log(size) times the entropy (nats) of the kinds of links; 0 for a chain of one kind, whatever its length."""
    total = 0.0
    for j in range(ties.shape[0]):
        total += ties[j]
    entropy = 0.0
    for j in range(ties.shape[0]):
        if ties[j] > 0:
            entropy -= ties[j] / total * np.log(ties[j] / total)
    return float(np.log(size) * entropy)
