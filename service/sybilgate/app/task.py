"""One unit of work for the assessor, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sybilgate.core.campaign.records import DueRecord, LabelRecord
from sybilgate.core.event import Event
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import SybilgateError


class Mode(Enum):
    """What to do with a task. ASSESS: record the events, then assess each; RECORD: record only; RESCORE: assess
    the accounts named, with all that is known now."""

    ASSESS = "assess"
    RECORD = "record"
    RESCORE = "rescore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One request's work. ``digest`` is the keyed digest of its payload, read only beside a ``request_id``."""

    mode: Mode
    events: tuple[Event, ...] = ()
    account_ids: tuple[str, ...] = ()
    request_id: str | None = None
    digest: bytes = b""
    explain: bool = False
    #: What re-scored accounts' assessments give as their cause.
    cause: str = "rescore"
    #: Written in the same transaction: labels, accounts to be assessed again, and what was due and is now done.
    labels: tuple[LabelRecord, ...] = ()
    due: tuple[DueRecord, ...] = ()
    done: tuple[int, ...] = ()
    #: Whether others are assessed again for what the events tell; not for a history of long ago.
    spread: bool = True
    #: Of a request that was answered while the store was away: what it was told, and the unix time it was taken in.
    told: tuple[AssessmentRecord, ...] = ()
    answered: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Answer to one task: an assessment (or why not) per event or account, or the log sequence per event."""

    assessments: tuple[AssessmentRecord | SybilgateError, ...] = ()
    seqs: tuple[int, ...] = ()
    #: Ids of the labels that were written.
    labels: tuple[str, ...] = ()
    replayed: bool = False
