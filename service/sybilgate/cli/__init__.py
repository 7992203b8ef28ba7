"""The command line. Commands import what they need when they run, so that asking for help is quick."""

from __future__ import annotations

import sys

import typer

from sybilgate.cli import (
    accounts,
    asking,
    audit,
    auditing,
    backtest,
    campaigns,
    console,
    fleet,
    keys,
    learn,
    models,
    monitor,
    operate,
    registry,
    rescore,
    run,
    study,
    sweep,
    tokens,
    tune,
    work,
)
from sybilgate.errors import SybilgateError

app = typer.Typer(
    name="sybilgate",
    help="Scores accounts for Sybil risk: is this account one of many that one operator runs?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(operate.db, name="db")
app.command()(run.demo)
app.command()(run.serve)
app.command()(run.warm)
app.command()(work.simulate)
app.command()(work.backfill)
app.command()(audit.audit)
app.command()(learn.train)
app.command()(tune.tune)
app.command()(learn.calibrate)
app.command()(learn.evaluate)
app.command()(backtest.backtest)
app.command()(study.study)
app.command()(asking.score)
app.command()(asking.explain)
app.add_typer(console.console, name="console")
app.add_typer(campaigns.campaign, name="campaign")
app.command()(campaigns.label)
app.add_typer(accounts.account, name="account")
app.add_typer(tokens.token, name="token")
app.add_typer(keys.key, name="key")
app.add_typer(auditing.audit_log, name="audit-log")
app.command()(sweep.sweep)
app.command()(rescore.rescore)
app.add_typer(fleet.fleet, name="fleet")
models.model.command()(registry.activate)
models.model.command()(registry.rollback)
models.model.command()(monitor.compare)
models.model.command()(monitor.drift)
app.add_typer(models.model, name="model")
app.add_typer(operate.config, name="config")
app.command()(run.doctor)


def main() -> None:
    """Entry point. What the operator can act on is told in a sentence, never as a traceback.

    Exit codes: 1 for a check that failed or a refusal of the server, 2 for what must be mended first.
    """
    try:
        app()
    except SybilgateError as error:
        typer.echo(f"sybilgate: {error}", err=True)
        sys.exit(2)
