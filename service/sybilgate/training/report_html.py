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
    parts += [_ablation(study["ablation"]), _method(study)]
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
    kinds = study["left_out_halves"]["archetypes"]
    links = [("worlds", "Worlds side by side"), *((f"w-{w['name']}", w["name"]) for w in study["worlds"])]
    links += [("left_out_each", "Kinds never seen")] if "left_out_each" in study else []
    links += [("left_out_halves", "Half never seen"), ("ablation", "Ablation"), ("method", "How it was measured")]
    nav = "".join(f"<a href='#{escape(key)}'>{escape(text)}</a>" for key, text in links)
    return (
        "<h1>Does it find campaigns?</h1>"
        + note(
            f"A model trained on {judged['accounts']:,} accounts of {study['train']['world']}, {judged['sybils']:,} of "
            f"them Sybils of {len(kinds)} kinds of campaign. Every campaign has one vote, whatever its size. An "
            "account is flagged when it scores higher than all but the named share of honest signups of its world."
            + (" This was a quick run: kinds were left out by halves only." if study["quick"] else "")
        )
        + f"<nav>{nav}</nav>"
    )


def _left_out(found: Report, key: str, title: str) -> str:
    macro = found["macro"]
    counted = {kind: one for kind, one in found["archetypes"].items() if not one["bound"]}
    heads = ["kind", "campaigns", "accounts", "trace", *(f"recall at {r}" for r in RATES), "admitted, median, at 1 %",
             "alarmed, at 1 %", "precision at 16.7 %, at 1 %"]  # fmt: skip
    rows = [
        [kind + (" (bound)" if one["bound"] else ""), one["campaigns"], f"{one['accounts']:,}",
         share(beyond_chance(one)), *(interval(one["at"][r]["recall"]) for r in RATES),
         count_interval(one["at"]["1.0%"]["admitted_median"]), share(one["at"]["1.0%"]["alarmed"]["value"]),
         share(one["at"]["1.0%"]["precision"])]
        for kind, one in found["archetypes"].items()
    ]  # fmt: skip
    rows.append([
        "macro, campaigns", sum(one["campaigns"] for one in counted.values()),
        f"{sum(one['accounts'] for one in counted.values()):,}", "", *(interval(macro[r]["recall"]) for r in RATES),
        count_interval(macro["1.0%"]["admitted_median"]), interval(macro["1.0%"]["alarmed"]),
        share(macro["1.0%"]["precision"]),
    ])  # fmt: skip
    rows.append(["macro, kinds", "", "", "", *(interval(macro[r]["recall_by_kind"]) for r in RATES), "", "", ""])
    bounds = frozenset(kind for kind, one in found["archetypes"].items() if one["bound"])
    meaning = (
        f"A kind of campaign that training never saw is flagged to {share(macro['1.0%']['recall']['value'])} at 1 % of "
        f"honest signups and to {share(macro['0.1%']['recall']['value'])} at 0.1 %, on the mean over campaigns. "
        + (f"Hollow: {', '.join(sorted(bounds))}, which shares nothing on purpose; it bounds what is honest to "
           "expect and is in no macro figure." if bounds else "")
    )  # fmt: skip
    return (
        f"<h2 id={key}>{escape(title)}</h2>"
        + note(f"Both stages trained anew {len(found['blocks'])} times, each without any row of the kinds left out; "
                f"thresholds from {found['honest']:,} honest signups scored out of fold.")
        + figure(plots.kinds_dots(key, found["archetypes"], bounds), meaning) + table(heads, rows)
    )  # fmt: skip


def _ablation(found: Report) -> str:
    heads = ["what may be read", "features", *(f"recall at {r}" for r in RATES), "by kind, at 1 %", "alarmed, at 1 %"]
    rows = [
        [name, arm["features"], *(interval(arm["at"][r]["recall"]) for r in RATES),
         share(arm["at"]["1.0%"]["recall_by_kind"]["value"]), share(arm["at"]["1.0%"]["alarmed"]["value"])]
        for name, arm in found["arms"].items()
    ]  # fmt: skip
    recall = {name: arm["at"]["1.0%"]["recall"]["value"] or 0.0 for name, arm in found["arms"].items()}
    best, caps = max(recall, key=recall.__getitem__), found["fixed_caps"]
    named = ", ".join(
        f"{limit:.0f} per {name.partition('.')[0].replace('_', ' ')}" for name, limit in caps["caps"].items()
    )
    return (
        "<h2 id=ablation>What each part is worth</h2>"
        + figure(plots.ablation_bars(found["arms"]),
                  f"Kinds never seen (half left out at once), same folds for all. Best at 1 %: {best} with "
                  f"{recall[best]:.0%}. Overlapping intervals mean that this data cannot tell two arms apart.")
        + table(heads, rows)
        + note(f"Rules are compared at equal cost, all caps raised or lowered together. As they stand ({named}) "
               f"they flag {share(caps['recall'])} of a campaign and {share(caps['false_positive_rate'])} of honest "
               "people.")
    )  # fmt: skip


def _method(study: Report) -> str:
    train = study["train"]
    times = [("training", train["seconds"]), ("half of the kinds left out", study["left_out_halves"]["seconds"]),
             ("ablation", study["ablation"]["seconds"])]  # fmt: skip
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
