"""Commands that watch a model in service, from what the store keeps: compare (with a shadow), drift."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from sybilgate.app.bundle import Bundle
    from sybilgate.config import Config
    from sybilgate.store.store import SqlStore

_Days = Annotated[float | None, typer.Option(min=0, help="Only assessments made in the last so many days.")]
_DAY = 86_400.0
_SHOWN = 20


def compare(
    model: Annotated[Path | None, typer.Option(help="Bundle of the shadow; by default the configured one.")] = None,
    days: _Days = None,
) -> None:
    """Compare a shadow model with the one that served: agreement, decisions that differ, and for whom.

    JSON goes to standard output, a table to standard error. The shadow has read rows whose carried risk is the serving
    model's; `sybilgate backtest` lets both start from nothing.
    """
    from sybilgate.config import PREFIX, load_config
    from sybilgate.errors import ConfigurationError
    from sybilgate.loading import load_model, policy_for
    from sybilgate.training.compare import compare as run

    config = load_config(serving=False)
    folder = model or config.shadow_model_dir
    if folder is None:
        raise ConfigurationError(f"no shadow model: set {PREFIX}SHADOW_MODEL_DIR or give --model")
    bundle = load_model(folder)
    now = time.time()
    with _store(config) as store:
        title = bundle.manifest.title
        report = run(store.shadow_pairs(title, _since(now, days)), policy_for(config, bundle), bundle.models.tails, now)
        others = [name for name in store.shadow_models() if name != title]
    report = {"shadow": title, **report}
    if not report["rows"]:
        typer.echo(
            f"sybilgate: {title} has scored nothing as a shadow; there is {', '.join(others) or 'none'}", err=True
        )
    _print(_agreement(report))
    typer.echo(json.dumps(report, indent=2, ensure_ascii=False))


def drift(
    days: _Days = 7.0,
    model: Annotated[Path | None, typer.Option(help="Bundle that scored; by default the one in use.")] = None,
    fail_above: Annotated[
        float | None, typer.Option(min=0, help="Exit 1 if the index of the risk or of any feature is above this.")
    ] = None,
) -> None:
    """Tell how far recent assessments lie from the training rows: the population stability index, by feature.

    JSON goes to standard output, the largest to standard error. By convention 0.1 is worth a look and 0.25 is large;
    beside it stands what chance alone would exceed in one sample of twenty.
    """
    from sybilgate.app.distribution import parse_reference
    from sybilgate.config import load_config
    from sybilgate.training.drift import drift as run

    config = load_config(serving=False)
    bundle = _bundle(config, model)
    reference = parse_reference(bundle.manifest.notes)
    with _store(config) as store:
        report = run(store.scored(_since(time.time(), days)), reference, bundle.manifest.title)
    report = {"days": days, **report}
    _print(_distances(report))
    typer.echo(json.dumps(report, indent=2))
    largest = max(one["psi"] or 0.0 for one in (report["risk"], *report["features"]))
    if fail_above is not None and largest > fail_above:
        raise typer.Exit(1)


def _bundle(config: Config, folder: Path | None) -> Bundle:
    from sybilgate.loading import load_model, model_dir

    return load_model(folder or model_dir(config))


@contextmanager
def _store(config: Config) -> Iterator[SqlStore]:
    from sybilgate.store.store import open_store

    store = open_store(config.database_url)
    try:
        store.check()
        yield store
    finally:
        store.close()


def _since(now: float, days: float | None) -> float:
    return 0.0 if days is None else now - days * _DAY


def _print(table: Table) -> None:
    from rich.console import Console

    Console(stderr=True).print(table)


def _agreement(report: dict[str, Any]) -> Table:
    from rich.table import Table

    title = f"{report['shadow']} beside {', '.join(report['served_by']) or 'none'}: {report['rows']:,} assessments"
    table = Table(title=title, box=None, pad_edge=False, header_style="bold")
    for heading in ("accounts", "rows", "stopped", "by the shadow", "mean risk", "of the shadow"):
        table.add_column(heading, justify="left" if heading == "accounts" else "right")
    for name, told in report["by_label"].items():
        figures = ("stopped_by_serving", "stopped_by_shadow", "mean_risk_serving", "mean_risk_shadow")
        table.add_row(name, f"{told['rows']:,}", *("–" if told[f] is None else f"{told[f]:.2%}" for f in figures))
    for name, count in report["changed"]["decisions"].items():
        table.add_row(name, f"{count:,}")
    return table


def _distances(report: dict[str, Any]) -> Table:
    from rich.table import Table

    title = (
        f"drift of {report['model']}: {report['rows']:,} assessments against {report['training_rows']:,} in training"
    )
    table = Table(title=title, box=None, pad_edge=False, header_style="bold")
    for heading in ("value", "index", "by chance", "verdict", "missing then", "now"):
        table.add_column(heading, justify="left" if heading in ("value", "verdict") else "right")
    for one in ({"name": "risk", **report["risk"]}, *report["features"][:_SHOWN]):
        numbers = [one.get(name) for name in ("psi", "by_chance")]
        missing = [one.get(name) for name in ("missing_then", "missing_now")]
        table.add_row(
            one["name"], *("–" if n is None else f"{n:.3f}" for n in numbers), one["verdict"],
            *("–" if n is None else f"{n:.1%}" for n in missing),
        )  # fmt: skip
    return table
