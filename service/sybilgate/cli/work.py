"""Commands that make data and models: simulate, backfill."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer


def simulate(
    out: Annotated[Path, typer.Argument(help="Parquet file to write.")],
    seed: Annotated[int, typer.Option(help="Same seed, same world.")] = 1,
    days: Annotated[int, typer.Option(min=1)] = 30,
    honest_per_day: Annotated[int, typer.Option(min=0, help="Honest signups a day, about.")] = 2000,
    campaigns: Annotated[int, typer.Option(min=0, help="Campaigns in all, taken in turn from the kinds.")] = 24,
    kind: Annotated[list[str] | None, typer.Option(help="Only these kinds of campaign; may be repeated.")] = None,
    start: Annotated[datetime | None, typer.Option(help="First day, UTC.", formats=["%Y-%m-%d"])] = None,
    campaign_size: Annotated[str, typer.Option(metavar="MIN-MAX", help="Accounts of a campaign.")] = "8-600",
    campaign_days: Annotated[float | None, typer.Option(help="Days every campaign lasts; drawn if not given.")] = None,
    per_hour: Annotated[float | None, typer.Option(help="Instead of days: signups an hour of every campaign.")] = None,
    requests_per_day: Annotated[
        float | None, typer.Option(help="Mean exchanges per Sybil account and day; drawn if not given.")
    ] = None,
    signups_only: Annotated[bool, typer.Option("--signups-only", help="Nothing that happens after signup.")] = False,
    usage: Annotated[bool, typer.Option(help="Weekly usage summaries.")] = True,
    crowds: Annotated[float, typer.Option(min=0, help="Honest crowds, as a multiple of the usual number.")] = 1.0,
    workers: Annotated[int, typer.Option(min=1, help="Processes; the file is the same for any number.")] = 1,
    attacker: Annotated[str, typer.Option(help="Whose campaigns: house or rival.")] = "house",
) -> None:
    """Write a synthetic world of honest people, honest crowds and campaigns, with the truth beside it."""
    from sybilgate.cli.bars import bars
    from sybilgate.simulate import WorldConfig, write_world

    chosen: dict[str, Any] = {"kinds": tuple(kind)} if kind else {}
    if start:
        chosen["start_time"] = start.replace(tzinfo=UTC).timestamp()
    try:
        world = WorldConfig(
            seed=seed,
            days=days,
            honest_per_day=honest_per_day,
            campaigns=campaigns,
            campaign_size=_range(campaign_size),
            campaign_days=campaign_days,
            per_hour=per_hour,
            requests_per_day=requests_per_day,
            signups_only=signups_only,
            usage=usage,
            crowds=crowds,
            attacker=attacker,
            **chosen,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with bars() as tell:
        rows = write_world(world, out, lambda _, share: tell("simulate", round(share * 1000), 1000), workers)
    typer.echo(f"{rows:,} events of {days} days in {out}")


def _range(text: str) -> tuple[int, int]:
    """``8-600`` as (8, 600); one number means exactly that many."""
    least, _, most = text.partition("-")
    if not least.isdecimal() or not (most or least).isdecimal():
        raise ValueError(f"not a range of whole numbers such as 8-600: {text!r}")
    return int(least), int(most or least)


def backfill(
    file: Annotated[Path, typer.Argument(help="History: Parquet, CSV or JSON lines.", exists=True, dir_okay=False)],
    mapping: Annotated[
        Path | None, typer.Option(help="TOML that says which column is what; none for a simulated world.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Where to note progress; by default beside the file's name in this folder.")
    ] = None,
    max_bad: Annotated[int, typer.Option(min=0, help="Rows that may be unreadable before it gives up.")] = 1000,
) -> None:
    """Record a company's own history in the store. Interrupted or repeated, no event is counted twice."""
    from sybilgate.app.backfill import backfill as record
    from sybilgate.app.mapping import IDENTITY, load_mapping
    from sybilgate.app.source import Source
    from sybilgate.cli.bars import bars
    from sybilgate.config import load_config
    from sybilgate.rpc.pan import holds_pan
    from sybilgate.wiring import build

    config = load_config()
    columns = load_mapping(mapping.read_text(encoding="utf-8")) if mapping else IDENTITY
    source = Source(file, columns, max_bad=max_bad, forbidden=holds_pan)
    application = build(config)
    try:
        with bars() as tell:
            report = record(
                source,
                application.assessor,
                application.keyring.digest,
                lambda done, total: tell("record", done, total),
                checkpoint or Path(f"{file.name}.backfill.json"),
            )
    finally:
        application.close()
    typer.echo(
        f"{report.recorded:,} events recorded, {report.replayed + report.resumed:,} were there already, "
        f"{report.bad:,} rows did not fit"
    )
    for reason, count in sorted(report.reasons.items(), key=lambda item: -item[1])[:10]:
        typer.echo(f"  {count:>8,}  {reason}")
