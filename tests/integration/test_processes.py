"""Facts about several processes on one port: they share the work, count every signup once, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc
import pytest

from sybilgate.config import Config, create_key
from sybilgate.core.identifier import KINDS, TOTALS_KEY
from sybilgate.core.state import unpack_totals
from sybilgate.errors import ConfigurationError
from sybilgate.processes import member, serve_many
from sybilgate.store.store import SqlStore
from tests.benchmarks.load import METHOD
from tests.benchmarks.traffic import requests, signups

_READY = "sybilgate: serving on "
_SIGNUPS, _CONNECTIONS = 60, 12

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other kernels do not share connections out")


@pytest.fixture
def group(postgres_url: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Two processes over one database."""
    create_key(tmp_path / "key")
    environment = os.environ | {
        "SYBILGATE_KEY_FILE": str(tmp_path / "key"),
        "SYBILGATE_DATABASE_URL": postgres_url,
        "SYBILGATE_ADDRESS": "127.0.0.1:0",
        "SYBILGATE_AUTH": "off",
        "SYBILGATE_SPOOL_MEGABYTES": "0",
    }
    command = [sys.executable, "-m", "sybilgate", "serve", "--processes", "2"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        yield process
        process.terminate()
        process.wait(30)


def _children(process: subprocess.Popen[str]) -> list[int]:
    """The members: children that run the service, not Python's own helpers."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8").split()
    return [int(pid) for pid in listed if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _sent(address: str) -> None:
    """Signups over many connections, some calls in flight at a time."""
    given = requests(signups(_SIGNUPS))
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.insecure_channel(address, options) for _ in range(_CONNECTIONS)]
    calls = [channel.unary_unary(METHOD) for channel in channels]
    futures = [calls[i % _CONNECTIONS].future(data, timeout=60) for i, data in enumerate(given)]
    for future in futures:
        future.result()
    for channel in channels:
        channel.close()


def test_processes_count_together(
    group: subprocess.Popen[str], postgres_url: str, open_on: Callable[[str], SqlStore]
) -> None:
    assert group.stdout is not None
    address = group.stdout.readline().removeprefix(_READY).strip()
    _sent(address)
    store = open_on(postgres_url)
    with store.unit() as unit:
        totals = unpack_totals(unit.identifiers([TOTALS_KEY])[TOTALS_KEY][1], len(KINDS))
    assert totals["accounts"].max() == _SIGNUPS
    assert len(store.events(0, 1000)) == _SIGNUPS
    members = _children(group)
    assert len(members) == 2
    os.kill(members[0], signal.SIGKILL)
    assert group.wait(30) == 2


def test_sqlite_serves_alone() -> None:
    with pytest.raises(ConfigurationError, match="one writer"):
        serve_many(Config(), 2)


def test_first_process_does_jobs() -> None:
    config = Config(metrics_address="127.0.0.1:9100")
    first, second = (member(config, "127.0.0.1:50051", number) for number in range(2))
    assert (first.due_workers, second.due_workers) == (config.due_workers, 0)
    assert (first.metrics_address, second.metrics_address) == ("127.0.0.1:9100", "127.0.0.1:9101")
