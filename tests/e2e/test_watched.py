"""The real service, watched as the configuration asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sybilgate.client import Client
from sybilgate.config import Config, create_key
from sybilgate.instruments import Instruments, open_instruments
from sybilgate.loading import packaged_model
from sybilgate.rpc.server import Server
from sybilgate.store import migrate
from sybilgate.wiring import build


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What Prometheus reads after one signup was scored and one was only recorded."""
    folder = tmp_path_factory.mktemp("watched")
    url = f"sqlite:///{folder / 'store.db'}"
    config = Config(database_url=url, key_file=_key(folder), metrics_address="127.0.0.1:0", signup_paths="/join")
    migrate.upgrade(url)
    with closing(build(config)) as application, closing(open_instruments(config)) as instruments:
        server = Server(instruments.measured(application.backend), "127.0.0.1:0", watch=instruments.watch)
        instruments.attach(server)
        server.start()
        assert asked(instruments, "ready") == 503
        server.ready()
        assert asked(instruments, "ready") == 200
        assert asked(instruments, "moon") == 404
        with Client(f"127.0.0.1:{server.port}") as client:
            client.create_assessment(signup("a1"))
            client.create_event(signup("a2"))
        assert instruments.exposure is not None
        with urlopen(f"http://127.0.0.1:{instruments.exposure.port}/metrics") as answer:
            yield answer.read().decode()
        server.drain(1.0)


def asked(instruments: Instruments, page: str) -> int:
    """Status of a page that probes ask."""
    assert instruments.exposure is not None
    try:
        with urlopen(f"http://127.0.0.1:{instruments.exposure.port}/{page}") as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return int(error.code)


def _key(folder: Path) -> Path:
    create_key(folder / "key")
    return folder / "key"


def signup(account_id: str) -> dict[str, object]:
    return {"account_id": account_id, "type": "SIGNUP", "event_time": time.time(), "signup.path": "/join"}


def test_page_tells_what_happened(page: str) -> None:
    values = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }
    path = ("method", "unspecified"), ("path", "/join")
    assert values["sybilgate_signups_total", path[0], ("outcome", "assessed"), path[1]] == 1
    assert values["sybilgate_signups_total", path[0], ("outcome", "recorded"), path[1]] == 1
    assert values["sybilgate_decisions_total", ("decision", "allow"), ("kind", "signup")] == 1
    assert values["sybilgate_risk_count", ("model", f"default@{packaged_model().name}")] == 1
    assert values[("sybilgate_queue_tasks",)] == 0


def test_page_names_no_account(page: str) -> None:
    assert "a1" not in page.replace("default@1", "")
    assert page.count("sybilgate_stage_seconds_count") == 5
