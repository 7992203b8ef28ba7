"""The model that serves: version, thresholds, what was measured in training, and the curve from margin to risk."""

from __future__ import annotations

import math

from starlette.responses import Response

from sybilgate.console import drawing
from sybilgate.console.site import Asked
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import desk_pb2

_ASKING = (pb.DECISION_CHALLENGE, pb.DECISION_REVIEW, pb.DECISION_DENY)
#: From this index on, by convention, a value has shifted.
_SHIFTED = 0.25
_FIRST = ("out_of_fold.auc", "out_of_fold.average_precision", "out_of_fold.accounts", "days")


def show(asked: Asked) -> Response:
    model = asked.gateway.review.model()
    lately = asked.gateway.review.traffic()
    figures = {one.name: one.value for one in model.figures}
    wanted = desk_pb2.ReviewFilter(decisions=_ASKING)
    return asked.page(
        "model.html", model=model, main=[(name, figures[name]) for name in _FIRST if name in figures],
        figures=[(one.name, one.value) for one in model.figures if one.name not in _FIRST], number=number,
        waiting={one.decision: one.count for one in asked.gateway.review.counts(wanted)},
        curve=drawing.calibration(model.calibration),
        lately=lately, decided={one.decision: one.count for one in lately.decision_counts}, steady=_SHIFTED,
        whatif=_what_if(asked, lately), given={name: asked.query.get(name, "") for name in ("review", "deny")},
    )  # fmt: skip


def number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) >= 10 else f"{value:.4g}"


def _what_if(asked: Asked, lately: desk_pb2.RecentTraffic) -> list[tuple[str, float, int, int]]:
    """What would be asked for attention at other thresholds: of those that wait now, and of the newest signups."""
    out = []
    for name in ("review", "deny"):
        try:
            at = float(asked.query.get(name, ""))
        except ValueError:
            continue
        if 0 <= at <= 1:
            wanted = desk_pb2.ReviewFilter(decisions=_ASKING, min_risk=at)
            waiting = sum(one.count for one in asked.gateway.review.counts(wanted))
            out.append((name, at, waiting, sum(lately.risk_counts[math.ceil(at * 1000 - 1e-6) :])))
    return out
