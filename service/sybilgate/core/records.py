"""What the store keeps, as frozen values that both sides of the port agree on. Times are unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One line of the event log: the event after normalising, enriching and hashing. Free of personal data."""

    account_id: str
    type: int
    time: float
    received_time: float
    label: int
    own: bytes
    keys: bytes
    degraded: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """What is known of one account: newest own signals, current identifiers, and everything it holds."""

    account_id: str
    ref: int
    signup_time: float
    last_time: float
    label: int
    own: bytes
    keys: bytes
    held: bytes
    version: int = 0


@dataclass(frozen=True, slots=True)
class AssessmentRecord:
    """Risk, decision and everything needed to explain them later with the same values."""

    assessment_id: str
    account_id: str
    cause: str
    event_time: float
    create_time: float
    risk: float
    margin: float
    first_risk: float
    decision: int
    axes: str
    model: str
    policy: str
    features: bytes
    contributions: bytes | None
    evidence: str
    #: JSON: pairs of a detector that asked for the decision and the share of honest accounts that reach as much, null
    #: where that is not known (``core.ground``).
    tails: str
    degraded: str = ""
    #: The campaign it was found in, by reference; 0 for none.
    campaign: int = 0


@dataclass(frozen=True, slots=True)
class ShadowRecord:
    """What a model that nobody acts on said of an assessment."""

    assessment_id: str
    account_id: str
    model: str
    margin: float
    risk: float
    create_time: float


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """An assessment as far as judging models needs it."""

    account_id: str
    assessment_id: str
    cause: str
    create_time: float
    risk: float
    decision: int
    model: str
    features: bytes


@dataclass(frozen=True, slots=True)
class ShadowPair:
    """An assessment, what a shadow model said of it, and what is known of the account by now (``label``: above 0 is
    bad, below 0 good, 0 not told)."""

    served: ScoredRow
    axes: str
    margin: float
    risk: float
    label: int
    signup_time: float


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A request id that was answered: the keyed digest of its payload and where its answer lies."""

    request_id: str
    digest: bytes
    method: str
    result: str
    create_time: float


@dataclass(frozen=True, slots=True)
class TombstoneRecord:
    """An erased account, by reference: when, and the label and the campaign (0 for none) it had then."""

    ref: int
    erase_time: float
    label: int
    campaign: int


class IdentifierRow(NamedTuple):
    """New state of one identifier and the state it was computed from (``base``, None for a new row).

    A tuple, because a batch makes a thousand of them and a frozen dataclass sets each field by a call.
    """

    key: bytes
    base_version: int
    base: bytes | None
    state: bytes
    accounts: int
    last_time: float
