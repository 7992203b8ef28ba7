"""The two sequential folds over link state, compiled.

The first fold reads, for every event and kind, what *other* accounts did to that identifier, then adds this
account. The second carries first-pass risk: it reads the decayed risk of earlier holders, then adds this
holder's. Both walk events in ingest order, so two accounts of one ring that arrive in one batch see each
other, and any split of the events into batches gives the same numbers, bit for bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sybilgate.core.chain import chain_score, read_chain, write_chain
from sybilgate.core.state import RING, RISK_TAU, SKETCHES, TAU, TIES

#: Columns of the statistics array [event, kind, STATS].
W_HOUR, W_DAY, W_WEEK, W_MONTH, ACCOUNTS, BAD, GOOD, IDLE = range(8)
D_DEVICE, D_CARD, D_NAME, D_MAIL, N_MONTH, N_WEEK, N_DAY, SINCE = range(8, 16)
STATS = 16

_EMPTY = 64.0


@njit(cache=True)
def _bits(word: int) -> int:
    count = 0
    for shift in range(64):
        if (word >> np.uint64(shift)) & np.uint64(1):
            count += 1
    return count


@njit(cache=True)
def _touch(state: Any, s: int, t: float, amount: float) -> None:
    """Add ``amount`` accounts at time ``t`` to the decayed counters of slot ``s``."""
    seen = state[s]["seen"]
    if seen == 0.0:
        state[s]["first"] = t
        state[s]["seen"] = t
        for j in range(4):
            state[s]["weight"][j] = amount
        return
    if t >= seen:
        for j in range(4):
            state[s]["weight"][j] = state[s]["weight"][j] * np.exp((seen - t) / TAU[j]) + amount
        state[s]["seen"] = t
    else:
        for j in range(4):
            state[s]["weight"][j] += amount * np.exp((t - seen) / TAU[j])
        if t < state[s]["first"]:
            state[s]["first"] = t


@njit(cache=True)
def _read(state: Any, s: int, t: float, held_since: float, label: int, out: Any) -> None:
    """Statistics of slot ``s`` at ``t`` without the reader's own share."""
    seen = state[s]["seen"]
    gap = max(t - seen, 0.0)
    own = 0 if np.isnan(held_since) else 1
    for j in range(4):
        weight = state[s]["weight"][j] * np.exp(-gap / TAU[j])
        if own:
            weight -= np.exp(-max(max(t, seen) - held_since, 0.0) / TAU[j])
        out[j] = max(weight, 0.0)
        if own and state[s]["accounts"] == 1:
            out[j] = 0.0
    out[ACCOUNTS] = state[s]["accounts"] - own
    out[BAD] = state[s]["bad"] - (1 if own and label > 0 else 0)
    out[GOOD] = state[s]["good"] - (1 if own and label < 0 else 0)
    out[IDLE] = np.nan if seen == 0.0 else gap
    out[SINCE] = np.nan if seen == 0.0 else state[s]["first"]
    for j in range(SKETCHES):
        zeros = max(_EMPTY - _bits(state[s]["sketch"][j]), 0.5)
        out[D_DEVICE + j] = -_EMPTY * np.log(zeros / _EMPTY)


@njit(cache=True)
def _read_total(state: Any, total: int, t: float, out: Any) -> None:
    """How many accounts came to the whole kind, at ``t``."""
    gap = max(t - state[total]["seen"], 0.0)
    out[N_MONTH] = state[total]["weight"][3] * np.exp(-gap / TAU[3])
    out[N_WEEK] = state[total]["weight"][2] * np.exp(-gap / TAU[2])
    out[N_DAY] = state[total]["weight"][1] * np.exp(-gap / TAU[1])


@njit(cache=True)
def _add_holder(state: Any, s: int, total: int, t: float, ref: int, label: int) -> None:
    """Count an account that did not hold slot ``s`` before, there and in the total of its kind."""
    for slot in (s, total):
        _touch(state, slot, t, 1.0)
        state[slot]["accounts"] += 1
    if label > 0:
        state[s]["bad"] += 1
    elif label < 0:
        state[s]["good"] += 1
    for j in range(RING - 1, 0, -1):
        state[s]["ring"][j] = state[s]["ring"][j - 1]
    state[s]["ring"][0] = ref


