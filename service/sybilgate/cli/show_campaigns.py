"""Campaigns as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sybilgate.cli.show import axis_name, moment
from sybilgate.v1 import campaign_pb2 as pb
from sybilgate.v1.campaign_state_pb2 import CampaignState


def state_name(campaign: pb.Campaign) -> str:
    return str(CampaignState.Name(campaign.state)).removeprefix("CAMPAIGN_STATE_")


def campaigns_view(campaigns: Sequence[pb.Campaign]) -> RenderableType:
    """A row each."""
    if not campaigns:
        return "no such campaigns"
    table = _table("", ("campaign", "state", "axes", "latest member"), ("members", "a day", "risk", "decades"))
    for one in campaigns:
        axes = ", ".join(axis_name(axis) for axis in one.axes)
        numbers = (_members(one), f"{one.growth.day:.1f}", f"{one.mean_risk:.2f}", f"{one.significance:.1f}")
        table.add_row(one.name, state_name(one), axes, moment(one.update_time)[:16], *numbers)
    return table


def campaign_view(campaign: pb.Campaign, members: Sequence[pb.CampaignMember]) -> RenderableType:
    """Everything the message holds, and these members."""
    parts: list[RenderableType] = [_summary(campaign), Text(), _links(campaign.top_links, campaign.member_count)]
    if members:
        parts += [Text(), _who(members)]
    return Group(*parts, Text(), _history(campaign.history))


def _summary(campaign: pb.Campaign) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    growth = campaign.growth
    table.add_row("campaign", campaign.name)
    table.add_row("state", state_name(campaign) + (f" into {campaign.merged_into}" if campaign.merged_into else ""))
    if campaign.confirmed_first_by:
        table.add_row("waits for", f"a second reviewer after {campaign.confirmed_first_by}")
    table.add_row("members", _members(campaign))
    table.add_row("since, until", f"{moment(campaign.create_time)}, {moment(campaign.update_time)}")
    table.add_row("growth", f"{growth.hour:.1f} an hour, {growth.day:.1f} a day, {growth.month:.1f} in thirty days")
    table.add_row("mean risk", f"{campaign.mean_risk:.4f}")
    table.add_row("surprise", f"{campaign.significance:.1f} decades")
    table.add_row("axes", ", ".join(axis_name(axis) for axis in campaign.axes) or "none")
    return table


def _links(links: Iterable[pb.Link], members: int) -> Table:
    right = ("members", "accounts", "rarity, bits", "by chance")
    table = _table("What members share", ("kind of value", "handle", "axis"), right)
    for link in links:
        kind = link.kind + (" (protected)" if link.under_protection else "")
        numbers = (f"{link.member_count} of {members}", str(link.holders), f"{link.rarity_bits:.1f}")
        handle = link.name.rpartition("/")[2]
        table.add_row(kind, handle, axis_name(link.axis), *numbers, f"{link.chance_probability:.1e}")
    return table


def _who(members: Iterable[pb.CampaignMember]) -> Table:
    table = _table("Members", ("account", "joined", "by"), ("risk", "log-odds"))
    for one in members:
        why = ["linked, not flagged"] if one.role == pb.MEMBER_ROLE_LINKED else []
        why += [item.kind for item in one.evidence[:3]]
        odds = f"{one.log_odds:+.2f}" if one.HasField("log_odds") else "founder"
        table.add_row(one.account, moment(one.join_time)[5:16], "\n".join(why), f"{one.risk:.2f}", odds)
    return table


def _history(changes: Iterable[pb.CampaignChange]) -> Table:
    table = _table("History", ("when", "what", "by", "detail"), ("members",))
    for one in changes:
        kind = pb.CampaignChangeKind.Name(one.kind).removeprefix("CAMPAIGN_CHANGE_KIND_").lower()
        detail = " ".join(part for part in (one.other_campaign, one.detail) if part)
        table.add_row(moment(one.change_time)[:16], kind, one.reviewer, Text(detail), str(one.member_count))
    return table


def _members(campaign: pb.Campaign) -> str:
    return str(campaign.member_count) + (f" + {campaign.linked_count} linked" if campaign.linked_count else "")


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    # Eighty columns are enough for most accounts; a word is broken only where it must be.
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for i, heading in enumerate(left):
        # What is copied into the next command stays in one piece.
        table.add_column(heading, overflow="fold", no_wrap=i == 0 and heading == "campaign")
    for heading in right:
        table.add_column(heading, justify="right")
    return table
