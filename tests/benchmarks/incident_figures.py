"""What an operator would have noticed of a campaign, and what honest people would have paid, at several thresholds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sybilgate.app.mapping import DAY
from sybilgate.core.policy import Decision
from sybilgate.training.beside import Voices, together
from sybilgate.training.evaluate import Bools, Floats, share, threshold_at
from sybilgate.training.outcome_metrics import ALARM, FPRS, campaign_outcome, percent
from tests.benchmarks.incident_replay import RESCORE, REVIEW, WINDOW, Answers
from tests.benchmarks.incident_world import World

#: The state is too young on the first day for its scores to tell what is usual.
_COLD = DAY


@dataclass(frozen=True)
class Flags:
    """Who is flagged at signup and at the re-score, of n accounts; the levels that did it, if there is one of each; and
    how many seconds later a flagged account is stopped."""

    signup: Bools
    week: Bools
    levels: tuple[float, float] | None = None
    delay: float = 0.0


def figures(world: World, answers: Answers) -> dict[str, Any]:
    """Every way of choosing thresholds at every rate, for model, detectors and campaigns together; the model alone; the
    policy's own decisions; and a review team's, if there was one."""
    begun = world.time[world.sybil][0]
    before = ~world.sybil & (world.time < begun) & (world.time > world.time[0] + _COLD)
    alone, answers = answers, _together(world, answers)
    out: dict[str, Any] = {
        "burn_in": {percent(rate): _judged(world, _fixed(answers, before, rate)) for rate in FPRS},
        "last_week": {percent(rate): _judged(world, _daily(world, answers, rate)) for rate in FPRS},
        "all_honest": {percent(rate): _judged(world, _fixed(answers, ~world.sybil, rate)) for rate in FPRS},
        "model_alone": {percent(rate): _judged(world, _daily(world, alone, rate)) for rate in FPRS},
        "policy": _judged(
            world, Flags(*(one >= Decision.CHALLENGE for one in (answers.decision, answers.decision_week)))
        ),
    }
    if (~np.isnan(answers.flagged)).any():
        after = answers.flagged - world.time
        out["reviewed"] = _judged(world, Flags(after < RESCORE, after >= RESCORE, delay=REVIEW)) | {
            "told": {"sybils": int((answers.told > 0).sum()), "honest": int((answers.told < 0).sum())}
        }
    return out


def _together(world: World, answers: Answers) -> Answers:
    """The same with the surprise of all voices for a margin."""
    signup = Voices(answers.margin, answers.guards, answers.pull)
    week = Voices(answers.week, answers.guards_week, answers.pull_week)
    usual = signup.of(~world.sybil & (world.time > world.time[0] + _COLD))
    return replace(answers, margin=together(signup, usual), week=together(week, usual))


def _fixed(answers: Answers, honest: Bools, rate: float) -> Flags:
    """One threshold for all days, from some honest accounts."""
    week = answers.week[honest]
    cuts = threshold_at(answers.margin[honest], rate), threshold_at(week[~np.isnan(week)], rate)
    return Flags(answers.margin > cuts[0], answers.week > cuts[1], cuts)


def _daily(world: World, answers: Answers, rate: float) -> Flags:
    """A threshold for each day, from the honest accounts of the seven days before; nobody is flagged on the first."""
    flags = Flags(np.zeros(len(world.time), bool), np.zeros(len(world.time), bool))
    for day in np.arange(world.time[0] + _COLD, world.end, DAY):
        low, start, end = np.searchsorted(world.time, (day - WINDOW, day, day + DAY))
        known = slice(low, start)
        for found, scores in ((flags.signup, answers.margin), (flags.week, answers.week)):
            honest = scores[known][~world.sybil[known] & ~np.isnan(scores[known])]
            found[start:end] = scores[start:end] > threshold_at(honest, rate)
    return flags


def _judged(world: World, flags: Flags) -> dict[str, Any]:
    ours, honest = world.sybil, ~world.sybil
    outcome = campaign_outcome(flags.signup[ours], world.time[ours])
    aged = world.time + RESCORE <= world.end
    either, first = flags.signup | flags.week, world.time + flags.delay
    alarm = None if outcome.alarm_hours is None else world.time[ours][0] + 3600 * outcome.alarm_hours
    return {
        "thresholds": flags.levels,
        "alarm_at_account": None if alarm is None else outcome.admitted + ALARM,
        "alarm_hours": outcome.alarm_hours,
        "honest_flagged_until_alarm": None if alarm is None else _until(world, flags.signup, alarm),
        "recall_at_signup": outcome.recall,
        "recall_after_alarm": outcome.after,
        "recall_a_week_later": share(either[ours & aged]),
        "precision_at_signup": share(ours[flags.signup]),
        "false_positives": {
            "at_signup": share(flags.signup[honest]),
            "at_signup_or_a_week_later": share(either[honest & aged]),
            "by_day_lowest_and_highest": _by_day(world, flags.signup),
            "by_class": {
                name: share(flags.signup[honest & (world.archetype == name)]) for name in honest_classes(world)
            },
        },
        "exchanges_stopped": {
            "at_signup": _stopped(world, np.where(flags.signup, first, np.inf)),
            "at_signup_or_a_week_later": _stopped(
                world, np.where(flags.signup, first, np.where(flags.week, first + RESCORE, np.inf))
            ),
        },
    }


def honest_classes(world: World) -> dict[str, int]:
    """Accounts of each class of honest people."""
    names, counts = np.unique(world.archetype[~world.sybil].astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _until(world: World, flagged: Bools, alarm: float) -> int:
    """Honest accounts flagged from the campaign's first signup to its alarm."""
    begun = world.time[world.sybil][0]
    return int((flagged & ~world.sybil & (world.time >= begun) & (world.time <= alarm)).sum())


def _by_day(world: World, flagged: Bools) -> list[float]:
    """The lowest and the highest rate of honest signups flagged on any day but the first."""
    honest = ~world.sybil
    day = ((world.time - world.time[0]) / DAY).astype(int)
    rates = np.bincount(day[honest], flagged[honest]) / np.maximum(np.bincount(day[honest]), 1)
    return [float(rates[1:].min()), float(rates[1:].max())] if len(rates) > 1 else []


def _stopped(world: World, closed: Floats) -> float:
    """Share of the campaign's exchanges that fell after their account was closed, spread evenly over each summary."""
    span = np.maximum(world.use_to - world.use_from, 1.0)
    after = np.clip((world.use_to - closed[world.user]) / span, 0.0, 1.0)
    return float((after * world.exchanges).sum() / world.exchanges.sum())
