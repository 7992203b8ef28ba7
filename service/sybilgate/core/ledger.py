"""Planning a batch: which accounts and identifiers it touches, as index arrays for the folds.

A ``Plan`` is made in two steps, because an account's current identifiers must be known before the identifiers
can be read: accounts in, keys out; then states in, folds run, new records out.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sybilgate.core.identifier import (
    COLUMN,
    KEY_BYTES,
    KINDS,
    SPECS,
    TOTALS_KEY,
    Key,
    Keyring,
    Kind,
    Words,
    to_keys,
    to_words,
)
from sybilgate.core.keytable import KeyTable, empty_places
from sybilgate.core.layout import ACCOUNT, Events, absent_combinations, lay_out, pack_held
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.own import OWN
from sybilgate.core.records import AccountRecord, IdentifierRow
from sybilgate.core.state import (
    HELD,
    MAX_HELD,
    SKETCHES,
    STATE,
    States,
    pack_totals,
    unpack_states,
    unpack_totals,
)

_SKETCHED = np.array([COLUMN[k] for k in (Kind.DEVICE_ID, Kind.CARD, Kind.NAME, Kind.MAIL_DOMAIN)])
_WIDTH = len(KINDS)  #: slots of the totals, before those of the identifiers
_COMBINED = np.array([(COLUMN[k], COLUMN[s.parts[0]], COLUMN[s.parts[1]]) for k, s in SPECS.items() if s.parts])
_NO_KEYS = bytes(KEY_BYTES) * _WIDTH
_TOTALS = np.arange(_WIDTH, dtype=np.int32)
_SMALL = 64  #: up to so many events, room for every key is cheaper than counting them
_NO_OWN = np.full(len(OWN), np.nan).tobytes()
_TAIL = struct.Struct("<ddiiii")  #: what follows own signals and keys in ACCOUNT
_NOTHING = _NO_OWN + _NO_KEYS + _TAIL.pack(0.0, 0.0, 0, 0, -1, -1)


@dataclass
class Plan:
    """A batch as arrays; ``words`` are the identifiers to gather, in slot order, behind the totals of the kinds."""

    names: list[str]
    refs: list[int]
    versions: list[int]
    accounts: States
    link_words: Words
    after: npt.NDArray[np.int32]
    events: npt.NDArray[np.int32]
    words: Words
    slots: npt.NDArray[np.int32]
    links: npt.NDArray[np.int32]
    totals: npt.NDArray[np.int32]
    held: Floats
    held_risk: Floats
    time: Floats
    ref: npt.NDArray[np.int64]
    label: npt.NDArray[np.int8]
    update: npt.NDArray[np.bool_]
    bits: npt.NDArray[np.uint64]
    ops: npt.NDArray[np.int32]
    own: Floats
    base: States = field(default_factory=lambda: np.zeros(0, STATE))

    @cached_property
    def keys(self) -> list[Key]:
        """The identifiers to gather, in the order of their slots."""
        return to_keys(self.words)


def make_plan(
    obs: Observations, accounts: Mapping[str, AccountRecord], keyring: Keyring, update: npt.NDArray[np.bool_]
) -> Plan:
    """Lay out a batch. ``update`` is False for rows that only read (re-scoring)."""
    n = len(obs)
    number: dict[str, int] = {}
    account = np.array([number.setdefault(name, len(number)) for name in obs.account_id], np.int32)
    records = [accounts.get(name) for name in number]
    refs = [r.ref if r else keyring.account_ref(name) for name, r in zip(number, records, strict=True)]
    versions = [r.version if r else 0 for r in records]
    known, rows = _load(records)
    held, room = len(rows), len(rows) + n * _WIDTH
    events = Events(account, update, obs.type, obs.time, obs.label, obs.keys.copy(), np.array(obs.own, np.float64))
    _combine(events, known, versions, keyring)
    link_words, after = np.empty((room, 2), np.uint64), np.empty(room, np.int32)
    most = held + (n + len(known)) * _WIDTH
    if n > _SMALL:
        most = held + int(np.count_nonzero(events.keys[:, :, 0]) + np.count_nonzero(known["keys"][:, :, 0]))
    words: Words = np.empty((most, 2), np.uint64)
    slots, link_at = np.empty((n, _WIDTH), np.int32), np.empty((n, _WIDTH), np.int32)
    label, bits = np.empty(n, np.int8), np.zeros((n, SKETCHES), np.uint64)
    keys, count, ops = lay_out(
        known, events, rows, link_words, after, empty_places(most), words, _SKETCHED, slots, link_at, label, bits
    )
    columns = np.full((2, count), np.nan)
    columns[:, :held] = rows[:, 2:].T
    return Plan(
        list(number), refs, versions, known, link_words, after, account, words[:keys], slots, link_at, _TOTALS,
        columns[0], columns[1], obs.time, np.array(refs, np.int64)[account], label, update, bits, ops, events.own,
    )  # fmt: skip


def _load(records: Sequence[AccountRecord | None]) -> tuple[States, Floats]:
    """What is known of accounts, and the rows (key, time, risk) they hold, account after account."""
    parts: list[bytes] = []
    end = 0
    for record in records:
        if record is None:
            parts.append(_NOTHING)
            continue
        start, end = end, end + len(record.held) // HELD.itemsize
        first, last = (start, end - 1) if end > start else (-1, -1)
        parts += (
            record.own, _NO_OWN[len(record.own) :], record.keys, _NO_KEYS[len(record.keys) :],
            _TAIL.pack(record.signup_time, record.last_time, record.label, 0, first, last),
        )  # fmt: skip
    known = np.frombuffer(b"".join(parts), ACCOUNT).copy()
    held = b"".join([record.held for record in records if record])
    return known, np.frombuffer(held, np.float64).reshape(-1, 4).copy()


def _combine(events: Events, known: States, versions: Sequence[int], keyring: Keyring) -> None:
    """Add to the keys of events the combinations of what they bring with what their account had."""
    seen = (known["first"] >= 0) | np.array(versions, np.bool_)
    if len(events.account) == len(seen) and not seen.any():
        return  # every account is new and comes once
    event, kind, parts = absent_combinations(
        events.account, events.update, events.keys, known["keys"].copy(), seen, _COMBINED
    )
    if not len(event):
        return
    size, data = 2 * KEY_BYTES, parts.tobytes()
    made = [keyring.combination(KINDS[k], data[i * size : (i + 1) * size]) for i, k in enumerate(kind.tolist())]
    events.keys[event, kind] = to_words(b"".join(made))


def account_records(plan: Plan) -> list[AccountRecord]:
    """New records of the accounts this batch changed, sorted by id."""
    names = plan.names
    order = sorted(np.flatnonzero(plan.accounts["changed"]).tolist(), key=names.__getitem__)
    chosen = plan.accounts[order]
    rows, ends = pack_held(chosen, plan.link_words, plan.after, plan.held, plan.held_risk, MAX_HELD)
    raw, held, end = chosen.tobytes(), rows.tobytes(), (ends * HELD.itemsize).tolist()
    numbers = zip(*(chosen[name].tolist() for name in ("signup_time", "last_time", "label")), strict=True)
    size, a, b = ACCOUNT.itemsize, len(_NO_OWN), len(_NO_OWN) + len(_NO_KEYS)
    return [
        AccountRecord(
            names[i], plan.refs[i], signup_time, last_time, label, raw[c * size : c * size + a],
            raw[c * size + a : c * size + b], held[end[c] : end[c + 1]], plan.versions[i],
        )
        for c, (i, (signup_time, last_time, label)) in enumerate(zip(order, numbers, strict=True))
    ]  # fmt: skip


def row_keys(plan: Plan, rows: npt.NDArray[np.intp], kinds: npt.NDArray[np.intp]) -> list[list[Key | None]]:
    """Current identifiers of events, by kind; those of other ``kinds`` are left out."""
    keys: list[Key | None] = [None] * _WIDTH + plan.keys + [None]
    slots = np.full((len(rows), _WIDTH), -1, np.int32)
    slots[:, kinds] = plan.slots[np.ix_(rows, kinds)]
    return [[keys[slot] for slot in row] for row in slots.tolist()]


def batch_states(totals: bytes | None, rows: list[bytes | None]) -> States:
    """States in slot order from their stored rows: the totals of the kinds, then the plan's keys."""
    return np.concatenate([unpack_totals(totals, _WIDTH), unpack_states(rows)])


