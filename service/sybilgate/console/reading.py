"""What messages mean, in the words of the pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp
from markupsafe import Markup

from sybilgate.console.drawing import fall, scale_of
from sybilgate.console.words import percent, signed
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import campaign_pb2, desk_pb2, label_pb2
from sybilgate.v1.campaign_state_pb2 import CampaignState

#: Contributions shown one by one; the others are one line.
LARGEST = 14
DECISIONS = {
    pb.DECISION_ALLOW: ("allow", "Allow", "let in"),
    pb.DECISION_CHALLENGE: ("challenge", "Challenge", "ask for a proof, such as a phone or a card check"),
    pb.DECISION_REVIEW: ("review", "Review", "a person should look before it is let in"),
    pb.DECISION_DENY: ("deny", "Deny", "refuse; the account may appeal"),
    pb.DECISION_UNSPECIFIED: ("none", "None", ""),
}
STATES = {
    CampaignState.CAMPAIGN_STATE_OPEN: "open",
    CampaignState.CAMPAIGN_STATE_CONFIRMED: "confirmed",
    CampaignState.CAMPAIGN_STATE_DISMISSED: "dismissed",
    CampaignState.CAMPAIGN_STATE_MERGED: "merged",
}
_CAUSES = {
    "signup": "Signed up", "payment_instrument": "A payment instrument changed", "login": "Logged in",
    "verification": "A verification was tried", "usage_summary": "Usage was reported", "usage": "Usage was reported",
    "outcome": "An outcome was reported", "rescore": "Assessed again on request",
    "label": "Assessed again: somebody it shares with was labelled",
    "payment": "Assessed again: a card it shares with others was added",
    "campaign": "Assessed again: its campaign opened or grew",
}  # fmt: skip
BANDS = {
    pb.RISK_BAND_VERY_LOW: "very low", pb.RISK_BAND_LOW: "low", pb.RISK_BAND_MEDIUM: "medium", pb.RISK_BAND_HIGH:
    "high", pb.RISK_BAND_VERY_HIGH: "very high",
}  # fmt: skip


def axis_name(axis: int) -> str:
    return "" if not axis else pb.Axis.Name(pb.Axis.ValueType(axis)).removeprefix("AXIS_").lower()


def cause_words(cause: str) -> str:
    return _CAUSES.get(cause.lower(), f"Assessed: {cause}" if cause else "Assessed")


def risk_words(risk: float) -> str:
    """What a calibrated risk means, as so many of a hundred."""
    if risk >= 0.995 or risk < 0.01:
        return f"Of 1,000 accounts with this risk, about {1000 * risk:.0f} were one of many run by one operator."
    return f"Of 100 accounts with this risk, about {100 * risk:.0f} were one of many run by one operator."


@dataclass(frozen=True)
class Step:
    """A line of the waterfall. ``amount`` and ``total`` are as printed."""

    name: str
    value: str
    amount: str
    total: str
    figure: Markup
    against: bool


def waterfall(told: pb.Assessment, descriptions: dict[str, str]) -> list[Step]:
    """From the base to the margin: the largest contributions one by one, then all others as one.

    The line of the others takes up the rounding, so that the printed numbers add up to the last digit.
    """
    largest = list(told.contributions[:LARGEST])
    rest = len(told.contributions) - len(largest)
    rows = [(one.feature, _value(one), round(one.contribution, 2)) for one in largest]
    base, margin = round(told.base_value, 2), round(told.margin, 2)
    if rest > 0:
        rows.append((f"{rest} other features", "", round(margin - base - sum(amount for _, _, amount in rows), 2)))
    totals = [base]
    for _, _, amount in rows:
        totals.append(round(totals[-1] + amount, 2))
    scale = scale_of(totals)
    return [
        Step(
            descriptions.get(name, name), value, signed(amount), signed(totals[i + 1]),
            fall(scale, totals[i], totals[i + 1]), amount > 0,
        )
        for i, (name, value, amount) in enumerate(rows)
    ]  # fmt: skip


def _value(one: pb.Contribution) -> str:
    return "not told" if one.missing else f"{one.value:.4g}"


def standing(one: desk_pb2.FeatureReading) -> str:
    """Where a value lies among training rows, in words."""
    if not one.HasField("value"):
        return f"missing in {percent(one.share_missing)} too" if one.HasField("share_missing") else ""
    if not one.HasField("share_up_to"):
        return ""
    low, high = one.share_below, one.share_up_to
    if high - low > 0.5:
        return f"as in {percent(high - low)}"
    if low <= 0:
        return f"among the lowest {percent(high)}"
    return f"above {percent(low)}" if high >= 1 else f"between {percent(low)} and {percent(high)}"


@dataclass(frozen=True)
class Moment:
    """A line of an account's history."""

    time: Timestamp
    what: str
    detail: str
    css: str = ""
    link: str = ""


def timeline(
    assessments: Sequence[pb.Assessment],
    labels: Iterable[label_pb2.Label],
    place: campaign_pb2.CampaignMember | None,
    campaign: str,
) -> list[Moment]:
    """What happened to an account as far as the service keeps it by account, newest first."""
    lines = [_told(label) for label in labels]
    for i, one in enumerate(assessments):
        before = assessments[i + 1] if i + 1 < len(assessments) else None
        css, name, _ = DECISIONS[one.decision]
        lines.append(
            Moment(one.event_time, cause_words(one.cause), f"{name} at {percent(one.risk)}{_changed(one, before)}", css,
                   one.name)
        )  # fmt: skip
    if place is not None:
        how = "flagged by itself" if place.role == campaign_pb2.MEMBER_ROLE_FLAGGED else "linked by what it shares"
        lines.append(Moment(place.join_time, "Joined a campaign", f"{campaign.partition('/')[2]}, {how}", "campaign"))
    return sorted(lines, key=lambda line: (-line.time.seconds, -line.time.nanos))


def _told(label: label_pb2.Label) -> Moment:
    verdict = "Sybil" if label.verdict == label_pb2.LABEL_VERDICT_SYBIL else "honest"
    who = f"{label.reviewer} and {label.second_reviewer}" if label.second_reviewer else label.reviewer
    how = f", with campaign {label.by_campaign.partition('/')[2]}" if label.by_campaign else ""
    return Moment(label.create_time, f"Labelled {verdict}", f"by {who} ({label.source}){how}: {label.reason}", "label")


def _changed(one: pb.Assessment, before: pb.Assessment | None) -> str:
    """What is different from the assessment before."""
    if before is None:
        return ""
    parts = []
    if abs(one.risk - before.risk) >= 0.005:
        parts.append(f"risk was {percent(before.risk)}")
    if one.decision != before.decision:
        parts.append(f"decision was {DECISIONS[before.decision][1].lower()}")
    if new := [axis_name(axis) for axis in one.axes if axis not in before.axes]:
        parts.append(f"new evidence on {', '.join(new)}")
    if one.model_version != before.model_version:
        parts.append(f"model was {before.model_version}")
    if one.policy_version != before.policy_version:
        parts.append(f"policy was {before.policy_version}")
    return f" · {'; '.join(parts)}" if parts else ""
