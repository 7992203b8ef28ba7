"""Figures as inline SVG: shapes and classes only, no style of their own, every text escaped.

What a figure shows is also told in words or in a table beside it, so each is one picture with one name to a reader that
cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sybilgate.console.words import count, kind, percent, visible
from sybilgate.v1 import desk_pb2

_ROW, _LEFT, _WIDTH, _COLUMN, _TOP, _BAR = 28, 300, 880, 32, 120, 80
#: Groups drawn; the others are told as one.
GROUPS = 18
_TEXT = 26


def _svg(width: float, height: float, css: str, name: str, inside: Sequence[Markup], stretch: bool = False) -> Markup:
    fit = Markup(' preserveAspectRatio="none"') if stretch else ""
    return Markup('<svg class="{}" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}"{}>{}</svg>').format(
        css, width, height, visible(name), fit, Markup("").join(inside)
    )


def _rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    return Markup('<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" class="{}"/>').format(
        x, y, max(width, 0.0), max(height, 0.0), css
    )


def _text(x: float, y: float, text: str, css: str) -> Markup:
    short = text if len(text) <= _TEXT + 14 else text[: _TEXT + 13] + "…"
    return Markup('<text x="{:g}" y="{:g}" class="{}">{}</text>').format(x, y, css, visible(short))


def bar(share: float, css: str = "fill") -> Markup:
    """A share of one as a bar; decoration beside its number."""
    inside = [_rect(0, 0, 100, 8, "track"), _rect(0, 0, 100 * min(max(share, 0.0), 1.0), 8, css)]
    return Markup('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>').format(
        Markup("").join(inside)
    )


@dataclass(frozen=True)
class Scale:
    """Log-odds to a hundred units of width."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        return 100.0 * (value - self.low) / ((self.high - self.low) or 1.0)


def scale_of(totals: Sequence[float]) -> Scale:
    """Room for every running total and for zero, with a margin at both ends."""
    low, high = min(0.0, *totals), max(0.0, *totals)
    room = 0.04 * ((high - low) or 1.0)
    return Scale(low - room, high + room)


