"""What is reported of one scored world: campaigns, honest look-alikes, precision, calibration, slices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.mapping import DAY
from sybilgate.training.beside import Voices, together
from sybilgate.training.evaluate import auc, average_precision, share
from sybilgate.training.leaks import Usage, leaks
from sybilgate.training.outcome_metrics import (
    FPRS,
    PREVALENCES,
    CampaignOutcome,
    calibration,
    campaign_outcome,
    honest_rates,
    mean,
    members,
    percent,
    precision_at,
    recall_curve,
    summarise,
    thresholds,
    with_interval,
)
from sybilgate.training.scored_world import ScoredWorld

_STOPS = 2
_COUNTRIES = 12
Rows = dict[str, npt.NDArray[np.intp]]


def world_report(world: ScoredWorld, usage: Usage | None = None) -> dict[str, Any]:
    """Every figure of one world; thresholds come from its own honest signups.

    Accounts are flagged by model, detectors and campaigns together; ``alone`` is what the model does by itself.
    """
    rows, alone = members(world.group, world.label), world
    world = taken_together(alone)
    cuts, own = (thresholds(one.margin[~one.label]) for one in (world, alone))
    judged, by_model = (
        {rate: _judge(one, rows, cut, usage) for rate, cut in levels.items()}
        for one, levels in ((world, cuts), (alone, own))
    )
    kinds = _kinds(world, rows)
    return {
        "accounts": len(world),
        "sybils": int(world.label.sum()),
        "campaigns": len(rows),
        "days": float(np.ptp(world.time) / DAY) if len(world) else 0.0,
        "thresholds": {percent(rate): cut for rate, cut in own.items()},
        "auc": auc(alone.margin, world.label),
        "average_precision": average_precision(alone.margin, world.label),
        "all": _macro(judged, list(rows)),
        "alone": {"all": _macro(by_model, list(rows)), "honest": _honest(alone, own)},
        "archetypes": {
            kind: {"accounts": sum(len(rows[g]) for g in groups)} | _macro(judged, groups)
            for kind, groups in kinds.items()
        },
        "honest": _honest(world, cuts),
        "rescored_honest": _rescored_honest(world, cuts),
        "precision": _precision(world, judged, cuts),
        "calibration": calibration(world.risk, world.label),
        "policy": _policy(world, rows),
        "slices": {
            "country": _slices(world, world.country, cuts[0.01], _COUNTRIES),
            "mail provider": _slices(world, world.provider, cuts[0.01]),
            "network": _slices(world, world.network, cuts[0.01]),
        },
        "curve": recall_curve(world.margin, world.label, world.group),
    }


def taken_together(world: ScoredWorld) -> ScoredWorld:
    """The same world; its scores are what model, detectors and campaigns say together at each look."""
    usual = Voices(world.margin, world.guards, world.pull).of(~world.label)
    looks = (
        Voices(world.margin, world.guards, world.pull),
        Voices(world.week, world.guards_week, world.pull_week),
        Voices(world.end, world.guards_end, world.pull_end),
    )
    margin, week, end = (together(voices, usual) for voices in looks)
    return replace(world, margin=margin, week=week, end=end)


@dataclass(frozen=True)
class _Judged:
    """One campaign under one threshold, later looks and later use included."""

    signup: CampaignOutcome
    before_week: float | None
    week: float | None
    end: float
    leaked_signup: float | None
    leaked_week: float | None


def _judge(world: ScoredWorld, rows: Rows, cut: float, usage: Usage | None) -> dict[str, _Judged]:
    signup, week, end = world.margin > cut, world.week > cut, world.end > cut
    looked = ~np.isnan(world.week)
    leaked = leaks(world, usage, signup, week) if usage else {}
    return {
        group: _Judged(
            campaign_outcome(signup[at], world.time[at]),
            share(signup[at][looked[at]]),
            share((signup | week)[at][looked[at]]),
            float((signup | end)[at].mean()),
            *leaked.get(group, (None, None)),
        )
        for group, at in rows.items()
    }


def _kinds(world: ScoredWorld, rows: Rows) -> dict[str, list[str]]:
    """Campaigns of each archetype."""
    kinds: dict[str, list[str]] = {}
    for group, at in rows.items():
        kinds.setdefault(world.archetype[int(at[0])], []).append(group)
    return dict(sorted(kinds.items()))


def _macro(judged: dict[float, dict[str, _Judged]], groups: list[str]) -> dict[str, Any]:
    def at(rate: float) -> dict[str, Any]:
        found = [judged[rate][group] for group in groups]
        return summarise([one.signup for one in found]) | {
            "recall_before_week": _interval(found, lambda one: one.before_week),
            "recall_week": _interval(found, lambda one: one.week),
            "recall_end": _interval(found, lambda one: one.end),
            "leaked_signup": _interval(found, lambda one: one.leaked_signup),
            "leaked_week": _interval(found, lambda one: one.leaked_week),
        }

    return {"campaigns": len(groups), "at": {percent(rate): at(rate) for rate in FPRS}}


def _interval(found: Sequence[_Judged], value: Callable[[_Judged], float | None]) -> dict[str, Any]:
    return with_interval([v for one in found if (v := value(one)) is not None])


def _honest(world: ScoredWorld, cuts: dict[float, float]) -> dict[str, Any]:
    """Rates per class of honest people and their ratio to the rate of all honest accounts."""
    honest = np.flatnonzero(~world.label)
    flags = np.column_stack([world.margin[honest] > cut for cut in cuts.values()])
    unit = [world.group[i] or world.account_id[i] for i in honest.tolist()]
    kinds = np.array([world.archetype[i] or "honest" for i in honest.tolist()], dtype=object)
    overall = flags.mean(axis=0) if len(honest) else np.zeros(len(FPRS))
    out = {}
    for kind in sorted(set(kinds)):
        mine = kinds == kind
        rates = honest_rates(flags[mine], [u for u, keep in zip(unit, mine, strict=True) if keep])
        out[str(kind)] = {
            "accounts": int(mine.sum()),
            "crowds": len({u for u, keep in zip(unit, mine, strict=True) if keep}),
            "at": {
                percent(rate): found | {"ratio": found["rate"] / base if found["rate"] is not None and base else None}
                for rate, found, base in zip(cuts, rates, overall.tolist(), strict=True)
            },
        }
    return out


def _rescored_honest(world: ScoredWorld, cuts: dict[float, float]) -> dict[str, Any]:
    """Honest accounts above the signup threshold at each later look: what a second look costs."""
    honest = ~world.label
    looked = honest & ~np.isnan(world.week)
    return {
        percent(rate): {"week": share(world.week[looked] > cut), "end": share(world.end[honest] > cut)}
        for rate, cut in cuts.items()
    }


def _precision(world: ScoredWorld, judged: dict[float, dict[str, _Judged]], cuts: dict[float, float]) -> dict[str, Any]:
    """Precision re-weighted to other shares of Sybils, from the recall of accounts and from the macro recall."""
    out: dict[str, Any] = {}
    for rate, cut in cuts.items():
        accounts = share(world.margin[world.label] > cut)
        macro = mean(one.signup.recall for one in judged[rate].values())
        out[percent(rate)] = {"recall_accounts": accounts, "recall_macro": macro} | {
            f"{percent(prevalence)}": {
                "accounts": precision_at(accounts, rate, prevalence),
                "macro": precision_at(macro, rate, prevalence),
            }
            for prevalence in PREVALENCES
        }
    return out


def _policy(world: ScoredWorld, rows: Rows) -> dict[str, Any]:
    """What the bundle's own policy would have done at signup, its guards included."""
    stopped = world.decision >= _STOPS
    return {
        "false_positive_rate": share(stopped[~world.label]),
        **summarise([campaign_outcome(stopped[at], world.time[at]) for at in rows.values()]),
    }


def _slices(world: ScoredWorld, names: list[str], cut: float, most: int | None = None) -> list[dict[str, Any]]:
    """Rates at the 1 % threshold per value of an own column, largest first."""
    values, counts = np.unique(np.asarray(names, dtype=str), return_counts=True)
    column, flagged = np.asarray(names, dtype=object), world.margin > cut
    out = []
    for value in values[np.argsort(-counts, kind="stable")][:most]:
        mine = column == value
        out.append({
            "name": str(value), "honest": int((mine & ~world.label).sum()), "sybils": int((mine & world.label).sum()),
            "false_positive_rate": share(flagged[mine & ~world.label]), "recall": share(flagged[mine & world.label]),
        })  # fmt: skip
    return out


def campaign_rows(world: ScoredWorld) -> list[dict[str, Any]]:
    """Each campaign at the 1 % threshold, for those who want to look."""
    world = taken_together(world)
    cut = thresholds(world.margin[~world.label])[0.01]
    return [
        {"group": group, "archetype": world.archetype[int(at[0])]}
        | asdict(campaign_outcome(world.margin[at] > cut, world.time[at]))
        for group, at in members(world.group, world.label).items()
    ]
