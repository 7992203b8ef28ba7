"""The command that looks for artefacts in a simulated world."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sybilgate.training.audit import Audit, Finding


def audit(
    world: Annotated[Path, typer.Argument(help="Parquet file of a simulated world.", exists=True, dir_okay=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print all findings as JSON.")] = False,
    limit: Annotated[float, typer.Option(min=0.5, max=1.0, help="AUC that no family of artefacts may exceed.")] = 0.60,
    seed: Annotated[int, typer.Option(help="Of the folds and of the small models.")] = 1,
) -> None:
    """Ask whether artefacts alone tell Sybil accounts from honest ones. Exit code 1 if a family does."""
    from sybilgate.cli.bars import bars
    from sybilgate.errors import ConfigurationError
    from sybilgate.reference.bundle import load_reference
    from sybilgate.training.audit import run_audit

    try:
        with bars() as tell:
            found = run_audit(world, load_reference(), limit, seed, tell)
    except (ValueError, OSError) as error:
        raise ConfigurationError(str(error)) from error
    typer.echo(json.dumps(found.report(), indent=2) if as_json else table(found))
    if found.offenders:
        raise typer.Exit(1)


def table(found: Audit) -> str:
    """Findings as text, artefacts first, worst first."""
    lines = [f"{found.signups:,} signups, {found.sybil:,} of {found.campaigns} campaigns; whole campaigns left out", ""]
    for trade, title in ((False, f"artefacts (limit {found.limit:.2f})"), (True, "trade (not limited)")):
        lines.append(f"{title:<28}{'AUC':>7}{'recall at 1 %':>15}{'rows':>9}  led by")
        lines += [_line(f, f in found.offenders) for f in found.findings if f.trade == trade]
        lines.append("")
    lines += ["together (not limited)", _line(found.together, False), ""]
    worst = len(found.offenders)
    lines.append("no family of artefacts separates" if not worst else f"{worst} families of artefacts separate")
    return "\n".join(lines)


def _line(f: Finding, bad: bool) -> str:
    mark = " <-- too high" if bad else ""
    return f"  {f.family:<26}{f.auc:>7.3f}{f.recall:>15.3f}{f.rows:>9}  {f.leader}{mark}"
