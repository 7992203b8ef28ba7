"""The audit log from the command line: audit-log verify, show; and how commands write into it."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sybilgate.app.auditing import AuditLog
    from sybilgate.config import Config
    from sybilgate.store.store import SqlStore

audit_log = typer.Typer(help="Who did what: a chain of lines that nobody can change unseen.", no_args_is_help=True)


@audit_log.command()
def verify(
    head: Annotated[
        str | None, typer.Option(metavar="LINE:DIGEST", help="As an earlier run told; finds lines cut off at the end.")
    ] = None,
) -> None:
    """Walk the chain; exit 1 at the first line that is gone or changed. Tells the head: keep it elsewhere."""
    anchor = _anchor(head)
    with opened() as (log, _):
        found = log.verify(anchor)
    if found.fault:
        typer.echo(f"sybilgate: the audit log does not hold: {found.fault}; {found.lines} lines before it do", err=True)
        raise typer.Exit(1)
    typer.echo(f"{found.lines} lines hold; head {found.lines}:{found.head.hex()}")


@audit_log.command("show")
def show_lines(
    account: Annotated[str | None, typer.Option(help="Only lines about this account, as events name it.")] = None,
    actor: Annotated[str | None, typer.Option(help="Only what this person or program did.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
) -> None:
    """Show who did what, oldest first."""
    with opened() as (log, _):
        about = log.hidden(f"accounts/{account}") if account is not None else ""
        found = [
            line
            for line in log.lines()
            if (actor is None or line.actor == actor) and about in (line.resource, line.resource[: len(about)])
        ]
    for line in found[-limit:]:
        when = datetime.fromtimestamp(line.time, UTC).strftime("%Y-%m-%d %H:%M:%S")
        typer.echo(
            f"{line.seq:>7}  {when}  {line.actor or line.actor_id}  {line.action}  {line.resource}  {line.detail}"
        )


@contextmanager
def opened(config: Config | None = None) -> Iterator[tuple[AuditLog, SqlStore]]:
    """The log of the configured store, and that store, checked. Raises ConfigurationError."""
    from sybilgate.app.auditing import AuditLog
    from sybilgate.app.key_check import check_key
    from sybilgate.config import load_config
    from sybilgate.store.store import open_store

    config = config or load_config(serving=False)
    keyring = config.keyring()
    store = open_store(config.database_url)
    try:
        store.check()
        check_key(store, keyring)
        yield AuditLog(store, keyring, time.time), store
    finally:
        store.close()


def noted(log: AuditLog, action: str, resource: str = "", detail: str = "") -> None:
    """Write down what whoever runs this command is about to do."""
    log.write(operator(), "command", action, resource, detail)


def operator() -> str:
    """The system's name of whoever runs this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _anchor(text: str | None) -> tuple[int, bytes] | None:
    if text is None:
        return None
    line, _, digest = text.partition(":")
    try:
        return int(line), bytes.fromhex(digest)
    except ValueError:
        raise typer.BadParameter("not LINE:DIGEST, as `audit-log verify` tells it") from None
