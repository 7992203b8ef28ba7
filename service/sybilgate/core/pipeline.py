"""The pipeline: link (fold) -> featurise -> first pass -> carry (fold) -> predict -> decide. Pure.

Serving, backfill, training and replay all run this very code over a ``Plan``; only where the states come from differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.chain import TIE_OF
from sybilgate.core.evidence import axes_of, chance, evidence_json, speaking
from sybilgate.core.feature import FEATURE_COLUMN, Rows, all_features, first_features
from sybilgate.core.identifier import KINDS, SPECS, TOTALS_KEY, Key, Keyring, Role
from sybilgate.core.ledger import Plan, account_records, batch_states, identifier_rows, make_plan
from sybilgate.core.linking import STATS, fold_links, fold_risk
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.policy import Policy, decide
from sybilgate.core.records import AccountRecord, IdentifierRow
from sybilgate.core.scoring import Models
from sybilgate.core.state import States
from sybilgate.core.tail import Tails

_ABSENT: tuple[int, bytes | None] = (0, None)
_CARRIES = np.array([bool(SPECS[k].role & Role.LINK) for k in KINDS])


@dataclass(frozen=True)
class Outcome:
    """One value that says everything a batch did. Rows that were not scored have zero margin and risk."""

    features: Rows
    first_risk: Floats
    margin: Floats
    risk: Floats
    decision: npt.NDArray[np.int8]
    axes: list[str]
    evidence: list[str]
    accounts: list[AccountRecord]
    identifiers: list[IdentifierRow]


@dataclass(frozen=True)
class Pipeline:
    """Models, policy and keys. Without models every risk is zero (the first pass of training)."""

    models: Models | None
    policy: Policy
    keyring: Keyring

    def plan(self, obs: Observations, accounts: Mapping[str, AccountRecord], update: npt.NDArray[np.bool_]) -> Plan:
        """Lay out a batch; the caller then gathers the states of ``plan.keys``."""
        return make_plan(obs, accounts, self.keyring, update)

    def run(self, plan: Plan, known: Mapping[Key, tuple[int, bytes]], score: npt.NDArray[np.bool_]) -> Outcome:
        """Fold and score a planned batch. ``known``: version and state of those of ``plan.keys`` and of TOTALS_KEY
        that exist."""
        rows = [known.get(key, _ABSENT) for key in plan.keys]
        totals_version, totals = known.get(TOTALS_KEY, _ABSENT)
        state = batch_states(totals, [row for _, row in rows])
        plan.base = state.copy()
        touched = np.zeros(len(state), np.bool_)
        folded = self.fold(plan, state, touched, score, None)
        changed = identifier_rows(plan, state, touched, [version for version, _ in rows], totals_version)
        return Outcome(*folded, account_records(plan), changed)

    def fold(
        self,
        plan: Plan,
        state: States,
        touched: npt.NDArray[np.bool_],
        score: npt.NDArray[np.bool_],
        first_risk: Floats | None,
    ) -> tuple[Rows, Floats, Floats, Floats, npt.NDArray[np.int8], list[str], list[str]]:  # fmt: skip
        """The numbers of a batch; ``state``, ``touched`` and the plan's held columns are written in place.

        ``first_risk`` overrides the first pass (out-of-fold scores in training)."""
        n = len(plan.events)
        stats = np.full((n, len(KINDS), STATS), np.nan)
        chains = np.zeros((n, 2))
        fresh = np.zeros((n, len(KINDS)), np.bool_)
        fold_links(
            state, plan.slots, plan.links, plan.held, plan.totals, plan.time, plan.ref, plan.label, plan.update,
            plan.bits, plan.ops[:, 0], plan.ops[:, 1], plan.ops[:, 2], plan.ops[:, 3], TIE_OF, stats, chains, fresh,
            touched,
        )  # fmt: skip
        first = first_features(plan.own, stats, chains, self._tails)
        if first_risk is None:
            first_risk = self.models.first(first) if self.models else np.zeros(n)
        carried = np.full((n, len(KINDS)), np.nan)
        fold_risk(
            state, plan.slots, plan.links, plan.held, plan.held_risk, plan.time, first_risk, fresh, _CARRIES, carried
        )
        features = all_features(first, stats, carried, first_risk)
        margin, risk = np.zeros(n), np.zeros(n)
        rows = np.flatnonzero(score)
        if self.models and len(rows):
            margin[rows] = self.models.final(np.ascontiguousarray(features[rows]))
            risk[rows] = self.models.calibrate(margin[rows])
        decision, axes, evidence = self._conclude(features, stats, plan.time, risk, rows)
        return features, first_risk, margin, risk, decision, axes, evidence

    @property
    def _tails(self) -> Tails | None:
        """None before there is a model, or when it has none: pooled surprises are missing values then."""
        return self.models.tails if self.models is not None and self.models.tails.names else None

    def _conclude(
        self, features: Rows, stats: Floats, time: Floats, risk: Floats, rows: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.int8], list[str], list[str]]:
        """Decisions, axes that speak and evidence of the scored rows; empty for the others."""
        decision = np.zeros(len(risk), np.int8)
        axes, evidence = [""] * len(risk), ["[]"] * len(risk)
        if not len(rows) or self.models is None:
            return decision, axes, evidence
        probability = chance(stats[rows])
        named = [axes_of(row) for row in speaking(stats[rows], probability)]
        guards = {name: features[rows, FEATURE_COLUMN[name]].astype(np.float64) for name in self.policy.guards}
        decision[rows] = decide(self.policy, risk[rows], np.array([len(a) for a in named]), guards)
        for j, i in enumerate(rows.tolist()):
            axes[i] = ",".join(named[j])
            evidence[i] = evidence_json(stats[i], probability[j], float(time[i]))
        return decision, axes, evidence
