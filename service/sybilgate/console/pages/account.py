"""One account: the decision, why, what speaks for it, what it shares, what happened, and the reviewer's word on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from sybilgate.client import ServiceError
from sybilgate.console import drawing
from sybilgate.console.reading import BANDS, DECISIONS, STATES, axis_name, risk_words, standing, timeline, waterfall
from sybilgate.console.site import Asked, refusal
from sybilgate.console.words import kind
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import campaign_pb2, desk_pb2, label_pb2
from sybilgate.v1 import review_service_pb2 as api
from sybilgate.v1.label_pb2 import LABEL_VERDICT_HONEST, LABEL_VERDICT_SYBIL

#: Features over all kinds of value, some of them by axis.
_POOLED = ("carried", "crowd", "burst")
_VERDICTS = {"sybil": LABEL_VERDICT_SYBIL, "honest": LABEL_VERDICT_HONEST}


@dataclass(frozen=True)
class Found:
    """Everything the service tells of one account."""

    account: str
    told: pb.Assessment
    history: list[pb.Assessment]
    readings: list[desk_pb2.FeatureReading]
    links: list[campaign_pb2.Link]
    labels: list[label_pb2.Label]
    place: api.FindCampaignResponse | None
    claim: desk_pb2.Claim | None
    model: desk_pb2.ServingModel


def show(asked: Asked) -> Response:
    return _page(asked, asked.query.get("id", ""), asked.query.get("assessment", ""))


def record(asked: Asked) -> Response:
    """The decision record: everything an appeal needs on paper, without what would help to get round the next check."""
    found = _find(asked, asked.query.get("id", ""), asked.query.get("assessment", ""))
    if found is None:
        return _nothing(asked)
    asked.saw("export record", found.account, assessment=found.told.name)
    return asked.page("record.html", **_values(found))


def features(asked: Asked) -> Response:
    """The whole feature row, what moves the risk most first."""
    found = _find(asked, asked.query.get("id", ""), asked.query.get("assessment", ""))
    if found is None:
        return _nothing(asked)
    asked.saw("view features", found.account, assessment=found.told.name)
    ordered = sorted(found.readings, key=lambda one: -abs(one.contribution))
    return asked.page("features.html", account=found.account, told=found.told, ordered=ordered, standing=standing)


def label(asked: Asked) -> Response:
    """Label an account."""
    account, verdict = asked.form.get("id", ""), asked.form.get("verdict", "")
    reason = asked.form.get("reason", "").strip()
    if not reason or verdict not in _VERDICTS:
        return _page(asked, account, "", "Choose a verdict and say why: both are kept with the label.", 400)
    fields = {name: asked.form[name] for name in ("revokes",) if asked.form.get(name)}
    try:
        asked.saw("label", account, verdict=verdict, reason=reason)
        asked.gateway.review.label(
            account, _VERDICTS[verdict], asked.user, reason, request_id=asked.form.get("once", ""), **fields
        )
    except ServiceError as error:
        return _page(asked, account, "", f"Refused: {refusal(error)}.", 409)
    return asked.back("/account", "Labelled. Those it shares rare values with will be assessed again.", id=account)


def _page(asked: Asked, account: str, assessment: str, fault: str = "", status: int = 200) -> Response:
    found = _find(asked, account, assessment)
    if found is None:
        return _nothing(asked)
    asked.saw("view account", found.account)
    return asked.page("account.html", status, fault=fault, once=asked.site.once(), **_values(found))


def _nothing(asked: Asked) -> Response:
    return asked.page("error.html", 404, title="Not found", text="Nothing was ever assessed under that name.")


def _find(asked: Asked, account: str, assessment: str) -> Found | None:
    gateway = asked.gateway
    history = list(gateway.assessments(account))
    if not history:
        return None
    name = assessment if assessment.startswith(f"{account}/assessments/") else history[0].name
    with ThreadPoolExecutor(7) as pool:
        told, readings = pool.submit(gateway.assessment, name), pool.submit(gateway.review.readings, name)
        links, labels = pool.submit(gateway.links, account), pool.submit(gateway.labels, account)
        place, claims = pool.submit(gateway.member, account), pool.submit(gateway.claims)
        model = pool.submit(gateway.review.model)
        return Found(
            account, told.result(), history, list(readings.result()), links.result(), labels.result(), place.result(),
            claims.result().get(account), model.result(),
        )  # fmt: skip


def _values(found: Found) -> dict[str, Any]:
    told = found.told
    names = {one.feature: _feature_words(one) for one in found.readings}
    member = found.place.member if found.place else None
    campaign = found.place.campaign.name if found.place else ""
    css, decision, meaning = DECISIONS[told.decision]
    thresholds = [(name, getattr(found.model, f"{name}_risk")) for name in ("challenge", "review", "deny")]
    same = told.policy_version == found.model.policy_version
    return {
        "account": found.account, "told": told, "history": found.history, "readings": found.readings,
        "css": css, "decision": decision, "meaning": meaning, "band": BANDS.get(told.risk_band, ""),
        "risk_words": risk_words(told.risk), "steps": waterfall(told, names) if told.contributions else [],
        "shared": [one for one in told.evidence if one.holders > 1],
        "against": [one for one in told.reasons if one.contribution > 0],
        "favour": [one for one in told.reasons if one.contribution < 0],
        "links": found.links, "labels": found.labels, "place": found.place, "claim": found.claim, "states": STATES,
        "lines": timeline(found.history, found.labels, member, campaign), "axis_name": axis_name,
        "is_newest": told.name == found.history[0].name,
        "thresholds": thresholds if same else [], "bar": drawing.bar,
        "risk_line": drawing.risk_line(told.risk, thresholds if same else []), "model": found.model,
        "latest": found.labels[0] if found.labels else None, "sybil": LABEL_VERDICT_SYBIL,
        "first_most": max((abs(one.contribution) for one in told.first_look), default=1.0),
        "reasons_most": max((abs(one.contribution) for one in told.reasons), default=1.0),
    }  # fmt: skip


def _feature_words(one: desk_pb2.FeatureReading) -> str:
    """A feature in words, its kind of value first where it has one."""
    stem, dot, part = one.feature.partition(".")
    if stem in _POOLED:
        return f"{one.description} ({part})" if part == axis_name(one.axis) else one.description
    words = kind(stem) if dot else ""
    return f"{words}: {one.description}" if words and words != stem else one.description
