"""The console on the demonstration's day: two reviewers, a password made up for them, a port that is free."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from pathlib import Path

from rich.console import Console

from sybilgate.client import Client
from sybilgate.console.gateway import Gateway
from sybilgate.console.serve import serving
from sybilgate.console.settings import Settings
from sybilgate.console.site import Site

REVIEWERS = ("ada", "bob")


def browse(console: Console, client: Client, folder: Path, until: threading.Event | None = None) -> None:
    """Serve the console over ``client`` until interrupted, or ``until``; its files go with ``folder``."""
    settings = Settings(listen="127.0.0.1:0", users_file=folder / "users.json", audit_file=folder / "audit.jsonl")
    site, password = Site(lambda file: Gateway(client), settings), secrets.token_urlsafe(12)
    for name in REVIEWERS:
        site.users.put(name, password)
    with serving(site) as address, suppress(KeyboardInterrupt):
        console.print()
        console.rule("[bold]The reviewers' console[/]", align="left")
        console.print(
            f"  {address}   log in as {' or '.join(REVIEWERS)}, password {password}", soft_wrap=True, highlight=False
        )
        console.print("  A campaign takes two reviewers to confirm. Stop with Ctrl-C; nothing is left behind.")
        (until or threading.Event()).wait()
