"""Commands that look at model bundles: list, verify, show. Verifying runs the model in a process of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

model = typer.Typer(help="Model bundles.", no_args_is_help=True)
_Folder = Annotated[Path | None, typer.Argument(help="Bundle, as models/default/5; by default the one in use.")]


@model.command("list")
def list_models(
    root: Annotated[
        Path | None, typer.Argument(help="Folder of bundles; by default the configured one and those that came along.")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Also tell when which version became active.")] = False,
) -> None:
    """List bundles by name and version; the one in use is marked."""
    from sybilgate.app.bundle import MANIFEST
    from sybilgate.app.manifest import parse_manifest
    from sybilgate.config import load_config
    from sybilgate.errors import ModelRejected
    from sybilgate.loading import model_dir, models_root

    config = load_config(serving=False)
    used = model_dir(config).resolve()
    roots = [root] if root else [*([config.models_dir] if config.models_dir else []), models_root()]
    for path in (path for folder in roots for path in sorted(folder.glob(f"*/*/{MANIFEST}"))):
        try:
            title = parse_manifest(path.read_bytes()).title
        except ModelRejected as error:
            title = f"rejected: {error}"
        typer.echo(f"{'*' if path.parent.resolve() == used else ' '} {title}  {path.parent}")
    if history and config.models_dir:
        _tell_history(config.models_dir, config.model_name)


def _tell_history(root: Path, name: str) -> None:
    from sybilgate.app.registry import read_pointer

    for change in read_pointer(root, name).history:
        when = datetime.fromtimestamp(change.time, UTC)
        title = f"{name}@{change.version}" if change.version else "the model that came along"
        failed = f" (failed: {', '.join(change.failed)})" if change.failed else ""
        typer.echo(f"{when:%Y-%m-%d %H:%M:%S} UTC  {change.action} {title}  {change.reason}{failed}".rstrip())


@model.command()
def verify(folder: _Folder = None) -> None:
    """Check every file's digest and that the model scores its golden rows as recorded; exit 2 if not."""
    from sybilgate.loading import load_model

    found = _folder(folder)
    bundle = load_model(found)
    typer.echo(f"{bundle.manifest.title} in {found} is whole and scores its golden rows as recorded")


@model.command()
def show(folder: _Folder = None) -> None:
    """Print what a bundle says of itself: features, guards, digest, notes and its card."""
    from sybilgate.app.bundle import CARD, MANIFEST, POLICY
    from sybilgate.app.manifest import parse_manifest
    from sybilgate.errors import ModelRejected

    found = _folder(folder)
    try:
        manifest = parse_manifest((found / MANIFEST).read_bytes())
        card, policy = ((found / name).read_text(encoding="utf-8") for name in (CARD, POLICY))
    except OSError as error:
        raise ModelRejected(f"{error.filename}: {error.strerror}") from None
    typer.echo(f"{manifest.title}  {found}\ndigest    {manifest.digest}")
    typer.echo(f"features  {len(manifest.features)}, {manifest.first} of them in the first pass")
    typer.echo(f"guards    {', '.join(manifest.guards) or 'none'}\n\n{policy.strip()}\n\n{card.strip()}")


def _folder(folder: Path | None) -> Path:
    from sybilgate.config import load_config
    from sybilgate.loading import model_dir

    return folder or model_dir(load_config(serving=False))
