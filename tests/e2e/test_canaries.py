"""No personal value leaves memory: 500 of them are sent by every door, then looked for wherever bytes come to rest."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from sybilgate.client import Client, ServiceError
from sybilgate.review_client import ReviewClient
from sybilgate.v1 import review_service_pb2 as review
from tests.e2e.test_serve import settings, within

ACCOUNTS = 20
MARK = "Kanarienvogel"
_TEXTS = (
    "contact.display_name contact.username contact.organization network.user_agent network.accept_language "
    "network.ja4 device.device_id device.platform device.time_zone device.languages device.canvas_hash "
    "device.webgl_hash device.webgl_renderer signup.path signup.referrer signup.campaign_tag signup.invite_code "
    "payment.fingerprint payment.billing_name payment.billing_postal_code"
).split()


def canaries(number: int) -> dict[str, str]:
    """A value of its own in every field of text, and in those that take numbers."""
    found = {path: f"{MARK}{secrets.token_hex(4)}" for path in _TEXTS}
    found["contact.email"] = f"{MARK}.{secrets.token_hex(4)}+tag@{MARK}{secrets.token_hex(3)}.example.com"
    found["contact.phone"] = f"+49151{secrets.randbelow(10**8):08d}"
    found["network.ip_address"] = f"91.{number + 1}.{secrets.randbelow(156) + 100}.{secrets.randbelow(156) + 100}"
    found["payment.bin"] = f"4{secrets.randbelow(10**7):07d}"
    found["payment.issuer_country"] = "DE"
    return found


def forms(value: str) -> Iterator[bytes]:
    """What a value may have become without a key."""
    for text in {value, value.lower(), value.upper(), value.removeprefix("+")}:
        raw = text.encode()
        yield from (raw, raw.hex().encode(), quote(text, safe="").encode(), raw[::-1])
        # Base64 of a text that holds it, at any offset: the whole groups inside.
        for shift in range(3):
            packed = base64.b64encode(b"\0" * shift + raw)
            yield packed[4 if shift else 0 : len(packed) // 4 * 4 - 4]
        digest = hashlib.sha256(raw).digest()
        yield from (digest, digest.hex().encode(), base64.b64encode(digest)[:-2])


class Spilled:
    """Everything that was sent, and all bytes that came to rest meanwhile, by where."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.sent, self.places = folder, list[str](), dict[str, bytes]()

    def keep(self, place: str, text: str) -> None:
        self.places[place] = self.places.get(place, b"") + text.encode()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def spilled(tmp_path_factory: pytest.TempPathFactory) -> Spilled:
    """A service that was sent canaries by every door, and has ended."""
    found = Spilled(tmp_path_factory.mktemp("canaries"))
    metrics = f"127.0.0.1:{free_port()}"
    environment = settings(found.folder) | {
        "SYBILGATE_METRICS_ADDRESS": metrics, "SYBILGATE_LOG_FORMAT": "json",
    }  # fmt: skip
    within(environment, "db", "upgrade")
    with (found.folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "sybilgate", "serve"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process:
            assert process.stdout is not None
            address = process.stdout.readline().rpartition(" ")[2].strip()
            with Client(address) as client:
                send(client, found)
            commands(environment | {"SYBILGATE_ADDRESS": address}, found)
            with urlopen(f"http://{metrics}/metrics") as page:
                found.keep("metrics", page.read().decode())
            process.terminate()
            found.keep("stdout", process.stdout.read())
    for path in found.folder.iterdir():
        if path.name not in ("key", "history.csv", "event.json"):
            found.places[path.name] = path.read_bytes()
    return found


def send(client: Client, found: Spilled) -> None:
    """Signups, later events, refused requests, and searches by value."""
    reviews = ReviewClient(client)
    for number in range(ACCOUNTS):
        mine = canaries(number)
        found.sent += [value for value in mine.values() if len(value) > 2]
        event = {"account_id": f"a{number}", "type": "SIGNUP", "event_time": time.time()} | mine
        answer = client.create_assessment(event, full=True)
        found.keep("answers", str(answer) + str(client.get_assessment(answer.name)))
        client.create_events([event | {"type": "LOGIN"}])
        for wrong in ({"network.ip_address": mine["device.device_id"]}, {"payment.bin": mine["contact.email"]}):
            with pytest.raises(ServiceError) as refused:
                client.create_assessment(event | wrong)
            found.keep("errors", f"{refused.value} {refused.value.violations}")
        value = review.SharedIdentifier(card=mine["payment.fingerprint"])
        found.keep("answers", str(reviews.protect("ada", "a test card", identifier=value)))
        found.keep("answers", str(list(reviews.links(f"accounts/a{number}"))))


def commands(environment: dict[str, str], found: Spilled) -> None:
    """The same by the command line: good and bad events, a backfill with bad rows, the export of an account."""
    mine = canaries(77)
    found.sent += [value for value in mine.values() if len(value) > 2]
    (found.folder / "event.json").write_text(json.dumps({"account_id": "c1"} | mine))
    bad = f"network.ip_address={mine['device.device_id']}"
    history = found.folder / "history.csv"
    rows = [
        ["c2", "SIGNUP", str(time.time()), mine["contact.email"], address]
        for address in ("91.99.1.1", mine["contact.username"])
    ]
    history.write_text(
        "\n".join(
            ",".join(row) for row in [["account_id", "type", "time", "contact.email", "network.ip_address"], *rows]
        )
    )
    note = str(found.folder / "checkpoint")
    for arguments in (
        ("score", str(found.folder / "event.json"), "--full"),
        ("score", str(found.folder / "event.json"), "--set", bad),
        ("backfill", str(history), "--checkpoint", note),
        ("account", "export", "c1"),
        ("account", "export", "a3", "--json"),
        ("audit-log", "show"),
        ("config",),
    ):
        done = within(environment, *arguments)
        found.keep(" ".join(arguments[:2]), done.output + repr(done.exception or ""))


def test_everything_was_reached(spilled: Spilled) -> None:
    assert len(spilled.sent) >= 500
    assert {
        "store.db",
        "log",
        "metrics",
        "errors",
        "answers",
        "account export",
        "backfill " + str(spilled.folder / "history.csv"),
    } <= set(spilled.places)
    assert b"a3" in spilled.places["account export"] and b"INVALID_INPUT" in spilled.places["log"]
    assert b"sybilgate_rpc_calls_total" in spilled.places["metrics"]


@pytest.mark.parametrize("shift", range(3))
def test_hidden_canary_would_be_found(shift: int) -> None:
    spilt = b"x" * shift + b"Dana.Fox+1@example.com" + b"yy"
    hidden = [spilt, spilt.hex().encode(), base64.b64encode(spilt), quote(spilt).encode(), spilt.lower()]
    hidden += [hashlib.sha256(b"dana.fox+1@example.com").digest()]
    wanted = list(forms("Dana.Fox+1@example.com"))
    assert all(any(form in data for form in wanted if len(form) > 6) for data in hidden)


def test_no_canary_comes_to_rest(spilled: Spilled) -> None:
    ended = {place: data for place, data in spilled.places.items()}
    found = {
        (place, value)
        for place, data in ended.items()
        for value in spilled.sent
        for form in forms(value)
        if len(form) > 6 and form in data
    }
    assert found == set()


def test_the_mark_is_nowhere(spilled: Spilled) -> None:
    """Any field that was left out above would show by the mark that all texts bear."""
    marks = {form for form in forms(MARK) if len(form) > 6}
    assert {(place, form) for place, data in spilled.places.items() for form in marks if form in data} == set()
