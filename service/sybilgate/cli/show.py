"""Assessments as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sybilgate.v1 import assessment_pb2 as pb

#: Rows of reasons and of evidence in a brief view.
_BRIEF = 6

DECISION_STYLES = {"ALLOW": "green", "CHALLENGE": "yellow", "REVIEW": "dark_orange", "DENY": "bold red"}


def decision_name(assessment: pb.Assessment) -> str:
    return str(pb.Decision.Name(assessment.decision)).removeprefix("DECISION_")


def axis_name(axis: pb.Axis) -> str:
    name = pb.Axis.Name(axis).removeprefix("AXIS_").lower()
    return "" if name == "unspecified" else name


_REASONS = "Reasons (log-odds; + speaks against the account, - for it)"
_FIRST_LOOK = "What the first look rests on (log-odds of its own)"


def assessment_view(assessment: pb.Assessment, most: int | None = 15, brief: bool = False) -> RenderableType:
    """Everything the assessment holds; of the contributions the ``most`` largest, all with None.

    ``brief`` leaves out what is small among reasons and evidence, too.
    """
    rows = _BRIEF if brief else None
    parts: list[RenderableType] = [_summary(assessment)]
    if assessment.reasons:
        parts += [
            Text(),
            _reasons(assessment.reasons, "Reasons (log-odds; + speaks against the account, - for it)", rows),
        ]
    if assessment.first_look:
        parts += [Text(), _reasons(assessment.first_look, _FIRST_LOOK, rows)]
    if assessment.evidence:
        parts += [Text(), _evidence(assessment, rows)]
    if assessment.contributions:
        parts += [Text(), _contributions(assessment, most), _sum(assessment)]
    return Group(*parts)


def _summary(assessment: pb.Assessment) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    decision = decision_name(assessment)
    band = pb.RiskBand.Name(assessment.risk_band).removeprefix("RISK_BAND_").lower().replace("_", " ")
    table.add_row("assessment", assessment.name + (" (replayed)" if assessment.replayed else ""))
    table.add_row("risk", f"{assessment.risk:.4f} ({band})")
    table.add_row("decision", Text(decision, style=DECISION_STYLES.get(decision, "")))
    for ground in assessment.grounds:
        table.add_row("asked for by", ground_line(ground))
    table.add_row("evidence axes", ", ".join(axis_name(axis) for axis in assessment.axes) or "none")
    table.add_row("event time", moment(assessment.event_time))
    table.add_row("model, policy", f"{assessment.model_version}, {assessment.policy_version}")
    if assessment.degraded:
        table.add_row("degraded", Text(", ".join(assessment.degraded), style="yellow"))
    if assessment.explanation_state == pb.EXPLANATION_STATE_UNAVAILABLE:
        table.add_row("explanation", Text("unavailable: the model that made it is gone", style="yellow"))
    return table


def ground_line(ground: pb.Ground) -> str:
    share = (
        f" At most {ground.honest_share:.2%} of honest accounts reach as much."
        if ground.HasField("honest_share")
        else ""
    )
    return f"{ground.detector}: {ground.text}{share}"


def _reasons(reasons: Sequence[pb.Reason], title: str, most: int | None) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("weight", justify="right")
    table.add_column("reason", overflow="fold")
    table.add_column("code", style="dim", no_wrap=True)
    for reason in reasons[:most]:
        table.add_row(f"{reason.contribution:+.2f}", reason.text, reason.code)
    return table


def _evidence(assessment: pb.Assessment, most: int | None) -> Table:
    table = Table(title="Evidence: values shared with other accounts", title_justify="left", box=None)
    table.add_column("kind of value", no_wrap=True)
    table.add_column("axis")
    for heading in ("accounts", "rarity, bits", "by chance"):
        table.add_column(heading, justify="right")
    table.add_column("since", no_wrap=True)
    for item in assessment.evidence[:most]:
        table.add_row(
            item.kind.lower(),
            axis_name(item.axis),
            str(item.holders),
            f"{item.rarity_bits:.1f}",
            f"{item.chance_probability:.1e}",
            moment(item.first_seen_time)[:16],
        )
    return table


def _contributions(assessment: pb.Assessment, most: int | None) -> Table:
    table = Table(title="Contributions (exact SHAP values, log-odds)", title_justify="left", box=None)
    table.add_column("feature", overflow="fold")
    table.add_column("value", justify="right")
    table.add_column("contribution", justify="right")
    for item in assessment.contributions[:most]:
        table.add_row(item.feature, "missing" if item.missing else f"{item.value:.6g}", f"{item.contribution:+.4f}")
    left = len(assessment.contributions) - (most or len(assessment.contributions))
    if left > 0:
        rest = sum(item.contribution for item in assessment.contributions[most:])
        table.add_row(f"… {left} more", "", f"{rest:+.4f}")
    return table


def _sum(assessment: pb.Assessment) -> Text:
    total = sum(item.contribution for item in assessment.contributions)
    return Text(f"base {assessment.base_value:+.4f} + contributions {total:+.4f} = margin {assessment.margin:+.4f}")


def moment(time: Timestamp) -> str:
    """UTC, to the second; empty if unset."""
    if not time.seconds:
        return ""
    return datetime.fromtimestamp(time.seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
