import time

import pytest

from sybilgate.client import event_message
from sybilgate.core import event as core
from sybilgate.core.identifier import Axis
from sybilgate.errors import InvalidInput
from sybilgate.rpc.pan import holds_pan
from sybilgate.rpc.validation import PanRefused, check, request_digest
from sybilgate.v1 import assessment_pb2, event_pb2
from sybilgate.v1.assessment_service_pb2 import CreateAssessmentRequest
from sybilgate.v1.event_service_pb2 import BatchCreateEventsRequest, CreateEventRequest
from tests.rpc_fakes import KEYRING

NOW = time.time()


def request(**changes):
    fields = {"account_id": "a1", "type": "SIGNUP", "event_time": NOW}
    fields |= {path.replace("__", "."): value for path, value in changes.items()}
    return CreateAssessmentRequest(event=event_message(fields), request_id="r1")


def broken(message):
    with pytest.raises(InvalidInput) as caught:
        check(message)
    return [path for path, _ in caught.value.violations]


def test_plain_request_passes():
    plain = request(contact__email="a@b.example", network__ip_address="2001:db8::1", payment__bin="411111")
    assert check(plain) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("account_id", "white space"),
        ("account_id", "x" * 129),
        ("event_time", 900_000_000),
        pytest.param("event_time", NOW + 86_400, id="tomorrow"),
        ("type", 99),
        ("contact.email", "a\0b"),
        ("contact.email", "ä" * 161),
        ("contact.display_name", "\0"),
        ("network.ip_address", "fe80::1%eth0"),
        ("network.ip_address", "300.1.1.1"),
        ("network.ja4", "t13d 1"),
        ("device.trust", 9),
        ("device.pixel_ratio", float("inf")),
        ("device.screen_width", -1),
        ("device.memory_gb", float("-inf")),
        ("signup.captcha_score", 1.5),
        ("payment.bin", "12345"),
        ("payment.issuer_country", "de"),
        ("payment.billing_country", "DEU"),
        ("usage.active_hours", bytes(20)),
        pytest.param("usage.period_end_time", NOW + 86_400, id="period of tomorrow"),
        ("usage.requests", -1),
    ],
)
def test_broken_rule_names_its_path(path, value):
    assert set(broken(request(**{path.replace(".", "__"): value}))) == {f"event.{path}"}


def test_nan_is_refused():
    message = request()
    message.event.signup.form_fill_seconds = float("nan")
    assert set(broken(message)) == {"event.signup.form_fill_seconds"}


def test_repeated_items_have_index():
    message = request(usage__sample_ips=["203.0.113.1", "fe80::1%1"], device__languages=["de", "\0"])
    assert broken(message) == ["event.device.languages[1]", "event.usage.sample_ips[1]"]


def test_missing_event_is_named():
    assert broken(CreateAssessmentRequest()) == ["event"]


def test_unset_time_and_type_named():
    assert broken(CreateAssessmentRequest(event=event_pb2.Event(account_id="a"))) == ["event.event_time", "event.type"]


@pytest.mark.parametrize("kind", ["PAYMENT", "VERIFICATION", "USAGE", "OUTCOME"])
def test_type_needs_its_detail(kind):
    assert broken(request(type=kind)) == ["event"]
    check(
        request(type=kind, **{kind.lower(): True}) if kind != "OUTCOME" else request(type=kind, outcome__kind="BANNED")
    )


def test_outcome_only_in_outcome_events():
    assert broken(request(outcome__kind="BANNED")) == ["event"]


def test_batch_size_is_bounded():
    event = request().event
    check(BatchCreateEventsRequest(events=[event] * 1000))
    assert broken(BatchCreateEventsRequest(events=[event] * 1001)) == ["events"]
    assert broken(BatchCreateEventsRequest()) == ["events"]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "card 5555555555554444 thanks",
        "2223003122003222",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "3530111333300000",
        "30569309025904",
        "6200000000000005",
        "4111111111111111 12/27",
    ],
)
def test_card_numbers_are_seen(text):
    assert holds_pan(text)


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "411111",
        "x4111111111111111",
        "41111111111111110000",
        "1234567890123452",
        "4111 1111 1111 1111 1111 1111",
        "+4915112345678",
        "41111111-1111-4111-8111-111111111111",
        "2026-11-21 05:17:10",
    ],
)
def test_other_numbers_pass(text):
    assert not holds_pan(text)


def test_card_number_names_field_only():
    message = request(contact__display_name="4111 1111 1111 1111", payment__bin="1")
    with pytest.raises(PanRefused) as caught:
        check(message)
    assert [path for path, _ in caught.value.violations] == ["event.contact.display_name", "event.payment.bin"]
    assert "1111" not in str(caught.value)


def test_card_number_found_in_lists():
    message = request(device__languages=["de", "4111111111111111"])
    assert broken(message) == ["event.device.languages[1]"]


def test_card_number_as_request_id():
    message = request()
    message.request_id = "4111111111111111"
    assert broken(message) == ["request_id"]


def test_digest_ignores_request_id():
    one, other = request(), request()
    other.request_id = "r2"
    assert request_digest(KEYRING, one) == request_digest(KEYRING, other)
    assert one.request_id == "r1"


def test_digest_tells_payloads_apart():
    assert request_digest(KEYRING, request()) != request_digest(KEYRING, request(contact__email="x"))


def test_digest_tells_methods_apart():
    event = request().event
    assert request_digest(KEYRING, CreateEventRequest(event=event)) != request_digest(
        KEYRING, CreateAssessmentRequest(event=event)
    )


@pytest.mark.parametrize(
    "enum",
    [
        core.EventType,
        core.SignupMethod,
        core.DeviceTrust,
        core.Funding,
        core.CheckResult,
        core.PaymentStatus,
        core.VerificationKind,
        core.VerificationResult,
        core.OutcomeKind,
    ],
)
def test_enums_mirror_core(enum):
    contract = event_pb2.DESCRIPTOR.enum_types_by_name[enum.__name__].values
    names = [value.name.removeprefix(contract[0].name.removesuffix("UNSPECIFIED")) for value in contract[1:]]
    assert [(item.name, int(item)) for item in enum] == list(zip(names, range(1, len(names) + 1), strict=True))


def test_axes_mirror_core():
    assert [name.removeprefix("AXIS_").lower() for name in assessment_pb2.Axis.keys()[1:]] == [a.value for a in Axis]
