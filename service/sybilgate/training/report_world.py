"""The sections of a report page on evaluated worlds: side by side, then one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

from sybilgate.training import report_plots as plots
from sybilgate.training.leave_out import SHARES_NOTHING
from sybilgate.training.report_cold import cold_section
from sybilgate.training.report_parts import (
    RATES,
    Report,
    beyond_chance,
    count,
    count_interval,
    figure,
    folded,
    interval,
    note,
    number,
    share,
    table,
)

#: What the columns of the table of kinds mean.
_COLUMNS = (
    "Admitted: unflagged accounts before the third flagged one, all of them if that never came. Trace: members that "
    "share a rare value with an earlier member, beyond what strangers at the same pace would; who leaves none cannot "
    "be found at signup by links. Leaked: share of the campaign's exchanges made before its accounts were stopped, by "
    "the signup alone and with the re-score after 7 days."
)


def side_by_side(worlds: Sequence[Report]) -> str:
    if not worlds:
        return "<h2 id=worlds>Worlds side by side</h2>" + note("No world to judge on was given.")
    rows = []
    figures: list[tuple[str, Callable[[Report], Any], Callable[[Any], str]]] = [
        ("AUC of the model", lambda w: w["auc"], number),
        ("average precision of the model", lambda w: w["average_precision"], number),
        *((f"recall at {rate}", partial(_recall, rate), interval) for rate in RATES),
        *((f"by the model alone at {rate}", partial(_alone, rate), interval) for rate in RATES),
        ("admitted before alarm, median, at 1 %", lambda w: w["all"]["at"]["1.0%"]["admitted_median"], count_interval),
        ("campaigns that raised an alarm, at 1 %", lambda w: w["all"]["at"]["1.0%"]["alarmed"], interval),
        ("hours to the alarm, median, at 1 %", lambda w: w["all"]["at"]["1.0%"]["alarm_hours_median"], count_interval),
        ("recall after the alarm, at 1 %", lambda w: w["all"]["at"]["1.0%"]["recall_after_alarm"], interval),
        ("recall after 7 days, at 1 %", lambda w: w["all"]["at"]["1.0%"]["recall_week"], interval),
        ("recall at the end, at 1 %", lambda w: w["all"]["at"]["1.0%"]["recall_end"], interval),
        ("exchanges leaked, at 1 %", lambda w: w["all"]["at"]["1.0%"]["leaked_week"], interval),
        ("Brier score", lambda w: w["calibration"]["brier"], number),
        ("expected calibration error", lambda w: w["calibration"]["ece"], number),
    ]  # fmt: skip
    for title, get, show in figures:
        values = [get(world) for world in worlds]
        drops = [_difference(values[0], value) for value in values[1:]]
        rows.append([title, *(show(value) for value in values), *drops])
    heads = ["figure", *(w["name"] for w in worlds), *(f"{w['name']} − {worlds[0]['name']}" for w in worlds[1:])]
    recalls = [(w["all"]["at"]["1.0%"]["recall"]["value"] or 0.0, w["name"]) for w in worlds]
    best, worst = max(recalls), min(recalls)
    meaning = (
        f"At 1 % of honest signups, recall is {best[0]:.0%} on {best[1]} and {worst[0]:.0%} on {worst[1]}. On "
        "an attacker written apart, the gap shows how much the model leans on the manner of the one it was trained on."
        if len(worlds) > 1 else f"At 1 % of honest signups, {best[0]:.0%} of a campaign is flagged on the mean."
    )  # fmt: skip
    return (
        "<h2 id=worlds>Worlds side by side</h2>" + table(heads, rows) + figure(plots.curves(worlds), meaning)
        + note("Intervals in brackets are 95 % bootstraps over campaigns, thresholds held fixed.")
    )  # fmt: skip


def _recall(rate: str, world: Report) -> Any:
    return world["all"]["at"][rate]["recall"]


def _alone(rate: str, world: Report) -> Any:
    return world["alone"]["all"]["at"][rate]["recall"]


def _difference(first: Any, other: Any) -> str:
    a, b = (value["value"] if isinstance(value, dict) else value for value in (first, other))
    return "–" if a is None or b is None else f"{b - a:+.3f}"


def world_section(world: Report) -> str:
    """Everything about one world."""
    name = world["name"]
    size = (
        f"{world['events']:,} events, {world['accounts']:,} accounts, {world['sybils']:,} Sybils in "
        f"{world['campaigns']} campaigns over {world['days']:.0f} days."
    )
    pieces = [
        f"<h2 id='w-{escape(name)}'>World {escape(name)}</h2>",
        note(size),
        "<h3>Campaigns by kind</h3>",
        _kinds(name, world),
        "<h3>Honest look-alikes</h3>",
        _honest(name, world["honest"]),
        "<h3>Precision where Sybils are rarer or commoner</h3>",
        _precision(world["precision"]),
        "<h3>Calibration</h3>",
        _calibration(name, world["calibration"]),
        "<h3>What the policy would have done at signup</h3>",
        _policy(world["policy"]),
        "<h3>Without any labels</h3>",
        cold_section(name, world["cold_start"]),
        "<h3>A second look</h3>",
        _second_look(world),
        "<h3>Slices at the 1 % threshold</h3>",
        *(_slices(title, rows) for title, rows in world["slices"].items()),
        "<h3>What it costs to evade</h3>",
        _evade(name, world["evade"]),
    ]
    return "\n".join(pieces)


def _kinds(name: str, world: Report) -> str:
    kinds = world["archetypes"]
    weak = sorted(kind for kind, found in kinds.items() if (found["at"]["1.0%"]["recall"]["value"] or 0.0) < 0.1)
    told = f"Hardly found at signup (below 10 %): {', '.join(weak)}." if weak else "No kind is below 10 %."
    told = f"Campaigns in brackets; the thin line is the interval at 1 %. {told}"
    bounds = sorted(SHARES_NOTHING & set(kinds))
    told += f" Hollow: {', '.join(bounds)}, whose members share nothing on purpose." if bounds else ""
    tables = "".join(_kinds_table(world, rate) for rate in reversed(RATES))
    return figure(plots.kinds_dots(name, kinds, SHARES_NOTHING), told) + tables + note(_COLUMNS)


def _honest(name: str, honest: Report) -> str:
    worst = max(honest, key=lambda kind: honest[kind]["at"]["1.0%"]["rate"])
    found = honest[worst]["at"]["1.0%"]
    told = f"Accounts in brackets. {worst} pays most: {found['rate']:.1%} of them are flagged"
    told += f", {found['ratio']:.1f} times the overall rate." if found["ratio"] else "."
    return figure(plots.honest_bars(name, honest), told) + _honest_table(honest)


def _calibration(name: str, found: Report) -> str:
    told = (
        f"Points above the dotted line were riskier than told, points below less. Mean gap {found['ece']:.3f}, Brier "
        f"score {found['brier']:.3f}. {found['sybil_share']:.1%} were Sybils, the mean risk {found['mean_risk']:.1%}."
    )
    return figure(plots.reliability(name, found), told)


def _policy(found: Report) -> str:
    return note(
        f"Thresholds and guards as the bundle brings them: {share(found['false_positive_rate'])} of honest people "
        f"challenged or stopped, macro recall {interval(found['recall'])}, {interval(found['alarmed'])} of campaigns "
        f"alarmed, {count_interval(found['admitted_median'])} accounts admitted before that (median)."
    )


def _kinds_table(world: Report, rate: str) -> str:
    trace = world["trace"]
    heads = ["kind", "campaigns", "accounts", "trace", "recall at signup", "admitted, median", "alarmed",
             "hours to alarm, median", "recall after alarm", "recall, 7 days", "recall, end", "leaked, signup",
             "leaked, 7 days"]  # fmt: skip
    rows = []
    for kind, found in [*world["archetypes"].items(), ("all", world["all"] | {"accounts": world["sybils"]})]:
        at = found["at"][rate]
        rows.append([
            kind, found["campaigns"], f"{found['accounts']:,}", share(beyond_chance(trace.get(kind, {}))),
            interval(at["recall"]), count(at["admitted_median"]["value"]), share(at["alarmed"]["value"]),
            count(at["alarm_hours_median"]["value"]), interval(at["recall_after_alarm"]),
            share(at["recall_week"]["value"]), share(at["recall_end"]["value"]),
            share(at["leaked_signup"]["value"]), share(at["leaked_week"]["value"]),
        ])  # fmt: skip
    return folded(f"At {rate} of honest signups", table(heads, rows, total=True), rate == "1.0%")


def _honest_table(honest: Report) -> str:
    heads = ["class", "accounts", "groups", *(f"flagged at {r}" for r in RATES), "ratio to all, at 1 %"]
    rows = []
    for kind, found in honest.items():
        rates = [
            f"{share(at['rate'])} <small>[{share(at['low'])}, {share(at['high'])}]</small>"
            for at in found["at"].values()
        ]
        rows.append(
            [kind, f"{found['accounts']:,}", f"{found['crowds']:,}", *rates, count(found["at"]["1.0%"]["ratio"])]
        )
    return table(heads, rows, raw=True) + note(
        "Intervals are bootstraps over groups (a crowd is one, a person without a crowd another). With one group there "
        "is nothing to draw from, and where nobody was flagged the upper end is three over the number of groups."
    )


def _precision(found: Report) -> str:
    shares = [key for key in found["1.0%"] if key.endswith("%")]
    heads = ["threshold", "recall of accounts", "recall of campaigns",
             *(f"precision if {s} are Sybils, {of}" for s in shares for of in ("accounts", "campaigns"))]  # fmt: skip
    rows = [
        [f"{rate} of honest", share(one["recall_accounts"]), share(one["recall_macro"]),
         *(share(one[s][of]) for s in shares for of in ("accounts", "macro"))]
        for rate, one in found.items()
    ]  # fmt: skip
    return table(heads, rows) + note(
        "The share of Sybils in a synthetic world says nothing of yours; precision follows from recall, the rate of "
        "false positives and the share of Sybils, so here it is for a quiet day and for a flood."
    )


def _second_look(world: Report) -> str:
    rows = [
        [f"{rate} of honest", share(world["all"]["at"][rate]["recall_before_week"]["value"]),
         share(world["all"]["at"][rate]["recall_week"]["value"]), share(world["all"]["at"][rate]["recall"]["value"]),
         share(world["all"]["at"][rate]["recall_end"]["value"]), share(found["week"]), share(found["end"])]
        for rate, found in world["rescored_honest"].items()
    ]  # fmt: skip
    heads = [
        "threshold",
        "older than 7 days: recall, signup",
        "or after 7 days",
        "all: recall, signup",
        "or at the end",
        "honest flagged after 7 days",
        "honest flagged at the end",
    ]
    return table(heads, rows) + note(
        "Later members and later payments reveal earlier ones. The threshold is that of the signups; the last two "
        "columns say what it costs honest people when they are looked at again."
    )


def _slices(title: str, rows: Sequence[Report]) -> str:
    heads = [title, "honest", "Sybils", "honest flagged", "recall of accounts"]
    body = [
        [r["name"], f"{r['honest']:,}", f"{r['sybils']:,}", share(r["false_positive_rate"]), share(r["recall"])]
        for r in rows
    ]
    return table(heads, body)


def _evade(name: str, kinds: Report) -> str:
    every = kinds["all"]
    if not every["accounts"]:
        return note("No account was flagged.")
    heads = ["kind", "accounts asked", "things to renew, median", "stays flagged with everything new", "renewed first"]
    rows = [
        [kind, found["accounts"], "–" if found["median"] is None else count(found["median"]),
         share(found["stays_flagged"]), ", ".join(f"{what} ({n})" for what, n in found["renewed_first"])]
        for kind, found in kinds.items()
    ]  # fmt: skip
    told = "more than there are" if every["median"] is None else f"{every['median']:.0f}"
    return figure(
        plots.evade_bars(name, kinds),
        f"Flagged accounts asked in brackets. On the median an operator renews {told} things (address, device, card, "
        f"mail domain …) for every account to pass the 1 % threshold; {share(every['stays_flagged'])} stay flagged "
        "whatever he renews, by what they show of themselves.",
    ) + folded("As a table", table(heads, rows), False)
