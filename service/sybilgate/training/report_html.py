"""The study as one page that needs nothing else: tables, figures, and a sentence under each that says what it means."""

from __future__ import annotations

from html import escape
from pathlib import Path

from sybilgate.training import report_plots as plots
from sybilgate.training.report_parts import (
    RATES,
    STYLE,
    Report,
    beyond_chance,
    count_interval,
    figure,
    interval,
    note,
    share,
    table,
)
from sybilgate.training.report_world import side_by_side, world_section

PAGE = "study.html"


def write_report(study: Report, out: Path) -> Path:
    """Write ``study.html`` beside ``study.json``. Raises ``ConfigurationError`` without matplotlib."""
    plots.available()
    parts = [_head(study), side_by_side(study["worlds"])]
    parts += [world_section(world) for world in study["worlds"]]
    for key, title in (
        ("left_out_each", "Kinds never seen, one at a time"),
        ("left_out_halves", "Half of the kinds never seen"),
    ):
        if key in study:
            parts.append(_left_out(study[key], key, title))
    parts += [_ablation(study["ablation"])] if "ablation" in study else []
    parts.append(_method(study))
    path = out / PAGE
    page = "\n".join(parts)
    path.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>Does it find campaigns?</title><style>{STYLE}</style><body>{page}</body></html>\n",
        encoding="utf-8",
    )
    return path


def _head(study: Report) -> str:
    judged = study["train"]["report"]["out_of_fold"]
    kinds = judged.get("campaigns", {})
    links = [("worlds", "Worlds side by side"), *((f"w-{w['name']}", w["name"]) for w in study["worlds"])]
    links += [("left_out_each", "Kinds never seen")] if "left_out_each" in study else []
    links += [("left_out_halves", "Half never seen")] if "left_out_halves" in study else []
    links += [("ablation", "Ablation")] if "ablation" in study else []
    links.append(("method", "How it was measured"))
    nav = "".join(f"<a href='#{escape(key)}'>{escape(text)}</a>" for key, text in links)
    return (
        "<h1>Does it find campaigns?</h1>"
        + note(
            f"{study['train']['trained']} on {judged['accounts']:,} accounts, {judged['sybils']:,} of them Sybils of "
            f"{len(kinds)} kinds of campaign. Kinds are left out of {study['train']['world']}. Every campaign has one "
            "vote, whatever its size. An account is flagged when model, detectors or its likeness to a campaign say "
            "what all but the named share of honest signups of its world stay below."
            + (" This was a quick run: kinds were left out by halves only." if study["quick"] else "")
        )
        + f"<nav>{nav}</nav>"
    )


def _left_out(found: Report, key: str, title: str) -> str:
    kinds = found["archetypes"]
    bounds = frozenset(kind for kind, one in kinds.items() if one["bound"])
    recall = {rate: share(at["recall"]["value"]) for rate, at in found["macro"].items()}
    beside = share(found["macro_beside"]["1.0%"]["recall"]["value"])
    meaning = (
        f"Of a campaign of a kind that training never saw, {recall['1.0%']} is flagged at signup at 1 % of honest "
        f"people and {recall['0.1%']} at 0.1 %, on the mean; {beside} at 1 % with detectors and campaigns beside it."
    )
    if bounds:
        meaning += f" Hollow: {', '.join(sorted(bounds))}, which shares nothing on purpose and is in no macro figure."
    told = (
        f"Both stages trained anew {len(found['blocks'])} times, each without any row of the kinds left out; "
        f"thresholds from {found['honest']:,} honest signups scored out of fold. Macro figures give every campaign one "
        "vote, or every kind."
    )
    plot = figure(plots.kinds_dots(key, kinds, bounds), meaning)
    return f"<h2 id={key}>{escape(title)}</h2>" + note(told) + plot + _left_out_table(found)


