"""Kills the server with SIGKILL under load, again and again, and checks what it had promised; prints JSON.

    python -m tests.benchmarks.chaos [--kills 20] [--database sqlite|postgresql]

Promised: an acknowledged assessment is readable and equal after the restart; every request counts once, however
often it was retried; the tables equal a replay of the event log. The database server itself is left alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from sybilgate.client import Client, ServiceError
from sybilgate.core.event import Event
from sybilgate.v1 import assessment_pb2 as pb
from tests.benchmarks.process import ServerProcess, databases, machine
from tests.benchmarks.projection import differences
from tests.benchmarks.traffic import signups

_CALLERS = 8


@dataclass
class Ledger:
    """What callers sent and what they were told, over all lives of the server."""

    events: Iterator[tuple[int, Event]]
    told: dict[int, pb.Assessment] = field(default_factory=dict)
    unanswered: deque[tuple[int, Event]] = field(default_factory=deque)
    replayed: int = 0
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


def life(url: str, ledger: Ledger, rng: Random, last: bool) -> int:
    """One start of the server: check what the lives before promised, load it, kill it. Returns broken promises.

    The last life takes nothing new: it answers what is still open, is asked for that too, and ends well.
    """
    server = ServerProcess("sybilgate", url)
    with server, Client(f"127.0.0.1:{server.port}", timeout=30.0) as client:
        broken = _broken(client, ledger)
        before = len(ledger.told)
        callers = [threading.Thread(target=call_until_killed, args=(client, ledger, not last)) for _ in range(_CALLERS)]
        for caller in callers:
            caller.start()
        if not last:
            _wait_for(ledger, before + rng.randrange(20, 200), callers)
            server.kill()
        for caller in callers:
            caller.join()
        return broken + (_broken(client, ledger) if last else 0)


def _broken(client: Client, ledger: Ledger) -> int:
    return sum(not kept(client, made) for made in list(ledger.told.values()))


def _wait_for(ledger: Ledger, answers: int, callers: list[threading.Thread]) -> None:
    while len(ledger.told) < answers and any(caller.is_alive() for caller in callers):
        time.sleep(0.001)


def kept(client: Client, made: pb.Assessment) -> bool:
    """Whether the assessment reads back as it was told."""
    try:
        return client.get_assessment(made.name, full=False) == made
    except ServiceError:
        return False


def run(url: str, kills: int, seed: int = 1) -> dict[str, object]:
    """``kills`` lives that end by SIGKILL, then one that ends well."""
    rng = Random(seed)
    ledger = Ledger(iter(enumerate(signups(250 * kills + 100, seed=21))))
    broken = sum(life(url, ledger, rng, last=n >= kills) for n in range(kills + 1))
    sent = len(ledger.told) + len(ledger.unanswered)
    return {
        "kills": kills,
        "acknowledged": len(ledger.told),
        "answered_from_record_on_retry": ledger.replayed,
        "unanswered": len(ledger.unanswered),
        "acknowledged_but_lost_or_changed": broken,
        "projection": differences(url, expected_events=sent),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    with databases(given.database) as made:
        found = run(made.new(), given.kills)
    json.dump({"machine": machine(), "database": given.database} | found, sys.stdout, indent=2)
    print()
    sys.exit(bool(found["acknowledged_but_lost_or_changed"] or found["projection"]))


if __name__ == "__main__":
    main()
