"""Commands that make data and models: simulate."""

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
) -> None:
    """Write a synthetic world of honest people, honest crowds and campaigns, with the truth beside it."""
    from rich.progress import Progress

    from sybilgate.simulate import WorldConfig, write_world

    chosen: dict[str, Any] = {"kinds": tuple(kind)} if kind else {}
    if start:
        chosen["start_time"] = start.replace(tzinfo=UTC).timestamp()
    try:
        world = WorldConfig(seed=seed, days=days, honest_per_day=honest_per_day, campaigns=campaigns, **chosen)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with Progress(transient=True) as progress:
        task = progress.add_task("simulating", total=1.0)
        rows = write_world(world, out, lambda _, share: progress.update(task, completed=share))
    typer.echo(f"{rows:,} events of {days} days in {out}")