def fall(scale: Scale, before: float, after: float) -> Markup:
    """One step of a waterfall. Against the account points right and is full, for it points left and is hollow, so that
    the sign can be told without colour."""
    left, right = sorted((scale(before), scale(after)))
    css = "against" if after >= before else "speaks-for"
    zero = scale(0.0)
    line = Markup('<line x1="{0:.2f}" x2="{0:.2f}" y1="0" y2="16" class="zero"/>').format(zero)
    shape = _rect(left, 3, max(right - left, 0.4), 10, css)
    return Markup(
        '<svg class="fall" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(line + shape)


def growth(steps: Sequence[desk_pb2.CampaignStep]) -> Markup:
    """Joins by time: bars for each step, flagged under linked, and the line of all together."""
    both = [step.flagged_count + step.linked_count for step in steps]
    total, most = sum(both) or 1, max(both, default=0) or 1
    width, height, inside, so_far, points = 640.0, 150.0, [], 0, ["0,150"]
    each = width / max(len(steps), 1)
    for i, step in enumerate(steps):
        flagged, linked = (height * 0.92 * n / most for n in (step.flagged_count, step.linked_count))
        inside.append(_rect(i * each + 0.75, height - flagged, each - 1.5, flagged, "flagged"))
        inside.append(_rect(i * each + 0.75, height - flagged - linked, each - 1.5, linked, "linked"))
        so_far += both[i]
        points.append(f"{(i + 1) * each:.1f},{height * (1 - 0.97 * so_far / total):.1f}")
    inside.append(Markup('<polyline points="{}" class="all"/>').format(" ".join(points)))
    return _svg(width, height, "growth", f"Members over time, {total} in all", inside, stretch=True)


def tenths(counts: Sequence[int]) -> Markup:
    """Members by tenth of risk, the highest at the right."""
    most = max(counts, default=0) or 1
    inside = [_rect(i * 20 + 1, 50 - 46 * n / most, 18, 46 * n / most + 1, "flagged") for i, n in enumerate(counts)]
    told = ", ".join(f"{n} from {i * 10} %" for i, n in enumerate(counts) if n)
    return _svg(200, 52, "tenths", f"Flagged members by risk when they joined: {told or 'none'}", inside, stretch=True)


def graph(picture: desk_pb2.CampaignPicture) -> Markup:
    """Who holds what: a row for each shared value, a column for each group of members that hold the same, its number
    above it, a dot where they hold the value. Lines that cross say nothing beyond a dozen members; this can be read
    with ten members as with five thousand (Lex et al., UpSet, IEEE TVCG 2014)."""
    groups = list(picture.groups[:GROUPS])
    drawn = sorted({i for group in groups for i in group.value_indexes if i < len(picture.values)})
    row = {i: _TOP + _ROW * (at + 0.5) for at, i in enumerate(drawn)}
    most = max((group.member_count for group in groups), default=1)
    bottom = _TOP + _ROW * len(drawn)
    inside = []
    for i, y in row.items():
        value = picture.values[i]
        inside.append(_rect(_LEFT, y - 0.5, _COLUMN * len(groups), 1, "rule"))
        inside.append(_text(_LEFT - 14, y + 4, f"{kind(value.kind)} · {value.member_count:,}", "label end"))
    for j, group in enumerate(groups):
        x, tall = _LEFT + _COLUMN * (j + 0.5), _BAR * group.member_count / most
        css = "linked" if group.linked_count == group.member_count else "flagged"
        dots = [row[i] for i in group.value_indexes if i in row]
        shapes = [
            _rect(x - 9, _TOP - 12 - tall, 18, tall, css),
            _text(x, _TOP - 18 - tall, f"{group.member_count:,}", "label middle"),
        ]
        if dots:
            shapes.append(_rect(x - 1.5, min(dots), 3, max(dots) - min(dots), "held"))
        shapes += [Markup('<circle cx="{:g}" cy="{:g}" r="6" class="held"/>').format(x, y) for y in dots]
        inside.append(
            Markup("<g><title>{}</title>{}</g>").format(visible(_group_words(group)), Markup("").join(shapes))
        )
    name = (
        f"{count(picture.sampled_count, 'member')} in {count(len(picture.groups), 'group')} that hold the same values"
    )
    width = _LEFT + _COLUMN * max(len(groups), 4) + 20
    return _svg(max(width, _WIDTH), bottom + 8, "graph", name, inside)


def _group_words(group: desk_pb2.CampaignGroup) -> str:
    if group.member_count == 1:
        return group.accounts[0].partition("/")[2] if group.accounts else "1 member"
    return f"{group.member_count:,} members" + (" (all linked)" if group.linked_count == group.member_count else "")


def risk_line(risk: float, thresholds: Sequence[tuple[str, float]] = ()) -> Markup:
    """Where a risk lies between 0 and 1, with ticks where decisions begin."""
    inside = [_rect(0, 8, 200, 6, "track"), _rect(0, 8, 200 * risk, 6, "fill")]
    inside += [_rect(200 * at - 0.4, 4, 0.8, 14, "tick") for _, at in thresholds]
    inside.append(_rect(max(200 * risk - 1.2, 0), 2, 2.4, 18, "mark"))
    return _svg(200, 22, "risk-line", f"Risk {percent(risk)} of 100 %", inside, stretch=True)


def calibration(points: Sequence[desk_pb2.CalibrationPoint]) -> Markup:
    """The curve from margin (left to right) to risk (bottom to top)."""
    if not points:
        return Markup("")
    low, high = points[0].margin, points[-1].margin
    wide = (high - low) or 1.0
    line = " ".join(f"{300 * (one.margin - low) / wide:.1f},{120 - 116 * one.risk:.1f}" for one in points)
    zero = 300 * (0.0 - low) / wide
    inside = [
        _rect(0, 119.5, 300, 0.5, "tick"),
        _rect(min(max(zero, 0.0), 299.5), 0, 0.5, 120, "tick"),
        Markup('<polyline points="{}" class="all"/>').format(line),
    ]
    name = f"Calibration: log-odds from {low:.1f} to {high:.1f} become risks from {percent(points[0].risk)} to "
    return _svg(300, 120, "calibration", name + percent(points[-1].risk), inside, stretch=True)
