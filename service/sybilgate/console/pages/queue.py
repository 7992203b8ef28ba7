"""The queue: campaigns first, then single accounts."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from sybilgate.client import ServiceError
from sybilgate.console.reading import DECISIONS, STATES, axis_name, cause_words
from sybilgate.console.site import Asked, refusal
from sybilgate.v1 import desk_pb2
from sybilgate.v1 import review_service_pb2 as api
from sybilgate.v1.assessment_pb2 import Decision
from sybilgate.v1.campaign_state_pb2 import CampaignState

#: The age filter steps by the hour: the next page of a list must ask the same question.
_HOUR, _DAY = 3600, 86_400
ORDERS = {
    "update": ("latest member", api.CAMPAIGN_ORDER_UPDATE_TIME),
    "size": ("most members", api.CAMPAIGN_ORDER_MEMBER_COUNT),
    "surprise": ("most surprising", api.CAMPAIGN_ORDER_SIGNIFICANCE),
}
ITEM_ORDERS = {
    "risk": ("highest risk", api.REVIEW_ORDER_RISK),
    "newest": ("newest", api.REVIEW_ORDER_NEWEST),
    "oldest": ("waiting longest", api.REVIEW_ORDER_OLDEST),
}
AGES = {"": ("any time", 0), "1": ("the last day", 1), "7": ("the last week", 7), "30": ("the last 30 days", 30)}
PLACES = {
    "single": ("in no campaign", desk_pb2.REVIEW_PLACE_SINGLE),
    "inside": ("in a campaign", desk_pb2.REVIEW_PLACE_IN_CAMPAIGN),
    "any": ("anywhere", desk_pb2.REVIEW_PLACE_UNSPECIFIED),
}
RISKS = {
    "": "any risk",
    "0.5": "50 % and more",
    "0.8": "80 % and more",
    "0.9": "90 % and more",
    "0.99": "99 % and more",
}
NETWORKS = {"": "any"} | {name: name for name in "residential mobile business education hosting vpn tor".split()}
HOLDERS = {"": "anybody or nobody", "none": "nobody", "me": "me"}
_COUNTRY = re.compile("[A-Z]{2}")
_DECISIONS = {"": "review or deny", "review": "review", "deny": "deny", "challenge": "challenge"}


def campaigns(asked: Asked) -> Response:
    """Open campaigns, or those in another state."""
    state = _one_of(asked.query.get("state", ""), {name: name for name in STATES.values()}, "open")
    order = _one_of(asked.query.get("order", ""), ORDERS, "surprise")
    holder = _one_of(asked.query.get("holder", ""), HOLDERS, "")
    number = next(number for number, name in STATES.items() if name == state)
    with ThreadPoolExecutor(3) as pool:
        page = pool.submit(
            asked.gateway.campaigns, [CampaignState.ValueType(number)], ORDERS[order][1], asked.query.get("page", "")
        )
        counts, claims = pool.submit(_counts, asked), pool.submit(asked.gateway.claims)
        found, held = page.result(), claims.result()
    rows = [(one, held.get(one.name)) for one in found.lines if _held(asked, held.get(one.name), holder)]
    return asked.page(
        "queue.html", tab="campaigns", rows=rows, counts=counts.result(), axis_name=axis_name, states=STATES,
        choices={"state": (list(STATES.values()), state), "order": (ORDERS, order), "holder": (HOLDERS, holder)},
        more=_more(asked, found.more), since=_since(asked), fields={"state": state, "order": order, "holder": holder},
    )  # fmt: skip


def accounts(asked: Asked) -> Response:
    """Single accounts that ask for attention."""
    given = {
        "order": _one_of(asked.query.get("order", ""), ITEM_ORDERS, "risk"),
        "decision": _one_of(asked.query.get("decision", ""), _DECISIONS, ""),
        "risk": _one_of(asked.query.get("risk", ""), RISKS, ""),
        "age": _one_of(asked.query.get("age", ""), AGES, ""),
        "place": _one_of(asked.query.get("place", ""), PLACES, "single"),
        "network": _one_of(asked.query.get("network", ""), NETWORKS, ""),
        "country": _country(asked.query.get("country", "")),
        "holder": _one_of(asked.query.get("holder", ""), HOLDERS, ""),
    }
    wanted = _filter(asked, given)
    with ThreadPoolExecutor(4) as pool:
        page = pool.submit(asked.gateway.items, wanted, ITEM_ORDERS[given["order"]][1], asked.query.get("page", ""))
        matching = pool.submit(asked.gateway.review.counts, wanted)
        counts, claims = pool.submit(_counts, asked), pool.submit(asked.gateway.claims)
        found, held = page.result(), claims.result()
    items = [(one, held.get(f"accounts/{one.assessment.account_id}")) for one in found.lines]
    return asked.page(
        "queue.html", tab="accounts", rows=[row for row in items if _held(asked, row[1], given["holder"])],
        counts=counts.result(), matching=sum(one.count for one in matching.result()), decisions=DECISIONS,
        axis_name=axis_name, cause_words=cause_words, more=_more(asked, found.more), since=_since(asked), fields=given,
        choices={
            "order": (ITEM_ORDERS, given["order"]), "decision": (_DECISIONS, given["decision"]),
            "risk": (RISKS, given["risk"]), "age": (AGES, given["age"]), "place": (PLACES, given["place"]),
            "network": (NETWORKS, given["network"]), "holder": (HOLDERS, given["holder"]),
        },
    )  # fmt: skip


def claim(asked: Asked) -> Response:
    """Take a subject for a quarter of an hour, or give it back."""
    subject, back = asked.form.get("subject", ""), asked.form.get("back", "/")
    review = asked.gateway.review
    if asked.form.get("release"):
        asked.saw("release", subject)
        review.release(subject, asked.user)
        return asked.back(back, "Given back.")
    try:
        asked.saw("claim", subject)
        review.claim(subject, asked.user)
    except ServiceError as error:
        return asked.back(back, f"Not claimed: {refusal(error)}.")
    return asked.back(back, "Yours for 15 minutes.")


def _filter(asked: Asked, given: dict[str, str]) -> desk_pb2.ReviewFilter:
    wanted = desk_pb2.ReviewFilter(
        place=PLACES[given["place"]][1], min_risk=float(given["risk"] or 0), network=given["network"],
        country=given["country"],
    )  # fmt: skip
    if given["decision"]:
        wanted.decisions.append(Decision.Value(f"DECISION_{given['decision'].upper()}"))
    if given["age"]:
        wanted.start_time.FromSeconds(int(asked.now) // _HOUR * _HOUR - AGES[given["age"]][1] * _DAY)
    return wanted


def _counts(asked: Asked) -> dict[str, int]:
    """What waits, in campaigns and outside."""
    review = asked.gateway.review
    places = {"inside": desk_pb2.REVIEW_PLACE_IN_CAMPAIGN, "single": desk_pb2.REVIEW_PLACE_SINGLE}
    return {
        name: sum(one.count for one in review.counts(desk_pb2.ReviewFilter(place=place)))
        for name, place in places.items()
    }


def _held(asked: Asked, claim: desk_pb2.Claim | None, holder: str) -> bool:
    if holder == "me":
        return claim is not None and claim.reviewer == asked.user
    return claim is None if holder == "none" else True


def _since(asked: Asked) -> float:
    """Unix seconds of the visit before this session; what is later is new."""
    return asked.session.last_visit


def _more(asked: Asked, token: str) -> str:
    """The query of the next page; empty on the last."""
    return urlencode({**asked.query, "page": token}) if token else ""


def _country(given: str) -> str:
    """A country's code, or nothing."""
    code = given.strip().upper()
    return code if _COUNTRY.fullmatch(code) else ""


def _one_of(given: str, known: Any, otherwise: str) -> str:
    return given if given in known else otherwise
