"""One error tree. Only ``rpc/status.py`` knows which gRPC status each becomes.

SybilgateError
 ├─ InvalidInput        the caller's fault, with every violation named
 ├─ RequestIdReused     same request id, other payload
 ├─ NotFound
 ├─ Unauthenticated     the caller did not say who it is, or not so that it is believed
 ├─ PermissionDenied    the caller's role does not open this
 ├─ SecondReviewerNeeded  this reviewer has spoken; another one must agree
 ├─ CampaignClosed      a campaign is no longer open to a decision
 ├─ AlreadyClaimed      another reviewer is at work on it
 ├─ Overloaded          refused for now; says when to come back
 │   └─ QuotaExceeded   the caller, or an account, has had its share for now
 ├─ DeadlineExceeded    the caller had stopped waiting
 ├─ Unavailable         a part the answer needs is missing
 ├─ ModelRejected       a bundle failed verification; the old one stays
 └─ ConfigurationError  the operator must act before the service may run
     ├─ SchemaOutdated
     └─ UnsafeDurability
"""

from __future__ import annotations

from collections.abc import Sequence


class SybilgateError(Exception):
    """Base of every error the service raises on purpose. ``reason`` is stable and documented in the contract."""

    reason = "INTERNAL"


class InvalidInput(SybilgateError):
    """Input that breaks a rule. ``violations`` holds (field path, what is wrong) for *every* broken rule."""

    reason = "INVALID_INPUT"

    def __init__(self, violations: Sequence[tuple[str, str]]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{path}: {text}" for path, text in self.violations))


class RequestIdReused(SybilgateError):
    """The request id was used before with another payload."""

    reason = "REQUEST_ID_REUSED"


class NotFound(SybilgateError):
    reason = "NOT_FOUND"


class Unauthenticated(SybilgateError):
    reason = "UNAUTHENTICATED"


class PermissionDenied(SybilgateError):
    reason = "PERMISSION_DENIED"


class SecondReviewerNeeded(SybilgateError):
    reason = "SECOND_REVIEWER_NEEDED"


class CampaignClosed(SybilgateError):
    reason = "CAMPAIGN_CLOSED"


class AlreadyClaimed(SybilgateError):
    reason = "ALREADY_CLAIMED"


class Overloaded(SybilgateError):
    """The queue is full. ``retry_after`` is in seconds."""

    reason = "OVERLOADED"

    def __init__(self, message: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class QuotaExceeded(Overloaded):
    reason = "QUOTA_EXCEEDED"


class DeadlineExceeded(SybilgateError):
    reason = "DEADLINE_EXCEEDED"


class Unavailable(SybilgateError):
    reason = "UNAVAILABLE"


class ModelRejected(SybilgateError):
    reason = "MODEL_REJECTED"


class ConfigurationError(SybilgateError):
    reason = "CONFIGURATION"


class SchemaOutdated(ConfigurationError):
    reason = "SCHEMA_OUTDATED"


class UnsafeDurability(ConfigurationError):
    reason = "UNSAFE_DURABILITY"
