"""State of identifiers and accounts: fixed records that decay, add up and merge.

Velocity is kept as exponentially decayed counts (forward decay: Cormode, Shkapenyuk, Srivastava and Xu,
"Forward Decay", ICDE 2009, section IV). Each row carries its own landmark, the time it was last touched, so
nothing ever overflows and nothing has to be re-based; the value at any later time is one exponential away.
Two states of one row merge by bringing both to the later landmark and adding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sybilgate.core.identifier import KEY_BYTES, KINDS, TOTALS_KEY, Key, Words, to_words

#: Time constants of the four counters, in seconds: 1 h, 1 d, 7 d, 30 d.
TAU = np.array([3600.0, 86400.0, 604800.0, 2592000.0])
RISK_TAU = 2592000.0
RING = 8
SKETCHES = 4
#: Room for kinds of identifier that chain accounts; see ``core.chain``.
TIES = 8
#: An account remembers this many of the identifiers it holds, the newest; older ones would count anew.
MAX_HELD = 256

#: One identifier. In the totals of a kind, ``weight`` counts links.
STATE = np.dtype(
    [
        ("seen", "<f8"),  # landmark of weight: latest time touched
        ("first", "<f8"),  # earliest time touched
        ("weight", "<f8", (4,)),  # decayed number of accounts, one per TAU
        ("risk", "<f8"),  # decayed sum of the first-pass risk its holders were given
        ("risk_seen", "<f8"),  # landmark of risk
        ("accounts", "<i8"),  # distinct accounts ever
        ("bad", "<i4"),  # holders labelled bad
        ("good", "<i4"),  # holders labelled good
        ("sketch", "<u8", (SKETCHES,)),  # 64-bit linear counters: devices, cards, names, mail domains
        ("ring", "<i8", (RING,)),  # references of the most recent accounts, newest first
        ("chain", "<f8"),  # decayed size of the chain its holders belong to, as far as known when it was touched
        ("chain_seen", "<f8"),  # landmark of chain
        ("ties", "u1", (TIES,)),  # how many links of each chaining kind hold that chain together
        ("claims", "<i8", (2,)),  # the campaigns that flagged holders of it belong to: the two latest
    ]
)

#: What a kind's totals are in store; in a fold they are ordinary states, the first of the batch.
TOTAL = np.dtype([(name, STATE.fields[name][0]) for name in ("seen", "first", "weight", "accounts")])  # type: ignore[index]

#: One identifier that an account holds: since when, and the risk that was carried onto it.
HELD = np.dtype([("key", f"V{KEY_BYTES}"), ("time", "<f8"), ("risk", "<f8")])

States = npt.NDArray[np.void]


def unpack_states(rows: list[bytes | None]) -> States:
    """States from their stored bytes; None becomes a fresh row."""
    blank = bytes(STATE.itemsize)
    return np.frombuffer(b"".join([_whole(row) if row else blank for row in rows]), dtype=STATE).copy()


def _whole(row: bytes) -> bytes:
    """A row in full length; one written before a field existed ends early."""
    return row if len(row) == STATE.itemsize else row.ljust(STATE.itemsize, b"\0")


def unpack_totals(row: bytes | None, kinds: int) -> States:
    """One state per kind from their stored row; a row written before a kind existed ends early."""
    states = np.zeros(kinds, STATE)
    stored = np.frombuffer(row or b"", dtype=TOTAL)
    for name in TOTAL.names or ():
        states[name][: len(stored)] = stored[name]
    return states


def pack_totals(states: States) -> bytes:
    """Inverse of ``unpack_totals``."""
    row = np.empty(len(states), TOTAL)
    for name in TOTAL.names or ():
        row[name] = states[name]
    return row.tobytes()


def merge_rows(key: Key, stored: bytes, base: bytes | None, new: bytes) -> bytes:
    """Add what led from ``base`` to ``new`` onto ``stored``: another writer was here in between.

    Counts add exactly; decayed sums add after being brought to the later landmark; sketches unite.
    """
    if key == TOTALS_KEY:
        kinds = len(new) // TOTAL.itemsize
        return pack_totals(_merge(*(unpack_totals(row, kinds) for row in (stored, base, new))))
    blank = bytes(STATE.itemsize)
    return _merge(*(np.frombuffer(_whole(row), dtype=STATE) for row in (stored, base or blank, new))).tobytes()


def _merge(s: States, b: States, n: States) -> States:
    out = s.copy()
    seen = np.maximum(s["seen"], n["seen"])
    out["weight"] = sum(
        sign * row["weight"] * np.exp(-np.maximum(seen - row["seen"], 0.0)[:, None] / TAU)
        for row, sign in ((s, 1.0), (n, 1.0), (b, -1.0))
    )
    out["seen"] = seen
    risk_seen = np.maximum(s["risk_seen"], n["risk_seen"])
    out["risk"] = sum(
        sign * row["risk"] * np.exp(-np.maximum(risk_seen - row["risk_seen"], 0.0) / RISK_TAU)
        for row, sign in ((s, 1.0), (n, 1.0), (b, -1.0))
    )
    out["risk_seen"] = risk_seen
    out["first"] = np.where(s["first"] > 0, np.minimum(s["first"], n["first"]), n["first"])
    for name in ("accounts", "bad", "good"):
        out[name] = s[name] + n[name] - b[name]
    out["sketch"] = s["sketch"] | n["sketch"]
    later = n["chain"] > s["chain"]
    for name in ("chain", "chain_seen"):
        out[name] = np.where(later, n[name], s[name])
    out["ties"] = np.maximum(s["ties"], n["ties"])
    out["claims"] = np.where((n["claims"] == b["claims"]).all(axis=1, keepdims=True), s["claims"], n["claims"])
    for i in range(len(out)):
        known = set(b["ring"][i].tolist())
        fresh = [ref for ref in n["ring"][i].tolist() if ref not in known]
        out["ring"][i] = (fresh + s["ring"][i].tolist())[:RING]
    return out


def unpack_keys(rows: Sequence[bytes]) -> Words:
    """[rows, kinds, 2] from stored rows; one written before a kind existed ends early."""
    size = KEY_BYTES * len(KINDS)
    return to_words(b"".join([row.ljust(size, b"\0") for row in rows])).reshape(-1, len(KINDS), 2)


def pack_own(row: npt.NDArray[np.float64]) -> bytes:
    """Own signals as float64 bytes."""
    return row.astype("<f8").tobytes()


def unpack_own(data: bytes, width: int) -> npt.NDArray[np.float64]:
    """Inverse of ``pack_own``; columns added since are missing."""
    row = np.frombuffer(data, dtype="<f8")
    return np.concatenate([row, np.full(width - len(row), np.nan)])
