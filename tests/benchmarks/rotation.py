"""What it costs to rotate the key of values, and to destroy the old one; prints JSON.

    python -m tests.benchmarks.rotation [--signups 4000] [--database sqlite|postgresql]

The assessor runs batches of 32 over one store: signups under one key, new signups while there are two, the same
accounts once more (their values are met again), then the older key is destroyed, then signups under the new one alone.
Told are milliseconds and look-ups a signup, and how long the destruction holds the store.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace

from sybilgate.app.assess import Assessor
from sybilgate.app.task import Mode, Task
from sybilgate.core.event import Event
from sybilgate.core.identifier import Keyring, ValueKey
from sybilgate.keyfile import without_older
from tests.benchmarks.application import application
from tests.benchmarks.process import databases, machine
from tests.benchmarks.traffic import signups

_BATCH = 32
_FIRST = ValueKey(1, b"a secret for measurements only!!")
ONE = Keyring(1, _FIRST.secret, (_FIRST,))
TWO = Keyring(2, _FIRST.secret, (_FIRST, ValueKey(2, b"another one for measurements....")))


def under(service: Assessor, keys: Keyring) -> Assessor:
    chosen = replace(service.pipeline(), keyring=keys)
    return replace(service, keyring=keys, pipeline=lambda: chosen)


def milliseconds(service: Assessor, events: Sequence[Event]) -> float:
    """Per signup."""
    began = time.perf_counter()
    for start in range(0, len(events), _BATCH):
        service.run([Task(mode=Mode.ASSESS, events=(event,)) for event in events[start : start + _BATCH]])
    return round((time.perf_counter() - began) / len(events) * 1e3, 3)


def run(kind: str, count: int) -> dict[str, object]:
    events = signups(count, seed=61)
    parts = [events[i * count // 4 : (i + 1) * count // 4] for i in range(4)]
    with databases(kind) as made, application(made.new()) as app:
        one, two, new = (under(app.assessor, keys) for keys in (ONE, TWO, without_older(TWO)))
        milliseconds(one, parts[0])
        found: dict[str, object] = {"one_key_ms": milliseconds(one, parts[1])}
        found["two_keys_ms"] = milliseconds(two, parts[2])
        found["two_keys_met_again_ms"] = milliseconds(two, parts[1])
        with app.store.unit() as unit:
            every, behind = unit.left_behind(2)
        began = time.perf_counter()
        with app.store.unit() as unit:
            done = unit.forget_key(TWO)
        found |= {
            "values": every, "not_met_again": behind, "identifiers_kept": done.kept,
            "identifiers_forgotten": done.forgotten, "destroyed_in_seconds": round(time.perf_counter() - began, 2),
            "new_key_ms": milliseconds(new, parts[3]),
        }  # fmt: skip
    return {"database": kind, "signups": count} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signups", type=int, default=4000)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    json.dump({"machine": machine()} | run(given.database, given.signups), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
