"""What the commands say of a service that has served: compare, drift, backtest on its own log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from sybilgate.app.distribution import make_reference
from sybilgate.app.task import Mode
from sybilgate.cli import app
from sybilgate.config import create_key, load_config
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.errors import ModelRejected
from sybilgate.store import migrate
from sybilgate.wiring import build
from tests.bundles import report, write
from tests.factories import outcome, ring, signup, task


def serve_some(folder: Path, url: str) -> dict[str, str]:
    """Settings of a service with a shadow, after a ring and an honest account signed up."""
    x = np.random.default_rng(1).exponential(1.0, (500, len(FEATURE_NAMES))).astype(np.float32)
    reference = make_reference(x, x[:, 0].astype(np.float64), FEATURE_NAMES, (EventType.SIGNUP,))
    create_key(folder / "key")
    environment = {
        "SYBILGATE_KEY_FILE": str(folder / "key"),
        "SYBILGATE_DATABASE_URL": url,
        "SYBILGATE_MODEL_DIR": str(write(folder / "m", "1", notes={"reference": reference.to_json()} | report())),
        "SYBILGATE_SHADOW_MODEL_DIR": str(write(folder / "m", "2", leaves=2)),
    }
    application = build(load_config(environment))
    application.assessor.run([task(*ring(8)), task(signup("alone", at=500.0, ip="192.0.2.8"))])
    application.assessor.run([task(outcome("ring3", at=900.0), mode=Mode.RECORD)])
    application.close()
    return environment


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same for every test that needs but one database."""
    folder = tmp_path_factory.mktemp("lite")
    url = f"sqlite:///{folder / 'store.db'}"
    migrate.upgrade(url)
    return serve_some(folder, url)


def within(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environment, catch_exceptions=False)


def told(environment: dict[str, str], *arguments: str) -> dict[str, Any]:
    done = within(environment, *arguments)
    assert done.exit_code == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_commands_read_either_database(tmp_path: Path, store_url: str) -> None:
    environment = serve_some(tmp_path, store_url)
    compared = told(environment, "model", "compare")
    assert (compared["shadow"], compared["rows"], compared["served_by"]) == ("default@2", 9, {"default@1": 9})
    assert compared["by_label"]["sybil"]["rows"] == 1
    moved = told(environment, "model", "drift")
    assert (moved["model"], moved["rows"]) == ("default@1", 9)
    assert moved["features"][0]["psi"] >= moved["features"][-1]["psi"] >= 0.0
    tried = told(environment, "backtest", "--model", environment["SYBILGATE_SHADOW_MODEL_DIR"])
    assert (tried["rows"], tried["known"]) == (9, 1)
    assert tried["candidate"]["title"] == "default@2 under policy small"


def test_days_and_limits_hold(lite: dict[str, str]) -> None:
    assert told(lite, "model", "compare", "--days", "0")["rows"] == 0
    assert within(lite, "model", "drift", "--fail-above", "0.25").exit_code == 1


def test_drift_needs_reference(lite: dict[str, str]) -> None:
    shadow = lite["SYBILGATE_SHADOW_MODEL_DIR"]
    with pytest.raises(ModelRejected, match="no reference distributions"):
        within(lite, "model", "drift", "--model", shadow)


def test_backtest_tries_policy(lite: dict[str, str], tmp_path: Path) -> None:
    policy = tmp_path / "strict.toml"
    policy.write_text('version = "strict"\nchallenge = 0.0\nreview = 0.9\ndeny = 0.99\n')
    done = within(lite, "backtest", "--policy", str(policy))
    found = json.loads(done.stdout)
    assert found["candidate"]["decided"]["ALLOW"] == 0 < found["in_service"]["decided"]["ALLOW"]
    assert "what would have changed" in done.stderr


def test_own_log_judges_candidate(lite: dict[str, str], tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(root, "1", notes=report())
    settings = lite | {"SYBILGATE_MODELS_DIR": str(root)}
    done = within(settings, "model", "activate", "1", "--own-log")
    # One known account is too little truth for any figure.
    assert done.exit_code == 1
    assert "backtest AUC: the candidate's is not known" in done.stderr
    forced = within(settings, "model", "activate", "1", "--own-log", "--force", "a fresh start")
    assert forced.exit_code == 0
    assert "pins" in forced.stderr
    assert within(settings, "model", "rollback").stdout == "the model that came along is active again\n"


def test_unloadable_shadow_is_refused(lite: dict[str, str], tmp_path: Path) -> None:
    damaged = write(tmp_path, "9")
    (damaged / "model.txt").write_text("tree\n")
    with pytest.raises(ModelRejected, match=r"model\.txt"):
        build(load_config(lite | {"SYBILGATE_SHADOW_MODEL_DIR": str(damaged)}))