@njit(cache=True)
def fold_links(
    state: Any,
    slots: Any,
    chained: Any,
    links: Any,
    held: Any,
    totals: Any,
    time: Any,
    ref: Any,
    label: Any,
    update: Any,
    bits: Any,
    op_event: Any,
    op_slot: Any,
    op_bad: Any,
    op_good: Any,
    tie_of: Any,
    stats: Any,
    chains: Any,
    fresh: Any,
    touched: Any,
) -> None:
    """First fold. ``state``, ``held`` (link times, NaN = not held), ``stats``, ``chains``, ``fresh`` and ``touched``
    are written.

    slots, links: [event, kind] indices into ``state`` and ``held``, -1 where the event has no such kind. chained: slots
    that may join accounts to chains.
    chains: [event, 2], size and score of the chain the account is in.
    op_*: label changes on slots, sorted by event; they take effect after the event was read.
    """
    op = 0
    ties = np.zeros(TIES, np.int64)
    for i in range(slots.shape[0]):
        t = time[i]
        ties[:] = 0
        chains[i, 0] = read_chain(state, chained[i], links[i], held, t, tie_of, ties)
        chains[i, 1] = chain_score(chains[i, 0], ties)
        for k in range(slots.shape[1]):
            s = slots[i, k]
            if s < 0:
                continue
            _read(state, s, t, held[links[i, k]], label[i], stats[i, k])
            _read_total(state, totals[k], t, stats[i, k])
        if update[i]:
            for k in range(slots.shape[1]):
                s = slots[i, k]
                if s < 0:
                    continue
                for j in range(SKETCHES):
                    state[s]["sketch"][j] |= bits[i, j]
                touched[s] = True
                if not np.isnan(held[links[i, k]]):
                    continue
                fresh[i, k] = True
                held[links[i, k]] = t
                touched[totals[k]] = True
                _add_holder(state, s, totals[k], t, ref[i], label[i])
            write_chain(state, chained[i], t, tie_of, chains[i, 0], ties)
        while op < op_event.shape[0] and op_event[op] == i:
            state[op_slot[op]]["bad"] += op_bad[op]
            state[op_slot[op]]["good"] += op_good[op]
            touched[op_slot[op]] = True
            op += 1


@njit(cache=True)
def fold_risk(
    state: Any,
    slots: Any,
    links: Any,
    held: Any,
    held_risk: Any,
    time: Any,
    risk: Any,
    fresh: Any,
    carries: Any,
    out: Any,
) -> None:
    """Second fold. ``out[event, kind]`` is the decayed risk of the *other* holders; then this holder's is added.

    held, held_risk: since when each link is held and the risk it carried (NaN before it carried any).
    """
    for i in range(slots.shape[0]):
        t = time[i]
        for k in range(slots.shape[1]):
            s = slots[i, k]
            if s < 0 or not carries[k]:
                continue
            seen = state[s]["risk_seen"]
            total = state[s]["risk"] * np.exp(-max(t - seen, 0.0) / RISK_TAU)
            own = held_risk[links[i, k]]
            if not np.isnan(own):
                total -= own * np.exp(-max(max(t, seen) - held[links[i, k]], 0.0) / RISK_TAU)
            out[i, k] = max(total, 0.0)
        for k in range(slots.shape[1]):
            s = slots[i, k]
            if s < 0 or not carries[k] or not fresh[i, k]:
                continue
            seen = state[s]["risk_seen"]
            if t >= seen:
                state[s]["risk"] = state[s]["risk"] * np.exp((seen - t) / RISK_TAU) + risk[i]
                state[s]["risk_seen"] = t
            else:
                state[s]["risk"] += risk[i] * np.exp((t - seen) / RISK_TAU)
            held_risk[links[i, k]] = risk[i]
