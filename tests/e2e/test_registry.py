"""Another version begins to serve under a running server, and goes again."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from sybilgate.client import Client
from tests.bundles import report, write
from tests.e2e.test_serve import event, run, serving, settings

PATIENCE = 60.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A fresh installation with two versions of a model, the first of them active."""
    root = tmp_path / "models"
    write(root, "1", notes=report())
    write(root, "2", leaves=2, notes=report())
    write(root, "3", leaves=3, notes=report(auc=0.5, crowd=0.4))
    environment = settings(tmp_path) | {"SYBILGATE_MODELS_DIR": str(root)}
    assert run(environment, "db", "upgrade").returncode == 0
    assert run(environment, "model", "activate", "1", "--force", "the first of our own").returncode == 0
    return environment


def served(client: Client, account_id: str) -> str:
    return client.create_assessment(event(account_id)).model_version


def wait_for(client: Client, version: str) -> None:
    deadline = time.monotonic() + PATIENCE
    attempt = 0
    while served(client, f"wait-{version[-1]}-{attempt}") != version:
        assert time.monotonic() < deadline
        attempt += 1
        time.sleep(0.2)


def test_active_version_changes_while_serving(environment: dict[str, str]) -> None:
    with serving(environment) as (_, address), Client(address) as client:
        assert served(client, "a1") == "default@1"
        assert run(environment, "model", "activate", "2").returncode == 0
        wait_for(client, "default@2")
        assert run(environment, "model", "rollback", "--reason", "to see").returncode == 0
        wait_for(client, "default@1")
    listed = run(environment, "model", "list", "--history")
    assert "* default@1" in listed.stdout
    assert "rollback default@1  to see" in listed.stdout


def test_failing_candidate_is_refused(environment: dict[str, str]) -> None:
    refused = run(environment, "model", "activate", "3")
    assert refused.returncode == 1
    assert "training AUC" in refused.stderr and "look-alikes office_card" in refused.stderr
    forced = run(environment, "model", "activate", "3", "--force", "we know")
    assert forced.returncode == 0
    pointer = json.loads((Path(environment["SYBILGATE_MODELS_DIR"]) / "default" / "ACTIVE").read_text())
    assert pointer["history"][-1]["reason"] == "we know"
    assert "training AUC" in pointer["history"][-1]["failed"]


def test_damaged_bundle_cannot_be_forced(environment: dict[str, str]) -> None:
    folder = Path(environment["SYBILGATE_MODELS_DIR"]) / "default" / "2"
    (folder / "model.txt").write_text("tree\n")
    done = run(environment, "model", "activate", "2", "--force", "hurry")
    assert done.returncode == 1
    assert "does not match the SHA-256" in done.stderr
    assert "Traceback" not in done.stderr
