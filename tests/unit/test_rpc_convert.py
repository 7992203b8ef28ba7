import math

import pytest

from sybilgate.client import event_message, to_message
from sybilgate.core import event as core
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import Unavailable
from sybilgate.rpc.convert import event_from
from sybilgate.rpc.render import render, timestamp
from sybilgate.rpc.rights import EVERYTHING
from sybilgate.v1 import assessment_pb2 as pb
from tests.rpc_fakes import Explained, FakeExplainer, record

FULL_EVENT = core.Event(
    account_id="a1",
    time=1_700_000_000.123456,
    type=core.EventType.OUTCOME,
    contact=core.Contact(email="a@b.example", phone="+491511", display_name="A", username="u", organization="o"),
    network=core.Network(ip_address="203.0.113.7", user_agent="UA", accept_language="de", ja4="t13d"),
    device=core.Device(
        device_id="d",
        trust=core.DeviceTrust.ATTESTED,
        platform="Linux",
        screen_width=0,
        screen_height=1080,
        pixel_ratio=1.5,
        time_zone="Europe/Berlin",
        languages=("de", "en"),
        canvas_hash="c",
        webgl_hash="w",
        webgl_renderer="r",
        cpu_cores=8,
        memory_gb=16.0,
        automation_detected=False,
    ),
    signup=core.Signup(
        method=core.SignupMethod.OAUTH,
        path="/p",
        form_fill_seconds=0.0,
        pasted_fields=2,
        captcha_score=0.5,
        referrer="r",
        campaign_tag="t",
        invite_code="i",
    ),
    payment=core.Payment(
        status=core.PaymentStatus.FAILED,
        fingerprint="f",
        bin="411111",
        funding=core.Funding.PREPAID,
        issuer_country="DE",
        billing_name="A",
        billing_country="FR",
        billing_postal_code="1",
        cvc_check=core.CheckResult.FAILED,
        avs_check=core.CheckResult.UNAVAILABLE,
    ),
    verification=core.Verification(kind=core.VerificationKind.CAPTCHA, result=core.VerificationResult.ABANDONED),
    usage=core.Usage(
        period_start_time=1.6e9,
        period_end_time=1.6e9 + 0.5,
        requests=0,
        tokens=7,
        active_hours=bytes(21),
        model_mix=(("m", 0.25),),
        prompt_template_minhash=(1, 2**64 - 1),
        distinct_ips=3,
        sample_ips=("203.0.113.8",),
    ),
    outcome=core.Outcome(kind=core.OutcomeKind.BANNED, source="s"),
)


def test_every_field_survives_round_trip():
    assert event_from(to_message(FULL_EVENT)) == FULL_EVENT


def test_absent_fields_stay_absent():
    bare = core.Event(account_id="a", time=1e9, type=core.EventType.LOGIN, device=core.Device())
    assert event_from(to_message(bare)) == bare


def test_times_survive_to_the_last_bit():
    for step in range(1000):
        time = 1_700_000_000 + step * math.pi * 1e-3
        event = core.Event(account_id="a", time=time, type=core.EventType.LOGIN)
        assert event_from(to_message(event)).time == time


def test_dotted_paths_build_an_event():
    message = event_message(
        {"account_id": "a", "type": "SIGNUP", "event_time": "2023-11-14T22:13:20+00:00", "network.ip_address": "::1"}
    )
    event = event_from(message)
    assert (event.type, event.time) == (core.EventType.SIGNUP, 1_700_000_000.0)
    assert event.network == core.Network(ip_address="::1")


def test_missing_values_are_left_out():
    message = event_message({"account_id": "a", "signup.captcha_score": math.nan, "contact.email": None})
    assert not message.HasField("signup")
    assert not message.HasField("contact")


@pytest.mark.parametrize("path", ["contact.mail", "nothing", "contact.email.x", "account_id.x"])
def test_unknown_path_is_named(path):
    with pytest.raises(ValueError, match=path):
        event_message({path: "x"})


def test_misfit_does_not_quote_value():
    with pytest.raises(ValueError, match=r"payment\.funding") as caught:
        event_message({"payment.funding": "4111111111111111"})
    assert "4111" not in str(caught.value)


def test_basic_view_defers_explanation():
    message = render(record(), FakeExplainer(), may=EVERYTHING, view=pb.ASSESSMENT_VIEW_BASIC)
    assert message.explanation_state == pb.EXPLANATION_STATE_DEFERRED
    assert not message.reasons
    assert not message.HasField("margin")


def test_full_view_shows_contributions():
    message = render(record(), FakeExplainer(), may=EVERYTHING, view=pb.ASSESSMENT_VIEW_FULL)
    assert [item.feature for item in message.contributions] == ["holders", "age"]
    assert message.contributions[1].missing
    assert not message.contributions[1].HasField("value")
    assert message.base_value + sum(c.contribution for c in message.contributions) == pytest.approx(message.margin)


def test_full_view_shows_evidence():
    message = render(record(), FakeExplainer(), may=EVERYTHING, view=pb.ASSESSMENT_VIEW_FULL)
    evidence = message.evidence[0]
    assert (evidence.kind, evidence.axis, evidence.holders) == ("card", pb.AXIS_PAYMENT, 3)
    assert evidence.first_seen_time.seconds == 1_000_000_000


def test_stored_explanation_shows_reasons():
    message = render(record(contributions=b"x"), FakeExplainer(), may=EVERYTHING)
    assert message.reasons[0].code == "SHARED_CARD"
    assert message.explanation_state == pb.EXPLANATION_STATE_READY


def test_first_look_is_for_reviewers():
    full = render(record(contributions=b"x"), FakeExplainer(), may=EVERYTHING, view=pb.ASSESSMENT_VIEW_FULL)
    assert [one.code for one in full.first_look] == ["CROWD"]
    assert not render(record(contributions=b"x"), FakeExplainer(), may=EVERYTHING).first_look


def test_vanished_model_is_said():
    class Gone(FakeExplainer):
        def explain(self, record: AssessmentRecord) -> Explained:
            raise Unavailable("no such model")

    message = render(record(), Gone(), may=EVERYTHING, view=pb.ASSESSMENT_VIEW_FULL)
    assert message.explanation_state == pb.EXPLANATION_STATE_UNAVAILABLE


@pytest.mark.parametrize(("risk", "band"), [(0.0, "VERY_LOW"), (0.01, "LOW"), (0.5, "HIGH"), (1.0, "VERY_HIGH")])
def test_risk_band_limits(risk, band):
    assert pb.RiskBand.Name(render(record(risk=risk), FakeExplainer(), may=EVERYTHING).risk_band) == f"RISK_BAND_{band}"


def test_degraded_parts_are_listed():
    assert list(render(record(degraded="mmdb,tor"), FakeExplainer(), may=EVERYTHING).degraded) == ["mmdb", "tor"]


def test_nanoseconds_never_overflow():
    stamp = timestamp(1_700_000_000.9999999999)
    assert (stamp.seconds, stamp.nanos) == (1_700_000_001, 0)


def test_decision_numbers_match_core():
    policy = pytest.importorskip("sybilgate.core.policy")
    assert {item.name: int(item) for item in policy.Decision} == {
        name.removeprefix("DECISION_"): number for name, number in pb.Decision.items() if number
    }
