"""What a caller tells us about an account, as plain frozen values.

The names are those of the `sybilgate.v1` messages, so that one dotted path (``network.ip_address``)
means the same field in the contract, in a mapping file, in a simulated world and here. Every signal is
optional: ``None`` means the caller did not send it, which is itself a signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class EventType(IntEnum):
    """Why the event happened; numbers are those of the contract."""

    SIGNUP = 1
    PAYMENT = 2
    LOGIN = 3
    VERIFICATION = 4
    USAGE = 5
    OUTCOME = 6


class SignupMethod(IntEnum):
    PASSWORD = 1
    MAGIC_LINK = 2
    OAUTH = 3
    SSO = 4
    PHONE = 5
    API = 6


class DeviceTrust(IntEnum):
    """How the device id was obtained. A value the client merely asserts weighs less."""

    CLIENT_ASSERTED = 1
    SERVER_OBSERVED = 2
    ATTESTED = 3


class Funding(IntEnum):
    CREDIT = 1
    DEBIT = 2
    PREPAID = 3
    VIRTUAL = 4


class CheckResult(IntEnum):
    """Result of a card check (CVC or address verification)."""

    PASSED = 1
    FAILED = 2
    UNAVAILABLE = 3


class PaymentStatus(IntEnum):
    ADDED = 1
    FAILED = 2
    REMOVED = 3


class VerificationKind(IntEnum):
    EMAIL = 1
    PHONE = 2
    CAPTCHA = 3
    DOCUMENT = 4
    CHALLENGE = 5


class VerificationResult(IntEnum):
    PASSED = 1
    FAILED = 2
    ABANDONED = 3


class OutcomeKind(IntEnum):
    """Later truth about an account. BANNED, CHARGEBACK and CONFIRMED_SYBIL label it bad; CONFIRMED_HONEST good."""

    CLOSED = 1
    BANNED = 2
    CHARGEBACK = 3
    REINSTATED = 4
    CONFIRMED_HONEST = 5
    CONFIRMED_SYBIL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    email: str | None = None
    phone: str | None = None
    display_name: str | None = None
    username: str | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """What the server saw of the connection; never what the client claims about it."""

    ip_address: str | None = None
    user_agent: str | None = None
    accept_language: str | None = None
    ja4: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    device_id: str | None = None
    trust: DeviceTrust | None = None
    platform: str | None = None
    screen_width: int | None = None
    screen_height: int | None = None
    pixel_ratio: float | None = None
    time_zone: str | None = None
    languages: tuple[str, ...] = ()
    canvas_hash: str | None = None
    webgl_hash: str | None = None
    webgl_renderer: str | None = None
    cpu_cores: int | None = None
    memory_gb: float | None = None
    automation_detected: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signup:
    method: SignupMethod | None = None
    path: str | None = None
    form_fill_seconds: float | None = None
    pasted_fields: int | None = None
    captcha_score: float | None = None
    referrer: str | None = None
    campaign_tag: str | None = None
    invite_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment instrument. ``fingerprint`` is the processor's token for the card; a card number is never taken."""

    status: PaymentStatus | None = None
    fingerprint: str | None = None
    bin: str | None = None
    funding: Funding | None = None
    issuer_country: str | None = None
    billing_name: str | None = None
    billing_country: str | None = None
    billing_postal_code: str | None = None
    cvc_check: CheckResult | None = None
    avs_check: CheckResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    kind: VerificationKind | None = None
    result: VerificationResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A summary of use over one period. ``active_hours`` is a 168-bit map (21 bytes), Monday 00:00 UTC first."""

    period_start_time: float | None = None
    period_end_time: float | None = None
    requests: int | None = None
    tokens: int | None = None
    active_hours: bytes | None = None
    model_mix: tuple[tuple[str, float], ...] = ()
    prompt_template_minhash: tuple[int, ...] = ()
    distinct_ips: int | None = None
    sample_ips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    kind: OutcomeKind
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened to one account. ``time`` is in unix seconds, as the caller saw it."""

    account_id: str
    time: float
    type: EventType
    contact: Contact | None = None
    network: Network | None = None
    device: Device | None = None
    signup: Signup | None = None
    payment: Payment | None = None
    verification: Verification | None = None
    usage: Usage | None = None
    outcome: Outcome | None = None
