"""The server as an operator runs it: started, killed, refused, asked and stopped from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from sybilgate.checklist import FAIL, OK
from sybilgate.cli import app
from sybilgate.client import Client
from sybilgate.config import create_key
from sybilgate.doctor import examine
from sybilgate.v1.rescore_job_pb2 import AccountList, RescoreFilter
from sybilgate.v1.rescore_service_pb2 import CreateRescoreJobRequest, StreamRescoreResultsRequest
from sybilgate.v1.rescore_service_pb2_grpc import RescoreServiceStub

_READY = "sybilgate: serving on "


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return settings(tmp_path)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings whose address is that of a running server."""
    environment = settings(tmp_path_factory.mktemp("asked"))
    run(environment, "db", "upgrade")
    with serving(environment) as (_, address):
        yield environment | {"SYBILGATE_ADDRESS": address}


def settings(folder: Path) -> dict[str, str]:
    """Settings of a fresh installation: a key, a path for the store, any free port."""
    create_key(folder / "key")
    return os.environ | {
        "SYBILGATE_KEY_FILE": str(folder / "key"),
        "SYBILGATE_DATABASE_URL": f"sqlite:///{folder / 'store.db'}",
        "SYBILGATE_ADDRESS": "127.0.0.1:0",
        "SYBILGATE_AUTH": "off",
    }


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sybilgate", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    command = [sys.executable, "-m", "sybilgate", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(_READY)
            yield process, line.removeprefix(_READY).strip()
        finally:
            process.kill()


def event(account_id: str) -> dict[str, object]:
    return {"account_id": account_id, "type": "SIGNUP", "time": time.time(), "network.ip_address": "203.0.113.7"}


def test_killed_server_forgets_nothing(environment: dict[str, str]) -> None:
    assert run(environment, "db", "upgrade").returncode == 0
    with serving(environment) as (process, address), Client(address) as client:
        given = [client.create_assessment(event(f"a{i}"), full=True) for i in range(3)]
        process.send_signal(signal.SIGKILL)
    with serving(environment) as (process, address), Client(address) as client:
        again = [client.get_assessment(answer.name) for answer in given]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert again == given


def test_outdated_schema_names_command(environment: dict[str, str]) -> None:
    done = run(environment, "serve")
    assert done.returncode == 2
    assert "run `sybilgate db upgrade`" in done.stderr
    assert "Traceback" not in done.stderr


def test_public_plaintext_is_refused(environment: dict[str, str]) -> None:
    done = run(environment | {"SYBILGATE_ADDRESS": "0.0.0.0:0", "SYBILGATE_KEY_ID": "none"}, "serve")
    assert done.returncode == 2
    assert "loopback only" in done.stderr
    assert "SYBILGATE_KEY_ID" in done.stderr


def test_broken_policy_is_refused(environment: dict[str, str], tmp_path: Path) -> None:
    run(environment, "db", "upgrade")
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "x"\nchallenge = 0.2\nreview = 0.5\ndeny = 0.9\n[guards]\nmoon = [1, 2]\n')
    done = run(environment | {"SYBILGATE_POLICY_FILE": str(policy)}, "serve")
    assert done.returncode == 2
    assert "moon" in done.stderr


def test_score_and_explain_agree(asked: dict[str, str]) -> None:
    scored = run(asked, "score", "--set", "account_id=a1", "--json")
    name = json.loads(scored.stdout)["name"]
    explained = run(asked, "explain", name)
    assert scored.returncode == explained.returncode == 0
    assert name in "".join(explained.stdout.split())
    assert "= margin" in explained.stdout


def test_refusal_lists_violations(asked: dict[str, str]) -> None:
    done = run(asked, "score", "--set", "network.ip_address=nowhere")
    assert done.returncode == 1
    assert "account_id" in done.stderr
    assert "network.ip_address" in done.stderr
    assert "Traceback" not in done.stderr


def test_backfill_twice_counts_once(environment: dict[str, str], tmp_path: Path) -> None:
    world, note = str(tmp_path / "world.parquet"), tmp_path / "note.json"
    within(environment, "db", "upgrade")
    within(environment, "simulate", world, "--days", "1", "--honest-per-day", "30", "--campaigns", "0")
    first = within(environment, "backfill", world, "--checkpoint", str(note))
    note.unlink()
    second = within(environment, "backfill", world, "--checkpoint", str(note))
    assert first.exit_code == second.exit_code == 0
    assert " 0 were there already" in first.output
    assert second.output.startswith("0 events recorded")


def test_doctor_passes_when_ready(environment: dict[str, str]) -> None:
    before = {check.name: check.state for check in examine(environment)}
    within(environment, "db", "upgrade")
    after = within(environment, "doctor")
    assert before["schema"] == FAIL
    assert before["key"] == before["model"] == OK
    assert after.exit_code == 0


def within(environment: dict[str, str], *arguments: str) -> Result:
    """A command run inside this process."""
    return CliRunner().invoke(app, list(arguments), env=environment)


def test_server_runs_jobs_beside_requests(asked: dict[str, str]) -> None:
    with Client(asked["SYBILGATE_ADDRESS"]) as client:
        given = [client.create_assessment(event(f"job{i}")).account_id for i in range(3)]
        stub = RescoreServiceStub(client.channel)
        accounts = AccountList(account_ids=given)
        job = stub.CreateRescoreJob(CreateRescoreJobRequest(filter=RescoreFilter(accounts=accounts)), timeout=20.0)
        blocks = list(stub.StreamRescoreResults(StreamRescoreResultsRequest(name=job.name), timeout=180.0))
        assert [row.account_id for block in blocks for row in block.results] == given
        assert blocks[0].results[0].previous_assessment and blocks[0].results[0].assessment
