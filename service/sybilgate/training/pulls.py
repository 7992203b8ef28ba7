"""How campaigns pull at accounts when neither had been seen by the models that scored them: one more replay of a log.

Campaigns are built from what is flagged, so how like them an honest account is can only be known by building them, from
scores as good and as bad as serving will have: those out of fold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sybilgate.app.replay import Replay
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.feature import Rows
from sybilgate.core.observation import Floats
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.core.tail import Tails
from sybilgate.training.dataset import TRAINING_KEYS, Dataset, Log, Progress, departures


@dataclass
class Told:
    """Models that say what they were told: of the rows to come, ``first_due`` and ``due``, in their order."""

    tails: Tails
    mates: Mates | None
    points: list[tuple[float, float]]
    name: str = "out of fold"
    guards: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    first_due: Floats = field(default_factory=lambda: np.zeros(0))
    due: Floats = field(default_factory=lambda: np.zeros(0))

    def first(self, x: Rows) -> Floats:
        """First-pass risks that were told."""
        return self.first_due

    def final(self, x: Rows) -> Floats:
        """Margins that were told."""
        return self.due

    def calibrate(self, margin: Floats) -> Floats:
        """Linear between break-points, flat outside."""
        return np.asarray(np.interp(margin, *np.array(self.points).T))

    def contributions(self, x: Rows) -> Floats:
        """All of a margin is its base: nothing is known of features."""
        return np.column_stack([np.zeros(x.shape), self.due])

    def first_contributions(self, x: Rows) -> Floats:
        """The same of the first pass."""
        return np.column_stack([np.zeros(x.shape), np.log(self.first_due / (1 - self.first_due))])


def campaign_pulls(
    log: Log, data: Dataset, first_risk: Floats, margin: Floats, models: Told, policy_text: str,
    tell: Progress | None = None,
) -> tuple[Floats, npt.NDArray[np.bool_]]:  # fmt: skip
    """[n] pull on every row of ``data`` (``core.campaign.joining.Place``), whose margins are ``margin``, and who is
    flagged anyhow, whatever pulls.

    ``first_risk``: one for each event of the log; ``policy_text`` says who is flagged and who is watched.
    """
    replay = Replay(Pipeline(models, load_policy(policy_text), TRAINING_KEYS, evidence=False))
    out, flagged, done = np.full(len(data), -np.inf), np.zeros(len(data), np.bool_), 0
    for chunk, leaving in zip(log.chunks, departures(log), strict=True):
        low, high = np.searchsorted(data.event, (done, done + len(chunk)))
        score = np.zeros(len(chunk), np.bool_)
        score[data.event[low:high] - done] = True
        models.first_due, models.due = first_risk[done : done + len(chunk)], margin[low:high]
        outcome = replay.fold(chunk, score)
        out[low:high] = outcome.pull[score]
        flagged[low:high] = (outcome.decision >= Decision.CHALLENGE)[score] & ~outcome.raised[score]
        replay.forget(leaving)
        done += len(chunk)
        if tell:
            tell("campaigns", done, len(log))
    return out, flagged
