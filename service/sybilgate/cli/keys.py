"""Commands about the keys under which values are hashed: key rotate, list, destroy."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sybilgate.cli.auditing import noted, opened
from sybilgate.errors import ConfigurationError

if TYPE_CHECKING:
    from sybilgate.app.auditing import AuditLog
    from sybilgate.core.identifier import Keyring
    from sybilgate.store.store import SqlStore

key = typer.Typer(help="Keys under which values are hashed.", no_args_is_help=True)


@dataclass(frozen=True)
class _Open:
    path: Path
    ring: Keyring
    log: AuditLog
    store: SqlStore


@key.command()
def rotate(
    hours: Annotated[
        float, typer.Option(min=0.0, help="Hours until new values are named by it: time to give it to every server.")
    ] = 24.0,
) -> None:
    """Add a key to the key file. Nothing is lost: what is known is found under either key.

    Give the file to every server and replace them one by one before the new key begins."""
    from sybilgate.keyfile import rotated, write_ring

    with _opened() as here:
        start = time.time() + hours * 3600.0
        ring = rotated(here.ring, start)
        noted(here.log, "RotateKey", f"keys/{ring.newest.number}")
        write_ring(here.path, ring)
    typer.echo(
        f"key {ring.newest.number} names new values from {_when(start)} on; until then give every server the file"
    )


@key.command("list")
def list_keys() -> None:
    """List the keys of the key file, and what is found under the older one only."""
    with _opened() as here:
        for one in here.ring.values or (here.ring.newest,):
            typer.echo(f"key {one.number}, since {_when(one.start)}" if one.start else f"key {one.number}, the first")
        if here.ring.older is not None:
            typer.echo(_left(here))


@key.command()
def destroy(
    number: Annotated[int, typer.Argument(help="The older key, as `key list` numbers it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be forgotten.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove the older key. What was not met since the newer one came is forgotten, the rest named by the newer one.

    Signups wait or are answered without the store meanwhile; no sweep and no job may run. Afterwards give every server
    the file, and let backups from before expire: nobody can tell any more which values are in them."""
    from sybilgate.keyfile import without_older, write_ring

    with _opened() as here:
        older = here.ring.older
        if older is None or older.number != number:
            raise ConfigurationError(f"key {number} is not the older of two keys")
        typer.echo(_left(here))
        if dry_run:
            return
        if here.ring.newest.start > time.time():
            raise ConfigurationError(f"key {here.ring.newest.number} begins at {_when(here.ring.newest.start)} only")
        if not yes:
            typer.confirm(f"destroy key {number} for good?", abort=True)
        noted(here.log, "DestroyKey", f"keys/{number}")
        if here.store.key_checks()[number]:  # else an earlier run came this far
            with here.store.unit() as unit:
                done = unit.forget_key(here.ring)
            typer.echo(
                f"{done.kept:,} identifiers are named by key {here.ring.newest.number}, {done.forgotten:,} forgotten"
            )
        write_ring(here.path, without_older(here.ring))
        if older.secret == here.ring.secret:
            typer.echo("the file was one secret once; that stays in it, as the root", err=True)
    typer.echo(f"key {number} is destroyed")


@contextmanager
def _opened() -> Iterator[_Open]:
    from sybilgate.config import load_config

    config = load_config(serving=False)
    ring = config.keyring()
    assert config.key_file is not None, "there is no ring without a file"
    with opened(config) as (log, store):
        yield _Open(config.key_file, ring, log, store)


def _left(here: _Open) -> str:
    assert here.ring.older is not None
    with here.store.unit() as unit:
        every, behind = unit.left_behind(here.ring.newest.number)
    return f"{behind:,} of {every:,} values were not met since key {here.ring.newest.number} came"


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")
