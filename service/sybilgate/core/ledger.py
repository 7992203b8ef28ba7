"""Planning a batch: which accounts and identifiers it touches, as index arrays for the folds.

A ``Plan`` is made in two steps, because an account's current identifiers must be known before the identifiers
can be read: accounts in, keys out; then states in, folds run, new records out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sybilgate.core.identifier import COLUMN, KEY_BYTES, KINDS, SPECS, TOTALS_KEY, Key, Keyring, Kind
from sybilgate.core.keytable import Words, empty_places, to_keys, to_words
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
_NO_KEY = bytes(KEY_BYTES)
_NO_KEYS = _NO_KEY * _WIDTH
_TOTALS = np.arange(_WIDTH, dtype=np.int32)
_NO_OWN = np.full(len(OWN), np.nan).tobytes()


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
    events = Events(account, update, obs.type, obs.time, obs.label, _sent(obs), np.array(obs.own, np.float64))
    _combine(events, known, versions, keyring)
    link_words, after = np.empty((room, 2), np.uint64), np.empty(room, np.int32)
    if held:
        link_words[:held] = rows[:, :2].view(np.uint64)
        after[:held] = np.arange(1, held + 1)
        after[known["last"][known["last"] >= 0]] = -1
    most = int(np.count_nonzero(events.keys[:, :, 0]) + np.count_nonzero(known["keys"][:, :, 0])) + held
    words: Words = np.empty((most, 2), np.uint64)
    slots, link_at = np.empty((n, _WIDTH), np.int32), np.empty((n, _WIDTH), np.int32)
    label, bits = np.empty(n, np.int8), np.zeros((n, SKETCHES), np.uint64)
    keys, count, ops = lay_out(
        known, events, link_words, after, held, empty_places(most), words, _SKETCHED, slots, link_at, label, bits
    )
    columns = np.full((2, count), np.nan)
    columns[:, :held] = rows[:, 2:].T
    return Plan(
        list(number), refs, versions, known, link_words, after, account, words[:keys], slots, link_at, _TOTALS,
        columns[0], columns[1], obs.time, np.array(refs, np.int64)[account], label, update, bits, ops, events.own,
    )  # fmt: skip


def _sent(obs: Observations) -> Words:
    """Keys of a batch as words, [events, kinds, 2]."""
    joined = b"".join([key or _NO_KEY for row in obs.keys for key in row])
    return to_words(joined).reshape(len(obs), _WIDTH, 2)


def _load(records: Sequence[AccountRecord | None]) -> tuple[States, Floats]:
    """What is known of accounts, and the rows (key, time, risk) they hold, account after account."""
    known = np.zeros(len(records), ACCOUNT)
    known["own"] = np.nan
    known["first"] = known["last"] = -1
    old = [i for i, record in enumerate(records) if record]
    if not old:
        return known, np.empty((0, 4))
    found = [record for record in records if record]
    at = np.array(old)
    own = b"".join([record.own + _NO_OWN[len(record.own) :] for record in found])
    keys = b"".join([record.keys.ljust(len(_NO_KEYS), b"\0") for record in found])
    known["own"][at] = np.frombuffer(own, np.float64).reshape(-1, len(OWN))
    known["keys"][at] = np.frombuffer(keys, np.uint64).reshape(-1, _WIDTH, 2)
    known["signup_time"][at] = [record.signup_time for record in found]
    known["last_time"][at] = [record.last_time for record in found]
    known["label"][at] = [record.label for record in found]
    rows = np.frombuffer(b"".join([record.held for record in found]), np.float64).reshape(-1, 4)
    size = np.array([len(record.held) // HELD.itemsize for record in found])
    end = np.cumsum(size)
    known["first"][at], known["last"][at] = np.where(size > 0, (end - size, end - 1), -1)
    return known, rows


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
    made = [keyring.key(KINDS[k], data[i * size : (i + 1) * size]) for i, k in enumerate(kind.tolist())]
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


def batch_states(totals: bytes | None, rows: list[bytes | None]) -> States:
    """States in slot order from their stored rows: the totals of the kinds, then the plan's keys."""
    return np.concatenate([unpack_totals(totals, _WIDTH), unpack_states(rows)])


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
