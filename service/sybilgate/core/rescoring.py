"""Where accounts stand, when each is to be looked at again, and the jobs that do so. Times are unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

DAY = 86400.0
#: An account is looked at again after a quarter of its age, within these bounds, and sooner the riskier it is: what is
#: surely a Sybil after a tenth of that.
SOONEST, LATEST = DAY, 30.0 * DAY
_SHARE_OF_AGE, _HASTE = 0.25, 0.9


class JobState(IntEnum):
    """Where a job is in its life; numbers are those of the contract."""

    QUEUED = 1
    RUNNING = 2
    SUCCEEDED = 3
    FAILED = 4
    CANCELLED = 5


ENDED = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Choice(str, Enum):
    """Which accounts a job assesses: all, those due by a time, a campaign's members, or those listed."""

    ALL = "all"
    DUE = "due"
    CAMPAIGN = "campaign"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job and how far it is. ``model``: the one it must use, empty until it starts for whichever then serves.

    ``cursor`` is the last account done, in order of their ids, empty before the first and once it has ended;
    ``watermark`` the newest event that its last block had seen; ``missing`` accounts listed that are not known;
    ``seconds`` the time it ran. ``owner`` runs it, and is taken for dead when ``update_time`` is long ago."""

    job_id: str
    choice: str
    due_by: float
    campaign: int
    model: str
    dry_run: int
    state: int
    create_time: float
    start_time: float = 0.0
    end_time: float = 0.0
    update_time: float = 0.0
    owner: str = ""
    cursor: str = ""
    watermark: int = 0
    total: int = 0
    done: int = 0
    missing: int = 0
    raised: int = 0
    lowered: int = 0
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class ResultRecord:
    """What a job found of one account, the ``number``-th. ``decision`` 0: the account is not known. The assessment is
    empty on a dry run, ``previous`` (and its risk 0, decision 0) where there was none."""

    job_id: str
    number: int
    account_id: str
    assessment_id: str
    risk: float
    decision: int
    previous: str
    previous_risk: float
    previous_decision: int


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """The newest assessment of an account, and when the account is to be looked at again. An account without a line
    was allowed whenever it was assessed, and is due ``SOONEST`` after its signup."""

    account_id: str
    assessment_id: str
    risk: float
    decision: int
    due_time: float


@dataclass(frozen=True, slots=True)
class StandingChange:
    """An account stands otherwise than before. ``previous_decision`` is ALLOW where nothing was known."""

    account_id: str
    assessment_id: str
    time: float
    cause: str
    risk: float
    decision: int
    previous_risk: float
    previous_decision: int
    seq: int = 0


def due_time(now: float, signup_time: float, risk: float) -> float:
    """When to look again at an account that was assessed at ``now``. Nobody knows how old one without signup is."""
    age = now - signup_time
    pause = min(max(_SHARE_OF_AGE * age, SOONEST), LATEST) if signup_time > 0.0 else LATEST
    return now + pause * (1.0 - _HASTE * min(max(risk, 0.0), 1.0))
