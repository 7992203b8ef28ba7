"""Planning a batch: which accounts and identifiers it touches, as index arrays for the folds.

A ``Plan`` is made in two steps, because an account's current identifiers must be known before the identifiers
can be read: accounts in, keys out; then states in, folds run, new records out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sybilgate.core.identifier import COLUMN, KINDS, SPECS, TOTALS_KEY, Key, Keyring, Kind
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.own import OWN
from sybilgate.core.records import AccountRecord, IdentifierRow
from sybilgate.core.state import (
    HELD,
    MAX_HELD,
    SKETCHES,
    STATE,
    States,
    pack_keys,
    pack_own,
    pack_totals,
    unpack_keys,
    unpack_own,
    unpack_states,
    unpack_totals,
)

_SKETCHED = tuple(COLUMN[k] for k in (Kind.DEVICE_ID, Kind.CARD, Kind.NAME, Kind.MAIL_DOMAIN))
_SIGNUP = 1
_WIDTH = len(KINDS)  #: slots of the totals, before those of the identifiers
_COMBINED = [(COLUMN[k], COLUMN[s.parts[0]], COLUMN[s.parts[1]]) for k, s in SPECS.items() if s.parts]


class Working:
    """One account while a batch runs: what was known of it, then what the batch adds, in order."""

    __slots__ = ("account_id", "ref", "signup_time", "last_time", "label", "own", "keys", "links", "version", "changed")

    def __init__(self, account_id: str, ref: int) -> None:
        self.account_id = account_id
        self.ref = ref
        self.signup_time = 0.0
        self.last_time = 0.0
        self.label = 0
        self.own: Floats = np.full(len(OWN), np.nan)
        self.keys: list[Key | None] = [None] * len(KINDS)
        self.links: dict[Key, int] = {}
        self.version = 0
        self.changed = False

    def absorb(self, own: Floats, keys: Sequence[Key | None], time: float, event_type: int, keyring: Keyring) -> None:
        """Newest known value wins, signal by signal; combinations form across events (later card, earlier browser)."""
        self.own = np.where(np.isnan(own), self.own, own)
        known = bool(self.version or self.links)
        self.keys = [new or old for new, old in zip(keys, self.keys, strict=True)]
        if known:
            for column, a, b in _COMBINED:
                first, second = self.keys[a], self.keys[b]
                if keys[column] is None and first and second and (keys[a] or keys[b]):
                    self.keys[column] = keyring.key(KINDS[column], first + second)
        self.last_time = max(self.last_time, time)
        if event_type == _SIGNUP and self.signup_time == 0.0:
            self.signup_time = time
        self.changed = True


@dataclass
class Plan:
    """A batch as arrays; ``keys`` are the identifiers to gather, in slot order, behind the totals of the kinds."""

    works: dict[str, Working]
    events: list[Working]
    keys: list[Key]
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


class _Links:
    """Grows the held-link columns while a plan is made."""

    def __init__(self) -> None:
        self.time: list[float] = []
        self.risk: list[float] = []

    def add(self, time: float, risk: float) -> int:
        self.time.append(time)
        self.risk.append(risk)
        return len(self.time) - 1


def _load(record: AccountRecord, links: _Links) -> Working:
    work = Working(record.account_id, record.ref)
    work.signup_time, work.last_time = record.signup_time, record.last_time
    work.label, work.version = record.label, record.version
    work.own = unpack_own(record.own, len(OWN))
    work.keys = unpack_keys(record.keys)
    held = np.frombuffer(record.held, dtype=HELD)
    keys = held["key"].tobytes()
    work.links = {
        keys[i * 16 : i * 16 + 16]: links.add(time, risk)
        for i, (time, risk) in enumerate(zip(held["time"].tolist(), held["risk"].tolist(), strict=True))
    }
    return work


def make_plan(
    obs: Observations, accounts: Mapping[str, AccountRecord], keyring: Keyring, update: npt.NDArray[np.bool_]
) -> Plan:
    """Lay out a batch. ``update`` is False for rows that only read (re-scoring)."""
    n, width = len(obs), len(KINDS)
    links = _Links()
    works: dict[str, Working] = {}
    events: list[Working] = []
    keys: list[Key] = []
    slot_of: dict[Key, int] = {}
    slots: list[list[int]] = []
    link_at: list[list[int]] = []
    own = np.empty((n, len(OWN)))
    label = np.zeros(n, np.int8)
    bits = np.zeros((n, SKETCHES), np.uint64)
    ops: list[tuple[int, int, int, int]] = []
    for i, account_id in enumerate(obs.account_id):
        work = works.get(account_id)
        if work is None:
            record = accounts.get(account_id)
            work = _load(record, links) if record else Working(account_id, keyring.account_ref(account_id))
            works[account_id] = work
        events.append(work)
        if update[i]:
            work.absorb(obs.own[i], obs.keys[i], float(obs.time[i]), int(obs.type[i]), keyring)
        own[i], label[i] = work.own, work.label
        _place(work, slots, link_at, keys, slot_of, links)
        for j, column in enumerate(_SKETCHED):
            key = work.keys[column]
            if key:
                bits[i, j] = np.uint64(1 << (key[1] & 63))
        if update[i] and obs.label[i] and obs.label[i] != work.label:
            ops.extend(_relabel(work, i, int(obs.label[i]), keys, slot_of))
    return Plan(
        works, events, keys, np.array(slots, dtype=np.int32).reshape(n, width),
        np.array(link_at, dtype=np.int32).reshape(n, width), np.arange(width, dtype=np.int32),
        np.array(links.time, dtype=np.float64), np.array(links.risk, dtype=np.float64),
        obs.time, np.array([w.ref for w in events], dtype=np.int64), label, update, bits,
        np.array(ops, dtype=np.int32).reshape(-1, 4), own,
    )  # fmt: skip


def _place(
    work: Working, slots: list[list[int]], link_at: list[list[int]],
    keys: list[Key], slot_of: dict[Key, int], links: _Links,
) -> None:  # fmt: skip
    """Give every current identifier of the account a slot and a link for the next event."""
    row_slots, row_links = [-1] * _WIDTH, [-1] * _WIDTH
    known = work.links
    for k, key in enumerate(work.keys):
        if key is None:
            continue
        slot = slot_of.get(key)
        if slot is None:
            slot = slot_of[key] = _WIDTH + len(keys)
            keys.append(key)
        link = known.get(key)
        if link is None:
            link = known[key] = links.add(np.nan, np.nan)
        row_slots[k], row_links[k] = slot, link
    slots.append(row_slots)
    link_at.append(row_links)


def _relabel(
    work: Working, i: int, label: int, keys: list[Key], slot_of: dict[Key, int]
) -> list[tuple[int, int, int, int]]:
    """A label reaches every identifier the account holds, once."""
    bad = (label > 0) - (work.label > 0)
    good = (label < 0) - (work.label < 0)
    out = []
    for key in work.links:
        slot = slot_of.get(key)
        if slot is None:
            slot = slot_of[key] = _WIDTH + len(keys)
            keys.append(key)
        out.append((i, slot, bad, good))
    work.label = label
    return out


def account_records(plan: Plan) -> list[AccountRecord]:
    """New records of the accounts this batch changed, sorted by id."""
    return [_record(plan, work) for _, work in sorted(plan.works.items()) if work.changed]


def _record(plan: Plan, work: Working) -> AccountRecord:
    index = np.fromiter(work.links.values(), dtype=np.intp, count=len(work.links))
    held = np.zeros(len(index), HELD)
    held["key"] = np.frombuffer(b"".join(work.links), dtype=HELD["key"])
    held["time"], held["risk"] = plan.held[index], plan.held_risk[index]
    held = held[~np.isnan(held["time"])][-MAX_HELD:]
    return AccountRecord(
        work.account_id, work.ref, work.signup_time, work.last_time, work.label,
        pack_own(work.own), pack_keys(work.keys), held.tobytes(), work.version,
    )  # fmt: skip


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
