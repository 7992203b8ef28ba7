"""Search by account id, or by a value that the server hashes and forgets."""

from __future__ import annotations

from starlette.responses import Response

from sybilgate.client import ServiceError
from sybilgate.console.site import Asked, refusal
from sybilgate.v1.review_service_pb2 import SharedIdentifier

KINDS = {
    "card": "card (processor's fingerprint)", "device_id": "device id", "ip_address": "IP address",
    "email": "e-mail address", "email_domain": "mail domain", "phone": "phone number (+…)",
    "organization": "organisation", "invite_code": "invite code",
}  # fmt: skip


def show(asked: Asked) -> Response:
    """The form; with an account, on to its page."""
    account = asked.query.get("account", "").strip().removeprefix("accounts/")
    if account:
        return asked.back("/account", id=f"accounts/{account}")
    campaign = asked.query.get("campaign", "").strip().removeprefix("campaigns/")
    if campaign:
        return asked.back("/campaign", id=f"campaigns/{campaign}")
    return _page(asked)


def find(asked: Asked) -> Response:
    """Who lately held a value. It comes in a form's body, so that no address bar and no log keeps it."""
    kind, value = asked.form.get("kind", ""), asked.form.get("value", "").strip()
    if kind not in KINDS or not value:
        return _page(asked, fault="Choose a kind and type a value.", kind=kind, status=400)
    asked.saw("search by value", kind)
    try:
        found = asked.gateway.review.holders(SharedIdentifier(**{kind: value}))
    except ServiceError as error:
        return _page(asked, fault=f"{refusal(error).capitalize()}.", kind=kind, status=404)
    return _page(asked, found=found, kind=kind)


def _page(asked: Asked, found: object = None, fault: str = "", kind: str = "", status: int = 200) -> Response:
    return asked.page("search.html", status, kinds=KINDS, found=found, fault=fault, chosen=kind)
