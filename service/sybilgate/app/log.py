"""The event log: observations to rows and back. The log is the truth; link state is its projection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sybilgate.core.identifier import KINDS
from sybilgate.core.observation import Observations
from sybilgate.core.own import OWN
from sybilgate.core.records import EventRecord
from sybilgate.core.state import pack_own, unpack_keys, unpack_own


def to_record(obs: Observations, i: int, received_time: float) -> EventRecord:
    """Row ``i`` of a batch as a line of the log."""
    return EventRecord(
        obs.account_id[i], int(obs.type[i]), float(obs.time[i]), received_time, int(obs.label[i]),
        pack_own(obs.own[i]), obs.keys[i].tobytes(), ",".join(obs.degraded),
    )  # fmt: skip


def from_records(records: Sequence[EventRecord]) -> Observations:
    """A stretch of the log as one batch, ready to fold."""
    own = [unpack_own(r.own, len(OWN)) for r in records]
    return Observations(
        [r.account_id for r in records],
        np.array([r.type for r in records], np.int8),
        np.array([r.time for r in records], np.float64),
        np.array([r.label for r in records], np.int8),
        np.stack(own) if own else np.empty((0, len(OWN))),
        unpack_keys([r.keys for r in records]),
    )


def blank_events(accounts: Sequence[str], now: float) -> Observations:
    """One event per account that tells nothing new."""
    n = len(accounts)
    nothing, unknown = np.zeros(n, np.int8), np.full((n, len(OWN)), np.nan)
    return Observations(
        list(accounts), nothing, np.full(n, now), nothing.copy(), unknown, np.zeros((n, len(KINDS), 2), np.uint64)
    )
