"""Commands about single accounts, on the database itself: account erase."""

from __future__ import annotations

from typing import Annotated

import typer

account = typer.Typer(help="Single accounts.", no_args_is_help=True)


@account.callback()
def _accounts() -> None:
    """Single accounts."""


@account.command()
def erase(
    account_id: Annotated[str, typer.Argument(help="As events name it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase an account: nothing in the database names it afterwards. It cannot be undone."""
    import time

    from sybilgate.app.erase import Eraser
    from sybilgate.config import load_config
    from sybilgate.core.identifier import Keyring
    from sybilgate.store.store import open_store

    config = load_config(serving=False)
    keyring = Keyring(config.key_id, config.secret())
    if not yes:
        typer.confirm(f"erase {account_id} and its assessments for good?", abort=True)
    store = open_store(config.database_url)
    try:
        store.check()
        record = Eraser(store, keyring, time.time).erase(account_id)
    finally:
        store.close()
    typer.echo(f"erased; what is left of it is called {keyring.stand_in(record.ref)}")
