"""Commands about tokens, on the database itself: token create, list, revoke."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sybilgate.cli.auditing import noted, opened
from sybilgate.core.trust import Role

if TYPE_CHECKING:
    from sybilgate.app.auditing import AuditLog
    from sybilgate.app.tokens import Tokens
    from sybilgate.core.trust import TokenRecord

token = typer.Typer(help="Who may call: bearer tokens, kept as hashes.", no_args_is_help=True)


@token.command()
def create(
    role: Annotated[Role, typer.Argument(help="What its holder is.")],
    subject: Annotated[str, typer.Option("--for", help="Name of the person or program; kept with what it does.")] = "",
    days: Annotated[float, typer.Option(help="Days until it expires.")] = 90,
    out: Annotated[Path | None, typer.Option(help="New file for the token, instead of printing it.")] = None,
) -> None:
    """Make a token and tell it, this once. Servers know it within two seconds."""
    with _tokens() as (tokens, log), _paper(out) as write:
        noted(log, "CreateToken", "", f"{role.value} for {subject}")
        text, record = tokens.create(role, subject, days)
        write(text)
    typer.echo(f"token {record.token_id} for {role.value} {record.subject}, until {_day(record.end_time)}", err=True)


@token.command("list")
def list_tokens() -> None:
    """List every token ever made: id, role, for whom, and what has become of it."""
    with _tokens() as (tokens, _):
        for record in tokens.all():
            typer.echo(f"{record.token_id}  {record.role:<17}  {_state(record, time.time()):<20}  {record.subject}")


@token.command()
def revoke(token_id: Annotated[str, typer.Argument(help="As `token list` names it.")]) -> None:
    """End a token. Servers refuse it within two seconds."""
    with _tokens() as (tokens, log):
        noted(log, "RevokeToken", f"tokens/{token_id}")
        record = tokens.revoke(token_id)
    typer.echo(f"token {token_id} for {record.role} {record.subject} is revoked")


@contextmanager
def _paper(path: Path | None) -> Iterator[Callable[[str], object]]:
    """Where a token is told: a new file that only its owner may read, opened before the token is made."""
    if path is None:
        yield typer.echo
        return
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror}") from None
    with os.fdopen(handle, "w") as file:
        yield lambda text: file.write(text + "\n")


@contextmanager
def _tokens() -> Iterator[tuple[Tokens, AuditLog]]:
    from sybilgate.app.tokens import Tokens

    with opened() as (log, store):
        yield Tokens(store, time.time), log


def _state(record: TokenRecord, now: float) -> str:
    if record.revoke_time <= now:
        return f"revoked {_day(record.revoke_time)}"
    return f"{'good until' if now < record.end_time else 'expired'} {_day(record.end_time)}"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
