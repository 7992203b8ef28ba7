"""Kills the server with SIGKILL under load, again and again, and checks what it had promised; prints JSON.

    python -m tests.benchmarks.chaos [--kills 20] [--answers 2000] [--database sqlite|postgresql] [--database-too]

Promised: an acknowledged assessment is readable and as it was told after the restart; every request counts once,
however often it was retried; the tables equal a replay of the event log. After each restart everything told since the
one before is read back, and some of what is older; at the end everything. With ``--database-too`` PostgreSQL is killed
with all its processes in every life of the server, too, and started again; what is acknowledged meanwhile is in the
spool, and some of it is still there when the server dies.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from sybilgate.client import Client, ServiceError
from sybilgate.core.event import Event
from sybilgate.v1 import assessment_pb2 as pb
from tests.benchmarks.outage import essence, open_database, trouble
from tests.benchmarks.process import ServerProcess, machine
from tests.benchmarks.projection import differences
from tests.benchmarks.traffic import signups

_CALLERS = 8
#: Of what was read back before, so many are read again after each restart.
_AGAIN = 200
#: Seconds that the spool is given to be stored.
_STORED = 60.0

Kill = Callable[[], None]


@dataclass
class Ledger:
    """What callers sent and what they were told, over all lives of the server."""

    events: Iterator[tuple[int, Event]]
    told: dict[int, pb.Assessment] = field(default_factory=dict)
    unanswered: deque[tuple[int, Event]] = field(default_factory=deque)
    replayed: int = 0
    checked: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, fresh: bool) -> tuple[int, Event] | None:
        """A request without an answer first: it is retried under its own id. None when there is none left."""
        with self.lock:
            if self.unanswered:
                return self.unanswered.popleft()
            return next(self.events, None) if fresh else None

    def answer(self, number: int, made: pb.Assessment) -> None:
        with self.lock:
            self.replayed += made.replayed
            made.replayed = False
            self.told[number] = made

    def since_last_time(self, rng: Random) -> list[pb.Assessment]:
        """What was told since this was asked last, and a few that were told before."""
        told = list(self.told.values())
        older, fresh = told[: self.checked], told[self.checked :]
        self.checked = len(told)
        return fresh + rng.sample(older, min(_AGAIN, len(older)))

    def give_back(self, request: tuple[int, Event]) -> None:
        with self.lock:
            self.unanswered.append(request)


def call_until_killed(client: Client, ledger: Ledger, fresh: bool) -> None:
    """Requests one after another; ends with the server, or when no request is left."""
    while request := ledger.next(fresh):
        number, event = request
        try:
            ledger.answer(number, client.create_assessment(event, request_id=f"chaos-{number}"))
        except ServiceError:
            ledger.give_back(request)
            return


def life(url: str, ledger: Ledger, rng: Random, answers: int, kill_database: Kill | None) -> int:
    """One start of the server: check what the lives before promised, load it, kill it. Returns broken promises.

    The last life (no ``answers``) takes nothing new: it answers what is still open, is asked for that too, and ends
    well.
    """
    server = ServerProcess("sybilgate", url)
    with server, Client(f"127.0.0.1:{server.port}", timeout=30.0) as client:
        broken = _broken(client, ledger.since_last_time(rng))
        before = len(ledger.told)
        callers = [
            threading.Thread(target=call_until_killed, args=(client, ledger, answers > 0)) for _ in range(_CALLERS)
        ]
        for caller in callers:
            caller.start()
        if answers:
            _wait_for(ledger, before + answers // 2, callers)
            if kill_database is not None:
                kill_database()
            _wait_for(ledger, before + answers, callers)
            server.kill()
        for caller in callers:
            caller.join()
        return broken if answers else broken + _broken(client, list(ledger.told.values()))


def _broken(client: Client, told: Sequence[pb.Assessment]) -> int:
    with ThreadPoolExecutor(_CALLERS) as pool:
        return sum(not good for good in pool.map(lambda made: kept(client, made), told))


def _wait_for(ledger: Ledger, answers: int, callers: list[threading.Thread]) -> None:
    while len(ledger.told) < answers and any(caller.is_alive() for caller in callers):
        time.sleep(0.001)


def kept(client: Client, made: pb.Assessment) -> bool:
    """Whether the assessment reads back as it was told, once the spool has been stored."""
    end = time.monotonic() + _STORED
    while True:
        try:
            return essence(client.get_assessment(made.name, full=False)) == essence(made)
        except ServiceError:
            if "store" not in made.degraded or time.monotonic() > end:
                return False
            time.sleep(0.2)


def run(kind: str, kills: int, answers: int = 0, seed: int = 1, *, database_too: bool = False) -> dict[str, object]:
    """``kills`` lives that end by SIGKILL after at least ``answers`` in all (110 a life if none are given), then one
    that ends well."""
    rng = Random(seed)
    shares = [rng.randrange(40, 160) for _ in range(kills)]
    each = [-(-share * (answers or 110 * kills) // sum(shares)) for share in shares]
    ledger = Ledger(iter(enumerate(signups(2 * sum(each) + 40 * kills + 100, seed=21))))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sybilgate-spool-")))
        os.environ["SYBILGATE_SPOOL_DIR"] = str(folder)
        stack.callback(os.environ.pop, "SYBILGATE_SPOOL_DIR")
        server, url = open_database(kind, stack)
        killed = 0

        def kill_database() -> None:
            nonlocal killed
            with trouble("killed", server, url):
                killed += 1

        broken = sum(life(url, ledger, rng, n, kill_database if database_too else None) for n in (*each, 0))
        sent = len(ledger.told) + len(ledger.unanswered)
        return {
            "kills": kills,
            "kills_of_the_database": killed,
            "acknowledged": len(ledger.told),
            "without_the_database": sum("store" in made.degraded for made in ledger.told.values()),
            "answered_from_record_on_retry": ledger.replayed,
            "unanswered": len(ledger.unanswered),
            "acknowledged_but_lost_or_changed": broken,
            "projection": differences(url, expected_events=sent),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--answers", type=int, default=0)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--database-too", action="store_true")
    given = parser.parse_args()
    if given.database_too and given.database == "sqlite":
        parser.error("SQLite has no processes of its own")
    found = run(given.database, given.kills, given.answers, database_too=given.database_too)
    json.dump({"machine": machine(), "database": given.database} | found, sys.stdout, indent=2)
    print()
    sys.exit(bool(found["acknowledged_but_lost_or_changed"] or found["projection"]))


if __name__ == "__main__":
    main()
