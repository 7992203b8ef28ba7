"""Splitting a campaign by one of its values: what it would do, and then doing it."""

from __future__ import annotations

from starlette.responses import Response

from sybilgate.client import ServiceError
from sybilgate.console.site import Asked, refusal


def preview(asked: Asked) -> Response:
    return _page(asked, asked.query.get("link", ""))


def done(asked: Asked) -> Response:
    link, reason = asked.form.get("link", ""), asked.form.get("reason", "").strip()
    if not reason:
        return _page(asked, link, "Say why: it is kept with the decision.", 400)
    name = link.partition("/links/")[0]
    try:
        asked.saw("split", name, link=link, reason=reason)
        told = asked.gateway.review.split(link, asked.user, reason)
    except ServiceError as error:
        return _page(asked, link, f"Refused: {refusal(error)}.", 409, reason)
    if told.HasField("campaign"):
        words = f"Split off: these {told.moved_count:,} hold the value, {told.staying_count:,} stayed behind."
        return asked.back("/campaign", f"{words} Now decide on them.", id=told.campaign.name)
    return asked.back("/campaign", f"Split off: {told.moved_count:,}, too few to be shown as a campaign.", id=name)


def _page(asked: Asked, link: str, fault: str = "", status: int = 200, reason: str = "") -> Response:
    review, name = asked.gateway.review, link.partition("/links/")[0]
    campaign = review.campaign(name)
    try:
        told = review.split(link, asked.user, "preview", preview=True)
    except ServiceError as error:
        told, fault = None, fault or f"Not possible: {refusal(error)}."
        status = max(status, 409)
    kind = next((one.kind for one in review.picture(name).values if one.name == link), "")
    return asked.page(
        "split.html", status, one=campaign, link=link, kind_of=kind, told=told, fault=fault, reason=reason
    )
