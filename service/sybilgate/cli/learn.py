"""Commands that make and judge models: train, evaluate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sybilgate.core.event import EventType

_Mapping = Annotated[Path | None, typer.Option(help="TOML that says which column is what; none for a simulated world.")]
_Types = Annotated[list[str] | None, typer.Option("--type", help="Event types to score; SIGNUP if not given.")]


def train(
    history: Annotated[Path, typer.Argument(help="A simulated world, or your own history.", exists=True)],
    out: Annotated[Path, typer.Argument(help="Folder of bundles; NAME/VERSION is created in it.")],
    name: Annotated[str, typer.Option(help="Name of the model.")] = "default",
    version: Annotated[str, typer.Option(help="Version; one that exists is never changed.")] = "1",
    seed: Annotated[int, typer.Option()] = 1,
    mapping: _Mapping = None,
    types: _Types = None,
) -> None:
    """Train a model on a history with known truth and write it as a bundle."""
    from sybilgate.cli.bars import bars
    from sybilgate.training.commands import run_train

    with bars() as tell, told():
        path, report = run_train(history, out, name, version, seed, mapping, event_types(types), tell)
    typer.echo(json.dumps(report, indent=2, default=float))
    typer.echo(f"wrote {path}; serve it with SYBILGATE_MODEL_DIR={path}", err=True)


def evaluate(
    history: Annotated[
        Path | None, typer.Argument(help="History with known truth; none for the store's own log and outcomes.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Bundle; by default the one in use.")] = None,
    mapping: _Mapping = None,
    test_share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Last share of rows, by time, to judge.")] = 0.2,
    types: _Types = None,
) -> None:
    """Replay a history under a model and report, as JSON, how well its last part is told apart."""
    from sybilgate.cli.bars import bars
    from sybilgate.config import load_config
    from sybilgate.core.identifier import Keyring
    from sybilgate.store.store import open_store
    from sybilgate.training.commands import run_evaluate, run_evaluate_store
    from sybilgate.wiring import model_dir

    config = load_config(serving=False)
    bundle = model or model_dir(config)
    with bars() as tell, told():
        if history is not None:
            report = run_evaluate(history, bundle, mapping, test_share, event_types(types), tell)
        else:
            store = open_store(config.database_url)
            try:
                store.check()
                report = run_evaluate_store(store, Keyring(config.key_id, config.secret()), bundle, test_share, tell)
            finally:
                store.close()
    typer.echo(json.dumps(report, indent=2, default=float))


def event_types(names: list[str] | None) -> tuple[EventType, ...]:
    from sybilgate.core.event import EventType

    unknown = [name for name in names or () if name.upper() not in EventType.__members__]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: not among {', '.join(EventType.__members__)}")
    return tuple(EventType[name.upper()] for name in names or ("SIGNUP",))


@contextmanager
def told() -> Iterator[None]:
    """A version that exists, or a history without truth, is the operator's to mend: no traceback."""
    from sybilgate.errors import ConfigurationError

    try:
        yield
    except (FileExistsError, ValueError) as error:
        raise ConfigurationError(str(error)) from error
