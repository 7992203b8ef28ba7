"""TLS, client certificates and tokens through a real server in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from sybilgate.client import Client, ServiceError
from sybilgate.review_client import ReviewClient
from sybilgate.v1.label_pb2 import LABEL_VERDICT_HONEST
from tests.e2e.test_serve import event, serving, settings, within
from tests.rpc_fakes import until

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl")


@dataclass(frozen=True)
class Running:
    """A server behind TLS, and the folder with everybody's keys."""

    environment: dict[str, str]
    address: str
    folder: Path

    def client(self, token: str | None = None, certificate: str | None = "stranger") -> Client:
        own = [(self.folder / f"{certificate}.{kind}").read_bytes() if certificate else None for kind in ("key", "pem")]
        credentials = grpc.ssl_channel_credentials((self.folder / "authority.pem").read_bytes(), *own)
        return Client(self.address.replace("127.0.0.1", "localhost"), credentials=credentials, token=token)

    def token(self, role: str, subject: str) -> str:
        made = within(self.environment, "token", "create", role, "--for", subject)
        assert made.exit_code == 0, made.output
        return made.stdout.strip()


def make_certificates(folder: Path, *names: str) -> None:
    """An authority, and for each name a key and a certificate that it signed."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch")
    openssl(
        "req",
        "-x509",
        *new,
        "-days",
        "2",
        "-subj",
        "/CN=authority",
        "-keyout",
        "authority.key",
        "-out",
        "authority.pem",
    )
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    for name in names:
        openssl("req", *new, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        server = ("-extfile", "names") if name == "localhost" else ()
        signing = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2", *server)
        openssl("x509", "-req", "-in", f"{name}.csr", *signing, "-out", f"{name}.pem")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("trust")
    make_certificates(folder, "localhost", "signup.internal", "stranger")
    (folder / "roles.toml").write_text('"signup.internal" = "signup"\n')
    environment = settings(folder) | {
        "SYBILGATE_AUTH": "tls",
        "SYBILGATE_TLS_KEY_FILE": str(folder / "localhost.key"),
        "SYBILGATE_TLS_CERTIFICATE_FILE": str(folder / "localhost.pem"),
        "SYBILGATE_TLS_CLIENT_CA_FILE": str(folder / "authority.pem"),
        "SYBILGATE_CERTIFICATE_ROLES_FILE": str(folder / "roles.toml"),
    }
    within(environment, "db", "upgrade")
    with serving(environment) as (_, address):
        yield Running(environment, address, folder)


def reason(call: object, *arguments: object, **fields: object) -> str:
    with pytest.raises(ServiceError) as caught:
        call(*arguments, **fields)  # type: ignore[operator]
    return caught.value.reason or caught.value.code.name


def known(client: Client) -> bool:
    """Whether the server has read the client's token by now."""
    try:
        list(ReviewClient(client).campaigns())
    except ServiceError as error:
        return error.code != grpc.StatusCode.UNAUTHENTICATED
    return True


def test_certificate_name_gives_role(running: Running) -> None:
    with running.client(certificate="signup.internal") as client:
        answer = client.create_assessment(event("a1"), request_id="certified")
        assert answer.decision
        assert reason(client.assess_accounts, ["a1"]) == "PERMISSION_DENIED"


def test_unmapped_certificate_opens_nothing(running: Running) -> None:
    with running.client() as client:
        assert reason(client.create_assessment, event("a2")) == "UNAUTHENTICATED"


def test_no_certificate_no_connection(running: Running) -> None:
    token = running.token("signup", "flow")
    with running.client(token, certificate=None) as client:
        assert reason(client.create_assessment, event("a3")) == "UNAVAILABLE"


def test_revoked_token_ends_within_five_seconds(running: Running) -> None:
    with running.client(running.token("reviewer-read", "eve")) as client:
        until(lambda: known(client), 5.0, 0.1)
        listed = within(running.environment, "token", "list").stdout.splitlines()
        mine = next(line for line in listed if line.endswith("eve")).split()[0]
        assert within(running.environment, "token", "revoke", mine).exit_code == 0
        until(lambda: not known(client), 5.0, 0.1)


def test_reviewer_is_whom_token_names(running: Running) -> None:
    with running.client(certificate="signup.internal") as client:
        client.create_assessment(event("a4"))
    with running.client(running.token("reviewer-annotate", "ada")) as client:
        until(lambda: known(client), 5.0, 0.1)
        made = ReviewClient(client).label("accounts/a4", LABEL_VERDICT_HONEST, "somebody else", "known")
        assert made.reviewer == "ada"


def test_commands_show_their_token(running: Running) -> None:
    token = running.folder / "token"
    made = within(running.environment, "token", "create", "admin", "--for", "root", "--out", str(token))
    assert made.exit_code == 0 and token.stat().st_mode & 0o077 == 0
    shown = running.environment | {
        "SYBILGATE_TOKEN_FILE": str(token),
        "SYBILGATE_CLIENT_KEY_FILE": str(running.folder / "stranger.key"),
        "SYBILGATE_CLIENT_CERTIFICATE_FILE": str(running.folder / "stranger.pem"),
    }
    place = (
        "--address",
        running.address.replace("127.0.0.1", "localhost"),
        "--ca",
        str(running.folder / "authority.pem"),
    )
    time.sleep(2.5)
    done = within(shown, "score", "--set", "account_id=a5", "--json", *place)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["account_id"] == "a5"


def test_token_is_nowhere_in_database(running: Running) -> None:
    token = running.token("signup", "flow")
    stored = b"".join(path.read_bytes() for path in running.folder.glob("store.db*"))
    assert token.rpartition("_")[2].encode() not in stored
    assert token.split("_")[1].encode() in stored
