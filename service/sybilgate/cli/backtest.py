"""The backtest command: a model or a policy on history, against the one in service."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from sybilgate.config import Config
    from sybilgate.core.identifier import Keyring
    from sybilgate.training.backtest import Arm
    from sybilgate.training.dataset import Log

Progress = Callable[[str, int, int], None]


def backtest(
    history: Annotated[
        Path | None, typer.Argument(help="A simulated world or your own history; none for the store's log.")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Bundle to try; by default the one in service.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy to try; by default the one it would serve under.")] = None,
    against: Annotated[Path | None, typer.Option(help="Bundle to compare with; by default the one in service.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="TOML that says which column of HISTORY is what.")] = None,
    types: Annotated[list[str] | None, typer.Option("--type", help="Event types to score; SIGNUP if none.")] = None,
) -> None:
    """Try a model or a policy on history: decisions by week, and what would have changed.

    JSON goes to standard output, tables to standard error. Truth comes from the file, else from outcomes in it; in
    the JSON, recall is the share of known Sybils that are challenged or worse, false_positive_rate that of the honest.
    """
    from rich.console import Console

    from sybilgate.cli.bars import bars
    from sybilgate.cli.learn import event_types, told
    from sybilgate.config import load_config
    from sybilgate.training.backtest import backtest as run

    config = load_config(serving=False)
    with bars() as tell, told():
        arm, other = arm_of(config, model, policy), arm_of(config, against, None)
        log, keyring = read_history(config, history, mapping, tell)
        report = run(log, arm, other, event_types(types), keyring, tell)
    console = Console(stderr=True)
    for table in tables(report):
        console.print(table)
    typer.echo(json.dumps(report, indent=2, default=float, ensure_ascii=False))


def arm_of(config: Config, folder: Path | None, policy: Path | None) -> Arm:
    """A bundle (by default the one in service) under the policy given, or the one it would serve under."""
    from sybilgate.loading import load_model, model_dir, policy_for
    from sybilgate.training.backtest import Arm

    bundle = load_model(folder or model_dir(config))
    chosen = config if policy is None else replace(config, policy_file=policy)
    return Arm(bundle, policy_for(chosen, bundle))


def read_history(config: Config, history: Path | None, mapping: Path | None, tell: Progress) -> tuple[Log, Keyring]:
    """A history with what is known of its accounts, and the keys of its identifiers."""
    from sybilgate.reference import load_reference
    from sybilgate.store.store import open_store
    from sybilgate.training.commands import store_log
    from sybilgate.training.dataset import TRAINING_KEYS, read_log
    from sybilgate.training.history import open_source

    if history is not None:
        log, keyring = read_log(open_source(history, mapping), load_reference(), tell=tell), TRAINING_KEYS
    else:
        store, keyring = open_store(config.database_url), config.keyring()
        try:
            store.check()
            log = store_log(store)
        finally:
            store.close()
    if not log.truths and log.chunks:
        log.truth_from_outcomes(as_of=max(float(chunk.time.max()) for chunk in log.chunks if len(chunk)))
    return log, keyring


def tables(report: dict[str, Any]) -> list[Table]:
    """The weeks, then the changes."""
    from rich.table import Table

    arms = ("candidate", "in_service")
    title = f"{report['candidate']['title']} against {report['in_service']['title']}"
    by_week = Table(title=title, box=None, pad_edge=False, header_style="bold")
    for heading in ("week", "rows", "Sybils", "stopped", "before", "recall", "before", "honest stopped", "before"):
        by_week.add_column(heading, justify="left" if heading == "week" else "right")
    for line in report["weeks"]:
        found = [line[arm] for arm in arms]
        stopped = [sum(one["decided"].values()) - one["decided"]["ALLOW"] for one in found]
        by_week.add_row(
            line["week"], f"{line['rows']:,}", f"{line['sybils']:,}", *(f"{count:,}" for count in stopped),
            *(_rate(one["recall"]) for one in found), *(_rate(one["false_positive_rate"]) for one in found),
        )  # fmt: skip
    changed = Table(title="what would have changed", box=None, pad_edge=False, show_header=False)
    changed.add_column("what")
    changed.add_column("how many", justify="right")
    for name, count in report["changed"]["decisions"].items():
        changed.add_row(name, f"{count:,} rows")
    for name, found in report["changed"].items():
        if isinstance(found, dict) and "accounts" in found:
            changed.add_row(name.replace("_", " ").replace("sybils", "Sybils"), f"{found['accounts']:,} accounts")
    return [by_week, changed]


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"
