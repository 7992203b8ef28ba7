"""A model fitted to a company's own traffic without any labels: same trees, own tails, own thresholds.

How many honest accounts share a carrier's address, a phone model or a mail pattern grows with the number of signups a
day. A bundle's tails say how rare each count was where it was trained; where ten times as many people sign up, counts
that everybody has look rare, and its detectors alarm for a third of all people (measured: a world of 25,000 signups a
day under a model trained at 2,500). The trees read surprise, not size, so new tails move them over.

Nobody is called honest here. Tails leave out the most suspicious accounts, so that a campaign inside the history does
not become its own normal; thresholds are shares of *all* accounts, so an alarm budget is met whoever they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sybilgate.app.bundle import FINAL, FIRST_PASS, Bundle, load_bundle, write_bundle
from sybilgate.app.distribution import make_reference
from sybilgate.app.mapping import DAY, Truth
from sybilgate.app.ports import Store
from sybilgate.app.replay import Replay
from sybilgate.core.detector import guard_values
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES, Rows, fill_pooled, tails_of
from sybilgate.core.observation import Floats
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import load_policy
from sybilgate.core.scoring import LightGBMModels
from sybilgate.core.state import TAU
from sybilgate.core.tail import Tails
from sybilgate.errors import InvalidInput
from sybilgate.training.commands import blank_replay, store_log
from sybilgate.training.dataset import TRAINING_KEYS, Log, Progress, Scored, build_dataset, score_log
from sybilgate.training.evaluate import Bools
from sybilgate.training.history import Knowledge, read_history
from sybilgate.training.train import golden_rows, guard_quantiles, policy_toml

#: Share of accounts, the most suspicious, that tails do not learn from.
SUSPECTED = 0.02
#: A tail of one in a thousand needs this many accounts to be more than a guess.
FEWEST = 1000
#: How full the counts of thirty days must be where limits are settled, for limits to last. On a world of 50,000 signups
#: a day, those of the last four of ten days stopped between 0.6 and 7 % of honest people by the day over seven weeks.
FULL = 0.8
_ROUNDS = 2
_SIGNUPS = (EventType.SIGNUP,)


@dataclass(frozen=True)
class _Texts:
    first: str
    final: str


def calibrate_bundle(
    log: Log,
    source: Path,
    out: Path,
    name: str,
    version: str,
    notes: dict[str, Any] | None = None,
    tell: Progress | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Write ``out/name/version``: the bundle in ``source`` with tails and thresholds of ``log``; returns its folder and
    a report. Accounts known as Sybils teach nothing. Raises ``InvalidInput`` for a history of too few signups."""
    old = load_bundle(source)
    title = f"{name}@{version}"
    texts = _Texts((source / FIRST_PASS).read_text("utf-8"), (source / FINAL).read_text("utf-8"))
    known_bad = {account for account, truth in log.truths.items() if truth.is_sybil}
    tails = _own_tails(log, old.models, known_bad, tell)
    mates = old.manifest.mates
    models, campaigns = (
        LightGBMModels(
            title, texts.first, texts.final, old.manifest.calibration, old.manifest.guards, FEATURE_NAMES,
            tails.to_json(), likeness,
        )
        for likeness in ({}, mates)
    )  # fmt: skip
    scored = _scored(log, models, old.policy_text, known_bad, tell)
    data, ordinary = scored.dataset, ~scored.dataset.label
    guards = guard_values(data.x[ordinary], tails)
    policy = policy_toml(title, scored.risk[ordinary], guards)
    if mates:  # campaigns are built from what the new thresholds flag, so they come second
        again = _scored(log, campaigns, policy, known_bad, tell)
        added = np.where(again.flagged, -np.inf, again.pull)
        policy = policy_toml(title, scored.risk[ordinary], guards, added[ordinary])
    report = _report(scored, old, policy, ordinary) | {"counts_filled": round(counts_filled(log, data.time), 3)}
    margin = models.final(data.x)
    folder = write_bundle(
        out, name, version,
        first_text=texts.first, final_text=texts.final, calibration=old.manifest.calibration,
        guards=guard_quantiles(guards), tails=tails.to_json(), features=FEATURE_NAMES,
        golden_rows=golden_rows(data, margin), policy_text=policy,
        card_text=_card(title, old.manifest.title, report, notes or {}), mates=mates,
        notes={
            "calibrated_from": old.manifest.title, "report": report,
            "reference": make_reference(data.x, scored.risk, FEATURE_NAMES, _SIGNUPS).to_json(),
        } | (notes or {}),
    )  # fmt: skip
    return folder, report


