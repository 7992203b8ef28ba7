"""Who may do what: the roles every method is open to, and what each role is told. What is not here is refused."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from sybilgate.core.trust import Caller, Role

_ALL = frozenset(Role)
_ADMIN = frozenset({Role.ADMIN})
_SIGNUP = frozenset({Role.SIGNUP, Role.ADMIN})
_BILLING = frozenset({Role.BILLING, Role.ADMIN})
_CALLERS = _SIGNUP | _BILLING
_ANNOTATE = frozenset({Role.REVIEWER_ANNOTATE, Role.ADMIN})
_READ = _ANNOTATE | {Role.REVIEWER_READ}

#: Roles by full method name. A method that is missing is open to nobody, and fails the tests.
POLICY: dict[str, frozenset[Role]] = {
    "/sybilgate.v1.AssessmentService/CreateAssessment": _SIGNUP,
    "/sybilgate.v1.AssessmentService/GetAssessment": _CALLERS | _READ,
    "/sybilgate.v1.AssessmentService/ListAssessments": _CALLERS | _READ,
    "/sybilgate.v1.EventService/CreateEvent": _CALLERS,
    "/sybilgate.v1.EventService/BatchCreateEvents": _BILLING,
    "/sybilgate.v1.RescoreService/AssessAccounts": _BILLING,
    "/sybilgate.v1.RescoreService/CreateRescoreJob": _BILLING,
    "/sybilgate.v1.RescoreService/GetRescoreJob": _BILLING,
    "/sybilgate.v1.RescoreService/ListRescoreJobs": _BILLING,
    "/sybilgate.v1.RescoreService/CancelRescoreJob": _BILLING,
    "/sybilgate.v1.RescoreService/StreamRescoreResults": _BILLING,
    "/sybilgate.v1.RescoreService/WatchAssessments": _BILLING,
    "/sybilgate.v1.ReviewService/ListCampaigns": _READ,
    "/sybilgate.v1.ReviewService/GetCampaign": _READ,
    "/sybilgate.v1.ReviewService/ListCampaignMembers": _READ,
    "/sybilgate.v1.ReviewService/WatchCampaigns": _READ,
    "/sybilgate.v1.ReviewService/ListLinks": _READ,
    "/sybilgate.v1.ReviewService/FindCampaign": _READ,
    "/sybilgate.v1.ReviewService/ConfirmCampaign": _ANNOTATE,
    "/sybilgate.v1.ReviewService/DismissCampaign": _ANNOTATE,
    "/sybilgate.v1.ReviewService/SplitCampaign": _ANNOTATE,
    "/sybilgate.v1.ReviewService/CreateLabel": _ANNOTATE,
    "/sybilgate.v1.ReviewService/ListLabels": _READ,
    "/sybilgate.v1.ReviewService/ProtectSubject": _ANNOTATE,
    "/sybilgate.v1.ReviewService/UnprotectSubject": _ANNOTATE,
    "/sybilgate.v1.ReviewService/ListProtections": _READ,
    "/sybilgate.v1.ReviewService/ListReviewItems": _READ,
    "/sybilgate.v1.ReviewService/CountReviewItems": _READ,
    "/sybilgate.v1.ReviewService/ListClaims": _READ,
    "/sybilgate.v1.ReviewService/ClaimSubject": _ANNOTATE,
    "/sybilgate.v1.ReviewService/ReleaseSubject": _ANNOTATE,
    "/sybilgate.v1.ReviewService/GetCampaignPicture": _READ,
    "/sybilgate.v1.ReviewService/ListFeatureReadings": _READ,
    "/sybilgate.v1.ReviewService/FindAccounts": _READ,
    "/sybilgate.v1.ReviewService/GetServingModel": _READ,
    "/sybilgate.v1.ReviewService/GetRecentTraffic": _READ,
    "/grpc.health.v1.Health/Check": _ALL,
    "/grpc.health.v1.Health/List": _ALL,
    "/grpc.health.v1.Health/Watch": _ALL,
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": _ADMIN,
}


@dataclass(frozen=True, slots=True)
class Rights:
    """What a caller is told of an assessment, and may tell of an account."""

    #: The risk itself, the axes, and reasons with their words; else the band, its lower limit and the codes.
    risk: bool = False
    #: Margin, contributions and evidence: the FULL view.
    full: bool = False
    #: The campaign an account is in.
    campaign: bool = False
    #: Outcomes: truth that models learn from and neighbours are judged by.
    truth: bool = False


EVERYTHING = Rights(risk=True, full=True, campaign=True, truth=True)
RIGHTS: dict[Role, Rights] = {
    Role.SIGNUP: Rights(),
    Role.BILLING: Rights(risk=True, truth=True),
    Role.REVIEWER_READ: EVERYTHING,
    Role.REVIEWER_ANNOTATE: EVERYTHING,
    Role.ADMIN: EVERYTHING,
    Role.HEALTH: Rights(),
}

#: Where nobody is asked who he is: anybody on this machine may do anything, in whatever name he gives.
ANYBODY = Caller(Role.ADMIN, "", "anybody")
_NOBODY = Caller(Role.HEALTH, "", "")
_caller: ContextVar[Caller] = ContextVar("caller", default=_NOBODY)


def caller() -> Caller:
    """Who is asking, in the call that runs in this thread; outside of any, somebody without rights."""
    return _caller.get()


def enter(who: Caller) -> None:
    """From here on this thread works for ``who``."""
    _caller.set(who)


def rights() -> Rights:
    """What the present caller may be told."""
    return RIGHTS[_caller.get().role]
