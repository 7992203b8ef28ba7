"""Contract events as core values, written out by hand: it runs for every event, and reflection costs ten times more."""

from __future__ import annotations

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from sybilgate.core import event as core
from sybilgate.core.identifier import COLUMN, Kind
from sybilgate.v1 import event_pb2 as pb
from sybilgate.v1 import review_service_pb2 as review

_TYPES = (None, *core.EventType)
_METHODS = (None, *core.SignupMethod)
_TRUSTS = (None, *core.DeviceTrust)
_FUNDINGS = (None, *core.Funding)
_CHECKS = (None, *core.CheckResult)
_STATUSES = (None, *core.PaymentStatus)
_VERIFICATION_KINDS = (None, *core.VerificationKind)
_VERIFICATION_RESULTS = (None, *core.VerificationResult)
_OUTCOMES = (None, *core.OutcomeKind)


def seconds(stamp: Timestamp) -> float:
    """Unix seconds of a timestamp."""
    return float(stamp.seconds + stamp.nanos / 1e9)


def event_from(m: pb.Event) -> core.Event:
    """The core event of a *validated* message: no enum is unknown, account id, time and type are there."""
    kind = _TYPES[m.type]
    if kind is None:
        raise ValueError("an event without a type was not validated")
    return core.Event(
        account_id=m.account_id,
        time=seconds(m.event_time),
        type=kind,
        contact=_contact(m.contact) if m.HasField("contact") else None,
        network=_network(m.network) if m.HasField("network") else None,
        device=_device(m.device) if m.HasField("device") else None,
        signup=_signup(m.signup) if m.HasField("signup") else None,
        payment=_payment(m.payment) if m.HasField("payment") else None,
        verification=_verification(m.verification) if m.HasField("verification") else None,
        usage=_usage(m.usage) if m.HasField("usage") else None,
        outcome=_outcome(m.outcome) if m.HasField("outcome") else None,
    )


def identifier_event(m: review.SharedIdentifier) -> tuple[int, core.Event]:
    """The column of the kind of a value that was named, and an event that tells it where events do."""
    which = m.WhichOneof("value")
    text = getattr(m, which)
    told: dict[str, tuple[Kind, dict[str, Any]]] = {
        "card": (Kind.CARD, {"payment": core.Payment(fingerprint=text)}),
        "device_id": (Kind.DEVICE_ID, {"device": core.Device(device_id=text)}),
        "ip_address": (Kind.IP, {"network": core.Network(ip_address=text)}),
        "email": (Kind.MAILBOX, {"contact": core.Contact(email=text)}),
        "email_domain": (Kind.MAIL_DOMAIN, {"contact": core.Contact(email=f"anybody@{text}")}),
        "phone": (Kind.PHONE, {"contact": core.Contact(phone=text)}),
        "organization": (Kind.ORGANIZATION, {"contact": core.Contact(organization=text)}),
        "invite_code": (Kind.INVITE_CODE, {"signup": core.Signup(invite_code=text)}),
    }
    kind, parts = told[which]
    return COLUMN[kind], core.Event(account_id="", time=0.0, type=core.EventType.SIGNUP, **parts)


def _contact(m: pb.Contact) -> core.Contact:
    return core.Contact(
        email=m.email or None,
        phone=m.phone or None,
        display_name=m.display_name or None,
        username=m.username or None,
        organization=m.organization or None,
    )


def _network(m: pb.Network) -> core.Network:
    return core.Network(
        ip_address=m.ip_address or None,
        user_agent=m.user_agent or None,
        accept_language=m.accept_language or None,
        ja4=m.ja4 or None,
    )


def _device(m: pb.Device) -> core.Device:
    return core.Device(
        device_id=m.device_id or None,
        trust=_TRUSTS[m.trust],
        platform=m.platform or None,
        screen_width=m.screen_width if m.HasField("screen_width") else None,
        screen_height=m.screen_height if m.HasField("screen_height") else None,
        pixel_ratio=m.pixel_ratio if m.HasField("pixel_ratio") else None,
        time_zone=m.time_zone or None,
        languages=tuple(m.languages),
        canvas_hash=m.canvas_hash or None,
        webgl_hash=m.webgl_hash or None,
        webgl_renderer=m.webgl_renderer or None,
        cpu_cores=m.cpu_cores if m.HasField("cpu_cores") else None,
        memory_gb=m.memory_gb if m.HasField("memory_gb") else None,
        automation_detected=m.automation_detected if m.HasField("automation_detected") else None,
    )


def _signup(m: pb.Signup) -> core.Signup:
    return core.Signup(
        method=_METHODS[m.method],
        path=m.path or None,
        form_fill_seconds=m.form_fill_seconds if m.HasField("form_fill_seconds") else None,
        pasted_fields=m.pasted_fields if m.HasField("pasted_fields") else None,
        captcha_score=m.captcha_score if m.HasField("captcha_score") else None,
        referrer=m.referrer or None,
        campaign_tag=m.campaign_tag or None,
        invite_code=m.invite_code or None,
    )


def _payment(m: pb.Payment) -> core.Payment:
    return core.Payment(
        status=_STATUSES[m.status],
        fingerprint=m.fingerprint or None,
        bin=m.bin or None,
        funding=_FUNDINGS[m.funding],
        issuer_country=m.issuer_country or None,
        billing_name=m.billing_name or None,
        billing_country=m.billing_country or None,
        billing_postal_code=m.billing_postal_code or None,
        cvc_check=_CHECKS[m.cvc_check],
        avs_check=_CHECKS[m.avs_check],
    )


def _verification(m: pb.Verification) -> core.Verification:
    return core.Verification(kind=_VERIFICATION_KINDS[m.kind], result=_VERIFICATION_RESULTS[m.result])


def _usage(m: pb.Usage) -> core.Usage:
    return core.Usage(
        period_start_time=seconds(m.period_start_time) if m.HasField("period_start_time") else None,
        period_end_time=seconds(m.period_end_time) if m.HasField("period_end_time") else None,
        requests=m.requests if m.HasField("requests") else None,
        tokens=m.tokens if m.HasField("tokens") else None,
        active_hours=m.active_hours or None,
        model_mix=tuple((share.model, share.share) for share in m.model_mix),
        prompt_template_minhash=tuple(m.prompt_template_minhash),
        distinct_ips=m.distinct_ips if m.HasField("distinct_ips") else None,
        sample_ips=tuple(m.sample_ips),
    )


def _outcome(m: pb.Outcome) -> core.Outcome:
    kind = _OUTCOMES[m.kind]
    if kind is None:
        raise ValueError("an outcome without a kind was not validated")
    return core.Outcome(kind=kind, source=m.source or None)
