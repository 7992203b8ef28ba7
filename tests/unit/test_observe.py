"""Observing: own columns and keys of events, without any text of the caller."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sybilgate.core.event import (
    Contact,
    Device,
    Event,
    EventType,
    Funding,
    Network,
    Outcome,
    OutcomeKind,
    Payment,
    PaymentStatus,
    Signup,
    SignupMethod,
    Usage,
    Verification,
    VerificationKind,
    VerificationResult,
)
from sybilgate.core.identifier import COLUMN, KINDS, SPECS, Axis, Keyring, Kind, keys_of
from sybilgate.core.identify import _hashers
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.core.own import MISSING, OWN, OWN_COLUMN
from sybilgate.reference import load_reference

REFERENCE = load_reference()
KEYRING = Keyring(1, b"s" * 32)
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
)
TEXT = st.none() | st.text(max_size=40)


def full() -> Event:
    return Event(
        account_id="a1",
        time=1_700_000_000.0,
        type=EventType.SIGNUP,
        contact=Contact(
            email="john.smith7@gmail.com",
            phone="+4915112345678",
            display_name="John Smith",
            username="jsmith7",
            organization="Acme GmbH",
        ),
        network=Network(ip_address="2a01:4f8::1", user_agent=CHROME, accept_language="de-DE", ja4="t13d1516h2_8da"),
        device=Device(
            device_id="6f1c2d3e-1111",
            platform="MacIntel",
            screen_width=1920,
            screen_height=1080,
            time_zone="America/New_York",
            languages=("en-US",),
            canvas_hash="ab12",
            webgl_hash="cd34",
            webgl_renderer="ANGLE (NVIDIA)",
            cpu_cores=8,
            memory_gb=8.0,
        ),
        signup=Signup(
            method=SignupMethod.PASSWORD,
            path="/signup?x=1",
            form_fill_seconds=20.0,
            referrer="https://www.site.test/a?b",
            campaign_tag="spring",
            invite_code="XY12",
        ),
        payment=Payment(
            status=PaymentStatus.ADDED,
            fingerprint="fp_1",
            bin="424242",
            funding=Funding.PREPAID,
            issuer_country="US",
            billing_name="John Smith",
            billing_country="DE",
            billing_postal_code="10 115",
        ),
    )


def seen(event: Event) -> Observations:
    return observe([event], REFERENCE, KEYRING)


def own(event: Event, name: str) -> float:
    return float(seen(event).own[0, OWN_COLUMN[name]])


def keys(event: Event, keyring: Keyring = KEYRING) -> list[bytes | None]:
    return keys_of(observe([event], REFERENCE, keyring).keys[0])


def key(event: Event, kind: Kind) -> bytes | None:
    return keys(event)[COLUMN[kind]]


def later(kind: EventType, **parts: object) -> Event:
    return Event(account_id="a1", time=1.0, type=kind, **parts)  # type: ignore[arg-type]


def test_full_signup_has_every_kind() -> None:
    missing = [kind for kind, value in zip(KINDS, keys(full()), strict=True) if value is None]
    assert all(SPECS[kind].axis is Axis.USAGE for kind in missing)


def test_reasons_cover_every_column() -> None:
    assert len(OWN_COLUMN) == len(OWN)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email_freemail", 1),
        ("email_local_trailing_digits", 1),
        ("email_name_match", 1),
        ("network_hosting", 1),
        ("phone_mobile", 1),
        ("phone_country_mismatch", 0),
        ("device_platform_mismatch", 1),
        ("time_zone_country_mismatch", 1),
        ("language_country_mismatch", 1),
        ("language_header_mismatch", 1),
        ("issuer_ip_mismatch", 1),
        ("billing_ip_mismatch", 0),
        ("issuer_billing_mismatch", 1),
        ("holder_name_match", 1),
        ("funding_prepaid", 1),
        ("fields_missing_share", 0),
    ],
)
def test_own_columns_of_a_signup(name: str, value: float) -> None:
    assert own(full(), name) == value


def test_relay_addresses_tell_no_shape() -> None:
    hidden = Contact(email="blue-moon-x7k2@duck.com", display_name="John Smith")
    seen = observe([dataclasses.replace(full(), contact=hidden)], REFERENCE, KEYRING)
    own = dict(zip((column.name for column in OWN), seen.own[0], strict=True))
    assert own["email_relay"] == 1 and own["email_domain_length"] == 8
    assert math.isnan(own["email_local_separators"]) and math.isnan(own["email_name_match"])
    keys = keys_of(seen.keys[0])
    assert keys[COLUMN[Kind.MAILBOX]] and keys[COLUMN[Kind.MAIL_TEMPLATE]] is None


def test_empty_signup_misses_everything() -> None:
    event = later(EventType.SIGNUP)
    assert all(own(event, name) == 1 for name in MISSING)
    assert own(event, "fields_missing_share") == 1


def test_later_events_leave_signup_alone() -> None:
    row = seen(dataclasses.replace(full(), type=EventType.LOGIN)).own[0]
    names = [*MISSING, "fields_missing_share", "signup_password", "form_fill_seconds_log", "local_hour_sin"]
    assert all(math.isnan(row[OWN_COLUMN[name]]) for name in names)


def test_verification_sets_one_column() -> None:
    check = Verification(kind=VerificationKind.CHALLENGE, result=VerificationResult.ABANDONED)
    row = seen(later(EventType.VERIFICATION, verification=check)).own[0]
    assert row[OWN_COLUMN["challenge_failed"]] == 1
    assert np.isfinite(row).sum() == 1


def test_usage_tells_people_from_machines() -> None:
    office = b"".join((0x1FF << 8).to_bytes(3, "little") if day < 5 else bytes(3) for day in range(7))
    person = later(EventType.USAGE, usage=Usage(active_hours=office))
    machine = later(EventType.USAGE, usage=Usage(active_hours=b"\xff" * 21))
    assert own(person, "usage_longest_rest") == 15
    assert own(machine, "usage_longest_rest") == 0
    assert own(machine, "usage_hour_evenness") == pytest.approx(1)


def test_usage_volume_per_day() -> None:
    usage = Usage(period_start_time=0.0, period_end_time=2 * 86400.0, requests=50, tokens=5000)
    event = later(EventType.USAGE, usage=usage)
    assert own(event, "usage_requests_per_day_log") == pytest.approx(math.log(26))
    assert own(event, "usage_tokens_per_request_log") == pytest.approx(math.log(101))


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        (OutcomeKind.BANNED, 1),
        (OutcomeKind.REINSTATED, -1),
        (OutcomeKind.CLOSED, 0),
        (OutcomeKind.CONFIRMED_HONEST, -1),
    ],
)
def test_outcomes_become_labels(kind: OutcomeKind, label: int) -> None:
    assert seen(later(EventType.OUTCOME, outcome=Outcome(kind=kind))).label[0] == label


@pytest.mark.parametrize("kind", [kind for kind in KINDS if SPECS[kind].parts])
def test_combination_needs_both_parts(kind: Kind) -> None:
    halves = [
        later(EventType.LOGIN, **{part: getattr(full(), part)}) for part in ("contact", "network", "device", "payment")
    ]
    for event in halves:
        found = keys(event)
        parts = SPECS[kind].parts
        assert parts is not None
        assert (found[COLUMN[kind]] is not None) == all(found[COLUMN[part]] is not None for part in parts)


def test_equal_values_give_equal_keys() -> None:
    left = later(EventType.LOGIN, network=Network(ip_address="1.2.3.4"))
    right = later(EventType.LOGIN, network=Network(ip_address="::ffff:1.2.3.4"))
    assert keys(left) == keys(right)
    assert key(left, Kind.NET) is not None


def test_private_address_links_nobody() -> None:
    event = later(EventType.LOGIN, network=Network(ip_address="10.0.0.1"))
    assert key(event, Kind.IP) is None
    assert own(event, "ip_unroutable") == 1


@pytest.mark.parametrize("value", ["", "null", "undefined", "00000000-0000-0000-0000-000000000000"])
def test_empty_device_ids_link_nobody(value: str) -> None:
    event = later(EventType.LOGIN, device=Device(device_id=value, canvas_hash=value))
    assert (key(event, Kind.DEVICE_ID), key(event, Kind.CANVAS)) == (None, None)


def test_keys_differ_under_another_secret() -> None:
    assert not set(filter(None, keys(full()))) & set(keys(full(), Keyring(2, b"t" * 32)))


@given(st.binary(min_size=1, max_size=100), st.sampled_from([k for k in KINDS if not SPECS[k].parts]))
def test_quick_keys_are_the_keyrings(secret: bytes, kind: Kind) -> None:
    ring = Keyring(1, secret)
    fresh, remembered = _hashers(secret)
    expected = ring.key(kind, b"value")
    assert (fresh(COLUMN[kind], b"value"), remembered(COLUMN[kind], b"value")) == (expected, expected)


def test_keys_hold_no_plaintext() -> None:
    found = [value for value in keys(full()) if value]
    assert all(len(value) == 16 for value in found)
    joined = b"".join(found)
    assert not any(text in joined for text in (b"john", b"4242", b"gmail", b"fp_1", b"\x2a\x01\x04\xf8"))


def test_rows_do_not_depend_on_the_batch() -> None:
    events = [full(), later(EventType.LOGIN), dataclasses.replace(full(), account_id="a2")]
    together = observe(events, REFERENCE, KEYRING)
    for row, event in enumerate(events):
        assert np.array_equal(together.own[row], seen(event).own[0], equal_nan=True)
        assert np.array_equal(together.keys[row], seen(event).keys[0])


def test_no_column_tells_the_date() -> None:
    week = 7 * 86400.0
    later_on = dataclasses.replace(full(), time=full().time + 4 * week)
    assert np.array_equal(seen(full()).own, seen(later_on).own, equal_nan=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=24, max_size=24), st.floats(), st.integers(), st.tuples(st.text(max_size=9)))
def test_hostile_events_are_survived(t: list[str | None], x: float, n: int, texts: tuple[str, ...]) -> None:
    event = Event(
        account_id="a",
        time=x,
        type=EventType.SIGNUP,
        contact=Contact(email=t[0], phone=t[1], display_name=t[2], username=t[3], organization=t[4]),
        network=Network(ip_address=t[5], user_agent=t[6], accept_language=t[7], ja4=t[8]),
        device=Device(
            device_id=t[9],
            platform=t[10],
            screen_width=n,
            screen_height=n,
            pixel_ratio=x,
            time_zone=t[11] if n % 2 else "UTC",
            languages=texts,
            canvas_hash=t[12],
            webgl_hash=t[13],
            webgl_renderer=t[14],
            cpu_cores=n,
            memory_gb=x,
        ),
        signup=Signup(path=t[15], form_fill_seconds=x, pasted_fields=n, referrer=t[16], invite_code=t[17]),
        payment=Payment(
            fingerprint=t[18], bin=t[19], issuer_country=t[20], billing_name=t[21], billing_postal_code=t[22]
        ),
        usage=Usage(
            requests=n, tokens=n, period_start_time=x, period_end_time=0.0, model_mix=(("m", x),), sample_ips=texts
        ),
    )
    row = seen(event).own[0]
    assert not np.isinf(row).any()


def test_prompts_alike_share_half() -> None:
    sketch = tuple(range(2**63, 2**63 + 16))
    changed = (7, *sketch[1:])
    one, other = (keys(later(EventType.USAGE, usage=Usage(prompt_template_minhash=s))) for s in (sketch, changed))
    assert one[COLUMN[Kind.PROMPTS]] != other[COLUMN[Kind.PROMPTS]]
    assert one[COLUMN[Kind.MORE_PROMPTS]] == other[COLUMN[Kind.MORE_PROMPTS]] is not None


@pytest.mark.parametrize("sketch", [(), tuple(range(15)), (0,) * 64])
def test_empty_sketch_is_no_value(sketch: tuple[int, ...]) -> None:
    found = keys(later(EventType.USAGE, usage=Usage(prompt_template_minhash=sketch)))
    assert found[COLUMN[Kind.PROMPTS]] is found[COLUMN[Kind.MORE_PROMPTS]] is None
