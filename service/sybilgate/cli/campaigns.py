"""Commands of reviewers, through a running server: campaign list, show, confirm, dismiss; label."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from sybilgate.cli.asking import Address, Ca, Json, asking

if TYPE_CHECKING:
    from google.protobuf.message import Message
    from rich.console import RenderableType

campaign = typer.Typer(help="Campaigns: accounts that look like one operator's.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="campaigns/…, or accounts/… for the campaign that account is in.")]
_Reviewer = Annotated[str, typer.Option(help="Who says so; with a token it is whom the token names.")]
_Reason = Annotated[str, typer.Option(help="Why.")]
_RequestId = Annotated[str | None, typer.Option(help="Makes a retry safe.")]


class State(str, Enum):
    """States a campaign can be listed by."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    MERGED = "merged"


class Order(str, Enum):
    """Orders of a list, largest first."""

    UPDATE_TIME = "update-time"
    SIGNIFICANCE = "significance"
    MEMBER_COUNT = "member-count"


class Verdict(str, Enum):
    """What a label says."""

    SYBIL = "sybil"
    HONEST = "honest"


@campaign.command("list")
def list_campaigns(
    state: Annotated[list[State] | None, typer.Option(help="May be given several times; open if not given.")] = None,
    order: Annotated[Order, typer.Option(help="Largest first.")] = Order.UPDATE_TIME,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """List campaigns."""
    from sybilgate.cli.show_campaigns import campaigns_view
    from sybilgate.review_client import ReviewClient
    from sybilgate.v1.campaign_state_pb2 import CampaignState
    from sybilgate.v1.review_service_pb2 import CampaignOrder

    states = [CampaignState.Value(f"CAMPAIGN_STATE_{one.name}") for one in state or ()]
    with asking(address, ca) as client:
        found = ReviewClient(client).campaigns(states, CampaignOrder.Value(f"CAMPAIGN_ORDER_{order.name}"))
        listed = list(islice(found, limit))
    _print(listed, campaigns_view(listed), as_json)


@campaign.command("show")
def show_campaign(
    name: _Name,
    members: Annotated[int, typer.Option(min=0, help="So many of its members, in order of joining.")] = 20,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Show one campaign: what its members share, who they are, what happened to it."""
    from sybilgate.cli.show_campaigns import campaign_view
    from sybilgate.review_client import ReviewClient

    with asking(address, ca) as client:
        review = ReviewClient(client)
        found = review.find(name).campaign if name.startswith("accounts/") else review.campaign(name)
        listed = list(islice(review.members(found.name), members)) if members else []
    _print([found, *listed], campaign_view(found, listed), as_json)


@campaign.command()
def confirm(
    name: _Name,
    reason: _Reason,
    reviewer: _Reviewer = "",
    linked: Annotated[bool, typer.Option("--include-linked", help="Label members, too, that nobody flagged.")] = False,
    request_id: _RequestId = None,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Say that a campaign is one operator. It takes effect when a second reviewer says so, too."""
    from sybilgate.review_client import ReviewClient

    fields = {"request_id": request_id} if request_id else {}
    with asking(address, ca) as client:
        found = ReviewClient(client).confirm(name, reviewer, reason, include_linked=linked, **fields)
    waits = f"{found.name} waits for a second reviewer after {found.confirmed_first_by}"
    members = found.member_count + (found.linked_count if linked else 0)
    told = f"{found.name} is confirmed: {members} members are Sybils"
    _print([found], waits if found.confirmed_first_by else told, as_json)


@campaign.command()
def dismiss(
    name: _Name,
    reason: _Reason,
    reviewer: _Reviewer = "",
    request_id: _RequestId = None,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Say that a campaign is no operator. Nobody is labelled."""
    from sybilgate.review_client import ReviewClient

    fields = {"request_id": request_id} if request_id else {}
    with asking(address, ca) as client:
        found = ReviewClient(client).dismiss(name, reviewer, reason, **fields)
    _print([found], f"{found.name} is dismissed", as_json)


@campaign.command()
def split(
    link: Annotated[str, typer.Argument(help="campaigns/…/links/…, a value that `campaign show --json` names.")],
    reason: _Reason,
    reviewer: _Reviewer = "",
    preview: Annotated[bool, typer.Option("--preview", help="Tell what would happen, and change nothing.")] = False,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Give those members who hold one value a campaign of their own. Nobody is labelled."""
    from sybilgate.review_client import ReviewClient

    with asking(address, ca) as client:
        found = ReviewClient(client).split(link, reviewer, reason, preview=preview)
    where = "would go" if preview else f"went to {found.campaign.name or 'a campaign too small to be shown'}"
    _print([found], f"{found.moved_count} members {where}, {found.staying_count} stay", as_json)


def label(
    account: Annotated[str, typer.Argument(help="accounts/…")],
    verdict: Annotated[Verdict, typer.Argument(help="What it is.")],
    reason: _Reason,
    reviewer: _Reviewer = "",
    source: Annotated[str, typer.Option(help="Where the truth comes from.")] = "review",
    revokes: Annotated[str, typer.Option(help="labels/… of the other verdict, taken back by this one.")] = "",
    request_id: _RequestId = None,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Label an account, with later truth. Its campaign's newest members are assessed again."""
    from sybilgate.review_client import ReviewClient
    from sybilgate.v1.label_pb2 import LabelVerdict

    fields = {"request_id": request_id} if request_id else {}
    number = LabelVerdict.Value(f"LABEL_VERDICT_{verdict.name}")
    with asking(address, ca) as client:
        made = ReviewClient(client).label(account, number, reviewer, reason, source=source, revokes=revokes, **fields)
    _print([made], f"{made.name}: {account} is {verdict.value}", as_json)


def _print(messages: Sequence[Message], view: RenderableType, as_json: bool) -> None:
    """The view, or a line of the contract's JSON for each message."""
    from google.protobuf.json_format import MessageToJson
    from rich.console import Console

    if not as_json:
        Console(soft_wrap=isinstance(view, str)).print(view, highlight=False)
    for message in messages if as_json else ():
        typer.echo(MessageToJson(message, preserving_proto_field_name=True, indent=None))
