"""Two replicas over PostgreSQL, TLS and tokens, replaced one by one while callers call: nobody notices, also while the
key is rotated."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sybilgate.app.tokens import Tokens
from sybilgate.client import Client, ServiceError
from sybilgate.config import Config, create_key
from sybilgate.core.identifier import Keyring, Kind
from sybilgate.core.state import unpack_states
from sybilgate.core.trust import Role
from sybilgate.keyfile import rotated, write_ring
from sybilgate.rpc.server import Server
from sybilgate.wiring import Application, build, open_server

DEVICE = "a-device-of-many"


@dataclass
class Replica:
    """A server that can be replaced: the same port, a new one."""

    application: Application
    config: Config
    server: Server = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.server = open_server(self.application, self.config)
        self.config = Config(**{**vars_of(self.config), "address": f"127.0.0.1:{self.server.port}"})
        self.server.start()
        self.server.ready()

    def again(self) -> None:
        self.server.drain(5.0)
        self.open()

    def renew(self) -> None:
        """By one that has read the configuration's files anew."""
        before, self.application = self.application, build(self.config)
        self.application.start()
        self.again()
        before.close()


def vars_of(config: Config) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.__slots__}


@pytest.fixture
def config(tmp_path: Path, postgres_url: str) -> Config:
    create_key(tmp_path / "key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(tmp_path / "tls.key"), "-out", str(tmp_path / "tls.crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    return Config(
        database_url=postgres_url, address="127.0.0.1:0", key_file=tmp_path / "key", spool_megabytes=0,
        tls_key_file=tmp_path / "tls.key", tls_certificate_file=tmp_path / "tls.crt",
    )  # fmt: skip


@pytest.fixture
def replicas(config: Config) -> Iterator[list[Replica]]:
    with ExitStack() as stack:
        made = []
        for _ in range(2):
            application = build(config)
            application.start()
            made.append(Replica(application, config))
            stack.callback(lambda one=made[-1]: one.application.close())
            stack.callback(lambda one=made[-1]: one.server.drain(1.0))
        yield made


def rolled(
    replicas: list[Replica], config: Config, folder: Path, change: Callable[[Replica], None]
) -> tuple[list[str], list[ServiceError]]:
    """Change the replicas one by one while callers tell of accounts on one device; who was told of, what failed."""
    text, _ = Tokens(replicas[0].application.store, time.time).create(Role.SIGNUP, "flow", 1.0)
    folder.mkdir(exist_ok=True)
    (folder / "token").write_text(text)
    time.sleep(2.5)  # servers know a new token within two seconds
    address = "ipv4:" + ",".join(replica.config.address for replica in replicas)
    errors: list[ServiceError] = []
    done: list[str] = []
    over = threading.Event()

    def call(number: int) -> None:
        while not over.is_set():
            name = f"r{number}-{len(done)}-{time.monotonic_ns()}"
            event = {"account_id": name, "type": "SIGNUP", "event_time": time.time(), "device.device_id": DEVICE}
            try:
                done.append(client.create_assessment(event).account_id)
            except ServiceError as error:
                errors.append(error)

    with Client(
        address, ca_file=config.tls_certificate_file, token_file=folder / "token", server_name="localhost"
    ) as client:
        threads = [threading.Thread(target=call, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for replica in replicas:
            before = len(done)
            change(replica)
            while len(done) < before + 20 and not errors:
                time.sleep(0.01)
            time.sleep(0.3)  # whoever rolls waits for readiness to be seen
        over.set()
        for thread in threads:
            thread.join()
    return done, errors


def test_replacing_replicas_fails_no_call(replicas: list[Replica], config: Config, tmp_path: Path) -> None:
    done, errors = rolled(replicas, config, tmp_path, Replica.again)
    assert [str(e) for e in errors] == []
    assert len(replicas[0].application.store.accounts(done)) == len(done) >= 40


def test_rotating_the_key_loses_no_link(replicas: list[Replica], config: Config, tmp_path: Path) -> None:
    """Both get to know the new key first; then one names by it while the other still names by the old one."""
    assert config.key_file is not None
    done: list[str] = []
    ring = rotated(config.keyring(), time.time() + 3600.0)
    for start in (ring.newest.start, time.time()):
        write_ring(config.key_file, replace(ring, values=(ring.values[0], replace(ring.newest, start=start))))
        told, errors = rolled(replicas, config, tmp_path / str(len(done)), Replica.renew)
        assert [str(e) for e in errors] == []
        done += told
    store, one, other = replicas[0].application.store, *(key.secret for key in ring.values)
    names = [Keyring(1, secret).key(Kind.DEVICE_ID, DEVICE.encode()) for secret in (one, other)]
    states = store.identifier_states(names)
    assert [int(unpack_states([state])["accounts"][0]) for _, state in states.values()] == [len(done)]
