"""Backtest: what a model or a policy would have decided on history, week by week, against the one in service.

Each model folds the whole history by itself, with its own first pass and its own carried risk, as if it had served
from the first event on. Two policies over one model share that fold. Rates are over accounts whose truth is known:
from the file, else from outcomes in the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle import Bundle
from sybilgate.app.mapping import Truth
from sybilgate.app.replay import Replay
from sybilgate.core.detector import detector_values
from sybilgate.core.event import EventType
from sybilgate.core.identifier import Keyring
from sybilgate.core.observation import Floats
from sybilgate.core.pipeline import Outcome, Pipeline
from sybilgate.core.policy import Decision, Policy, decide
from sybilgate.core.tail import Tails
from sybilgate.training.dataset import Log, Progress
from sybilgate.training.evaluate import Bools, evaluate, share

Decisions = npt.NDArray[np.int8]
#: Account ids named in the report, per kind of change.
_NAMED = 10


@dataclass(frozen=True)
class Arm:
    """A model and the policy it serves under."""

    bundle: Bundle
    policy: Policy

    @property
    def title(self) -> str:
        return f"{self.bundle.manifest.title} under policy {self.policy.version}"


@dataclass(frozen=True)
class Asked:
    """The scored rows of a history, in order. ``label`` is false where truth is not ``known``."""

    account_id: list[str]
    time: Floats
    label: Bools
    known: Bools
    group: list[str]
    archetype: list[str]


@dataclass(frozen=True)
class Answers:
    """What an arm said of each of them."""

    risk: Floats
    decision: Decisions


def backtest(
    log: Log, arm: Arm, against: Arm, types: Sequence[EventType], keyring: Keyring, tell: Progress | None = None
) -> dict[str, Any]:
    """The report; the two arms under ``candidate`` and ``in_service``, and what would have ``changed``."""
    asked = asked_rows(log, types)
    if arm.bundle.manifest.digest == against.bundle.manifest.digest:
        new, old = answers(log, arm.bundle, (arm.policy, against.policy), types, keyring, tell)
    else:
        (new,) = answers(log, arm.bundle, (arm.policy,), types, keyring, tell)
        (old,) = answers(log, against.bundle, (against.policy,), types, keyring, tell)
    return {
        "events": len(log),
        "rows": len(asked.time),
        "known": int(asked.known.sum()),
        "candidate": {"title": arm.title} | judged(asked, new),
        "in_service": {"title": against.title} | judged(asked, old),
        "weeks": weeks(asked, new, old),
        "changed": changes(asked, new.decision, old.decision),
    }


def asked_rows(log: Log, types: Sequence[EventType]) -> Asked:
    """Rows of ``types``, with or without truth."""
    wanted = [int(kind) for kind in types]
    names: list[str] = []
    times = [np.zeros(0)]
    for chunk in log.chunks:
        rows = np.flatnonzero(np.isin(chunk.type, wanted))
        names += [chunk.account_id[row] for row in rows]
        times.append(chunk.time[rows])
    truths = [log.truths.get(name, Truth(False)) for name in names]
    return Asked(
        names, np.concatenate(times), np.array([truth.is_sybil for truth in truths], bool),
        np.array([name in log.truths for name in names], bool),
        [truth.group for truth in truths], [truth.archetype for truth in truths],
    )  # fmt: skip


def answers(
    log: Log, bundle: Bundle, policies: Sequence[Policy], types: Sequence[EventType], keyring: Keyring,
    tell: Progress | None,
) -> list[Answers]:  # fmt: skip
    """One replay of the log under a model; the answers of each policy. The first one builds the campaigns."""
    limits = replace(policies[0].campaign, watch=min(policy.campaign.watch for policy in policies))
    replay = Replay(Pipeline(bundle.models, replace(policies[0], campaign=limits), keyring, evidence=False))
    wanted = [int(kind) for kind in types]
    risks = [np.zeros(0)]
    decisions: list[list[Decisions]] = [[np.zeros(0, np.int8)] for _ in policies]
    done = 0
    for chunk in log.chunks:
        score = np.isin(chunk.type, wanted)
        outcome = replay.fold(chunk, score)
        rows = np.flatnonzero(score)
        risks.append(outcome.risk[rows])
        for made, policy in zip(decisions, policies, strict=True):
            made.append(decided(outcome, rows, policy, bundle.models.tails))
        done += len(chunk)
        if tell:
            tell(f"replay under {bundle.manifest.title}", done, len(log))
    risk = np.concatenate(risks)
    return [Answers(risk, np.concatenate(made)) for made in decisions]


def decided(outcome: Outcome, rows: npt.NDArray[np.intp], policy: Policy, tails: Tails) -> Decisions:
    """Decisions of a policy on rows that were scored, whatever policy they were scored under, if it watched as many."""
    axes = np.array([len(outcome.axes[row].split(",")) if outcome.axes[row] else 0 for row in rows], np.int64)
    guards = detector_values(policy.guards, outcome.features[rows], tails)
    found, limits = decide(policy, outcome.risk[rows], axes, guards), policy.campaign
    pulled = (outcome.risk[rows] >= limits.watch) & (outcome.pull[rows] >= limits.pull)
    found[pulled & (found < Decision.CHALLENGE)] = Decision.CHALLENGE
    return found


def judged(asked: Asked, given: Answers) -> dict[str, Any]:
    """Decisions of all rows, and every figure of ``evaluate`` over rows of known truth."""
    known = asked.known
    groups, archetypes = ([names[i] for i in np.flatnonzero(known)] for names in (asked.group, asked.archetype))
    report = evaluate(
        given.risk[known], asked.label[known], asked.time[known],
        groups if any(groups) else None, archetypes if any(archetypes) else None, given.decision[known],
    )  # fmt: skip
    return {"decided": counts(given.decision), "judged": report}


def counts(decision: Decisions) -> dict[str, int]:
    """How many rows got each decision."""
    return {level.name: int((decision == level).sum()) for level in Decision}


def weeks(asked: Asked, new: Answers, old: Answers) -> list[dict[str, Any]]:
    """A line per week, named by its Monday (UTC)."""
    day = (asked.time // 86_400).astype(np.int64)
    # The first day of 1970 was a Thursday.
    monday = day - (day + 3) % 7
    out = []
    for start in np.unique(monday):
        rows = monday == start
        bad, good = rows & asked.label, rows & asked.known & ~asked.label
        out.append(
            {
                "week": f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=int(start)):%Y-%m-%d}",
                "rows": int(rows.sum()),
                "sybils": int(bad.sum()),
                "honest": int(good.sum()),
                "candidate": _week(new.decision, rows, bad, good),
                "in_service": _week(old.decision, rows, bad, good),
            }
        )
    return out


def _week(decision: Decisions, rows: Bools, bad: Bools, good: Bools) -> dict[str, Any]:
    rates = {"recall": share(stops(decision[bad])), "false_positive_rate": share(stops(decision[good]))}
    return {"decided": counts(decision[rows])} | rates


def changes(asked: Asked, new: Decisions, old: Decisions) -> dict[str, Any]:
    """Rows that would have been decided otherwise, and the accounts for whom that was better or worse."""
    pairs = {
        f"{before.name}→{after.name}": int(((old == before) & (new == after)).sum())
        for before in Decision
        for after in Decision
        if before is not after
    }
    honest, newly, no_more = asked.known & ~asked.label, stops(new) & ~stops(old), stops(old) & ~stops(new)
    return {
        "rows": int((new != old).sum()),
        "decisions": {name: count for name, count in pairs.items() if count},
        "honest_newly_stopped": _accounts(asked, honest & newly),
        "honest_let_go": _accounts(asked, honest & no_more),
        "sybils_newly_missed": _accounts(asked, asked.label & no_more),
        "sybils_newly_caught": _accounts(asked, asked.label & newly),
        "unknown_newly_stopped": _accounts(asked, ~asked.known & newly),
        "unknown_let_go": _accounts(asked, ~asked.known & no_more),
    }


def stops(decision: Decisions) -> Bools:
    """Whether an account does not pass unseen."""
    return np.asarray(decision >= Decision.CHALLENGE)


def _accounts(asked: Asked, rows: Bools) -> dict[str, Any]:
    """An account scored several times counts once."""
    names = list(dict.fromkeys(asked.account_id[i] for i in np.flatnonzero(rows)))
    return {"accounts": len(names), "first": names[:_NAMED]}
