"""Stored assessments as contract messages."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from functools import cache
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from sybilgate.core.ground import grounds_of
from sybilgate.core.policy import CAMPAIGN
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import ModelRejected, Unavailable
from sybilgate.rpc.names import campaign_name
from sybilgate.rpc.ports import Explainer, Explanation
from sybilgate.rpc.rights import Rights, rights
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1.campaign_state_pb2 import CampaignState

#: Lower limits of the risk bands above VERY_LOW, as the contract states them.
BAND_LIMITS = (0.01, 0.1, 0.5, 0.9)


def assessment_name(account_id: str, assessment_id: str) -> str:
    return f"accounts/{account_id}/assessments/{assessment_id}"


def timestamp(seconds: float) -> Timestamp:
    """Timestamp of unix seconds, to the nanosecond a float64 can tell."""
    whole = math.floor(seconds)
    nanos = round((seconds - whole) * 1e9)
    return Timestamp(seconds=whole + nanos // 1_000_000_000, nanos=nanos % 1_000_000_000)


@cache
def axis(name: str) -> pb.Axis:
    """The contract's axis of a core axis name; UNSPECIFIED if empty."""
    number: pb.Axis = pb.Axis.Value(f"AXIS_{name.upper() or 'UNSPECIFIED'}")
    return number


def render(
    record: AssessmentRecord,
    explainer: Explainer,
    *,
    view: int = pb.ASSESSMENT_VIEW_BASIC,
    explain: bool = False,
    replayed: bool = False,
    placement: tuple[int, int] | None = None,
    may: Rights | None = None,
) -> pb.Assessment:
    """The message for a record. The FULL view and ``explain`` explain it now if that had been deferred.

    ``placement``: the campaign the account is in and its state; a candidate is not told. ``may``: what may be told; by
    default what the present caller may be. This is the one place where an answer is cut down to it."""
    may = rights() if may is None else may
    full = view == pb.ASSESSMENT_VIEW_FULL and may.full
    band = bisect_right(BAND_LIMITS, record.risk)
    message = pb.Assessment(
        name=assessment_name(record.account_id, record.assessment_id),
        account_id=record.account_id,
        risk=record.risk if may.risk else (0.0, *BAND_LIMITS)[band],
        risk_band=pb.RiskBand.ValueType(1 + band),
        decision=pb.Decision.ValueType(record.decision),
        axes=[axis(name) for name in record.axes.split(",") if name and may.risk],
        model_version=record.model,
        policy_version=record.policy,
        event_time=timestamp(record.event_time),
        create_time=timestamp(record.create_time),
        replayed=replayed,
        degraded=[part for part in record.degraded.split(",") if part],
        explanation_state=pb.EXPLANATION_STATE_DEFERRED,
        cause=record.cause,
    )
    if may.risk and record.decision > pb.DECISION_ALLOW:
        message.grounds.extend(
            pb.Ground(detector=one.detector, text=one.text, honest_share=one.share)
            for one in grounds_of(record)
            if one.detector != CAMPAIGN or may.campaign
        )
    if placement is not None and placement[1] and may.campaign:
        message.campaign = campaign_name(placement[0])
        message.campaign_state = CampaignState.ValueType(placement[1])
    if full or explain or record.contributions is not None:
        _add_explanation(message, record, explainer, full, may)
    if full:
        message.margin = record.margin
        message.evidence.extend(evidence(item) for item in json.loads(record.evidence or "[]"))
    return message


def _add_explanation(
    message: pb.Assessment, record: AssessmentRecord, explainer: Explainer, full: bool, may: Rights
) -> None:
    try:
        explanation = explainer.explain(record)
    except (Unavailable, ModelRejected):
        message.explanation_state = pb.EXPLANATION_STATE_UNAVAILABLE
        return
    message.explanation_state = pb.EXPLANATION_STATE_READY
    for code, text, axis_name, contribution in explanation.reasons:
        if may.full:
            message.reasons.add(code=code, text=text, axis=axis(axis_name), contribution=contribution)
        elif may.risk:
            message.reasons.add(code=code, text=text, axis=axis(axis_name))
        else:
            message.reasons.add(code=code)
    if full:
        message.base_value = explanation.base_value
        message.contributions.extend(_contributions(explanation))
        for code, text, axis_name, contribution in explainer.first_look(record):
            message.first_look.add(code=code, text=text, axis=axis(axis_name), contribution=contribution)


def _contributions(explanation: Explanation) -> list[pb.Contribution]:
    ordered = sorted(explanation.contributions, key=lambda item: -abs(item[2]))
    return [
        pb.Contribution(feature=feature, contribution=contribution, missing=True)
        if math.isnan(value)
        else pb.Contribution(feature=feature, value=value, contribution=contribution)
        for feature, value, contribution in ordered
    ]


def evidence(item: dict[str, Any]) -> pb.Evidence:
    message = pb.Evidence(
        kind=item["kind"],
        axis=axis(item.get("axis", "")),
        holders=item.get("holders", 0),
        rarity_bits=item.get("rarity_bits", 0.0),
        chance_probability=item.get("chance_probability", 0.0),
    )
    if item.get("first_seen_time") is not None:
        message.first_seen_time.CopyFrom(timestamp(item["first_seen_time"]))
    if item.get("last_seen_time") is not None:
        message.last_seen_time.CopyFrom(timestamp(item["last_seen_time"]))
    return message
