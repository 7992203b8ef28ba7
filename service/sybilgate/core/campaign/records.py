"""What the store keeps of campaigns, labels and work that is due, as frozen values. Times are unix seconds.

A campaign is named by the reference of the account that founded it (``Keyring.account_ref``), so that a replay of the
log gives every campaign the name it has online.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sybilgate.core.identifier import Key


class CampaignState(IntEnum):
    """Where a campaign is in its life; numbers are those of the contract. A candidate is too small to be shown."""

    CANDIDATE = 0
    OPEN = 1
    CONFIRMED = 2
    DISMISSED = 3
    MERGED = 4


class Role(IntEnum):
    """Why an account is in a campaign. Only flagged ones shape it; a linked one is there by what it shares."""

    FLAGGED = 1
    LINKED = 2


class Change(IntEnum):
    """What happened to a campaign; numbers are those of the contract."""

    OPENED = 1
    MERGED = 2
    SPLIT = 3
    CONFIRMED = 4
    DISMISSED = 5
    REOPENED = 6
    GREW = 7


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One campaign. ``hour``, ``day`` and ``month`` are decayed counts of joins at ``last_time``; ``kinds`` how many
    members have each kind of identifier (int32 in column order); ``risk`` the sum of its flagged members' risks;
    ``significance`` decades of surprise of what they share; ``variety`` how many different values of each kind
    members have, as ``kinds`` (None: not counted by the build that wrote it)."""

    ref: int
    state: int
    merged_into: int
    members: int
    linked: int
    first_time: float
    last_time: float
    hour: float
    day: float
    month: float
    kinds: bytes
    risk: float
    significance: float
    variety: bytes | None = None


@dataclass(frozen=True, slots=True)
class SharedValue:
    """How many flagged members of a campaign hold an identifier, and since when until when. Written as a difference:
    counts add up, times widen."""

    campaign: int
    key: Key
    members: int
    first_time: float
    last_time: float


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """An account in a campaign. ``margin``: log-odds of belonging to it when it joined, NaN for the founder;
    ``evidence``: JSON list of what joined it."""

    account_id: str
    campaign: int
    role: int
    join_time: float
    risk: float
    margin: float
    evidence: str


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A line of a campaign's history. ``other``: the campaign it merged with or was split from; ``actor``: who decided,
    empty for the service itself."""

    campaign: int
    time: float
    kind: int
    other: int
    members: int
    actor: str
    detail: str
    seq: int = 0


class Verdict(IntEnum):
    """What a label says; numbers are those of the contract."""

    SYBIL = 1
    HONEST = 2


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """Later truth about an account or, without an account, about all members of ``campaign``; append-only.

    A label on a campaign waits while ``second`` is empty; it takes effect by another line that names who agreed. The
    lines of the members name the campaign they came by. ``revokes`` names the label that this one takes back."""

    label_id: str
    account_id: str
    campaign: int
    verdict: int
    source: str
    author: str
    second: str
    evidence_time: float
    create_time: float
    reason: str
    revokes: str


@dataclass(frozen=True, slots=True)
class DueRecord:
    """An account that something happened around: to be assessed again. ``cause`` becomes that of the assessment."""

    account_id: str
    cause: str
    time: float
    seq: int = 0


@dataclass(frozen=True, slots=True)
class ProtectionRecord:
    """An account or an identifier (``subject``: ``account/<id>`` or ``key/<hex>``) that must not accuse anybody until
    ``end_time`` (infinite: no end). Append-only: the newest line of a subject holds, and one that ends when it was
    created takes the protection back."""

    subject: str
    kind: str
    author: str
    reason: str
    create_time: float
    end_time: float
    seq: int = 0