def _left_out_table(found: Report) -> str:
    heads = ["kind", "campaigns", "accounts", "trace", *(f"recall at {rate}" for rate in RATES)]
    heads += [
        "with detectors and campaigns, at 1 %",
        "admitted, median, at 1 %",
        "alarmed, at 1 %",
        "precision at 16.7 %, at 1 %",
    ]
    rows = [
        [
            kind + (" (bound)" if one["bound"] else ""),
            one["campaigns"],
            f"{one['accounts']:,}",
            share(beyond_chance(one)),
            *_left_out_figures(one["at"], one["beside"]),
        ]
        for kind, one in found["archetypes"].items()
    ]
    counted = [one for one in found["archetypes"].values() if not one["bound"]]
    campaigns, accounts = (sum(one[what] for one in counted) for what in ("campaigns", "accounts"))
    total = ["macro, campaigns", campaigns, f"{accounts:,}", ""]
    rows.append(total + _left_out_figures(found["macro"], found["macro_beside"]))
    by_kind = [interval(found["macro"][rate]["recall_by_kind"]) for rate in RATES]
    by_kind.append(interval(found["macro_beside"]["1.0%"]["recall_by_kind"]))
    return table(heads, [*rows, ["macro, kinds", len(counted), "", "", *by_kind, "", "", ""]])


def _left_out_figures(at: Report, beside: Report) -> list[str]:
    last = at["1.0%"]
    recalls = [interval(at[rate]["recall"]) for rate in RATES] + [interval(beside["1.0%"]["recall"])]
    return [*recalls, count_interval(last["admitted_median"]), interval(last["alarmed"]), share(last["precision"])]


def _ablation(found: Report) -> str:
    recall = {name: arm["at"]["1.0%"]["recall"]["value"] or 0.0 for name, arm in found["arms"].items()}
    best, caps = max(recall, key=recall.__getitem__), found["fixed_caps"]
    meaning = (
        f"Kinds never seen (half left out at once), same folds for all. Best at 1 %: {best} with {recall[best]:.0%}. "
        "Overlapping intervals mean that this data cannot tell two arms apart."
    )
    limits = [f"{limit:.0f} per {name.partition('.')[0].replace('_', ' ')}" for name, limit in caps["caps"].items()]
    rules = (
        f"Rules are compared at equal cost, all caps raised or lowered together. As they stand ({', '.join(limits)}) "
        f"they flag {share(caps['recall'])} of a campaign and {share(caps['false_positive_rate'])} of honest people."
    )
    heads = [*(f"recall at {rate}" for rate in RATES), "by kind, at 1 %", "alarmed, at 1 %"]
    arms = [[name, arm["features"], *_arm_figures(arm["at"])] for name, arm in found["arms"].items()]
    sizes = [
        [name + (" (chosen)" if one["chosen"] else ""), *_arm_figures(one["at"])]
        for name, one in found["sizes"].items()
    ]
    parts = [
        "<h2 id=ablation>What each part is worth</h2>",
        figure(plots.ablation_bars(found["arms"]), meaning),
        table(["what may be read", "features", *heads], arms),
        note(rules),
        "<h3>Size of the final model</h3>",
        table(["size", *heads], sizes),
        note(
            "All features, kinds never seen. Training chooses the size by kinds it knows; here is what that is worth."
        ),
    ]
    return "".join(parts)


def _arm_figures(at: Report) -> list[str]:
    last = at["1.0%"]
    recalls = [interval(at[rate]["recall"]) for rate in RATES]
    return [*recalls, interval(last["recall_by_kind"]), interval(last["alarmed"])]


def _method(study: Report) -> str:
    train = study["train"]
    times = [("training", train["seconds"])]
    if "left_out_halves" in study:
        times.append(("half of the kinds left out", study["left_out_halves"]["seconds"]))
    if "ablation" in study:
        times.append(("ablation", study["ablation"]["seconds"]))
    if "left_out_each" in study:
        times.append(("each kind left out", study["left_out_each"]["seconds_of_parts"]))
    times += [(f"world {world['name']}", world["seconds"]) for world in study["worlds"]]
    files = [(train["world"], train["sha256"]), *((world["world"], world["sha256"]) for world in study["worlds"])]
    return (
        "<h2 id=method>How it was measured</h2>"
        + note(
            "Logs are replayed event by event through the code that serves, so no row knows its future. Worlds are "
            "synthetic: figures compare versions and kinds; they are no promise for real traffic. Thresholds come from "
            "honest signups of the world they judge, and count as known exactly in the intervals. Re-scores are empty "
            "events that only read. Evasion replaces values of a signup by ones nobody held, most useful first."
        )
        + table(["file", "SHA-256"], [[name, digest] for name, digest in files])
        + "<p></p>" + table(["part", "seconds"], [[name, f"{seconds:.0f}"] for name, seconds in times])
    )  # fmt: skip
