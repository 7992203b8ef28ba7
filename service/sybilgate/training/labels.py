"""Labels, and what they make known by a date: who was named a Sybil by then, and whose silence is old enough.

A company never knows its history as a simulated world does. Labels come weeks late, some never and some are wrong, and
until then a Sybil looks like everybody else. ``late_and_wrong`` does the same to a world, to see what it costs.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sybilgate.app.mapping import DAY, Truth

#: What an account whose simulated label is unknown yet, or wrong, is called in reports instead of its archetype.
NOT_TOLD = "not told, or told wrongly"


@dataclass(frozen=True, slots=True)
class Label:
    """What was said of an account at ``time`` (unix seconds)."""

    account_id: str
    truth: Truth
    time: float


def known_by(
    as_of: float,
    labels: Iterable[Label],
    seen: Mapping[str, float],
    maturity_days: float,
    silent: Mapping[str, Truth] | None = None,
) -> dict[str, Truth]:
    """What is known of accounts at ``as_of``; of several labels the latest counts.

    An account ``seen`` first at least ``maturity_days`` before and not named is honest (or what ``silent`` says of it).
    """
    old = as_of - maturity_days * DAY
    known = {account: (silent or {}).get(account, Truth(False)) for account, time in seen.items() if time <= old}
    for label in sorted(labels, key=lambda label: label.time):
        if label.time <= as_of:
            known[label.account_id] = label.truth
    return known


def late_and_wrong(labels: Iterable[Label], delay_days: float, noise: float, seed: int) -> list[Label]:
    """The labels ``delay_days`` later on the mean (exponential), and a share ``noise`` of them turned round.

    Each account draws for itself, by ``seed``: the same in any order and on any machine.
    """
    return [_told(label, delay_days, noise, seed) for label in labels]


def _told(label: Label, delay_days: float, noise: float, seed: int) -> Label:
    late = -math.log1p(-_draw(seed, "late", label.account_id)) * delay_days * DAY
    wrong = _draw(seed, "wrong", label.account_id) < noise
    return replace(label, time=label.time + late, truth=turned(label.truth) if wrong else label.truth)


def turned(truth: Truth) -> Truth:
    """The opposite. Nobody knows the group of a Sybil taken for honest."""
    return Truth(not truth.is_sybil, "", NOT_TOLD if truth.archetype else "")


def _draw(seed: int, what: str, account: str) -> float:
    """Uniform in [0, 1)."""
    digest = hashlib.sha256(f"{seed}/{what}/{account}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
