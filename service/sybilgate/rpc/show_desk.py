"""Queue, claims, pictures, readings and the serving model as contract messages."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sybilgate.app.bundle import Bundle
from sybilgate.app.picture import Picture
from sybilgate.app.readings import Reading
from sybilgate.app.traffic import Traffic
from sybilgate.core.desk import ClaimRecord
from sybilgate.core.identifier import Key
from sybilgate.core.policy import Policy
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import ModelRejected, Unavailable
from sybilgate.rpc import show
from sybilgate.rpc.names import account_name
from sybilgate.rpc.ports import Explainer
from sybilgate.rpc.render import axis, timestamp
from sybilgate.v1 import desk_pb2 as pb

#: Groups of a picture that are told, and numbers of a training report.
_GROUPS, _FIGURES = 64, 400


def claim(record: ClaimRecord) -> pb.Claim:
    return pb.Claim(
        subject=record.subject,
        reviewer=record.reviewer,
        create_time=timestamp(record.create_time),
        lease_end_time=timestamp(record.lease_time),
    )


def picture(drawn: Picture, name: str, protected: Collection[Key]) -> pb.CampaignPicture:
    groups = [
        pb.CampaignGroup(
            value_indexes=group.values,
            member_count=group.members,
            linked_count=group.linked,
            accounts=map(account_name, group.accounts),
        )
        for group in drawn.groups[:_GROUPS]
    ]
    return pb.CampaignPicture(
        steps=[
            pb.CampaignStep(start_time=timestamp(step.start), flagged_count=step.flagged, linked_count=step.linked)
            for step in drawn.steps
        ],
        values=[show.link(link, name, protected) for link in drawn.links],
        groups=groups,
        sampled_count=drawn.sampled,
        total_count=drawn.total,
        doubtful_members=map(show.member, drawn.doubtful),
        honest_count=drawn.honest,
        risk_tenths=drawn.risks,
    )


def contributions(record: AssessmentRecord, explainer: Explainer) -> dict[str, float]:
    """By feature; empty if the assessment cannot be explained any more."""
    try:
        return {name: amount for name, _, amount in explainer.explain(record).contributions}
    except (Unavailable, ModelRejected):
        return {}


def reading(one: Reading, contribution: float | None) -> pb.FeatureReading:
    return pb.FeatureReading(
        feature=one.spec.name,
        description=one.spec.description,
        axis=axis(one.spec.axis.value),
        reason_code=one.spec.reason,
        value=None if math.isnan(one.value) else one.value,
        contribution=contribution,
        share_below=one.below,
        share_up_to=one.up_to,
        share_missing=one.missing,
        ordinary_share=one.ordinary,
    )


def serving(bundle: Bundle, policy: Policy) -> pb.ServingModel:
    manifest = bundle.manifest
    report = manifest.notes.get("report", {}) if isinstance(manifest.notes, Mapping) else {}
    figures = [pb.Figure(name=name, value=value) for name, value in _flat(report, "")]
    return pb.ServingModel(
        model_version=manifest.title,
        policy_version=policy.version,
        challenge_risk=policy.challenge,
        review_risk=policy.review,
        deny_risk=policy.deny,
        guards=[
            pb.Guard(feature=name, challenge=pair[0], review=pair[1]) for name, pair in sorted(policy.guards.items())
        ],
        figures=figures[:_FIGURES],
        feature_count=len(manifest.features),
        digest=manifest.digest,
        calibration=[pb.CalibrationPoint(margin=margin, risk=risk) for margin, risk in manifest.calibration],
    )


def traffic(found: Traffic, model: str) -> pb.RecentTraffic:
    return pb.RecentTraffic(
        model_version=model,
        signup_count=found.rows,
        start_time=timestamp(found.start),
        end_time=timestamp(found.end),
        decision_counts=[
            pb.ReviewCount(decision=one, count=count)  # type: ignore[arg-type]
            for one, count in sorted(found.decisions.items())
        ],
        risk_counts=found.risks,
        risk_index=found.risk_index,
        shifted_features=[pb.Figure(name=name, value=far) for name, far in found.shifted],
    )


def _flat(value: Any, path: str) -> Iterator[tuple[str, float]]:
    """The numbers in a report, by dotted name."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)
