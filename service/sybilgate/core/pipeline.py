"""The pipeline: link (fold) -> featurise -> first pass -> carry (fold) -> predict -> decide -> place. Pure.

Serving, backfill, training and replay all run this very code over a ``Plan``; only where the states come from differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.book import Book, Known
from sybilgate.core.campaign.joining import NO_SUSPECTS, Place, Suspects, claimants, find_suspects, join, raised
from sybilgate.core.campaign.resemblance import COMPARED
from sybilgate.core.chain import TIE_OF
from sybilgate.core.detector import detector_values
from sybilgate.core.evidence import axes_of, chance, evidence_json, speaking
from sybilgate.core.feature import Rows, all_features, first_features
from sybilgate.core.identifier import COLUMN, KINDS, SPECS, TOTALS_KEY, Key, Keyring, Kind, Role
from sybilgate.core.ledger import Plan, account_records, batch_states, identifier_rows, make_plan, row_keys
from sybilgate.core.linking import N_MONTH, STATS, W_MONTH, fold_links, fold_risk
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.policy import CAMPAIGN, Decision, Policy, decide, grounds
from sybilgate.core.records import AccountRecord, IdentifierRow
from sybilgate.core.scoring import Models
from sybilgate.core.state import States
from sybilgate.core.tail import Tails

_ABSENT: tuple[int, bytes | None] = (0, None)
#: Pseudo-counts of a value and of its kind: how rare a value is must not hang on a handful of accounts.
_HALF, _STRANGERS = 0.5, 30.0
#: Whoever holds a protected value of these kinds is known: no client can claim one that is not his.
_VOUCHING = [COLUMN[kind] for kind in (Kind.CARD, Kind.MAIL_DOMAIN, Kind.IP, Kind.NET, Kind.SUBNET64)]
_CARRIES = np.array([bool(SPECS[k].role & Role.LINK) for k in KINDS])


@dataclass(frozen=True)
class Found:
    """The numbers of a batch. Rows that were not scored have zero margin and risk."""

    features: Rows
    first_risk: Floats
    margin: Floats
    risk: Floats
    decision: npt.NDArray[np.int8]
    axes: list[str]
    evidence: list[str]
    grounds: list[str]
    suspects: Suspects


@dataclass(frozen=True)
class Judged:
    """A batch that was folded and scored, before its campaigns are settled: ``state`` is then still written to."""

    plan: Plan
    state: States
    touched: npt.NDArray[np.bool_]
    found: Found
    versions: list[int]
    totals_version: int

    @property
    def claimants(self) -> set[int]:
        """Campaigns that ``settle`` wants to know."""
        return claimants(self.found.suspects, self.state)


@dataclass(frozen=True)
class Outcome:
    """One value that says everything a batch did. ``campaign``: the campaign of each row, 0 for none; ``book``: what
    is to be written of campaigns; ``raised``: rows whose decision a campaign raised; ``pull``: log-odds of belonging to
    the campaign each row resembles most, minus infinity where that was not asked; ``grounds``: what asked for each
    decision, names of detectors with commas between."""

    features: Rows
    first_risk: Floats
    margin: Floats
    risk: Floats
    decision: npt.NDArray[np.int8]
    axes: list[str]
    evidence: list[str]
    grounds: list[str]
    accounts: list[AccountRecord]
    identifiers: list[IdentifierRow]
    campaign: npt.NDArray[np.int64]
    raised: npt.NDArray[np.bool_]
    pull: Floats
    book: Book


@dataclass(frozen=True)
class Pipeline:
    """Models, policy and keys. Without models every risk is zero (the first pass of training). ``protected``
    identifiers, such as a known office's card, say nothing about who shares them, and whoever holds a protected card,
    mail domain or address is in no campaign; ``exempt`` accounts are allowed whatever their risk, and are in none
    either. Without ``evidence`` none is written out, which saves its time where nobody reads it; decisions do not rest
    on the text."""

    models: Models | None
    policy: Policy
    keyring: Keyring
    protected: frozenset[Key] = frozenset()
    exempt: frozenset[str] = frozenset()
    evidence: bool = True

    def plan(self, obs: Observations, accounts: Mapping[str, AccountRecord], update: npt.NDArray[np.bool_]) -> Plan:
        """Lay out a batch; the caller then gathers the states of ``plan.keys``."""
        return make_plan(obs, accounts, self.keyring, update)

    def run(self, plan: Plan, known: Mapping[Key, tuple[int, bytes]], score: npt.NDArray[np.bool_]) -> Judged:
        """Fold and score a planned batch. ``known``: version and state of those of ``plan.keys`` and of TOTALS_KEY
        that exist."""
        rows = [known.get(key, _ABSENT) for key in plan.keys]
        totals_version, totals = known.get(TOTALS_KEY, _ABSENT)
        state = batch_states(totals, [row for _, row in rows])
        plan.base = state.copy()
        touched = np.zeros(len(state), np.bool_)
        found = self.fold(plan, state, touched, score, None)
        return Judged(plan, state, touched, found, [version for version, _ in rows], totals_version)

    def settle(self, judged: Judged, known: Known) -> Outcome:
        """Place the suspects in campaigns, and say what is to be written. ``known``: of ``judged.claimants``."""
        outcome = self.place(judged.found, judged.state, judged.touched, known)
        changed = identifier_rows(
            judged.plan, judged.state, judged.touched, judged.versions, judged.totals_version
        )  # fmt: skip
        return replace(outcome, accounts=account_records(judged.plan), identifiers=changed)

    def place(self, found: Found, state: States, touched: npt.NDArray[np.bool_], known: Known) -> Outcome:
        """Who is in which campaign; ``state`` gets the claims. A campaign raises a decision to a challenge, no further:
        what an account shares with others is not what it did."""
        suspects, decision, asked = found.suspects, found.decision.copy(), list(found.grounds)
        campaign, lifted = np.zeros(len(decision), np.int64), np.zeros(len(decision), np.bool_)
        pull = np.full(len(decision), -np.inf)
        book, places = Book(known), list[Place]()
        if len(suspects) and self.models is not None and self.models.mates is not None:
            known = replace(known, protected=self.protected)
            book, places = join(suspects, state, known, self.models.mates, self.policy.campaign)
            campaign[suspects.row] = [place.campaign for place in places]
            pull[suspects.row] = [place.pull for place in places]
            lifted[suspects.row] = raised(places)
            lifted &= decision < Decision.CHALLENGE
            decision[lifted] = Decision.CHALLENGE
            for row in np.flatnonzero(lifted).tolist():
                asked[row] = CAMPAIGN
            slots = suspects.slots[suspects.flagged]
            touched[slots[slots >= 0]] = True
        numbers = (found.features, found.first_risk, found.margin, found.risk, decision)
        return Outcome(*numbers, found.axes, found.evidence, asked, [], [], campaign, lifted, pull, book)

    def fold(
        self,
        plan: Plan,
        state: States,
        touched: npt.NDArray[np.bool_],
        score: npt.NDArray[np.bool_],
        first_risk: Floats | None,
        flagged: npt.NDArray[np.bool_] | None = None,
    ) -> Found:
        """The numbers of a batch; ``state``, ``touched`` and the plan's held columns are written in place.

        ``first_risk`` and ``flagged`` override the first pass and the decisions (out-of-fold scores in training)."""
        n = len(plan.events)
        stats = np.full((n, len(KINDS), STATS), np.nan)
        chains = np.zeros((n, 2))
        fresh = np.zeros((n, len(KINDS)), np.bool_)
        protected = self._protected(plan)
        chained = np.where(protected, np.int32(-1), plan.slots) if self.protected else plan.slots
        fold_links(
            state, plan.slots, chained, plan.links, plan.held, plan.totals, plan.time, plan.ref, plan.label,
            plan.update, plan.bits, plan.ops[:, 0], plan.ops[:, 1], plan.ops[:, 2], plan.ops[:, 3], TIE_OF, stats,
            chains, fresh, touched,
        )  # fmt: skip
        stats[protected] = np.nan
        first = first_features(plan.own, stats, chains, self.tails)
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
        decision, axes, evidence, asked = self._conclude(features, stats, plan.time, risk, rows)
        if self.exempt:
            score = score & ~np.array([name in self.exempt for name in plan.names])[plan.events]
            for row in rows[~score[rows]].tolist():
                decision[row], asked[row] = Decision.ALLOW, ""
        if flagged is None and self.models is not None and self.models.mates is not None:
            flagged = score & (decision >= Decision.CHALLENGE)
        vouched = protected[:, _VOUCHING].any(axis=1)
        suspects = NO_SUSPECTS
        if flagged is not None:
            scored, watched = score & ~vouched, risk >= self.policy.campaign.watch
            suspects = _suspects(plan, state, stats, risk, flagged & ~vouched, watched & scored, scored)
        return Found(features, first_risk, margin, risk, decision, axes, evidence, asked, suspects)

    def _protected(self, plan: Plan) -> npt.NDArray[np.bool_]:
        """[n, kinds]: which identifiers of the batch are protected."""
        hit = np.zeros(len(plan.words) + len(KINDS) + 1, np.bool_)  # the last is for "no such kind"
        if self.protected:
            hit[len(KINDS) : -1] = [key in self.protected for key in plan.keys]
        return hit[plan.slots]

    @property
    def tails(self) -> Tails | None:
        """None before there is a model, or when it has none: pooled surprises are missing values then."""
        return self.models.tails if self.models is not None and self.models.tails.names else None

    def _conclude(
        self, features: Rows, stats: Floats, time: Floats, risk: Floats, rows: npt.NDArray[np.intp]
    ) -> tuple[npt.NDArray[np.int8], list[str], list[str], list[str]]:
        """Decisions, axes that speak, evidence and grounds of the scored rows; empty for the others."""
        decision = np.zeros(len(risk), np.int8)
        axes, evidence, asked = [""] * len(risk), ["[]"] * len(risk), [""] * len(risk)
        if not len(rows) or self.models is None:
            return decision, axes, evidence, asked
        probability = chance(stats[rows])
        named = [axes_of(row) for row in speaking(stats[rows], probability)]
        guards = detector_values(self.policy.guards, features[rows], self.tails)
        decision[rows] = decide(self.policy, risk[rows], np.array([len(a) for a in named]), guards)
        for i, speaking_axes, detectors in zip(
            rows.tolist(), named, grounds(self.policy, risk[rows], guards), strict=True
        ):
            axes[i], asked[i] = ",".join(speaking_axes), detectors
        if self.evidence:
            for i, text in zip(rows.tolist(), evidence_json(stats[rows], probability, time[rows]), strict=True):
                evidence[i] = text
        return decision, axes, evidence, asked


def share_of(month: Floats, flow: Floats) -> Floats:
    """Share of recent accounts with a value: ``month`` of the decayed ``flow`` of accounts that have its kind."""
    return np.minimum((month + _HALF) / (flow + _STRANGERS), 1.0)


def _suspects(
    plan: Plan, state: States, stats: Floats, risk: Floats, flagged: npt.NDArray[np.bool_],
    watched: npt.NDArray[np.bool_], score: npt.NDArray[np.bool_],
) -> Suspects:  # fmt: skip
    """Rows that may belong to a campaign, and how rare what they hold is."""
    row = find_suspects(plan.slots, state, flagged, watched, score, stats[:, :, W_MONTH])
    share = share_of(stats[row, :, W_MONTH], stats[row, :, N_MONTH])
    return Suspects(
        row, [plan.names[a] for a in plan.events[row]], plan.ref[row].tolist(), plan.time[row], risk[row],
        flagged[row], watched[row], plan.slots[row], row_keys(plan, row, COMPARED), share, stats[row, :, W_MONTH],
    )  # fmt: skip