def states_of(words: Words, keys: list[Key], rows: list[bytes]) -> States:
    """States in slot order of a plan's ``words`` from stored rows in any order, those of ``keys``; for many rows."""
    totals = rows[keys.index(TOTALS_KEY)] if TOTALS_KEY in keys else None
    table = KeyTable(_WIDTH)
    table.slots(words)
    slots = table.slots(to_words(b"".join(keys)))
    known = slots < _WIDTH + len(words)  # the totals are no identifier of the plan
    state = np.concatenate([unpack_totals(totals, _WIDTH), np.zeros(len(words), STATE)])
    state[slots[known]] = unpack_states([row for row, kept in zip(rows, known.tolist(), strict=True) if kept])
    return state


def identifier_rows(
    plan: Plan, state: States, touched: npt.NDArray[np.bool_], versions: Sequence[int], totals_version: int
) -> list[IdentifierRow]:
    """New rows of the touched identifiers, and of the totals if they changed."""
    rows = np.flatnonzero(touched[_WIDTH:]).tolist()
    known = state[_WIDTH:]
    accounts, seen = known["accounts"].tolist(), known["seen"].tolist()
    size, raw, base = STATE.itemsize, known.tobytes(), plan.base[_WIDTH:].tobytes()
    out = [
        IdentifierRow(
            plan.keys[s], versions[s], base[s * size : (s + 1) * size] if versions[s] else None,
            raw[s * size : (s + 1) * size], accounts[s], seen[s],
        )
        for s in rows
    ]  # fmt: skip
    if touched[:_WIDTH].any():
        out.append(_totals_row(plan, state[:_WIDTH], totals_version))
    return out


def _totals_row(plan: Plan, totals: States, version: int) -> IdentifierRow:
    return IdentifierRow(
        TOTALS_KEY, version, pack_totals(plan.base[:_WIDTH]) if version else None, pack_totals(totals),
        int(totals["accounts"].max()), float(totals["seen"].max()),
    )  # fmt: skip
