"""The command that searches for the size of a model: tune."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sybilgate.cli.learn import AsOf, BurnIn, Delay, Labels, Mapping, Maturity, Noise, Types, event_types, given, told


def tune(
    history: Annotated[Path, typer.Argument(help="A simulated world, or your own history.")],
    out: Annotated[Path, typer.Option(help="File of the best size, for train --shape.")] = Path("best.toml"),
    trials: Annotated[int, typer.Option(min=1, help="How many sizes to try in all, earlier runs included.")] = 40,
    study: Annotated[
        Path | None, typer.Option(help="SQLite file of the trials; by default beside OUT. A search goes on in it.")
    ] = None,
    seed: Annotated[int, typer.Option()] = 1,
    labels: Labels = None,
    mapping: Mapping = None,
    types: Types = None,
    as_of: AsOf = None,
    maturity_days: Maturity = None,
    burn_in_days: BurnIn = 0.0,
    label_delay_days: Delay = 0.0,
    label_noise: Noise = 0.0,
) -> None:
    """Search for the size of the final model that finds most of campaigns it was not shown, and write it to a file."""
    # Threads that spin while they wait take the machine from everybody else; read when LightGBM is first loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    from sybilgate.cli.bars import bars
    from sybilgate.training.commands import run_tune
    from sybilgate.training.history import Knowledge

    history, _, until = given([history, out], None, labels, mapping, as_of)
    knowledge = Knowledge(until, maturity_days, burn_in_days, label_delay_days, label_noise)
    with bars() as tell, told():
        found = run_tune(
            history, out, study or out.with_suffix(".db"), trials, seed, mapping, event_types(types), tell, labels,
            knowledge,
        )  # fmt: skip
    typer.echo(found.told())
    typer.echo(f"wrote {out}; train with --shape {out}", err=True)
