"""How long it takes to forget an account, and to tell it what is kept, by the size of the log; prints JSON.

    python -m tests.benchmarks.erasure [--events 10000,100000] [--database sqlite|postgresql]

Some signups go through the assessor; their lines of the log, answered requests and assessments are then copied under
other names until there are as many. An erasure and an export pass over these tables, because nothing asks them by
account otherwise: seconds grow with the log.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace

from sybilgate.app.access_export import AccessExport
from sybilgate.app.erase import Eraser
from sybilgate.app.task import Mode, Task
from sybilgate.core.records import RequestRecord
from sybilgate.store.store import SqlStore
from tests.benchmarks.application import application
from tests.benchmarks.process import databases, machine
from tests.benchmarks.traffic import signups

_REAL = 500
_BATCH = 50


def run(kind: str, events: int) -> dict[str, object]:
    given = signups(_REAL, seed=71)
    with databases(kind) as made, application(made.new()) as app:
        for start in range(0, len(given), _BATCH):
            app.assessor.run([Task(mode=Mode.ASSESS, events=(event,)) for event in given[start : start + _BATCH]])
        _copied(app.store, [event.account_id for event in given], max(events // _REAL - 1, 0))
        began = time.perf_counter()
        AccessExport(app.store, time.time)(given[0].account_id)
        exported = time.perf_counter()
        Eraser(app.store, app.keyring, time.time).erase(given[0].account_id)
        erased = time.perf_counter()
    return {
        "database": kind, "events": events, "exported_in_seconds": round(exported - began, 2),
        "erased_in_seconds": round(erased - exported, 2),
    }  # fmt: skip


def _copied(store: SqlStore, names: list[str], copies: int) -> None:
    """As many lines, requests and assessments again, of accounts that are called otherwise."""
    lines = store.events(0, _REAL)
    judged = [record for name in names for record in store.assessments(name, 1)]
    for n in range(copies):
        with store.unit() as unit:
            unit.append_events([replace(line, account_id=f"{line.account_id}-{n}") for line in lines])
            unit.write_assessments([replace(record, account_id=f"{record.account_id}-{n}") for record in judged])
            unit.write_requests([_request(f"{record.account_id}-{n}", record.assessment_id) for record in judged])


def _request(name: str, assessment_id: str) -> RequestRecord:
    answer = json.dumps({"assessments": [[name, assessment_id]], "seqs": [1]})
    return RequestRecord(f"request-{name}", bytes(32), "CreateAssessment", answer, 0.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", default="10000,100000")
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    sizes = [run(given.database, int(events)) for events in given.events.split(",")]
    json.dump({"machine": machine(), "sizes": sizes}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
