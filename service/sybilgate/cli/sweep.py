"""The command that looks at all campaigns again: sweep."""

from __future__ import annotations

from typing import Annotated

import typer


def sweep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change; write nothing.")] = False,
) -> None:
    """Merge pieces of one campaign, part campaigns of two operators, and let members go where they belong.

    Safe beside a running service, and to be stopped and run again; run it daily."""
    from sybilgate.cli.bars import bars
    from sybilgate.config import load_config
    from sybilgate.wiring import open_sweeper

    with open_sweeper(load_config()) as sweeper, bars() as tell:
        found = sweeper.run(dry_run, tell)
    verb = "would be" if dry_run else "were"
    typer.echo(f"{found.members:,} flagged accounts in {found.before:,} campaigns, {found.after:,} afterwards")
    typer.echo(f"{found.merged:,} campaigns {verb} merged, {found.founded:,} founded, {found.moved:,} accounts moved")
