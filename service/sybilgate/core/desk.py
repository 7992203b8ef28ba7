"""What reviewers work with, as frozen values that both sides of the store's port agree on. Times are unix seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum


class Place(IntEnum):
    """Where an account of the queue must stand; numbers are those of the contract."""

    ANYWHERE = 0
    SINGLE = 1
    IN_CAMPAIGN = 2


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which newest assessments ask for attention: by decision (above ALLOW), risk (inclusive), place, and when they
    were made, from ``start`` to before ``end``. ``network`` (its kind) and ``country`` (ISO 3166), if given, say
    where they came from."""

    decisions: tuple[int, ...]
    min_risk: float = 0.0
    max_risk: float = 1.0
    place: Place = Place.ANYWHERE
    start: float = 0.0
    end: float = math.inf
    network: str = ""
    country: str = ""

    @property
    def origin(self) -> bool:
        """Whether it is asked where accounts come from."""
        return bool(self.network or self.country)


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A reviewer's hold on ``subject``, a resource name, until ``lease_time``."""

    subject: str
    reviewer: str
    create_time: float
    lease_time: float


@dataclass(frozen=True, slots=True)
class JoinRow:
    """A member of a campaign, as far as a picture of the whole needs him."""

    account_id: str
    role: int
    join_time: float
    risk: float
