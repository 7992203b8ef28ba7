"""The pieces of a report page: tables, figures, notes, and numbers as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

Report = dict[str, Any]
RATES = ("0.1%", "0.5%", "1.0%")
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#222b38;max-width:1120px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin-bottom:.2rem}h2{font-size:1.3rem;margin-top:2.6rem;border-bottom:1px solid #dfe3ea}
h3{font-size:1.05rem;margin:1.6rem 0 .4rem}p.note{color:#4a5566;max-width:80ch;margin:.3rem 0 1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:.86rem;font-variant-numeric:tabular-nums}
th,td{padding:.22rem .6rem;text-align:right;border-bottom:1px solid #eef1f6;white-space:nowrap}
th{white-space:normal;vertical-align:bottom;border-bottom:1px solid #9aa5b5;font-weight:600}
th:first-child,td:first-child{text-align:left}tr:hover td{background:#f6f8fb}tr.total td{font-weight:600}
figure{margin:.6rem 0}svg{max-width:100%;height:auto}summary{cursor:pointer;color:#0b4f8a;margin:.4rem 0}
nav a{margin-right:1rem}small{color:#4a5566}
"""


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]], total: bool = False, raw: bool = False) -> str:
    """An HTML table; with ``total`` the last row is set off. ``raw`` cells hold markup of this module."""
    show = str if raw else _cell
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "".join(
        f"<tr{' class=total' if total and i == len(rows) - 1 else ''}>"
        + "".join(f"<td>{show(value)}</td>" for value in row) + "</tr>"
        for i, row in enumerate(rows)
    )  # fmt: skip
    return f"<div class=wide><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _cell(value: Any) -> str:
    return escape(str(value))


def folded(title: str, body: str, opened: bool) -> str:
    """A part that can be folded away."""
    return f"<details{' open' if opened else ''}><summary>{escape(title)}</summary>{body}</details>"


def figure(svg: str, meaning: str) -> str:
    """A drawing and the sentence that says what it means."""
    return f"<figure>{svg}<figcaption>{note(meaning)}</figcaption></figure>"


def note(text: str) -> str:
    """A paragraph of explanation."""
    return f"<p class=note>{escape(text)}</p>"


def share(value: float | None) -> str:
    """0.1234 -> 12.3 %, to two digits below 1 %."""
    if value is None:
        return "–"
    return f"{value:.2%}" if 0 < value < 0.01 else f"{value:.1%}"


def number(value: float | None) -> str:
    """Three digits."""
    return "–" if value is None else f"{value:.3f}"


def count(value: float | None) -> str:
    """At most one digit behind the point."""
    return "–" if value is None else f"{value:,.1f}".removesuffix(".0")


def interval(found: Report) -> str:
    """Mean and, where there were enough campaigns, its interval."""
    text = share(found["value"])
    return text if found["low"] is None else f"{text} [{share(found['low'])}, {share(found['high'])}]"


def count_interval(found: Report) -> str:
    """The same of a count."""
    text = count(found["value"])
    return text if found["low"] is None else f"{text} [{count(found['low'])}, {count(found['high'])}]"


def beyond_chance(trace: Report) -> float | None:
    """Share of members whose trace (a rare value in common) strangers would not have left."""
    real, chance = trace.get("rare_trace"), trace.get("rare_trace_chance")
    if real is None or chance is None or chance >= 1:
        return real
    return float(max(0.0, (real - chance) / (1 - chance)))
