"""Commands about single accounts, on the database itself: account erase, account export."""

from __future__ import annotations

from typing import Annotated

import typer

from sybilgate.cli.auditing import noted, opened

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

    if not yes:
        typer.confirm(f"erase {account_id} and its assessments for good?", abort=True)
    with opened() as (log, store):
        noted(log, "EraseAccount", f"accounts/{account_id}")
        record = Eraser(store, log.keyring, time.time).erase(account_id)
        left = log.keyring.stand_in(record.ref)
    typer.echo(f"erased; what is left of it is called {left}")


@account.command()
def export(
    account_id: Annotated[str, typer.Argument(help="As events name it.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False,
) -> None:
    """Tell everything that is kept of an account, in plain words. That somebody was told is written down."""
    import json
    import time

    from sybilgate.app.access_export import AccessExport, in_words

    with opened() as (log, store):
        noted(log, "ExportAccount", f"accounts/{account_id}")
        found = AccessExport(store, time.time)(account_id)
    typer.echo(json.dumps(found, indent=1) if as_json else "\n".join(in_words(found)))
