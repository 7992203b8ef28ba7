"""No reply leaves before what it promises is on the disk: with every sync slowed down, no reply is faster."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from sybilgate.client import Client
from tests.benchmarks.process import ServerProcess, databases
from tests.factories import signup

SLOW = 0.4


@contextmanager
def slow_syncs(pid: int, log: Path) -> Iterator[None]:
    """Every fsync and fdatasync of the process returns so many seconds late."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    delay = f"inject=fsync,fdatasync:delay_exit={int(SLOW * 1e6)}"
    command = [strace, "-f", "-e", "trace=fsync,fdatasync", "-e", delay, "-p", str(pid), "-o", str(log)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        if "attached" not in tracer.stderr.readline():
            pytest.skip("tracing is not allowed here")
        try:
            yield
        finally:
            tracer.terminate()
            tracer.stderr.close()


def _fastest(client: Client, name: str, calls: int = 2) -> tuple[float, bool]:
    """The shortest time an answer took, and whether all were scored alone."""
    times, alone = [], []
    for n in range(calls):
        began = time.perf_counter()
        made = client.create_assessment(signup(f"{name}{n}"), request_id=f"{name}{n}")
        times.append(time.perf_counter() - began)
        alone.append("store" in made.degraded)
    return min(times), all(alone)


def test_replies_wait_for_sync(tmp_path: Path) -> None:
    with databases("sqlite") as made:
        url = made.new()
        with ServerProcess("sybilgate", url) as server, Client(f"127.0.0.1:{server.port}", timeout=20.0) as client:
            quick, _ = _fastest(client, "quick", 4)
            with slow_syncs(server.pid, tmp_path / "log"):
                assert _fastest(client, "slow")[0] >= SLOW > quick
                with sqlite3.connect(make_url(url).database or "", isolation_level=None) as other:
                    other.execute("BEGIN IMMEDIATE")
                    fastest, alone = _fastest(client, "alone")
                    other.execute("ROLLBACK")
                other.close()
    assert alone
    assert fastest >= SLOW
