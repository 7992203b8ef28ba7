"""Replay: fold a log over state in memory. Training, backtests and the parity test see exactly what serving saw."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sybilgate.core.identifier import Key
from sybilgate.core.ledger import account_records
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.pipeline import Outcome, Pipeline
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import STATE, States


@dataclass
class Replay:
    """Link state and accounts in memory; ``fold`` advances them by one batch of any size."""

    pipeline: Pipeline
    accounts: dict[str, AccountRecord] = field(default_factory=dict)
    slot_of: dict[Key, int] = field(default_factory=dict)
    state: States = field(default_factory=lambda: np.zeros(4096, STATE))

    def fold(
        self, obs: Observations, score: npt.NDArray[np.bool_] | None = None, first_risk: Floats | None = None
    ) -> Outcome:
        """Fold ``obs`` in order. ``score`` picks the rows to score (default: all)."""
        n = len(obs)
        plan = self.pipeline.plan(obs, self.accounts, np.ones(n, np.bool_))
        index = self._slots(plan.keys)
        state = self.state[index]
        touched = np.zeros(len(state), np.bool_)
        chosen = np.ones(n, np.bool_) if score is None else score
        numbers = self.pipeline.fold(plan, state, touched, chosen, first_risk)
        self.state[index] = state
        changed = account_records(plan)
        self.accounts.update((record.account_id, record) for record in changed)
        return Outcome(*numbers, changed, [])

    def identifier(self, key: Key) -> npt.NDArray[np.void] | None:
        """State of one identifier, or None if nobody holds it."""
        slot = self.slot_of.get(key)
        return None if slot is None else self.state[slot : slot + 1]

    def _slots(self, keys: list[Key]) -> npt.NDArray[np.intp]:
        slots = self.slot_of
        index = np.array([slots.setdefault(key, len(slots)) for key in keys], dtype=np.intp)
        if len(slots) > len(self.state):
            grown = np.zeros(max(2 * len(self.state), len(slots)), STATE)
            grown[: len(self.state)] = self.state
            self.state = grown
        return index
