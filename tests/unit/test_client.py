"""The client, for threads and for asyncio, against a server that answers as told."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import grpc
import pytest

from sybilgate.app.sandbox import PLANS, names
from sybilgate.client import AsyncClient, AsyncFailOpen, Client, FailOpen, ServiceError, service_config
from sybilgate.client.channel import Bearer
from sybilgate.testing import FakeServer
from sybilgate.v1.assessment_pb2 import DECISION_ALLOW, DECISION_CHALLENGE, Decision
from tests.rpc_fakes import until


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server


@pytest.fixture
def client(server: FakeServer) -> Iterator[Client]:
    with Client(server.address) as client:
        yield client


def signup(account_id: str = "a1", **values: object) -> dict[str, object]:
    return {"account_id": account_id, "type": "SIGNUP", "event_time": time.time()} | values


def public(kind: type) -> dict[str, Any]:
    """Public calls and their arguments."""
    calls = {name: call for name, call in vars(kind).items() if not name.startswith("_") and callable(call)}
    return {name: [str(p) for p in inspect.signature(call).parameters.values()] for name, call in calls.items()}


def test_both_clients_have_one_shape() -> None:
    assert public(Client) == public(AsyncClient)
    assert str(inspect.signature(Client)).replace("Client", "") == str(inspect.signature(AsyncClient)).replace(
        "AsyncClient", ""
    )


def test_both_helpers_have_one_shape() -> None:
    assert public(FailOpen) == public(AsyncFailOpen)


def test_published_config_is_the_clients() -> None:
    root = Path(__file__).parents[2]
    published = (root / "proto" / "sybilgate" / "v1" / "service_config.json").read_text()
    assert published == service_config() == (files("sybilgate.client") / "service_config.json").read_text()


def test_config_retries_every_service() -> None:
    from sybilgate.rpc.server import SERVICES

    (method,) = json.loads(service_config())["methodConfig"]
    assert {one["service"] for one in method["name"]} == set(SERVICES)
    assert method["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE", "CANCELLED"]


def test_unavailable_is_tried_again(server: FakeServer, client: Client) -> None:
    server.fail("unavailable", times=2)
    assert client.create_assessment(signup()).decision == DECISION_ALLOW
    assert len(server.events) == 3


def test_retries_keep_the_request_id(server: FakeServer, client: Client) -> None:
    first = client.create_assessment(signup(event_time=1.7e9), request_id="r1")
    server.fail("unavailable")
    again = client.create_assessment(signup(event_time=1.7e9), request_id="r1")
    assert again.replayed
    assert again.name == first.name


def test_refusals_are_not_retried(server: FakeServer, client: Client) -> None:
    server.fail("invalid-input")
    with pytest.raises(ServiceError) as caught:
        client.create_assessment(signup())
    assert caught.value.reason == "INVALID_INPUT"
    assert len(server.events) == 1


def test_deadline_ends_the_call(server: FakeServer, client: Client) -> None:
    server.delay = 0.5
    with pytest.raises(ServiceError) as caught:
        client.create_assessment(signup(), timeout=0.05)
    assert caught.value.code.name == "DEADLINE_EXCEEDED"


def test_asyncio_calls_answer_alike(server: FakeServer) -> None:
    async def calls() -> tuple[Decision, list[str], str]:
        async with AsyncClient(server.address) as client:
            made = await client.create_assessment(signup("a2"))
            listed = [one.name async for one in client.list_assessments("a2")]
            with pytest.raises(ServiceError) as caught:
                await client.get_assessment("accounts/a2/assessments/none")
            assert (await client.get_assessment(made.name)).name == made.name
            return made.decision, listed, caught.value.reason

    server.force("a2", "challenge")
    decision, listed, reason = asyncio.run(calls())
    assert (decision, len(listed), reason) == (DECISION_CHALLENGE, 1, "NOT_FOUND")


def test_token_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    bearer = Bearer(file=file)
    assert bearer() == (("authorization", "Bearer first"),)
    file.write_text("second\n")
    assert bearer() == (("authorization", "Bearer second"),)
    assert Bearer()() == ()


def test_every_sandbox_decision_is_forced(client: Client) -> None:
    for name, plan in PLANS.items():
        made = client.create_assessment(signup(name, **{"contact.email": f"{name}+1@sybilgate.test"}), full=True)
        assert made.decision == plan.decision
        assert list(made.degraded) == [part for part in [plan.degraded] if part]
        assert bool(made.campaign) == plan.campaign
        assert made.base_value + sum(one.contribution for one in made.contributions) == pytest.approx(made.margin)


def test_every_sandbox_error_is_forced(client: Client) -> None:
    for name in names():
        if name.startswith("error-"):
            with pytest.raises(ServiceError) as caught:
                client.create_assessment(signup(**{"contact.email": f"{name}@sybilgate.test"}), timeout=2)
            assert caught.value.reason == name.removeprefix("error-").replace("-", "_").upper()


def test_unknown_sandbox_names_are_listed(client: Client) -> None:
    with pytest.raises(ServiceError) as caught:
        client.create_assessment(signup(**{"contact.email": "nobody@sybilgate.test"}))
    assert "challenge" in caught.value.violations[0][1]


def test_fail_open_marks_the_fallback(server: FakeServer, client: Client) -> None:
    late: list[Any] = []
    with FailOpen(client, fallback=DECISION_CHALLENGE, on_late=late.append) as judge:
        assert not judge.assess(signup()).fallback
        server.fail("overloaded")
        verdict = judge.assess(signup("a2"), request_id="r2")
        assert (verdict.decision, verdict.fallback, verdict.reason) == (DECISION_CHALLENGE, True, "OVERLOADED")
        until(lambda: late)
        assert judge.pending == 0
    assert late[0].account_id == "a2"


def test_fail_open_keeps_no_refused_event(server: FakeServer, client: Client) -> None:
    with FailOpen(client) as judge:
        server.fail("invalid-input")
        assert judge.assess(signup()).fallback
        assert judge.pending == 0


def test_fail_open_gives_up_beyond_bound(server: FakeServer, client: Client) -> None:
    with FailOpen(client, timeout=0.05, most=1) as judge:
        server.fail("overloaded", times=4)
        assert all(judge.assess(signup(f"a{i}")).fallback for i in range(2))
        assert judge.pending == 1


def test_asyncio_fails_open_too(server: FakeServer) -> None:
    async def flow() -> tuple[bool, list[Any]]:
        late: list[Any] = []
        async with AsyncClient(server.address) as client, AsyncFailOpen(client, on_late=late.append) as judge:
            server.fail("overloaded", times=1)
            verdict = await judge.assess(signup("a3"))
            for _ in range(500):
                if late:
                    break
                await asyncio.sleep(0.01)
            return verdict.fallback, late

    fallback, late = asyncio.run(flow())
    assert fallback
    assert [one.account_id for one in late] == ["a3"]


def test_error_names_code_once() -> None:
    said = [str(ServiceError(grpc.StatusCode.NOT_FOUND, reason, "no")) for reason in ("", "NOT_FOUND", "OVERLOADED")]
    assert said == ["NOT_FOUND: no", "NOT_FOUND: no", "NOT_FOUND OVERLOADED: no"]
