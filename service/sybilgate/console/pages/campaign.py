"""One campaign: what holds it together, who is in it, and the decision with its effect told first."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from starlette.responses import Response

from sybilgate.client import ServiceError
from sybilgate.console import drawing
from sybilgate.console.reading import STATES, axis_name
from sybilgate.console.site import Asked, refusal
from sybilgate.console.words import cell, kind, moment
from sybilgate.v1 import campaign_pb2, desk_pb2

#: Lines of an export.
_EXPORTED = 10_000
_CHANGES = {
    campaign_pb2.CAMPAIGN_CHANGE_KIND_OPENED: "Opened: large enough to be shown",
    campaign_pb2.CAMPAIGN_CHANGE_KIND_MERGED: "Merged",
    campaign_pb2.CAMPAIGN_CHANGE_KIND_SPLIT: "Split",
    campaign_pb2.CAMPAIGN_CHANGE_KIND_CONFIRMED: "Confirmed",
    campaign_pb2.CAMPAIGN_CHANGE_KIND_DISMISSED: "Dismissed",
    campaign_pb2.CAMPAIGN_CHANGE_KIND_REOPENED: "Opened again",
    campaign_pb2.CAMPAIGN_CHANGE_KIND_GREW: "Twice as large as before",
}
ROLES = {campaign_pb2.MEMBER_ROLE_FLAGGED: "flagged", campaign_pb2.MEMBER_ROLE_LINKED: "linked"}


def show(asked: Asked) -> Response:
    name, gateway = _name(asked), asked.gateway
    asked.saw("view campaign", name)
    with ThreadPoolExecutor(5) as pool:
        found = pool.submit(gateway.review.campaign, name)
        picture = pool.submit(gateway.review.picture, name)
        members = pool.submit(gateway.members, name, asked.query.get("page", ""))
        labels, claims = pool.submit(gateway.labels, name), pool.submit(gateway.claims)
        campaign, drawn, page = found.result(), picture.result(), members.result()
    flagged = campaign.member_count or 1
    return asked.page(
        "campaign.html", one=campaign, state=STATES[campaign.state], picture=drawn, members=page.lines, more=page.more,
        labels=labels.result(), claim=claims.result().get(name), growth=drawing.growth(drawn.steps),
        tenths=drawing.tenths(drawn.risk_tenths), graph=drawing.graph(drawn), shared=_by_axis(drawn, flagged),
        bar=drawing.bar, axis_name=axis_name, changes=_CHANGES, roles=ROLES, groups=drawing.GROUPS,
        peak=max((step.flagged_count + step.linked_count for step in drawn.steps), default=0), evidence=evidence,
    )  # fmt: skip


def decide(asked: Asked) -> Response:
    """What a decision would do, and the form to take it; nothing happens yet."""
    name, what = _name(asked), asked.query.get("what", "confirm")
    return _preview(asked, name, what if what in ("confirm", "dismiss") else "confirm")


def decided(asked: Asked) -> Response:
    """Take the decision that was previewed."""
    name, what, reason = asked.form.get("id", ""), asked.form.get("what", ""), asked.form.get("reason", "").strip()
    review = asked.gateway.review
    if not reason:
        return _preview(asked, name, what, "Say why: it is kept with the decision.", 400)
    once = {"request_id": asked.form.get("once", "")}
    try:
        asked.saw(what, name, reason=reason)
        if what == "dismiss":
            review.dismiss(name, asked.user, reason, **once)
            return asked.back("/campaign", "Dismissed. Nobody was labelled.", id=name)
        linked = bool(asked.form.get("linked"))
        campaign = review.confirm(name, asked.user, reason, include_linked=linked, **once)
    except ServiceError as error:
        return _preview(asked, name, what, f"Refused: {refusal(error)}.", 409, reason)
    waits = "Kept. It takes effect when a second reviewer confirms it, too."
    done = "Confirmed by two reviewers. Its members are labelled and will be assessed again."
    return asked.back("/campaign", waits if campaign.confirmed_first_by else done, id=name)


def members(asked: Asked) -> Response:
    """All members as a table for other tools."""
    name = _name(asked)
    asked.saw("export members", name)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["account", "role", "joined", "risk", "log_odds", "evidence"])
    for one in islice(asked.gateway.review.members(name), _EXPORTED):
        odds = f"{one.log_odds:.4f}" if one.HasField("log_odds") else ""
        row = [one.account.partition("/")[2], ROLES.get(one.role, ""), moment(one.join_time), f"{one.risk:.6f}", odds]
        writer.writerow([cell(text) if i in (0, 5) else text for i, text in enumerate([*row, evidence(one)])])
    file = f"campaign-{name.partition('/')[2]}-members.csv"
    headers = {"content-disposition": f'attachment; filename="{file}"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def evidence(member: campaign_pb2.CampaignMember) -> str:
    """What joined a member, in short."""
    parts = [f"{kind(one.kind)} ({one.member_count} of {one.of_members})" for one in member.evidence[:4]]
    return ", ".join(parts) or "founded it"


def _name(asked: Asked) -> str:
    return asked.query.get("id", "")


def _preview(asked: Asked, name: str, what: str, fault: str = "", status: int = 200, reason: str = "") -> Response:
    review = asked.gateway.review
    campaign, picture = review.campaign(name), review.picture(name)
    return asked.page(
        "decide.html", status, one=campaign, picture=picture, what=what, fault=fault, reason=reason,
        first=campaign.confirmed_first_by, mine=campaign.confirmed_first_by.casefold() == asked.user.casefold(),
        once=asked.site.once(), state=STATES[campaign.state],
    )  # fmt: skip


def _by_axis(picture: desk_pb2.CampaignPicture, flagged: int) -> list[tuple[str, list[tuple[Any, float]]]]:
    """Shared values with the share of flagged members that hold them, by axis, those that say most first."""
    found: dict[int, list[tuple[Any, float]]] = defaultdict(list)
    for value in picture.values:
        found[value.axis].append((value, value.member_count / flagged))
    ranked = sorted(found.items(), key=lambda pair: -max(share for _, share in pair[1]))
    return [(axis_name(axis), values) for axis, values in ranked]
