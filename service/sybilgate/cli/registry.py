"""Commands that choose the version that serves: activate, rollback. A running server follows within seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sybilgate.app.manifest import Manifest
    from sybilgate.config import Config
    from sybilgate.training.gates import Gate, Margins

_Name = Annotated[str | None, typer.Option(help="Name of the model; by default the configured one.")]


def activate(
    version: Annotated[str, typer.Argument(help="Version to serve, a folder of SYBILGATE_MODELS_DIR/NAME.")],
    name: _Name = None,
    history: Annotated[Path | None, typer.Option(help="Also judge both on this history.", exists=True)] = None,
    own_log: Annotated[bool, typer.Option("--own-log", help="Also judge both on the store's own log.")] = False,
    mapping: Annotated[Path | None, typer.Option(help="TOML that says which column of --history is what.")] = None,
    auc_margin: Annotated[float, typer.Option(min=0, help="How much lower the AUC may be.")] = 0.01,
    recall_margin: Annotated[float, typer.Option(min=0, help="How much lower recall at 1 % may be.")] = 0.05,
    force: Annotated[str | None, typer.Option(metavar="REASON", help="Activate though gates fail, and why.")] = None,
) -> None:
    """Let a version serve, if it passes its gates; exit 1 naming every gate it fails.

    Gates: the bundle is whole and reads the code's features; AUC and macro recall at 1 % false positives no worse than
    the active model's; no class of honest look-alikes flagged above 3 times the overall rate; explanations within
    their budget. Figures come from training and, with --history or --own-log, from a backtest of both. A bundle that
    cannot be loaded is never activated, whatever the reason.
    """
    from sybilgate.app.bundle import bundle_path
    from sybilgate.app.registry import Choice, read_manifest, read_pointer
    from sybilgate.app.registry import activate as record
    from sybilgate.config import load_config
    from sybilgate.errors import ConfigurationError
    from sybilgate.loading import packaged_model
    from sybilgate.training.gates import Margins, unseen_gate
    from sybilgate.training.history import open_source

    config = load_config(serving=False)
    root, name = _root(config), name or config.model_name
    if force is not None and not force.strip():
        raise ConfigurationError("--force needs a reason: it is kept with the pointer")
    before = read_pointer(root, name).active
    folder = bundle_path(root, name, version)
    served = bundle_path(root, name, before.version) if before.version else packaged_model()
    manifest = read_manifest(folder)
    gates, sound = _sound(folder, f"{name}@{version}", manifest)
    if sound:
        margins = Margins(auc_margin, recall_margin)
        backtested = history is not None or own_log
        gates += _gates(folder, manifest, read_manifest(served), margins, backtested)
        if backtested:
            gates += _backtest(config, folder, served, None if own_log else history, mapping, margins)
        if history is not None and not own_log:
            gates.append(unseen_gate(manifest, open_source(history, mapping).digest()))
    failed = tuple(gate.name for gate in gates if not gate.passed)
    for gate in gates:
        typer.echo(f"{'passed' if gate.passed else 'FAILED'}  {gate.name}: {gate.detail}", err=not gate.passed)
    if failed and (force is None or not sound):
        typer.echo(f"sybilgate: {name}@{version} is not activated: {', '.join(failed)} failed", err=True)
        raise typer.Exit(1)
    _note(config, "ActivateModel", f"models/{name}@{version}", force or "")
    record(root, name, Choice(version, manifest.digest), before, time.time(), force or "", failed)
    typer.echo(f"{name}@{version} is active{f', though {len(failed)} gates failed' if failed else ''}")
    _pinned(config)


def rollback(
    name: _Name = None,
    reason: Annotated[str, typer.Option(help="Kept with the pointer.")] = "",
) -> None:
    """Let the version that was active before serve again; repeated, the one before that."""
    from sybilgate.app.bundle import bundle_path
    from sybilgate.app.registry import read_pointer
    from sybilgate.app.registry import rollback as record
    from sybilgate.config import load_config
    from sybilgate.loading import load_model

    config = load_config(serving=False)
    root, name = _root(config), name or config.model_name
    stack = read_pointer(root, name).stack
    if len(stack) > 1:
        load_model(bundle_path(root, name, stack[-2].version))
    _note(config, "RollbackModel", f"models/{name}", reason)
    left = record(root, name, time.time(), reason).active
    typer.echo(f"{f'{name}@{left.version}' if left.version else 'the model that came along'} is active again")
    _pinned(config)


def _sound(folder: Path, title: str, manifest: Manifest) -> tuple[list[Gate], bool]:
    """Gates that nothing overrides: a server would refuse such a bundle anyway."""
    from sybilgate.core.feature import FEATURE_NAMES, FIRST
    from sybilgate.errors import ModelRejected
    from sybilgate.loading import load_model
    from sybilgate.training.gates import Gate, feature_gate

    gates = [feature_gate(manifest, FEATURE_NAMES, FIRST)]
    try:
        load_model(folder)
        same = manifest.title == title
        gates.append(Gate("bundle", same, "scores its golden rows" if same else f"{folder} holds {manifest.title}"))
    except ModelRejected as error:
        gates.append(Gate("bundle", False, str(error)))
    return gates, all(gate.passed for gate in gates)


def _gates(folder: Path, manifest: Manifest, active: Manifest, margins: Margins, backtested: bool) -> list[Gate]:
    import lightgbm

    from sybilgate.app.bundle import FINAL
    from sybilgate.training.boost import explanation_cost
    from sybilgate.training.gates import cost_gate, manifest_gates

    # Safe to read here: the file has just been proved in a process of its own.
    booster = lightgbm.Booster(model_str=(folder / FINAL).read_text(encoding="utf-8"))
    return [cost_gate(explanation_cost(booster)), *manifest_gates(manifest, active, margins, backtested)]


def _backtest(
    config: Config, folder: Path, served: Path, history: Path | None, mapping: Path | None, margins: Margins
) -> list[Gate]:
    from sybilgate.cli.backtest import arm_of, read_history
    from sybilgate.cli.bars import bars
    from sybilgate.cli.learn import told
    from sybilgate.core.event import EventType
    from sybilgate.training.backtest import backtest
    from sybilgate.training.gates import backtest_gates

    with bars() as tell, told():
        log, keyring = read_history(config, history, mapping, tell)
        arms = arm_of(config, folder, None), arm_of(config, served, None)
        return backtest_gates(backtest(log, *arms, (EventType.SIGNUP,), keyring, tell), margins)


def _note(config: Config, action: str, resource: str, detail: str) -> None:
    """Into the audit log, where there is one: a model may be chosen before there is a database."""
    from sybilgate.cli.auditing import noted, opened
    from sybilgate.errors import SybilgateError

    try:
        with opened(config) as (log, _):
            noted(log, action, resource, detail)
    except SybilgateError as error:
        typer.echo(f"note: not in the audit log: {error}", err=True)


def _root(config: Config) -> Path:
    from sybilgate.config import PREFIX
    from sybilgate.errors import ConfigurationError

    if config.models_dir is None:
        raise ConfigurationError(f"models_dir is not set: set {PREFIX}MODELS_DIR to the folder of your bundles")
    return config.models_dir


def _pinned(config: Config) -> None:
    from sybilgate.config import PREFIX

    if config.model_dir is not None:
        typer.echo(f"note: {PREFIX}MODEL_DIR pins {config.model_dir}; a server with it follows no pointer", err=True)
