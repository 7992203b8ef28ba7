"""Commands that run the service, or look at whether it could run: demo, serve, doctor."""

from __future__ import annotations

from typing import Annotated

import typer

from sybilgate.cli.console import require_console


def demo(
    seed: Annotated[int, typer.Option(help="Another seed, another day.")] = 7,
    fast: Annotated[bool, typer.Option("--fast", help="Do not slow down for the eye.")] = False,
    browse: Annotated[bool, typer.Option("--console", help="Then open the reviewers' console on it.")] = False,
) -> None:
    """Watch a day of signups with a campaign inside being scored; nothing is left behind."""
    if browse:
        require_console()
    from sybilgate.demo import run_demo

    raise typer.Exit(run_demo(seed=seed, fast=fast, browse=browse))


def serve(
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="Processes on the one address, one for each core; needs PostgreSQL.")
    ] = 1,
) -> None:
    """Serve the gRPC API until SIGTERM or SIGINT, then answer what was accepted and stop."""
    from sybilgate.config import load_config
    from sybilgate.telemetry import logs
    from sybilgate.wiring import serve as run

    config = load_config()
    logs.set_up(config.log_format)
    if processes > 1:
        from sybilgate.processes import serve_many

        serve_many(config, processes, on_ready=_announce)
        return
    run(config, on_ready=_announce)


def _announce(address: str) -> None:
    typer.echo(f"sybilgate: serving on {address}")


def warm() -> None:
    """Compile what the first start on this kind of machine would compile (half a minute); for images and upgrades."""
    from sybilgate.config import load_config
    from sybilgate.loading import warm as run

    typer.echo(f"compiled in {run(load_config(serving=False)):.1f} s")


def doctor() -> None:
    """Check everything a server needs, item by item; exit 1 if something would stop it."""
    from rich.console import Console
    from rich.table import Table

    from sybilgate.checklist import FAIL
    from sybilgate.doctor import examine

    colours = {"ok": "green", "warn": "yellow", FAIL: "red"}
    table = Table(box=None, pad_edge=False)
    for heading in ("check", "result", "detail"):
        table.add_column(heading, overflow="fold")
    checks = examine()
    for check in checks:
        table.add_row(check.name, f"[{colours[check.state]}]{check.state}[/]", check.detail)
    Console().print(table)
    raise typer.Exit(1 if any(check.state == FAIL for check in checks) else 0)
