"""The record of one decision, for whoever must answer for it: plain text, complete, and without anybody's values."""

from __future__ import annotations

from sybilgate.cli.show import axis_name, decision_name, moment
from sybilgate.v1 import assessment_pb2 as pb

_MEANING = {
    "ALLOW": "to let the account in",
    "CHALLENGE": "to ask for one more proof",
    "REVIEW": "to let a person look at it",
    "DENY": "to refuse it",
}
_LIMITS = (
    "The risk is how often, among accounts that looked like this one to the model, one operator ran many of them. It "
    "is no finding about a person.",
    "The recommendation rests on what was known at the moment it was made, listed here in full as far as it weighed "
    "anything. Later news makes another assessment and leaves this one as it is.",
    "Families, offices, campuses, carriers' networks, users of VPNs and identical devices share values honestly, and "
    "are taken for one operator more often than others.",
    "Whether to follow the recommendation was for the business to decide. A person must look at an appeal; a label "
    "that says the account is honest is kept and makes the service learn.",
)


def record(assessment: pb.Assessment) -> str:
    """Markdown of a FULL assessment: what, when, by which versions, why, what spoke for the account, limits."""
    decision = decision_name(assessment)
    against = [reason for reason in assessment.reasons if reason.contribution > 0]
    speaking_for = [reason for reason in assessment.reasons if reason.contribution < 0]
    parts = [
        f"# Decision record {assessment.name}",
        "\n".join(
            [
                f"- account: {assessment.account_id}",
                f"- made: {moment(assessment.create_time)} UTC",
                f"- about what happened: {moment(assessment.event_time)} UTC",
                f"- recommendation: {decision}, {_MEANING.get(decision, 'none')}",
                *(f"- asked for by {one.detector}: {one.text}" for one in assessment.grounds),
                f"- risk: {assessment.risk:.4f} of 1",
                f"- independent kinds of evidence: {', '.join(map(axis_name, assessment.axes)) or 'none'}",
                f"- model and policy: {assessment.model_version}, {assessment.policy_version}",
                f"- parts missing when it was made: {', '.join(assessment.degraded) or 'none'}",
                f"- campaign: {assessment.campaign or 'none'}",
            ]
        ),
        "## What spoke against the account\n\n" + _reasons(against),
        "## What spoke for it\n\n" + _reasons(speaking_for),
        "## What the first look rests on\n\n" + _reasons(list(assessment.first_look)),
        "## Values shared with other accounts\n\n" + _evidence(assessment),
        "## The sum\n\n" + _sum(assessment),
        "## What this does not say\n\n" + "\n".join(f"- {text}" for text in _LIMITS),
    ]
    return "\n\n".join(parts) + "\n"


def _reasons(reasons: list[pb.Reason]) -> str:
    return "\n".join(f"- {one.text} ({one.code}, {one.contribution:+.2f})" for one in reasons) or "Nothing."


def _evidence(assessment: pb.Assessment) -> str:
    lines = [
        f"- {item.kind.lower()}: held by {item.holders} accounts since {moment(item.first_seen_time)[:10]}; "
        f"by chance with probability {item.chance_probability:.1e}"
        for item in assessment.evidence
    ]
    return "\n".join(lines) or "None that chance does not explain."


def _sum(assessment: pb.Assessment) -> str:
    total = sum(one.contribution for one in assessment.contributions)
    return (
        f"In log-odds, base {assessment.base_value:+.4f} and {len(assessment.contributions)} contributions that sum to "
        f"{total:+.4f} make the margin {assessment.margin:+.4f}."
    )
