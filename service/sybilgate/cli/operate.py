"""Commands of whoever runs the service: the schema and the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

db = typer.Typer(help="The database's schema.", no_args_is_help=True)
config = typer.Typer(help="Print the effective configuration, secrets masked.", invoke_without_command=True)


@db.command()
def upgrade() -> None:
    """Bring the database to the revision this build needs."""
    from sybilgate.config import load_config, mask_url
    from sybilgate.store import migrate

    url = load_config(serving=False).database_url
    migrate.upgrade(url)
    typer.echo(f"{mask_url(url)} is at revision {migrate.current(url)}")


@db.command()
def current() -> None:
    """Print the database's revision and the one this build needs; exit 1 if they differ."""
    from sybilgate.config import load_config
    from sybilgate.store import migrate

    found, wanted = migrate.current(load_config(serving=False).database_url), migrate.head()
    typer.echo(f"database {found or 'none'}, needed {wanted}")
    raise typer.Exit(0 if found == wanted else 1)


@db.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")]) -> None:
    """Copy a SQLite database as of one moment, beside a running server. To restore: stop the server, put the file in
    the database's place, start it."""
    from sybilgate.config import load_config
    from sybilgate.store.backup import copy_sqlite

    copy_sqlite(load_config(serving=False).database_url, file)
    typer.echo(f"{file} holds the database")


@db.command()
def prune(
    requests: Annotated[float | None, typer.Option(help="Days to keep answered requests.", min=1.0)] = None,
    jobs: Annotated[float | None, typer.Option(help="Days to keep jobs that have ended, and their results.")] = None,
    changes: Annotated[float | None, typer.Option(help="Days to keep the feed of changed decisions.")] = None,
    assessments: Annotated[
        float | None, typer.Option(help="Days to keep assessments; every account keeps its newest.")
    ] = None,
    events: Annotated[
        float | None, typer.Option(help="Days to keep the log. What goes cannot be replayed or trained on.")
    ] = None,
) -> None:
    """Let go of what is older than so many days, of what is named only. Safe beside a running service.

    A request whose id is gone would count again: keep requests longer than anybody repeats one, and never run a
    backfill of the same file again afterwards."""
    import time

    from sybilgate.config import load_config
    from sybilgate.store.store import open_store

    chosen = {"requests": requests, "jobs": jobs, "changes": changes, "assessments": assessments, "events": events}
    if not any(days is not None for days in chosen.values()):
        raise typer.BadParameter("name what is to go, for example --requests 30")
    store, now = open_store(load_config(serving=False).database_url), time.time()
    try:
        store.check()
        for what, days in chosen.items():
            if days is not None:
                rows = {one.table: one.rows for one in store.prune(what, now - days * 86400.0)}
                typer.echo(", ".join(f"{count:,} rows of {table}" for table, count in rows.items()) + " deleted")
    finally:
        store.close()


@config.callback()
def show_config(context: typer.Context) -> None:
    """Print the effective configuration, secrets masked."""
    from sybilgate.config import PREFIX, load_config

    if context.invoked_subcommand is not None:
        return
    for name, value in load_config(serving=False).masked().items():
        typer.echo(f"{PREFIX}{name.upper()}={value}")


@config.command("init-key")
def init_key(path: Annotated[Path, typer.Argument(help="File to create.")]) -> None:
    """Create the secret under which identifiers are hashed. Keep it: without it the store cannot be read."""
    from sybilgate.config import PREFIX, create_key

    create_key(path)
    typer.echo(f"created {path}; set {PREFIX}KEY_FILE={path.resolve()} and keep a copy in a safe place")


@config.command()
def descriptors(path: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Write the contract as a descriptor set, for proxies that translate JSON and for tools without reflection."""
    from sybilgate.rpc.descriptors import descriptor_set

    path.write_bytes(descriptor_set().SerializeToString())
    typer.echo(f"wrote {path}")
