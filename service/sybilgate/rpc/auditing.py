"""What goes into the audit log: every decision of a person, and every look at what is known of single accounts."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.message import Message

from sybilgate.app.auditing import AuditLog
from sybilgate.core.trust import PEOPLE, Caller
from sybilgate.v1.label_pb2 import LabelVerdict

_REVIEW = "/sybilgate.v1.ReviewService/"
_DECISIONS = "ConfirmCampaign DismissCampaign SplitCampaign CreateLabel ProtectSubject UnprotectSubject".split()
_VIEWS = (
    "ListCampaignMembers ListLinks FindCampaign ListLabels ListReviewItems ListFeatureReadings FindAccounts "
    "GetCampaignPicture".split()
)
#: Methods that are written down. Lists of campaigns, counts and claims name no account, and are not.
AUDITED = frozenset(
    [_REVIEW + name for name in _DECISIONS + _VIEWS]
    + ["/sybilgate.v1.AssessmentService/GetAssessment", "/sybilgate.v1.AssessmentService/ListAssessments"]
)
#: Resource names of the contract. The request has not been checked yet: anything may stand in it.
_KNOWN = re.compile(
    r"(accounts|campaigns|labels|protections)/[A-Za-z0-9._~:-]{1,128}(/(links|assessments)/[A-Za-z0-9_-]{1,64})?"
)
_ACTOR_CHARACTERS = 128
_NAMES = ("name", "parent", "account", "link", "subject")


class Scribe:
    """Writes a line for a call that was let in. Raises Unavailable if it cannot: then nothing is done either."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def __call__(self, who: Caller, method: str, request: Any) -> None:
        # Programs read back their own answers by the thousand; that is no look of a person.
        if method not in AUDITED or who.role not in PEOPLE or not isinstance(request, Message):
            return
        actor = who.subject or _printable(getattr(request, "reviewer", ""))
        self._log.write(actor, who.id, method.rpartition("/")[2], _resource(request), _detail(request))


def _resource(request: Any) -> str:
    """What a request is about, as far as it names it: never a value."""
    fields = request.DESCRIPTOR.fields_by_name
    if "account_value" in fields and request.HasField("account_value"):
        return _resource(request.account_value)
    if "identifier" in fields and request.HasField("identifier"):
        return f"identifier/{request.identifier.WhichOneof('value') or ''}"
    found = (getattr(request, name) for name in _NAMES if name in fields and fields[name].message_type is None)
    return next((name for name in found if _KNOWN.fullmatch(name)), "")


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:_ACTOR_CHARACTERS]


def _detail(request: Any) -> str:
    fields = request.DESCRIPTOR.fields_by_name
    if "verdict" in fields:
        known = request.verdict in LabelVerdict.values()
        return LabelVerdict.Name(request.verdict).removeprefix("LABEL_VERDICT_") if known else ""
    return "FULL" if "view" in fields and request.view else ""
