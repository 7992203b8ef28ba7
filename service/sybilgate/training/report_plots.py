"""Figures of the study as SVG text, drawn by matplotlib (the ``train`` extra). Same numbers, same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sybilgate.errors import ConfigurationError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Report = dict[str, Any]
_INK, _GRID, _PALE = "#222b38", "#dfe3ea", "#eef1f6"
#: From the strictest rate to the laxest.
_TINTS = ("#9ec3e6", "#4a90c8", "#0b4f8a")
_LINES = ("#0b4f8a", "#d1603d", "#4f8f4f", "#8a5fb0")
_WARM = "#d1603d"
#: Fewer groups than this say too little for an interval to be drawn.
_FEW = 5
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none", "font.size": 9.5, "axes.edgecolor": _GRID, "axes.labelcolor": _INK, "text.color": _INK,
    "xtick.color": _INK, "ytick.color": _INK, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": _GRID, "grid.linewidth": 0.7, "axes.axisbelow": True, "legend.frameon": False,
}  # fmt: skip


def available() -> None:
    """Raises ``ConfigurationError`` where matplotlib is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ConfigurationError("the figures need matplotlib: install sybilgate[train]") from None


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _svg(name: str, figure: Figure) -> str:
    """The <svg> element; ``name`` keeps the ids of several figures on one page apart."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context(_STYLE | {"svg.hashsalt": name}):
        figure.savefig(out, format="svg", metadata={"Date": None})
    text = out.getvalue()
    return text[text.index("<svg") :]


def _styled() -> Any:
    import matplotlib as mpl

    return mpl.rc_context(_STYLE)


def curves(worlds: Sequence[Report]) -> str:
    """Macro recall over the share of honest people touched, one line per world."""
    with _styled():
        figure, axes = _figure(7.6, 3.7)
        for colour, world in zip(_LINES, worlds, strict=False):
            points = [(rate, recall) for rate, recall in world["curve"] if recall is not None]
            axes.plot(*zip(*points, strict=True), color=colour, linewidth=2, label=world["name"])
        for rate in (0.001, 0.005, 0.01):
            axes.axvline(rate, color=_INK, linewidth=0.8, linestyle=":")
        axes.set_xscale("log")
        axes.set_xticks([0.0001, 0.001, 0.01, 0.1], ["0.01 %", "0.1 %", "1 %", "10 %"])
        axes.set_xlabel("honest signups flagged")
        axes.set_ylabel("recall, mean over campaigns")
        axes.set_ylim(0, 1)
        axes.legend(loc="upper left")
    return _svg("curves", figure)


def kinds_dots(name: str, kinds: dict[str, Report], bounds: frozenset[str] = frozenset()) -> str:
    """Recall of each archetype at the three rates, best last; hollow: those that share nothing with each other."""
    order = sorted(kinds, key=lambda kind: (kinds[kind]["at"]["1.0%"]["recall"]["value"] or 0.0, kind))
    with _styled():
        figure, axes = _figure(7.6, 1.1 + 0.26 * len(order))
        for y, kind in enumerate(order):
            found = [at["recall"] for at in kinds[kind]["at"].values()]
            values = [one["value"] or 0.0 for one in found]
            axes.plot([min(values), max(values)], [y, y], color=_GRID, linewidth=3, zorder=1)
            if found[-1]["low"] is not None:
                axes.plot([found[-1]["low"], found[-1]["high"]], [y, y], color=_TINTS[2], linewidth=0.9, zorder=2)
            for tint, value in zip(_TINTS, values, strict=True):
                face = "white" if kind in bounds else tint
                axes.plot(value, y, "o", markersize=6, markerfacecolor=face, markeredgecolor=tint, zorder=3)
        axes.set_yticks(range(len(order)), [f"{kind} ({kinds[kind]['campaigns']})" for kind in order])
        axes.set_ylim(-0.7, len(order) - 0.3)
        axes.set_xlim(-0.02, 1.02)
        axes.set_xlabel("recall at signup, mean over campaigns")
        _rates_legend(figure, axes)
    return _svg(f"kinds-{name}", figure)


def _rates_legend(figure: Figure, axes: Axes) -> None:
    for tint, rate in zip(_TINTS, ("0.1 %", "0.5 %", "1 %"), strict=True):
        axes.plot([], [], "o", color=tint, label=f"{rate} of honest flagged")
    figure.legend(loc="outside upper right", ncols=3, fontsize=8.5, handletextpad=0.2)


def honest_bars(name: str, classes: dict[str, Report]) -> str:
    """Share of each honest class flagged at the 1 % threshold, with intervals."""
    order = sorted(classes, key=lambda kind: (classes[kind]["at"]["1.0%"]["rate"], kind))
    with _styled():
        figure, axes = _figure(7.6, 1.1 + 0.27 * len(order))
        for y, kind in enumerate(order):
            found = classes[kind]["at"]["1.0%"]
            axes.barh(y, found["rate"], height=0.62, color=_TINTS[1] if found["rate"] <= 0.02 else _WARM)
            if classes[kind]["crowds"] >= _FEW:
                axes.plot([found["low"], found["high"]], [y, y], color=_INK, linewidth=1)
        axes.axvline(0.01, color=_INK, linewidth=0.9, linestyle=":")
        axes.set_yticks(range(len(order)), [f"{kind} ({classes[kind]['accounts']})" for kind in order])
        axes.set_ylim(-0.7, len(order) - 0.3)
        axes.xaxis.set_major_formatter(_percent)
        axes.set_xlim(0, min(1.0, max(0.03, 1.5 * max(found["at"]["1.0%"]["rate"] for found in classes.values()))))
        axes.set_xlabel("honest accounts flagged at the threshold of 1 % overall (dotted)")
    return _svg(f"honest-{name}", figure)


def _percent(value: float, _: float) -> str:
    return f"{value:.0%}" if value >= 0.02 or value == 0 else f"{value:.1%}"


def reliability(name: str, calibration: Report) -> str:
    """Share of Sybils found over risk told, per bin; a calibrated model lies on the diagonal."""
    table = calibration["table"]
    most = max(row["accounts"] for row in table)
    with _styled():
        figure, axes = _figure(4.2, 3.7)
        axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.8, linestyle=":")
        x, y = [row["mean_risk"] for row in table], [row["sybil_share"] for row in table]
        axes.plot(x, y, color=_TINTS[1], linewidth=1.5)
        axes.scatter(x, y, s=[14 + 110 * row["accounts"] / most for row in table], color=_TINTS[2], zorder=3)
        axes.set_xlabel("risk told")
        axes.set_ylabel("share that were Sybils")
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
    return _svg(f"reliability-{name}", figure)


def ablation_bars(arms: dict[str, Report]) -> str:
    """Macro recall of each arm at 1 %, with its interval, and at the stricter rates."""
    order = list(reversed(arms))
    with _styled():
        figure, axes = _figure(7.6, 1.3 + 0.4 * len(order))
        for y, name in enumerate(order):
            for offset, (tint, at) in enumerate(zip(_TINTS, arms[name]["at"].values(), strict=True)):
                axes.barh(y + 0.25 * (1 - offset), at["recall"]["value"] or 0.0, height=0.23, color=tint)
            last = arms[name]["at"]["1.0%"]["recall"]
            if last["low"] is not None:
                axes.plot([last["low"], last["high"]], [y - 0.25] * 2, color=_INK, linewidth=1)
        axes.set_yticks(range(len(order)), order)
        axes.set_xlim(left=0)
        axes.set_xlabel("recall on kinds never seen, mean over campaigns")
        _rates_legend(figure, axes)
    return _svg("ablation", figure)


def evade_bars(name: str, kinds: dict[str, Report]) -> str:
    """Median number of things to renew before a flagged account passes, and the share that stays flagged."""
    shown = {kind: found for kind, found in kinds.items() if kind != "all"}
    order = sorted(shown, key=lambda kind: (shown[kind]["median"] or 99.0, kind))
    most = max([found["median"] or 0 for found in shown.values()] + [3])
    with _styled():
        figure, axes = _figure(7.6, 1.0 + 0.27 * len(order))
        for y, kind in enumerate(order):
            median, stays = shown[kind]["median"], shown[kind]["stays_flagged"]
            axes.barh(
                y, most + 1 if median is None else median, height=0.62, color=_WARM if median is None else _TINTS[1]
            )
            text = "stays flagged" if median is None else f"{stays:.0%} stay flagged" if stays else ""
            axes.text((most + 1 if median is None else median) + 0.08, y, text, va="center", fontsize=8)
        axes.set_yticks(range(len(order)), [f"{kind} ({shown[kind]['accounts']})" for kind in order])
        axes.set_xlim(0, most + 2.2)
        axes.set_ylim(-0.7, len(order) - 0.3)
        axes.set_xlabel("things to buy anew per account, median")
    return _svg(f"evade-{name}", figure)