def counts_filled(log: Log, time: Floats) -> float:
    """How full the slowest counts are at these times on average, of what months of the same traffic make them."""
    return float(np.mean(1.0 - np.exp((log.span()[0] - time) / TAU[3])))


def full_after_days() -> float:
    """Days after which they are ``FULL``."""
    return -math.log(1.0 - FULL) * float(TAU[3]) / DAY


def _own_tails(log: Log, models: LightGBMModels, known_bad: set[str], tell: Progress | None) -> Tails:
    data = build_dataset(log, blank_replay(), first_only=True, tell=tell)
    kinds = np.concatenate([np.zeros(0, np.int8), *(chunk.type for chunk in log.chunks)])[data.event]
    bad = np.array([account in known_bad for account in data.account_id], np.bool_)
    picked = (kinds == EventType.SIGNUP) & (data.time >= log.begin) & ~bad
    if picked.sum() < FEWEST:
        raise InvalidInput([("history", f"needs at least {FEWEST} signups after its burn-in, has {picked.sum()}")])
    rows: Rows = data.x[picked]
    tails = tails_of(rows, np.ones(len(rows), np.bool_))
    for _ in range(_ROUNDS):
        fill_pooled(rows, tails)
        risk = models.first(rows)
        tails = tails_of(rows, risk <= np.quantile(risk, 1 - SUSPECTED))
    return tails


def _scored(log: Log, models: LightGBMModels, policy_text: str, known_bad: set[str], tell: Progress | None) -> Scored:
    """Every signup as the calibrated model scores it; whoever is not known as a Sybil counts as ordinary."""
    accounts = {account for chunk in log.chunks for account in chunk.account_id}
    told = replace(log, truths={account: Truth(account in known_bad) for account in accounts})
    pipeline = Pipeline(models, load_policy(policy_text), TRAINING_KEYS, evidence=False)
    return score_log(told, Replay(pipeline), _SIGNUPS, tell)


def _report(scored: Scored, old: Bundle, policy_text: str, ordinary: Bools) -> dict[str, Any]:
    """Shares of accounts that the new policy, and that the old one with the new tails, would stop."""
    policies = {"calibrated": load_policy(policy_text), "as it came": load_policy(old.policy_text)}
    risk = scored.risk[ordinary]
    return {
        "signups": int(ordinary.sum()),
        "days": round(float(np.ptp(scored.dataset.time)) / 86_400, 1),
        "risk_from": {
            key: {"challenge": policy.challenge, "review": policy.review, "deny": policy.deny}
            for key, policy in policies.items()
        },
        "share_above": {
            key: {
                level: round(float((risk >= getattr(policy, level)).mean()), 5)
                for level in ("challenge", "review", "deny")
            }
            for key, policy in policies.items()
        },
    }


def _card(title: str, origin: str, report: dict[str, Any], notes: dict[str, Any]) -> str:
    lines = [
        f"# Model {title}", "",
        f"The trees and the calibration of {origin}, with tails and thresholds of {report['signups']} signups over "
        f"{report['days']} days, without labels. What {origin} was measured to do stands in its own card; on this "
        "traffic recall is unknown until labels come.", "",
        *(f"- {key}: {value}" for key, value in notes.items()), "",
        "Thresholds are alarm budgets: shares of all accounts of that history, Sybils among them.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def run_calibrate(
    history: Path,
    out: Path,
    source: Path,
    name: str,
    version: str,
    mapping: Path | None = None,
    labels: Path | None = None,
    knowledge: Knowledge | None = None,
    tell: Progress | None = None,
) -> tuple[Path, dict[str, Any]]:
    """The same from a history file. ``labels``, or truth in the history, only takes known Sybils out."""
    log, notes = read_history(history, mapping, labels, knowledge, tell=tell)
    return calibrate_bundle(log, source, out, name, version, notes, tell)


def run_calibrate_store(
    store: Store, out: Path, source: Path, name: str, version: str, burn_in_days: float, tell: Progress | None = None
) -> tuple[Path, dict[str, Any]]:
    """The same from a store's own event log; outcomes in it take known Sybils out."""
    log = store_log(store)
    if log.chunks:
        first, last = log.span()
        log.truth_from_outcomes(as_of=last, maturity_days=0.0)
        log.begin = first + burn_in_days * DAY
    return calibrate_bundle(log, source, out, name, version, {"events": len(log)}, tell)
