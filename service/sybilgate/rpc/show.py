"""Campaigns, links, labels and protections as contract messages."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable
from typing import Any

from sybilgate.app.protect import account_of, key_of
from sybilgate.core.campaign.links import Link, growth_at
from sybilgate.core.campaign.records import (
    CampaignRecord,
    CampaignState,
    ChangeRecord,
    LabelRecord,
    MemberRecord,
    ProtectionRecord,
)
from sybilgate.core.identifier import Axis, Key
from sybilgate.rpc.names import account_name, campaign_name, label_name
from sybilgate.rpc.render import axis, timestamp
from sybilgate.v1 import campaign_pb2 as pb
from sybilgate.v1 import label_pb2, protection_pb2
from sybilgate.v1.campaign_state_pb2 import CampaignState as State


def campaign(record: CampaignRecord, axes: Iterable[Axis], now: float) -> pb.Campaign:
    """The message without links and history."""
    hour, day, month = growth_at(record, now)
    merged = record.state == CampaignState.MERGED
    return pb.Campaign(
        name=campaign_name(record.ref),
        state=State.ValueType(record.state),
        create_time=timestamp(record.first_time),
        update_time=timestamp(record.last_time),
        member_count=record.members,
        linked_count=record.linked,
        growth=pb.CampaignGrowth(hour=hour, day=day, month=month),
        mean_risk=record.risk / record.members if record.members else 0.0,
        significance=record.significance,
        merged_into=campaign_name(record.merged_into) if merged else "",
        axes=[axis(name.value) for name in axes],
    )


def link(found: Link, parent: str, protected: Collection[Key]) -> pb.Link:
    return pb.Link(
        name=f"{parent}/links/{found.handle}",
        kind=found.kind.name.lower(),
        axis=axis(found.axis.value),
        member_count=found.members,
        holders=found.holders,
        rarity_bits=found.rarity_bits,
        chance_probability=found.chance,
        first_seen_time=timestamp(found.first_time),
        last_seen_time=timestamp(found.last_time),
        under_protection=found.key in protected,
    )


def member(record: MemberRecord) -> pb.CampaignMember:
    message = pb.CampaignMember(
        account=account_name(record.account_id),
        role=pb.MemberRole.ValueType(record.role),
        join_time=timestamp(record.join_time),
        risk=record.risk,
        evidence=[_evidence(item) for item in json.loads(record.evidence or "[]")],
    )
    if not math.isnan(record.margin):
        message.log_odds = record.margin
    return message


def change(record: ChangeRecord) -> pb.CampaignChange:
    return pb.CampaignChange(
        sequence=record.seq,
        campaign=campaign_name(record.campaign),
        kind=pb.CampaignChangeKind.ValueType(record.kind),
        change_time=timestamp(record.time),
        other_campaign=campaign_name(record.other),
        member_count=record.members,
        reviewer=record.actor,
        detail=record.detail,
    )


def label(record: LabelRecord, *, replayed: bool = False) -> label_pb2.Label:
    message = label_pb2.Label(
        name=label_name(record.label_id),
        verdict=label_pb2.LabelVerdict.ValueType(record.verdict),
        source=record.source,
        reviewer=record.author,
        second_reviewer=record.second,
        evidence_time=timestamp(record.evidence_time),
        create_time=timestamp(record.create_time),
        reason=record.reason,
        revokes=label_name(record.revokes),
        replayed=replayed,
    )
    if record.account_id:
        message.account = account_name(record.account_id)
        message.by_campaign = campaign_name(record.campaign)
    else:
        message.campaign = campaign_name(record.campaign)
    return message


def protection(record: ProtectionRecord, name: str) -> protection_pb2.Protection:
    """``name``: the id of the protection."""
    account_id, key = account_of(record), key_of(record)
    message = protection_pb2.Protection(
        name=f"protections/{name}",
        subject=f"identifiers/{key.hex()[:8]}" if key is not None else account_name(account_id or ""),
        kind=record.kind,
        reviewer=record.author,
        reason=record.reason,
        create_time=timestamp(record.create_time),
        taken_back=record.end_time <= record.create_time,
    )
    if math.isfinite(record.end_time):
        message.end_time.CopyFrom(timestamp(record.end_time))
    return message


def _evidence(item: dict[str, Any]) -> pb.MemberEvidence:
    return pb.MemberEvidence(
        kind=item["kind"],
        axis=axis(item.get("axis", "")),
        member_count=item.get("members", 0),
        of_members=item.get("of", 0),
        holders=item.get("holders", 0.0),
        rarity_bits=item.get("rarity_bits", 0.0),
        chance_probability=item.get("chance_probability", 0.0),
    )
