"""Own columns that mostly come after the signup: payment, verification, usage."""

from __future__ import annotations

import math

import numpy as np

from sybilgate.core.enrichment import Facts, OperatorClass, Reference
from sybilgate.core.event import (
    CheckResult,
    Funding,
    Payment,
    PaymentStatus,
    Usage,
    Verification,
    VerificationKind,
    VerificationResult,
)
from sybilgate.core.measure.number import Own, differs, number, spread
from sybilgate.core.normalise.address import parse_address
from sybilgate.core.normalise.text import likeness

_MOST_IPS = 64
_VERIFIED = {
    VerificationKind.EMAIL: "email_verified",
    VerificationKind.PHONE: "phone_verified",
    VerificationKind.DOCUMENT: "document_verified",
}
_FAILED = {VerificationKind.CAPTCHA: "captcha_failed", VerificationKind.CHALLENGE: "challenge_failed"}


def measure_payment(payment: Payment, facts: Facts) -> Own:
    """Columns of one payment instrument. Comparisons need both values in the same event."""
    own: Own = {
        "cvc_failed": _failed(payment.cvc_check),
        "avs_failed": _failed(payment.avs_check),
        "issuer_ip_mismatch": differs(facts.issuer_country, facts.country),
        "billing_ip_mismatch": differs(facts.billing_country, facts.country),
        "issuer_billing_mismatch": differs(facts.issuer_country, facts.billing_country),
        "holder_name_match": likeness(facts.holder, facts.name),
    }
    if payment.status in (PaymentStatus.ADDED, PaymentStatus.FAILED):
        own["payment_failed"] = float(payment.status is PaymentStatus.FAILED)
    if payment.funding:
        own["funding_credit"] = float(payment.funding is Funding.CREDIT)
        own["funding_prepaid"] = float(payment.funding is Funding.PREPAID)
        own["funding_virtual"] = float(payment.funding is Funding.VIRTUAL)
    return own


def measure_verification(verification: Verification) -> Own:
    """The column of one check: whether it was passed, or whether a test was failed."""
    kind, result = verification.kind, verification.result
    if kind is None or result is None:
        return {}
    passed = result is VerificationResult.PASSED
    return {_VERIFIED[kind]: float(passed)} if kind in _VERIFIED else {_FAILED[kind]: float(not passed)}


def measure_usage(usage: Usage, reference: Reference) -> Own:
    """Columns of how the account is used."""
    requests = number(usage.requests, 0, 1e15)
    tokens = number(usage.tokens, 0, 1e18)
    return {
        "usage_requests_per_day_log": math.log1p(requests / _days(usage)),
        "usage_tokens_per_request_log": math.log1p(tokens / requests) if requests > 0 else math.nan,
        "usage_model_entropy": spread({name: number(share, 0.0, 1e12) for name, share in usage.model_mix}),
        "usage_distinct_ips_log": math.log1p(number(usage.distinct_ips, 0, 1e9)),
        **_rhythm(usage.active_hours),
        **_sample(usage.sample_ips, reference),
    }


def _failed(check: CheckResult | None) -> float:
    return math.nan if check is None or check is CheckResult.UNAVAILABLE else float(check is CheckResult.FAILED)


def _days(usage: Usage) -> float:
    start, end = usage.period_start_time, usage.period_end_time
    return max(number(end - start, 0.0, 1e9) / 86400, 1 / 24) if start is not None and end is not None else math.nan


def _rhythm(hours: bytes | None) -> Own:
    """The 168 bits are Monday 00:00 UTC first, lowest bit of the first byte first."""
    if hours is None or len(hours) != 21:
        return {}
    bits = np.unpackbits(np.frombuffer(hours, np.uint8), bitorder="little").reshape(7, 24)
    by_hour: dict[int, float] = dict(enumerate(bits.sum(axis=0, dtype=np.float64).tolist()))
    return {
        "usage_active_hours": sum(by_hour.values()) / 168,
        "usage_hour_evenness": spread(by_hour) / math.log2(24),
        "usage_longest_rest": float(_longest_rest(list(by_hour.values()))),
    }


def _longest_rest(by_hour: list[float]) -> int:
    longest = run = 0
    for count in by_hour * 2:  # twice round the clock: a night spans midnight
        run = 0 if count else run + 1
        longest = max(longest, run)
    return min(longest, 24)


def _sample(texts: tuple[str, ...], reference: Reference) -> Own:
    addresses = [a for a in map(parse_address, texts[:_MOST_IPS]) if a is not None and a.public]
    operators = [o for o in map(reference.operator, addresses) if o is not None]
    countries = {c for c in map(reference.country, addresses) if c is not None}
    own: Own = {"usage_countries": float(len(countries))} if countries else {}
    if operators:
        own["usage_hosting_share"] = sum(o.kind is OperatorClass.HOSTING for o in operators) / len(operators)
    return own
