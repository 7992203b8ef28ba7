"""The command that assesses existing accounts again: rescore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sybilgate.app.ordering import Wanted
    from sybilgate.core.rescoring import JobRecord

#: How far a job that works a share of the time stands back from the processor.
_NICE = 10


def rescore(
    due: Annotated[
        bool, typer.Option("--due", help="Only accounts whose time has come, by their risk and age.")
    ] = False,
    campaign: Annotated[str, typer.Option(help="Only the members of a campaign.", metavar="NAME")] = "",
    accounts: Annotated[
        Path | None, typer.Option(help="Only these: a file with one account id a line.", exists=True, dir_okay=False)
    ] = None,
    model: Annotated[str, typer.Option(help="Use this model, as NAME@VERSION, instead of the one that serves.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Keep what was found, and assess nobody.")] = False,
    resume: Annotated[str, typer.Option(help="Go on with this job.", metavar="JOB")] = "",
    out: Annotated[Path | None, typer.Option(help="Parquet file to write the results to.")] = None,
    share: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Share of the time to work; less beside a busy service.")
    ] = 1.0,
    workers: Annotated[int, typer.Option(min=0, help="Processes that score, beside the one that writes.")] = 0,
    load: Annotated[
        bool, typer.Option("--load", help="Let each of them hold all identifiers: quicker over most accounts.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="List jobs, newest first, and do nothing.")] = False,
) -> None:
    """Assess existing accounts again, all of them unless told otherwise, with all that is known now.

    Safe beside a running service. Stopped or killed, it goes on with --resume, and assesses nobody twice."""
    import os
    from dataclasses import replace

    from sybilgate.app.ordering import Orders
    from sybilgate.cli.bars import bars
    from sybilgate.cli.scorers import scorers
    from sybilgate.cli.stopping import stopped_by_signals
    from sybilgate.config import load_config
    from sybilgate.core.rescoring import JobState
    from sybilgate.jobs.export import export
    from sybilgate.jobs.rescore import BLOCK, SMALL_BLOCK
    from sybilgate.wiring import open_runner, settle

    if share < 1.0:
        os.nice(_NICE)  # others come first, here too
    config = load_config()
    with open_runner(config, share=share, block=BLOCK if share == 1.0 else SMALL_BLOCK) as runner:
        settle()
        serving = runner.rescorer("").assessor
        orders = Orders(runner.store, serving.keyring, runner.clock, serving.new_id)
        if show:
            for job in runner.store.jobs(50):
                typer.echo(line_of(job))
            return
        job_id = resume or orders.create(_wanted(due, campaign, accounts, model, dry_run, runner.clock())).job_id
        typer.echo(f"job {job_id}", err=True)
        with stopped_by_signals() as stop, scorers(config, workers, load) as ahead, bars() as tell:
            job = replace(runner, ahead=ahead).run(job_id, stop, tell)
        typer.echo(line_of(job))
        if job.state == JobState.QUEUED:
            typer.echo(f"go on with: sybilgate rescore --resume {job_id}")
        if out is not None and job.state == JobState.SUCCEEDED:
            typer.echo(f"{export(runner.store, job_id, out):,} results in {out}")
    if job.state == JobState.FAILED:
        raise typer.Exit(1)


def _wanted(due: bool, campaign: str, accounts: Path | None, model: str, dry_run: bool, now: float) -> Wanted:
    """What the options ask for."""
    from sybilgate.app.ordering import Wanted
    from sybilgate.core.rescoring import Choice
    from sybilgate.rpc.names import campaign_ref

    if sum((due, bool(campaign), accounts is not None)) > 1:
        raise typer.BadParameter("--due, --campaign and --accounts exclude each other")
    if due:
        return Wanted(Choice.DUE, due_by=now, model=model, dry_run=dry_run)
    if campaign:
        return Wanted(Choice.CAMPAIGN, campaign=campaign_ref(campaign), model=model, dry_run=dry_run)
    if accounts is None:
        return Wanted(Choice.ALL, model=model, dry_run=dry_run)
    names = [line.strip() for line in accounts.read_text(encoding="utf-8").splitlines()]
    return Wanted(Choice.LISTED, accounts=[name for name in names if name], model=model, dry_run=dry_run)


def line_of(job: JobRecord) -> str:
    """A job in a line."""
    from sybilgate.core.rescoring import JobState

    made = datetime.fromtimestamp(job.create_time, UTC).strftime("%Y-%m-%d %H:%M:%S")
    rate = f", {job.done / job.seconds:,.0f}/s" if job.seconds else ""
    said = f", {job.error}" if job.error else ""
    return (
        f"{job.job_id}  {made}  {JobState(job.state).name}: {job.done:,} of {job.total:,} accounts"
        f" by {job.model or '-'}, {job.raised:,} raised, {job.lowered:,} lowered, {job.missing:,} unknown{rate}{said}"
    )
