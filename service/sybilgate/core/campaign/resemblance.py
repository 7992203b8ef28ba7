"""Resemblance: how much more alike an account and a campaign are than an account and a stranger.

A campaign is known by a profile: how many of its members hold which identifier. For every kind an account has, the
share of the campaign's members with the same value is set against the share of all recent accounts with it; the
logarithm of that ratio is for the campaign where members have the value and strangers do not, and against it where
members have other values: strongly if they have few among them, hardly if each has its own, for then another one is
what is to be expected. That is the Chinese restaurant process, and the number of distinct values says what its
concentration is (Antoniak, "Mixtures of Dirichlet Processes", Annals of Statistics 2, 1974: n members are expected to
have about t log(1 + n / t)). Ratios of one axis restate each other, so of each axis only the strongest, the sum for and
the sum against are read. What they are worth together is learnt (a logistic regression over such comparisons on a
history with known campaigns) and part of the model bundle: hand-added likelihoods count everything several times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from sybilgate.core.identifier import COLUMN, KINDS, SPECS, Axis, Kind, Role
from sybilgate.core.observation import Floats

_AXES = (Axis.NETWORK, Axis.DEVICE, Axis.EMAIL, Axis.PHONE, Axis.PAYMENT, Axis.BEHAVIOUR)
#: An organisation is a reason for people to be alike, so it is read on its own.
_COMPANY = COLUMN[Kind.ORGANIZATION]
#: Kinds that are compared: pairs and values within a country are made of other kinds and say nothing new.
COMPARED = np.array([c for c, k in enumerate(KINDS) if not SPECS[k].role & (Role.PAIR | Role.RARITY | Role.SHOWN)])
_N_AXES, _IGNORED, _ALONE = len(_AXES), -1, -2
_AXIS_COMPARED = np.full(len(KINDS), _IGNORED, np.int64)
_AXIS_COMPARED[COMPARED] = [_AXES.index(SPECS[KINDS[c]].axis) for c in COMPARED]
_AXIS_COMPARED[_COMPANY] = _ALONE
#: What a campaign is taken to have had before its first member, so that one member is not yet a habit: members, and
#: distinct values among them.
_MEMBERS_BEFORE, _DISTINCT_BEFORE = 1.0, 0.5
#: Bounds of the concentration: pseudo-members spread as strangers are.
_CONCENTRATION = (0.2, 1000.0)
#: Members per unit of concentration, as a function of distinct values per member, which is log(1 + u) / u.
_U = np.geomspace(1e-4, 1e6, 400)
_DISTINCT_OF_U = (np.log1p(_U) / _U)[::-1]
_LOG_U = np.log(_U)[::-1]
#: Addresses are places. Operators prefer the same few exits, so what is rare among people is common among them: three
#: busy addresses made one campaign of many rings. With so many strangers a month a place says half of what it would.
_IS_PLACE = np.isin(np.arange(len(KINDS)), [COLUMN[kind] for kind in (Kind.IP, Kind.NET, Kind.SUBNET64)])
_CROWDED = 100.0
_STRONGEST = 3
_ENOUGH = 3.0  #: a ratio of twenty: beyond it more of the same says little
FEATURES: tuple[str, ...] = (
    *(f"{axis.value}.{what}" for axis in _AXES for what in ("best", "for", "against", "enough")),
    "members", "alone", "idle", "strongest", "company",
    *(f"{axis.value}.grown" for axis in _AXES),
)  # fmt: skip
_RIDGE = 1e-3
#: What may count either way. Of all else more likeness never speaks against belonging: left free, the weight of a rare
#: device came out negative, because families share one too, and then giving a value up would bring an account nearer.
_FREE = frozenset(("members", "alone", "idle", "company"))


def log_ratios(held: Floats, having: Floats, distinct: Floats, share: Floats, month: Floats) -> Floats:
    """[..., kinds]: log of the members' share over the strangers' share; 0 where the account has no such kind.

    ``held``: members with the account's value; ``having``: members that have the kind; ``distinct``: different values
    of the kind among them; ``share``: share of all recent accounts with the value, NaN where the account has no such
    kind; ``month``: their decayed number, of which an address tells how many strangers come through it.
    """
    fresh = concentration(having, distinct)
    known = (held + fresh * share) / (having + fresh)
    strangers = np.maximum(month - held, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(np.isnan(share), 0.0, np.log(known / share))
        return np.where(_IS_PLACE & (ratios > 0.0), ratios / (1.0 + strangers / _CROWDED), ratios)


def concentration(having: Floats, distinct: Floats) -> Floats:
    """How readily members bring a value of their own: pseudo-members that are spread as strangers are."""
    members = having + _MEMBERS_BEFORE
    each = np.interp((distinct + _DISTINCT_BEFORE) / members, _DISTINCT_OF_U, _LOG_U)
    return np.asarray(np.clip(members / np.exp(each), *_CONCENTRATION))


def mate_features(ratios: Floats, members: Floats, idle: Floats) -> Floats:
    """[n, FEATURES] of n comparisons. ``idle``: seconds since the campaign's latest member came."""
    out = np.zeros((len(ratios), len(FEATURES)))
    _features(ratios, members, idle, _AXIS_COMPARED, out)
    return out


