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

Mapping = Annotated[Path | None, typer.Option(help="TOML that says which column is what; none for a simulated world.")]
Types = Annotated[list[str] | None, typer.Option("--type", help="Event types to score; SIGNUP if not given.")]


_Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="[HISTORY] OUT",
        help="A simulated world or your own history (or --events), and the folder in which NAME/VERSION is made.",
    ),
]
_Calibrated = Annotated[
    list[Path],
    typer.Argument(
        metavar="[HISTORY] OUT",
        help="Your own history (none: the store's own log), and the folder in which NAME/VERSION is made.",
    ),
]
_Events = Annotated[Path | None, typer.Option(help="The history, named as an option: the same as HISTORY.")]
Labels = Annotated[
    Path | None,
    typer.Option(help="CSV, Parquet or JSONL with account_id, label, time and, if known, group and archetype."),
]
AsOf = Annotated[str | None, typer.Option(help="Nothing after this date or time (ISO 8601, UTC) is known.")]
Maturity = Annotated[
    float | None,
    typer.Option(
        min=0.0,
        help="Days after which silence makes an account honest (inf: never). By default 60 for labels and outcomes, "
        "0 where columns of the history name everybody.",
    ),
]
BurnIn = Annotated[float, typer.Option(min=0.0, help="First days that only fill the counters.")]
Delay = Annotated[float, typer.Option(min=0.0, help="Mean of simulated days until a label is told.")]
Noise = Annotated[float, typer.Option(min=0.0, max=0.5, help="Share of labels turned round, simulated.")]


def train(
    files: _Files,
    events: _Events = None,
    labels: Labels = None,
    name: Annotated[str, typer.Option(help="Name of the model.")] = "default",
    version: Annotated[str, typer.Option(help="Version; one that exists is never changed.")] = "1",
    seed: Annotated[int, typer.Option()] = 1,
    mapping: Mapping = None,
    types: Types = None,
    as_of: AsOf = None,
    maturity_days: Maturity = None,
    burn_in_days: BurnIn = 0.0,
    label_delay_days: Delay = 0.0,
    label_noise: Noise = 0.0,
    shape: Annotated[Path | None, typer.Option(help="Size of the final model, as tune writes it.")] = None,
) -> None:
    """Train a model on a history with known truth and write it as a bundle.

    Truth comes from --labels, else from columns of the history, else from outcomes in it.
    """
    from sybilgate.cli.bars import bars
    from sybilgate.training.commands import run_train
    from sybilgate.training.history import Knowledge

    history, out, until = given(files, events, labels, mapping, as_of, shape)
    knowledge = Knowledge(until, maturity_days, burn_in_days, label_delay_days, label_noise)
    with bars() as tell, told():
        path, report = run_train(
            history, out, name, version, seed, mapping, event_types(types), tell, labels, knowledge, shape
        )  # fmt: skip
    typer.echo(json.dumps(report, indent=2, default=float))
    typer.echo(f"wrote {path}; serve it with SYBILGATE_MODEL_DIR={path}", err=True)


def calibrate(
    files: _Calibrated,
    model: Annotated[Path | None, typer.Option(help="Bundle to start from; by default the one in use.")] = None,
    name: Annotated[str, typer.Option(help="Name of the calibrated model.")] = "own",
    version: Annotated[str, typer.Option(help="Version; one that exists is never changed.")] = "1",
    mapping: Mapping = None,
    labels: Labels = None,
    as_of: AsOf = None,
    burn_in_days: BurnIn = 7.0,
) -> None:
    """Fit a model to your own traffic without labels: its trees, with tails and thresholds of your own signups.

    Reads a history, or, with OUT alone, the store's own log. Labels, if given, only take known Sybils out.
    """
    from sybilgate.cli.bars import bars
    from sybilgate.config import load_config
    from sybilgate.loading import model_dir
    from sybilgate.store.store import open_store
    from sybilgate.training.calibrate import FULL, full_after_days, run_calibrate, run_calibrate_store
    from sybilgate.training.history import Knowledge

    config = load_config(serving=False)
    source = model or model_dir(config)
    with bars() as tell, told():
        if len(files) == 1:
            store = open_store(config.database_url)
            try:
                store.check()
                path, report = run_calibrate_store(store, files[0], source, name, version, burn_in_days, tell)
            finally:
                store.close()
        else:
            history, out, until = given(files, None, labels, mapping, as_of)
            knowledge = Knowledge(as_of=until, burn_in_days=burn_in_days)
            path, report = run_calibrate(history, out, source, name, version, mapping, labels, knowledge, tell)
    typer.echo(json.dumps(report, indent=2, default=float))
    if report["counts_filled"] < FULL:
        typer.echo(
            f"Where these limits were settled, counts over thirty days were {report['counts_filled']:.0%} full, and"
            " alarms grow while they fill: calibrate again every week, until there is history enough for --burn-in-days"
            f" {full_after_days():.0f}.",
            err=True,
        )
    typer.echo(f"wrote {path}; serve it with SYBILGATE_MODEL_DIR={path}", err=True)


def evaluate(
    history: Annotated[
        Path | None, typer.Argument(help="History with known truth; none for the store's own log and outcomes.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Bundle; by default the one in use.")] = None,
    mapping: Mapping = None,
    test_share: Annotated[float, typer.Option(min=0.0, max=1.0, help="Last share of rows, by time, to judge.")] = 0.2,
    types: Types = None,
) -> None:
    """Replay a history under a model and report, as JSON, how well its last part is told apart."""
    from sybilgate.cli.bars import bars
    from sybilgate.config import load_config
    from sybilgate.loading import model_dir
    from sybilgate.store.store import open_store
    from sybilgate.training.commands import run_evaluate, run_evaluate_store

    config = load_config(serving=False)
    bundle = model or model_dir(config)
    with bars() as tell, told():
        if history is not None:
            report = run_evaluate(history, bundle, mapping, test_share, event_types(types), tell)
        else:
            store = open_store(config.database_url)
            try:
                store.check()
                report = run_evaluate_store(store, config.keyring(), bundle, test_share, tell)
            finally:
                store.close()
    typer.echo(json.dumps(report, indent=2, default=float))


def given(
    files: list[Path],
    events: Path | None,
    labels: Path | None,
    mapping: Path | None,
    as_of: str | None,
    shape: Path | None = None,
) -> tuple[Path, Path, float | None]:
    """History, folder of bundles and date. Raises ``InvalidInput`` with everything that does not fit."""
    from sybilgate.app.mapping import Clock
    from sybilgate.errors import InvalidInput

    wrong = []
    paths = [*([events] if events else []), *files]
    if len(paths) != 2:
        wrong.append(("arguments", "give HISTORY OUT, or OUT and --events FILE"))
    sources = {"events" if events else "history": paths[0], "labels": labels, "mapping": mapping, "shape": shape}
    wrong += [(name, f"{path} is no file") for name, path in sources.items() if path and not path.is_file()]
    until = None
    try:
        until = None if as_of is None else Clock("as_of").read(as_of)
    except ValueError:
        wrong.append(("as_of", "is no date or time; write it like 2026-01-31"))
    if wrong:
        raise InvalidInput(wrong)
    return paths[0], paths[1], until


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
