"""Commands that ask a running server: score, explain."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from sybilgate.client import Client
    from sybilgate.v1.assessment_pb2 import Assessment

Address = Annotated[str | None, typer.Option(help="host:port of the server; by default that of the configuration.")]
Ca = Annotated[Path | None, typer.Option(help="PEM of the authority that signed the server's certificate.")]
Json = Annotated[bool, typer.Option("--json", help="Print the contract's JSON instead of tables.")]


def score(
    file: Annotated[Path | None, typer.Argument(help="Event as JSON, nested or by dotted path; - for stdin.")] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="One field, as network.ip_address=1.2.3.4.")
    ] = None,
    request_id: Annotated[str | None, typer.Option(help="Makes a retry safe.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Also evidence and every contribution.")] = False,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
) -> None:
    """Send one event to a running server and print the assessment. Type and time default to SIGNUP and now."""
    from sybilgate.client import event_message

    fields: dict[str, object] = {"type": "SIGNUP", "event_time": time.time()}
    try:
        if file is not None:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
            fields |= flatten(json.loads(text))
        fields |= dict(parse_setting(value) for value in values or ())
        message = event_message(fields)
    except (OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from None
    with asking(address, ca) as client:
        _show(client.create_assessment(message, request_id=request_id, full=full, explain=True), as_json)


def explain(
    name: Annotated[str, typer.Argument(help="accounts/…/assessments/…, as an assessment names itself.")],
    every: Annotated[bool, typer.Option("--all", help="Every contribution, not only the largest.")] = False,
    address: Address = None,
    ca: Ca = None,
    as_json: Json = False,
    as_record: Annotated[
        bool, typer.Option("--record", help="As a record of the decision, fit for an appeal.")
    ] = False,
) -> None:
    """Print a stored assessment in full: reasons, evidence, contributions."""
    from sybilgate.cli.record import record

    with asking(address, ca) as client:
        assessment = client.get_assessment(name, full=True)
        if as_record:
            typer.echo(record(assessment), nl=False)
        else:
            _show(assessment, as_json, every)


def flatten(value: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Values by dotted path of nested JSON. Raises ValueError unless it is an object."""
    if not isinstance(value, Mapping):
        raise ValueError("an event is a JSON object")
    found: dict[str, object] = {}
    for name, inner in value.items():
        path = prefix + ("event_time" if not prefix and name == "time" else name)
        if isinstance(inner, Mapping) and name != "model_mix":
            found |= flatten(inner, f"{path}.") or {path: True}
        else:
            found[path] = inner
    return found


def parse_setting(text: str) -> tuple[str, object]:
    """Path and value of ``PATH=VALUE``. Raises ValueError if the path is unknown or the value does not fit."""
    from sybilgate.app.rows import EVENT_PATHS

    path, equals, value = text.partition("=")
    kind = EVENT_PATHS.get("time" if path == "event_time" else path)
    if not equals or kind is None:
        raise ValueError(f"{path}: no such field" if equals else f"{text}: not PATH=VALUE")
    path = "event_time" if path == "time" else path
    try:
        if kind is bool:
            return path, {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        if kind is int:
            return path, int(value)
        if kind is float and "time" not in path.rpartition(".")[2]:
            return path, float(value)
        if kind is tuple:
            return path, [part.strip() for part in value.split(",")]
        return path, bytes.fromhex(value) if kind is bytes else value
    except (KeyError, ValueError):
        raise ValueError(f"{path}: not a {kind.__name__}") from None


@contextmanager
def asking(address: str | None, ca: Path | None) -> Iterator[Client]:
    """A client; what the server refuses is printed with every violation, and exits with 1."""
    from sybilgate.client import Client, ServiceError
    from sybilgate.client.channel import tls
    from sybilgate.config import load_config
    from sybilgate.errors import ConfigurationError

    config = load_config(serving=False)
    target = address or config.address
    try:
        credentials = tls(ca, config.client_key_file, config.client_certificate_file) if ca else None
        with Client(target, credentials=credentials, token_file=config.token_file) as client:
            yield client
    except OSError as error:
        raise ConfigurationError(f"{error.filename}: {error.strerror}") from None
    except ServiceError as error:
        typer.echo(f"sybilgate: {target} answered {error}", err=True)
        for path, description in error.violations:
            typer.echo(f"  {path}: {description}", err=True)
        if error.retry_after is not None:
            typer.echo(f"  try again in {error.retry_after:g} s", err=True)
        raise typer.Exit(1) from None


def _show(assessment: Assessment, as_json: bool, every: bool = False) -> None:
    from google.protobuf.json_format import MessageToJson
    from rich.console import Console

    from sybilgate.cli.show import assessment_view

    if as_json:
        typer.echo(MessageToJson(assessment, preserving_proto_field_name=True, indent=2))
    else:
        Console().print(assessment_view(assessment, None if every else 15))