@njit(cache=True)
def _features(ratios: Any, members: Any, idle: Any, axis_of: Any, out: Any) -> None:
    """Compiled, because it runs for every account that comes near a campaign, on arrays far too small for columns."""
    axes = _N_AXES
    for i in range(ratios.shape[0]):
        top = np.zeros(_STRONGEST)
        for k in range(ratios.shape[1]):
            a, ratio = axis_of[k], ratios[i, k]
            if a == _IGNORED:
                continue
            if ratio > top[0]:
                top[0] = ratio
                top.sort()
            if a == _ALONE:
                continue
            if ratio > 0.0:
                out[i, 4 * a] = max(out[i, 4 * a], ratio)
                out[i, 4 * a + 1] += ratio
            else:
                out[i, 4 * a + 2] += ratio
        size = np.log(members[i])
        for a in range(axes):
            out[i, 4 * a + 3] = min(out[i, 4 * a], _ENOUGH)
            out[i, 4 * axes + 5 + a] = size * out[i, 4 * a]
        out[i, 4 * axes] = size
        out[i, 4 * axes + 1] = 1.0 if members[i] < 2 else 0.0
        out[i, 4 * axes + 2] = np.log1p(max(idle[i], 0.0) / 3600.0)
        out[i, 4 * axes + 3] = top.mean()
        out[i, 4 * axes + 4] = ratios[i, _COMPANY]


@dataclass(frozen=True)
class Mates:
    """Learnt weights: log-odds that an account belongs to a campaign = ``bias`` + ``weights`` · features."""

    weights: tuple[float, ...]
    bias: float

    def margins(self, features: Floats) -> Floats:
        """Log-odds of n comparisons."""
        return np.asarray(features @ np.array(self.weights) + self.bias)

    def to_json(self) -> dict[str, float]:
        """Weights by feature name, for the manifest."""
        return dict(zip((*FEATURES, "bias"), (*self.weights, self.bias), strict=True))


def mates_from_json(data: Mapping[str, float]) -> Mates:
    """Inverse of ``Mates.to_json``. Raises ``KeyError`` for weights of other features."""
    if set(data) != {*FEATURES, "bias"}:
        raise KeyError(f"weights of {sorted(set(data) ^ {*FEATURES, 'bias'})}")
    return Mates(tuple(float(data[name]) for name in FEATURES), float(data["bias"]))


def fit_mates(features: Floats, same: npt.NDArray[np.bool_], weight: Floats) -> Mates:
    """Ridge logistic regression on comparisons with known answers; likeness only ever speaks for belonging."""
    from scipy.optimize import minimize  # slow to import, and only training needs it

    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    x, y, w = (features - mean) / spread, same.astype(np.float64), weight / weight.sum()

    def loss(beta: Floats) -> tuple[float, Floats]:
        margin = x @ beta[:-1] + beta[-1]
        error = w * (1.0 / (1.0 + np.exp(-margin)) - y)
        value = float(w @ (np.logaddexp(0.0, margin) - y * margin) + _RIDGE * beta[:-1] @ beta[:-1])
        return value, np.append(x.T @ error + 2 * _RIDGE * beta[:-1], error.sum())

    bounds = [(None if name in _FREE else 0.0, None) for name in FEATURES] + [(None, None)]
    beta = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = beta[:-1] / spread
    return Mates(tuple(weights.tolist()), float(beta[-1] - weights @ mean))


def rounded(mates: Mates, digits: int = 6) -> Mates:
    """The same with fewer digits: what a manifest shows is then exactly what is used."""
    values: Sequence[float] = [round(weight, digits) for weight in mates.weights]
    return Mates(tuple(values), round(mates.bias, digits))
