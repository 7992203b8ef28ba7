"""The one map from our errors to `google.rpc.Status`."""

from __future__ import annotations

from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from sybilgate import errors

DOMAIN = "sybilgate"
#: Seconds after which a caller may find an unavailable part back.
UNAVAILABLE_RETRY = 1.0
#: A status travels in the trailers, which clients bound to 8 KiB by default, base64 included.
_VIOLATION_BYTES = 5_000

_CODES: tuple[tuple[type[errors.SybilgateError], Code], ...] = (
    (errors.InvalidInput, Code.INVALID_ARGUMENT),
    (errors.RequestIdReused, Code.ALREADY_EXISTS),
    (errors.NotFound, Code.NOT_FOUND),
    (errors.Unauthenticated, Code.UNAUTHENTICATED),
    (errors.PermissionDenied, Code.PERMISSION_DENIED),
    (errors.SecondReviewerNeeded, Code.FAILED_PRECONDITION),
    (errors.CampaignClosed, Code.FAILED_PRECONDITION),
    (errors.AlreadyClaimed, Code.FAILED_PRECONDITION),
    (errors.Overloaded, Code.RESOURCE_EXHAUSTED),
    (errors.DeadlineExceeded, Code.DEADLINE_EXCEEDED),
    (errors.Unavailable, Code.UNAVAILABLE),
    (errors.ModelRejected, Code.FAILED_PRECONDITION),
    (errors.ConfigurationError, Code.FAILED_PRECONDITION),
)


def status_of(error: BaseException) -> Status:
    """Status of an error. What is not ours on purpose is INTERNAL and gives nothing away."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), Code.INTERNAL)
    if code == Code.INTERNAL or not isinstance(error, errors.SybilgateError):
        return _status(Code.INTERNAL, "internal error", [ErrorInfo(reason="INTERNAL", domain=DOMAIN)])
    details: list[Message] = [ErrorInfo(reason=error.reason, domain=DOMAIN)]
    message = str(error)
    if isinstance(error, errors.InvalidInput):
        details.append(_bad_request(error))
        message = f"{len(error.violations)} rule(s) broken, first: {': '.join(error.violations[0])}"
    elif isinstance(error, errors.Overloaded):
        details.append(_retry(error.retry_after))
    elif isinstance(error, errors.Unavailable):
        details.append(_retry(UNAVAILABLE_RETRY))
    return _status(code, message, details)


def _status(code: Code, message: str, details: list[Message]) -> Status:
    packed = []
    for detail in details:
        packed.append(Any())
        packed[-1].Pack(detail)
    return Status(code=code, message=message, details=packed)


def _retry(seconds: float) -> RetryInfo:
    info = RetryInfo()
    info.retry_delay.FromNanoseconds(int(seconds * 1e9))
    return info


def _bad_request(error: errors.InvalidInput) -> BadRequest:
    bad, size = BadRequest(), 0
    for done, (path, text) in enumerate(error.violations):
        size += len(path) + len(text) + 8
        if size > _VIOLATION_BYTES:
            bad.field_violations.add(description=f"and {len(error.violations) - done} more")
            break
        bad.field_violations.add(field=path, description=text)
    return bad
