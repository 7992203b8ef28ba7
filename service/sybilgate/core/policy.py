"""Policy: from risk, crowd guards and evidence to a recommended decision. A file people can read and change.

Guards are in the units of their feature. ``[holders]`` says the same in accounts: ``card = [2, 5]`` asks who comes as
the third on a card for proof, and for a review of the sixth. Holders fade over 30 days, and a number counts as reached
when they round up to it. Nobody is counted on a protected value, so known payers are not asked.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from sybilgate.core.campaign.book import Limits
from sybilgate.core.observation import Floats
from sybilgate.errors import ConfigurationError

#: The largest number of other accounts that features tell apart.
MOST_HOLDERS = 50
_HOLDERS = "holders"
#: Detectors that are no guards, as grounds of a decision.
RISK, CAMPAIGN = "risk", "campaign"
#: A refusal must rest on at least this many independent axes of evidence.
DENY_AXES = 2


class Decision(IntEnum):
    """A recommendation; numbers are those of the contract."""

    ALLOW = 1
    CHALLENGE = 2
    REVIEW = 3
    DENY = 4


@dataclass(frozen=True)
class Policy:
    """Risk thresholds, rising, and guards: feature name -> (challenge from this value, review from this value)."""

    version: str
    challenge: float
    review: float
    deny: float
    guards: dict[str, tuple[float, float]] = field(default_factory=dict)
    campaign: Limits = field(default_factory=Limits)


def load_policy(text: str) -> Policy:
    """Policy from TOML. Raises ConfigurationError naming every fault."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"policy: not TOML: {error}") from None
    faults = [f"policy: {key} is missing" for key in ("version", "challenge", "review", "deny") if key not in data]
    faults += [f"policy: {key} is unknown" for key in data if key not in {*Policy.__dataclass_fields__, _HOLDERS}]
    levels = [data.get(key) for key in ("challenge", "review", "deny")]
    numbers = [level for level in levels if isinstance(level, int | float)]
    if len(numbers) < 3 or not 0.0 <= numbers[0] <= numbers[1] <= numbers[2] <= 1.0:
        faults.append("policy: challenge <= review <= deny must be numbers between 0 and 1")
    guards = data.get("guards", {})
    for name, pair in guards.items():
        if not (
            isinstance(pair, list)
            and len(pair) == 2
            and all(isinstance(v, int | float) for v in pair)
            and pair[0] <= pair[1]
        ):
            faults.append(f"policy: guards.{name} must be [challenge, review], rising")
    holders = _holder_guards(data.get(_HOLDERS, {}), guards, faults)
    campaign = data.get("campaign", {})
    faults += [
        f"policy: campaign.{name} is unknown or not a number"
        for name, value in campaign.items()
        if name not in Limits.__dataclass_fields__ or not isinstance(value, int | float)
    ]
    if faults:
        raise ConfigurationError("; ".join(faults))
    challenge, review, deny = (float(v) for v in numbers)
    return Policy(
        str(data["version"]), challenge, review, deny,
        {k: (float(a), float(b)) for k, (a, b) in guards.items()} | holders, Limits(**campaign),
    )  # fmt: skip


def _holder_guards(
    table: Mapping[str, object], guards: Mapping[str, object], faults: list[str]
) -> dict[str, tuple[float, float]]:
    """``[holders]`` as guards on the counts of 30 days; what is wrong with it goes to ``faults``."""
    out = {}
    for kind, pair in table.items():
        name = f"{kind}.month"
        if not (
            isinstance(pair, list)
            and len(pair) == 2
            and all(type(v) is int and 1 <= v <= MOST_HOLDERS for v in pair)
            and pair[0] <= pair[1]
        ):
            faults.append(f"policy: holders.{kind} must be [challenge, review], whole numbers up to 50, rising")
        elif name in guards:
            faults.append(f"policy: holders.{kind} and guards.{name} say the same thing twice")
        else:
            out[name] = (math.log1p(pair[0] - 0.5), math.log1p(pair[1] - 0.5))
    return out


def grounds(policy: Policy, risk: Floats, guards: Mapping[str, Floats]) -> list[str]:
    """What asks for more than to allow: names of detectors with commas between, of each of n accounts."""
    asking = {RISK: risk >= policy.challenge}
    asking |= {name: guards[name] >= challenge for name, (challenge, _) in policy.guards.items()}
    out = [""] * len(risk)
    for i in np.flatnonzero(np.any(list(asking.values()), axis=0)).tolist():
        out[i] = ",".join(name for name, asks in asking.items() if asks[i])
    return out


def decide(
    policy: Policy, risk: Floats, axes: npt.NDArray[np.int64], guards: dict[str, Floats]
) -> npt.NDArray[np.int8]:
    """[n] decisions. ``axes`` counts the independent axes with evidence; ``guards`` are columns of the feature row.

    A guard never denies: a crowd on one value may be an office or a test bench, so people look.
    """
    out = np.full(len(risk), Decision.ALLOW, np.int8)
    out[risk >= policy.challenge] = Decision.CHALLENGE
    out[risk >= policy.review] = Decision.REVIEW
    for name, (challenge, review) in policy.guards.items():
        value = guards[name]
        out[(value >= challenge) & (out < Decision.CHALLENGE)] = Decision.CHALLENGE
        out[(value >= review) & (out < Decision.REVIEW)] = Decision.REVIEW
    out[(risk >= policy.deny) & (axes >= DENY_AXES)] = Decision.DENY
    return out
