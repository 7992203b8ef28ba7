"""An office with one card: asked for proof by the crowd it is, and let in once the card is protected."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sybilgate.client import Client
from sybilgate.config import Config, create_key
from sybilgate.review_client import ReviewClient
from sybilgate.store import migrate
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1.review_service_pb2 import AccountValue
from sybilgate.wiring import build, open_server
from tests.rpc_fakes import until

STAFF = 60
FIRST = ("Anna", "Jonas", "Mia", "Lukas", "Lea", "Paul", "Emma", "Felix", "Clara", "Max")
LAST = ("Weber", "Huber", "Schreiber", "Brandt", "Vogel", "Seidel", "Kuhn", "Arnold")
PROVIDERS = ("gmail.com", "gmx.de", "outlook.com", "web.de", "yahoo.com")
#: The latest ten in the morning: at night the hour alone would speak against everybody.
MORNING = time.time() - (time.time() - 10 * 3600) % 86_400
SCREENS = ((1920, 1080), (1536, 864), (2560, 1440), (1366, 768))


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A server with the packaged model under its own policy, on an empty store."""
    create_key(tmp_path / "key")
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate.upgrade(url)
    config = Config(database_url=url, key_file=tmp_path / "key", address="127.0.0.1:0", auth="off")
    with closing(build(config)) as application:
        server = open_server(application, config)
        server.start()
        server.ready()
        with Client(f"127.0.0.1:{server.port}") as client:
            yield client
        server.drain(5.0)


def employee(i: int) -> dict[str, object]:
    """Somebody whose card is the office's, and who shares nothing else that is rare."""
    first, last = FIRST[i % 10], LAST[i * 3 // 10 % 8]
    address, provider, screen = f"84.{160 + i % 20}.{3 * i + 1}.{9 + 7 * i % 200}", PROVIDERS[i % 5], SCREENS[i % 4]
    return {
        "account_id": f"staff{i}",
        "type": "SIGNUP",
        "event_time": MORNING + i,
        "contact.email": (f"{first}.{last}", f"{last}{first[0]}", f"{first}{60 + i}")[i % 3].lower() + f"@{provider}",
        "contact.display_name": f"{first} {last}",
        "network.ip_address": address,
        "network.user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{138 + i % 4}.0.0.0 Safari/537.36",
        "network.accept_language": "de-DE,de;q=0.9,en;q=0.8",
        "device.device_id": f"device-{i}",
        "device.platform": "Win32",
        "device.languages": ["de-DE", "de", "en"],
        "device.time_zone": "Europe/Berlin",
        "device.screen_width": screen[0],
        "device.screen_height": screen[1],
        "device.cpu_cores": 8,
        "device.memory_gb": 8.0,
        "signup.form_fill_seconds": 30.0 + i,
        "signup.captcha_score": 0.9,
        "payment.fingerprint": "office-card",
    }


def test_office_card_is_let_in(client: Client) -> None:
    before = [client.create_assessment(employee(i)) for i in range(STAFF)]
    assert before[0].decision == pb.DECISION_ALLOW
    assert before[-1].decision >= pb.DECISION_CHALLENGE
    review = ReviewClient(client)
    made = review.protect("ada", "the office", account_value=AccountValue(account="accounts/staff3", kind="card"))
    assert made.kind == "card"
    # One account asks until the protection is in force: new staff before it would only add to the crowd.
    again = employee(STAFF - 1) | {"type": "LOGIN"}
    until(lambda: client.create_assessment(again).decision == pb.DECISION_ALLOW, 20.0, 0.5)
    later = [client.create_assessment(employee(i)).decision for i in range(STAFF, STAFF + 5)]
    assert later == [pb.DECISION_ALLOW] * 5
    (audited,) = review.protections(history=True)
    assert (audited.reviewer, audited.reason) == ("ada", "the office")


def test_protected_account_keeps_its_risk(client: Client) -> None:
    for i in range(STAFF):
        client.create_assessment(employee(i))
    ReviewClient(client).protect("ada", "our own tests", account="accounts/staff59")
    event = employee(STAFF - 1) | {"type": "LOGIN"}
    until(lambda: client.create_assessment(event).decision == pb.DECISION_ALLOW, 20.0, 0.5)
    assert client.create_assessment(event | {"account_id": "staff58"}).decision >= pb.DECISION_CHALLENGE
