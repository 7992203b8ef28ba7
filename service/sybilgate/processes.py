"""Several processes on one address: Python runs one thread of a process at a time, so a machine's other cores take more
processes.

Each process is a whole server, a replica like one on another machine; PostgreSQL keeps their counts together. The
kernel gives every new *connection* to one of them (SO_REUSEPORT), and all calls of a connection go there: who calls
with one channel talks to one process. Linux only, because other kernels do not share connections out.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import connection, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from sybilgate.config import Config
from sybilgate.errors import ConfigurationError, SybilgateError, Unavailable
from sybilgate.store.engine import is_sqlite
from sybilgate.telemetry import logs
from sybilgate.wiring import serve

#: Seconds between looks at whether to stop.
_LOOK = 0.2
#: Seconds beyond the grace in which a process must have ended.
_OVERTIME = 10.0


def serve_many(
    config: Config,
    processes: int,
    on_ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve by ``processes`` processes until SIGTERM, SIGINT or ``stop``; ``on_ready`` is told host and port once all
    answer. One that ends by itself ends the others, and raises: whoever started this starts it again.

    Metrics: the n-th process answers on the n-th port from ``metrics_address`` on.
    """
    if is_sqlite(config.database_url):
        raise ConfigurationError("several processes need PostgreSQL: SQLite has one writer")
    if sys.platform != "linux":
        raise ConfigurationError("several processes on one port need Linux")
    stopping = stop or threading.Event()
    with _reserved(config.address) as address, _signals(stopping):
        members = [_begin(member(config, address, number)) for number in range(processes)]
        try:
            _watch(members, stopping, lambda: on_ready(address) if on_ready else None)
        finally:
            _end(members, config.grace_seconds)


def member(config: Config, address: str, number: int) -> Config:
    """The settings of one process. The first does what goes on beside the requests."""
    metrics = config.metrics_address
    if metrics:
        host, _, port = metrics.rpartition(":")
        metrics = f"{host}:{int(port) + number if int(port) else 0}"
    first = {} if number == 0 else {"due_workers": 0, "rescore_share": 0.0}
    return replace(config, address=address, metrics_address=metrics, **first)  # type: ignore[arg-type]


_Member = tuple[BaseProcess, Connection]


def _begin(config: Config) -> _Member:
    context = get_context("spawn")  # never a fork: threads of libraries may be about
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(config, theirs), name="sybilgate-member")
    process.start()
    theirs.close()
    return process, ours


def _serve(config: Config, told: Connection) -> None:
    """A process's whole life. Says None when it answers, or why it cannot."""
    logs.set_up(config.log_format)
    try:
        serve(config, on_ready=lambda _: told.send(None), share_port=True)
    except SybilgateError as error:
        told.send(str(error))
        sys.exit(2)


def _watch(members: list[_Member], stopping: threading.Event, on_ready: Callable[[], None]) -> None:
    """Returns when told to stop. Raises when a process ended by itself."""
    starting = {told for _, told in members}
    sentinels = [process.sentinel for process, _ in members]
    while not stopping.is_set():
        found = connection.wait([*starting, *sentinels], _LOOK)
        for told in starting.intersection(found):
            _heed(told)
            starting.discard(told)
            if not starting:
                on_ready()
        if set(sentinels).intersection(found) and not stopping.is_set():
            raise Unavailable("a process of the server ended by itself")


def _heed(told: Connection) -> None:
    try:
        fault = told.recv()
    except EOFError:
        raise Unavailable("a process of the server ended before it answered") from None
    if fault is not None:
        raise ConfigurationError(fault)


def _end(members: list[_Member], grace: float) -> None:
    for process, _ in members:
        process.terminate()  # SIGTERM: it drains
    for process, told in members:
        process.join(grace + _OVERTIME)
        if process.is_alive():
            process.kill()
            process.join()
        told.close()


@contextmanager
def _reserved(address: str) -> Iterator[str]:
    """The address with its port, which stays ours meanwhile: bound, not listening, so no connection comes here."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            held.bind((host.strip("[]"), int(port)))
        except OSError:
            raise ConfigurationError(f"cannot listen on {address}: is it taken, or not ours?") from None
        yield f"{host}:{held.getsockname()[1]}"


@contextmanager
def _signals(stopping: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT mean stop, where this runs in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {n: signal.signal(n, lambda *_: stopping.set()) for n in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
