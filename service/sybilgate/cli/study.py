"""The command that proves, or disproves, that campaigns are found: study."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def study(
    train: Annotated[Path, typer.Argument(help="World to train on, and to leave kinds out of.", exists=True)],
    evals: Annotated[
        list[Path] | None, typer.Option("--eval", help="World to judge on; may be repeated.", exists=True)
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of study.json, study.html and the finished parts.")] = Path("study"),
    quick: Annotated[bool, typer.Option("--quick", help="Leave kinds out by halves only; ask fewer accounts.")] = False,
    seed: Annotated[int, typer.Option()] = 1,
    model: Annotated[
        Path | None,
        typer.Option(help="Bundle to judge on --eval; left out: one is trained on the world.", exists=True),
    ] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="What to leave out: halves, ablation, each; may be repeated. Default: all.")
    ] = None,
) -> None:
    """Measure detection: campaigns and kinds never seen, honest look-alikes, ablation, the cost to evade.

    Interrupted, it goes on where it was: finished parts stay in the folder.
    """
    # Threads that spin while they wait take the machine from everybody else; read when LightGBM is first loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from sybilgate.cli.bars import bars
    from sybilgate.errors import InvalidInput
    from sybilgate.training.report_html import write_report
    from sybilgate.training.study import PARTS, run_study

    wanted = tuple(part or ())
    if unknown := sorted(set(wanted) - set(PARTS)):
        raise InvalidInput([("part", f"{name!r} is not one of {', '.join(PARTS)}") for name in unknown])
    with bars() as tell:
        found = run_study(train, evals or [], out, quick, seed, tell, model, wanted)
        page = write_report(found, out)
    typer.echo(f"wrote {page} and {page.with_suffix('.json')}")
