"""Commands of the reviewers' console: serve it, and who may log in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sybilgate.cli.asking import Address, Ca

if TYPE_CHECKING:
    from sybilgate.console.settings import Settings

console = typer.Typer(help="The reviewers' console, a website over a running server.", invoke_without_command=True)
user = typer.Typer(help="Who may log in to the console.", no_args_is_help=True)
console.add_typer(user, name="user")

_Users = Annotated[
    Path, typer.Option(envvar="SYBILGATE_CONSOLE_USERS_FILE", help="File of those who may log in; its owner's alone.")
]
_Name = Annotated[str, typer.Argument(help="The reviewer's name, as the service keeps it with what he says.")]
_USERS = Path("console-users.json")


@console.callback()
def serve(
    context: typer.Context,
    listen: Annotated[str, typer.Option(envvar="SYBILGATE_CONSOLE_LISTEN", help="host:port.")] = "127.0.0.1:8080",
    users: _Users = _USERS,
    audit: Annotated[
        Path, typer.Option(envvar="SYBILGATE_CONSOLE_AUDIT_FILE", help="Where views and acts are recorded.")
    ] = Path("console-audit.jsonl"),
    public_host: Annotated[
        str, typer.Option(envvar="SYBILGATE_CONSOLE_PUBLIC_HOST", help="Name under which a TLS proxy shows it.")
    ] = "",
    tls_key: Annotated[Path | None, typer.Option(envvar="SYBILGATE_CONSOLE_TLS_KEY_FILE", help="PEM.")] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(envvar="SYBILGATE_CONSOLE_TLS_CERTIFICATE_FILE", help="PEM.")
    ] = None,
    address: Address = None,
    ca: Ca = None,
) -> None:
    """Serve the console until stopped. It asks the server at ADDRESS, with a reviewer's rights."""
    if context.invoked_subcommand is not None:
        return
    require_console()
    from sybilgate.console.settings import Settings

    settings = Settings(
        listen=listen, users_file=users, audit_file=audit, public_host=public_host, tls_key_file=tls_key,
        tls_certificate_file=tls_certificate,
    )  # fmt: skip
    settings.check()
    _serve(settings, address, ca)


@user.command("add")
def add(
    name: _Name,
    token_file: Annotated[
        Path | None, typer.Option(help="Where this reviewer's own token is, if the server asks for one.")
    ] = None,
    users: _Users = _USERS,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
) -> None:
    """Let a reviewer log in, or give one a new password."""
    require_console()
    from sybilgate.console.users import Users

    secret = typer.get_text_stream("stdin").readline().rstrip("\n") if password_stdin else None
    secret = secret if secret is not None else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    Users(users).put(name, secret, token_file)
    typer.echo(f"{name} may log in")


@user.command("remove")
def remove(name: _Name, users: _Users = _USERS) -> None:
    """Let a reviewer log in no more; his sessions end at once."""
    require_console()
    from sybilgate.console.users import Users

    Users(users).remove(name)
    typer.echo(f"{name} may not log in any more")


@user.command("list")
def list_users(users: _Users = _USERS) -> None:
    """Tell who may log in."""
    require_console()
    from sybilgate.console.users import Users

    for name in Users(users).names():
        typer.echo(name)


def require_console() -> None:
    """Raise ConfigurationError with what to install where the extra is missing."""
    from sybilgate.errors import ConfigurationError

    try:
        import argon2  # noqa: F401
        import jinja2  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(f"{error.name} is missing: pip install 'sybilgate[console]'") from None


def _serve(settings: Settings, address: str | None, ca: Path | None) -> None:
    from sybilgate.client import Client
    from sybilgate.client.channel import tls
    from sybilgate.config import load_config
    from sybilgate.console.gateway import Gateway
    from sybilgate.console.serve import serve as run
    from sybilgate.console.site import Site

    config = load_config(serving=False)

    def connect(file: str) -> Gateway:
        credentials = tls(ca, config.client_key_file, config.client_certificate_file) if ca else None
        own = Path(file) if file else config.token_file
        return Gateway(Client(address or config.address, credentials=credentials, token_file=own))

    site = Site(connect, settings)
    if not site.users.names():
        typer.echo("sybilgate: nobody may log in yet: `sybilgate console user add NAME`", err=True)
    scheme = "https" if settings.secure else "http"
    typer.echo(f"sybilgate: console on {scheme}://{settings.public_host or settings.listen}")
    try:
        run(site)
    finally:
        site.close()
