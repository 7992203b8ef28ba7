import pytest
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo

from sybilgate import errors
from sybilgate.rpc.status import status_of
from sybilgate.rpc.validation import PanRefused
from sybilgate.v1 import error_pb2


def detail(status, kind):
    for packed in status.details:
        found = kind()
        if packed.Unpack(found):
            return found
    return None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.InvalidInput([("a", "b")]), Code.INVALID_ARGUMENT),
        (PanRefused([("a", "b")]), Code.INVALID_ARGUMENT),
        (errors.RequestIdReused("x"), Code.ALREADY_EXISTS),
        (errors.NotFound("x"), Code.NOT_FOUND),
        (errors.Unauthenticated("x"), Code.UNAUTHENTICATED),
        (errors.PermissionDenied("x"), Code.PERMISSION_DENIED),
        (errors.SecondReviewerNeeded("x"), Code.FAILED_PRECONDITION),
        (errors.CampaignClosed("x"), Code.FAILED_PRECONDITION),
        (errors.Overloaded("x", 1.0), Code.RESOURCE_EXHAUSTED),
        (errors.QuotaExceeded("x", 1.0), Code.RESOURCE_EXHAUSTED),
        (errors.DeadlineExceeded("x"), Code.DEADLINE_EXCEEDED),
        (errors.Unavailable("x"), Code.UNAVAILABLE),
        (errors.ModelRejected("x"), Code.FAILED_PRECONDITION),
        (errors.SchemaOutdated("x"), Code.FAILED_PRECONDITION),
        (errors.UnsafeDurability("x"), Code.FAILED_PRECONDITION),
        (errors.ConfigurationError("x"), Code.FAILED_PRECONDITION),
        (ValueError("x"), Code.INTERNAL),
    ],
)
def test_every_error_has_documented_reason(error, code):
    status = status_of(error)
    info = detail(status, ErrorInfo)
    assert status.code == code
    assert info.domain == "sybilgate"
    assert f"ERROR_REASON_{info.reason}" in dict(error_pb2.ErrorReason.items())


def test_overload_says_when_to_return():
    assert detail(status_of(errors.Overloaded("full", 0.25)), RetryInfo).retry_delay.ToMilliseconds() == 250


def test_violations_become_bad_request():
    bad = detail(status_of(errors.InvalidInput([("a.b", "too long"), ("c", "missing")])), BadRequest)
    assert [(v.field, v.description) for v in bad.field_violations] == [("a.b", "too long"), ("c", "missing")]


def test_unexpected_error_leaks_nothing():
    assert b"secret" not in status_of(ValueError("secret")).SerializeToString()


def test_many_violations_fit_the_trailers():
    status = status_of(errors.InvalidInput([(f"events[{i}].contact.email", "too long") for i in range(1000)]))
    bad = detail(status, BadRequest)
    assert status.ByteSize() * 4 / 3 < 8192
    assert bad.field_violations[-1].description == f"and {1000 - len(bad.field_violations) + 1} more"
