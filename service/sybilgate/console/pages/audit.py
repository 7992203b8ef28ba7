"""Who looked at what, who decided what, and what is protected by whose word."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

from starlette.responses import Response

from sybilgate.console.site import Asked

_LINES = 100


def show(asked: Asked) -> Response:
    """The console's own trail, and the service's lines about protections."""
    given = {name: asked.query.get(name, "").strip()[:200] for name in ("who", "action", "subject")}
    asked.saw("view audit")
    lines = asked.site.trail.newest(_LINES, given["who"], given["action"], given["subject"])
    protections = list(islice(asked.gateway.review.protections(history=True), _LINES))
    return asked.page("audit.html", lines=list(map(_line, lines)), protections=protections, given=given)


def _line(entry: dict[str, Any]) -> dict[str, str]:
    """An entry of the trail as text, whatever stood in the file."""
    known = {name: str(entry.get(name, "")) for name in ("user", "action", "subject")}
    time = entry.get("time")
    when = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S") if isinstance(time, int | float) else ""
    more = "; ".join(f"{name}: {value}" for name, value in entry.items() if name not in ("time", *known))
    return known | {"when": when, "more": more}
