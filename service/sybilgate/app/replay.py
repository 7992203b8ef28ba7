"""Replay: fold a log over state in memory. Training, backtests and the parity test see exactly what serving saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.joining import Suspects, claimants
from sybilgate.core.campaign.shelf import Shelf
from sybilgate.core.identifier import KINDS, Key, Words
from sybilgate.core.keytable import KeyTable
from sybilgate.core.ledger import Plan, account_records
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.pipeline import Outcome, Pipeline
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import STATE, States


@dataclass
class Replay:
    """Link state and accounts in memory; ``fold`` advances them by one batch of any size."""

    pipeline: Pipeline
    accounts: dict[str, AccountRecord] = field(default_factory=dict)
    slot_of: KeyTable = field(default_factory=lambda: KeyTable(len(KINDS)))
    #: The totals of the kinds, then one row per identifier.
    state: States = field(default_factory=lambda: np.zeros(4096, STATE))

    shelf: Shelf = field(default_factory=Shelf)

    def fold(
        self,
        obs: Observations,
        score: npt.NDArray[np.bool_] | None = None,
        first_risk: Floats | None = None,
        update: npt.NDArray[np.bool_] | None = None,
    ) -> Outcome:
        """Fold ``obs`` in order. ``score`` picks the rows to score (default: all); without ``update`` it only reads."""
        plan, index, state, outcome = self._run(obs, score, first_risk, update)
        self.state[index] = state
        self.shelf.put(outcome.book)
        changed = account_records(plan)
        self.accounts.update((record.account_id, record) for record in changed)
        return replace(outcome, accounts=changed)

    def peek(self, obs: Observations, score: npt.NDArray[np.bool_] | None = None) -> Outcome:
        """What ``fold`` would answer if ``obs`` came next. Nothing of it is kept."""
        return self._run(obs, score, None, None)[3]

    def suspects(self, obs: Observations, flagged: npt.NDArray[np.bool_]) -> Suspects:
        """Fold ``obs`` and say what ``join`` would be asked if the ``flagged`` events were flagged; nobody joins."""
        nobody, every = np.zeros(len(obs), np.bool_), np.ones(len(obs), np.bool_)
        plan = self.pipeline.plan(obs, self.accounts, every)
        index = self._slots(plan.words)
        state = self.state[index]
        found = self.pipeline.fold(plan, state, np.zeros(len(state), np.bool_), nobody, None, flagged)
        self.state[index] = state
        self.accounts.update((record.account_id, record) for record in account_records(plan))
        return found.suspects

    def _run(
        self,
        obs: Observations,
        score: npt.NDArray[np.bool_] | None,
        first_risk: Floats | None,
        update: npt.NDArray[np.bool_] | None,
    ) -> tuple[Plan, npt.NDArray[np.intp], States, Outcome]:
        """Fold over copies: the plan, where its states belong, the states after it, and what was found."""
        every = np.ones(len(obs), np.bool_)
        plan = self.pipeline.plan(obs, self.accounts, every if update is None else update)
        index = self._slots(plan.words)
        state = self.state[index]
        touched = np.zeros(len(state), np.bool_)
        found = self.pipeline.fold(plan, state, touched, every if score is None else score, first_risk)
        suspects = found.suspects
        keys = {key for row in suspects.keys for key in row if key}
        known = self.shelf.known(claimants(suspects, state), keys, suspects.account_id)
        return plan, index, state, self.pipeline.place(found, state, touched, known)

    def forget(self, account_ids: Iterable[str]) -> None:
        """Let go of accounts of which the log tells nothing more; what they hold stays counted.

        Most of a long history is accounts that never come back. One that did would be counted anew.
        """
        for account_id in account_ids:
            self.accounts.pop(account_id, None)

    def identifier(self, key: Key) -> npt.NDArray[np.void] | None:
        """State of one identifier, or None if nobody holds it."""
        slot = self.slot_of.get(key)
        return None if slot is None else self.state[slot : slot + 1]

    def _slots(self, keys: Words) -> npt.NDArray[np.intp]:
        index = np.concatenate([np.arange(len(KINDS)), self.slot_of.slots(keys)])
        needed = len(KINDS) + len(self.slot_of)
        if needed > len(self.state):
            grown = np.zeros(max(2 * len(self.state), needed), STATE)
            grown[: len(self.state)] = self.state
            self.state = grown
        return index
