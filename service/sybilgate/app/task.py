"""One unit of work for the assessor, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Answer to one task: an assessment (or why not) per event or account, or the log sequence per event."""

    assessments: tuple[AssessmentRecord | SybilgateError, ...] = ()
    seqs: tuple[int, ...] = ()
    replayed: bool = False
