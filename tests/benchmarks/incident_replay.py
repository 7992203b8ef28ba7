"""A world replayed as it was lived: scored at signup and a week later, reviewed if there is a review team."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle import load_bundle
from sybilgate.app.log import blank_events
from sybilgate.app.mapping import DAY
from sybilgate.app.replay import Replay
from sybilgate.core.detector import GUARDS, guard_values
from sybilgate.core.event import EventType
from sybilgate.core.observation import Observations
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import load_policy
from sybilgate.training.dataset import TRAINING_KEYS
from sybilgate.training.evaluate import Floats, threshold_at
from sybilgate.training.scored_world import RESCORE_DAYS, rescore
from tests.benchmarks.incident_world import World

RESCORE = RESCORE_DAYS * DAY
#: Seconds a reviewer takes, and seconds of scores that a threshold rests on.
REVIEW, WINDOW = DAY, 7 * DAY


def load_pipeline(bundle: Path) -> Pipeline:
    """Models and policy of a bundle, as serving would run them, under the keys of training."""
    loaded = load_bundle(bundle)
    return Pipeline(loaded.models, load_policy(loaded.policy_text), TRAINING_KEYS, evidence=False)


@dataclass(frozen=True)
class Answers:
    """What was said of n accounts at signup and a week later, where the world had not ended before: margins (NaN), the
    detectors beside the model, the pull of campaigns (minus infinity), decisions (0). ``flagged``: when a review team
    was shown the account, NaN if never; ``told``: what it said, 1 Sybil, -1 honest, 0 nothing yet."""

    margin: Floats
    week: Floats
    guards: Floats
    guards_week: Floats
    pull: Floats
    pull_week: Floats
    decision: npt.NDArray[np.int8]
    decision_week: npt.NDArray[np.int8]
    flagged: Floats
    told: npt.NDArray[np.int8]


def blank_answers(world: World) -> Answers:
    n = len(world.time)
    margin, week, flagged = (np.full(n, np.nan) for _ in range(3))
    guards, guards_week = (np.zeros((n, len(GUARDS))) for _ in range(2))
    pull, pull_week = (np.full(n, -np.inf) for _ in range(2))
    decision, decision_week, told = (np.zeros(n, np.int8) for _ in range(3))
    return Answers(margin, week, guards, guards_week, pull, pull_week, decision, decision_week, flagged, told)


class Threshold:
    """What ``rate`` of the scores of accounts that came in the week before ``lag`` seconds ago exceeded, renewed once a
    day; those told to be Sybils by then are not counted. On the first day nobody knows what is usual."""

    def __init__(self, world: World, answers: Answers, scores: Floats, rate: float, lag: float) -> None:
        self._world, self._told, self._scores, self._rate, self._lag = world, answers.told, scores, rate, lag
        self._next, self._cut = world.time[0] + lag + DAY, np.inf

    def at(self, now: float) -> float:
        if now >= self._next:
            until = now - self._lag
            low, high = np.searchsorted(self._world.time, (until - WINDOW, until))
            part = self._scores[low:high]
            self._cut = threshold_at(part[(self._told[low:high] <= 0) & ~np.isnan(part)], self._rate)
            self._next += DAY
        return self._cut


class Review:
    """A team that looks at about ``rate`` of the signups and of the re-scores, and tells the truth a day later."""

    def __init__(self, world: World, answers: Answers, rate: float) -> None:
        self._world, self._answers = world, answers
        self._signup = Threshold(world, answers, answers.margin, rate, 0.0)
        self._week = Threshold(world, answers, answers.week, rate, RESCORE)
        self._due: deque[tuple[float, int, str]] = deque()

    def look(self, now: float, first: int, names: Sequence[str], margins: Floats, week: bool) -> None:
        """Look at the margins of some accounts, the first of which has number ``first``."""
        cut = (self._week if week else self._signup).at(now)
        flagged = self._answers.flagged
        for i in np.flatnonzero((margins > cut) & np.isnan(flagged[first : first + len(margins)])).tolist():
            flagged[first + i] = now
            self._due.append((now + REVIEW, first + i, names[i]))

    def outcomes(self, now: float) -> Observations | None:
        """What the team has to tell by now."""
        ripe = []
        while self._due and self._due[0][0] <= now:
            ripe.append(self._due.popleft())
        if not ripe:
            return None
        rows = [row for _, row, _ in ripe]
        told = np.where(self._world.sybil[rows], 1, -1).astype(np.int8)
        self._answers.told[rows] = told
        kind = np.full(len(rows), EventType.OUTCOME, np.int8)
        return replace(blank_events([name for _, _, name in ripe], now), type=kind, label=told)


class Life:
    """The replay of a world, chunk by chunk. Re-scores, and what reviewers tell, come at the end of the chunk in which
    they fall due; then accounts are let go of which neither the file nor a reviewer tells more."""

    def __init__(self, replay: Replay, world: World, review: float) -> None:
        self.replay, self.world = replay, world
        self.answers = blank_answers(world)
        self.most_accounts = 0
        self._review = Review(world, self.answers, review) if review else None
        self._stay = np.maximum(world.last, world.time + RESCORE + REVIEW + DAY)
        self._signed = self._aged = 0
        self._young: deque[str] = deque()
        self._leaving: list[tuple[float, str]] = []

    def live(self, obs: Observations) -> None:
        now = float(obs.time[-1])
        self._signups(obs, now)
        self._rescores(now)
        if self._review and (told := self._review.outcomes(now)):
            self.replay.fold(told, np.zeros(len(told), np.bool_))
        self.most_accounts = max(self.most_accounts, len(self.replay.accounts))
        gone = []
        while self._leaving and self._leaving[0][0] < now:
            gone.append(heapq.heappop(self._leaving)[1])
        self.replay.forget(gone)

    def _signups(self, obs: Observations, now: float) -> None:
        signup = obs.type == EventType.SIGNUP
        outcome, rows = self.replay.fold(obs, signup), np.flatnonzero(signup)
        names = [obs.account_id[row] for row in rows.tolist()]
        first, self._signed = self._signed, self._signed + len(rows)
        new = slice(first, self._signed)
        self.answers.margin[new], self.answers.decision[new] = outcome.margin[rows], outcome.decision[rows]
        self.answers.guards[new] = guard_values(outcome.features[rows], self.replay.pipeline.tails)
        self.answers.pull[new] = outcome.pull[rows]
        self._young.extend(names)
        for moment, name in zip(self._stay[first : self._signed].tolist(), names, strict=True):
            heapq.heappush(self._leaving, (moment, name))
        if self._review:
            self._review.look(now, first, names, outcome.margin[rows], week=False)

    def _rescores(self, now: float) -> None:
        first = self._aged
        self._aged = int(np.searchsorted(self.world.time[: self._signed], now - RESCORE, "right"))
        names = [self._young.popleft() for _ in range(self._aged - first)]
        looks, aged = rescore(self.replay, names, now), slice(first, self._aged)
        self.answers.week[aged], self.answers.decision_week[aged] = looks.margin, looks.decision
        self.answers.guards_week[aged], self.answers.pull_week[aged] = looks.guards, looks.pull
        if self._review:
            self._review.look(now, first, names, looks.margin, week=True)


def relive(chunks: Iterable[Observations], life: Life, tell: Callable[[int], None]) -> None:
    """Replay all of it; ``tell`` hears how many events were."""
    done = 0
    for obs in chunks:
        life.live(obs)
        done += len(obs)
        tell(done)
