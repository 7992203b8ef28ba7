"""Detectors beside the model, each with its share of the alarms, as one score that any threshold can be put on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.detector import GUARDS, guard_values
from sybilgate.core.observation import Floats
from sybilgate.training.dataset import Dataset
from sybilgate.training.train import PULL, SHARES

#: What each detector may spend of the alarms where there is no model.
GUARD_SHARES = {name: SHARES[name] / sum(SHARES[guard] for guard in GUARDS) for name in GUARDS}


@dataclass(frozen=True)
class Voices:
    """What speaks of n accounts: margins of the model, the detectors [n, len(GUARDS)], and the pull of campaigns."""

    margin: Floats
    guards: Floats
    pull: Floats

    def of(self, rows: npt.NDArray[np.bool_]) -> Voices:
        """Those of some accounts."""
        return Voices(self.margin[rows], self.guards[rows], self.pull[rows])

    def named(self) -> dict[str, Floats]:
        """One column for each that has a share of the alarms."""
        return {"risk": self.margin, PULL: self.pull} | dict(_named(self.guards))


def together(voices: Voices, honest: Voices) -> Floats:
    """The greatest surprise among model, detectors and campaigns: -log of the tail among ``honest`` over its share.

    As the policy does, but with one threshold for all, so that it can be compared at any rate of false positives.
    """
    usual = honest.named()
    surprise = [-np.log(_tail(usual[name], values) / SHARES[name]) for name, values in voices.named().items()]
    # Empirical tails end at one over the number of honest accounts: among equals the margin decides.
    return np.asarray(np.max(surprise, axis=0) + 1e-6 * voices.margin)


def with_detectors(data: Dataset, score: Floats, pull: Floats) -> Floats:
    """``together`` of feature rows, by their own honest accounts."""
    voices = Voices(score, guard_values(data.x, data.tails), pull)
    return together(voices, voices.of(~data.label))


def surprise_beside(guards: Floats, honest: npt.NDArray[np.bool_]) -> Floats:
    """The same of the detectors alone, which need no labels: ``guards`` is [n, len(GUARDS)].

    Among equals the values decide, whatever their units.
    """
    surprise = [_surprise(values, honest, GUARD_SHARES[name]) for name, values in _named(guards)]
    return np.asarray(np.max(surprise, axis=0) + 1e-6 * guards.sum(axis=1))


def _named(guards: Floats) -> list[tuple[str, Floats]]:
    return list(zip(GUARDS, guards.T, strict=True))


def _surprise(value: Floats, honest: npt.NDArray[np.bool_], share: float) -> Floats:
    return np.asarray(-np.log(_tail(value[honest], value) / share))


def _tail(honest: Floats, value: Floats) -> Floats:
    """Share of honest accounts with at least this value, one more counted so that none has chance zero."""
    ranked = np.sort(honest)
    return np.asarray((len(ranked) - np.searchsorted(ranked, value, "left") + 1) / (len(ranked) + 1))
