"""A server in sandbox mode: reserved identities are answered as told, all others as ever."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sybilgate.client import Client
from sybilgate.config import Config, create_key
from sybilgate.loading import packaged_model
from sybilgate.rpc.server import Server
from sybilgate.store import migrate
from sybilgate.v1.assessment_pb2 import DECISION_DENY
from sybilgate.wiring import Application, build, sandboxed


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    folder = tmp_path_factory.mktemp("sandbox")
    url = f"sqlite:///{folder / 'store.db'}"
    create_key(folder / "key")
    migrate.upgrade(url)
    with closing(build(Config(database_url=url, key_file=folder / "key"))) as application:
        yield application


def asked(application: Application, sandbox: int, email: str, account_id: str) -> tuple[int, str]:
    """Decision and model of a signup."""
    server = Server(sandboxed(application.backend, Config(sandbox=sandbox)), "127.0.0.1:0")
    server.start()
    event = {"account_id": account_id, "type": "SIGNUP", "event_time": time.time(), "contact.email": email}
    with Client(f"127.0.0.1:{server.port}") as client:
        made = client.create_assessment(event)
        assert client.get_assessment(made.name).name == made.name
    server.drain(1.0)
    return made.decision, made.model_version


def test_sandbox_forces_and_stores_nothing(application: Application) -> None:
    assert asked(application, 1, "deny@sybilgate.test", "s1") == (DECISION_DENY, "sandbox@1")
    assert application.store.account("s1") is None


def test_others_are_scored_as_ever(application: Application) -> None:
    assert asked(application, 1, "dana.fox@example.com", "s2")[1] == f"default@{packaged_model().name}"
    assert application.store.account("s2") is not None


def test_without_sandbox_nobody_is_special(application: Application, tmp_path: Path) -> None:
    assert asked(application, 0, "deny@sybilgate.test", "s3")[1] == f"default@{packaged_model().name}"
