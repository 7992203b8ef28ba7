"""What a score costs as the store grows, for rare values and for a hub that every account shares; prints JSON.

    python -m tests.benchmarks.growth [--sizes 10000,100000] [--million] [--database sqlite|postgresql] [--quick]

Each size has a database of its own; rounds visit them in turn. Most accounts are filler: rows of real size under
random keys, copied from accounts that went through the service. Scores run in process, one transaction each, without
the network: a constant cost would only flatter the ratios. The files fit in the memory of the machine that runs this.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from sybilgate.app.task import Mode, Task
from sybilgate.core.event import Event, Network
from sybilgate.core.identifier import KEY_BYTES, SPECS, Kind, Role
from sybilgate.core.records import AccountRecord, IdentifierRow
from sybilgate.core.state import HELD, STATE, merge_rows
from sybilgate.store.store import SqlStore
from sybilgate.wiring import Application
from tests.benchmarks.application import application, identifiers_of
from tests.benchmarks.process import Databases, databases, machine
from tests.benchmarks.traffic import signups

_TEMPLATES = 512
_CHUNK = 4096
_HUB = Network(
    ip_address="198.51.100.77",
    user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
    " Safari/537.36",
)
_HUB_KINDS = frozenset((Kind.IP, Kind.NET, Kind.UA_BUILD, Kind.NET_UA_BUILD))


@dataclass
class Sized:
    """A store of ``size`` accounts and the service over it."""

    size: int
    app: Application
    load_seconds: float


def hub(event: Event) -> Event:
    """The same signup, from the address and browser everybody has."""
    return replace(event, network=_HUB)


def record(app: Application, events: Sequence[Event]) -> None:
    """Events through the service, without scores, 256 to a transaction."""
    for start in range(0, len(events), 256):
        app.assessor.run([Task(mode=Mode.RECORD, events=tuple(events[start : start + 256]))])


def fill(store: SqlStore, templates: list[AccountRecord], count: int, seed: int) -> None:
    """``count`` filler accounts and their identifiers, straight into the tables."""
    rng = np.random.default_rng(seed)
    held = [np.frombuffer(row.held, dtype=HELD) for row in templates]
    with store.unit() as unit:
        known = unit.identifiers(sorted({key.tobytes() for row in held for key in row["key"]}))
    for start in range(0, count, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count))
        accounts, identifiers = [], []
        for n in numbers:
            of = n % len(templates)
            mine, rows = _filler(held[of], known, rng)
            identifiers += rows
            ref = int(rng.integers(-(2**62), 2**62))
            accounts.append(replace(templates[of], account_id=f"filler-{n:08d}", ref=ref, held=mine))
        identifiers.sort(key=lambda row: row.key)
        with store.unit() as unit:
            unit.write_accounts(accounts)
            unit.write_identifiers(identifiers, merge_rows)


def _filler(
    held: np.ndarray, known: dict[bytes, tuple[int, bytes]], rng: np.random.Generator
) -> tuple[bytes, list[IdentifierRow]]:
    """A copy of what an account holds: its own values under new keys, common ones as they are."""
    mine, rows = held.copy(), []
    fresh = rng.bytes(len(held) * KEY_BYTES)
    keys = held["key"].tobytes()
    for i in range(len(held)):
        key = keys[i * KEY_BYTES : (i + 1) * KEY_BYTES]
        state = known[key][1]
        if int(np.frombuffer(state, STATE)["accounts"][0]) > 1 or not SPECS[Kind(key[0])].role & Role.LINK:
            continue
        new = key[:1] + fresh[i * KEY_BYTES + 1 : (i + 1) * KEY_BYTES]
        mine["key"][i] = np.frombuffer(new, HELD["key"])[0]
        rows.append(IdentifierRow(new, 0, None, state, 1, float(held["time"][i])))
    return mine.tobytes(), rows


def swell(app: Application, event: Event, size: int) -> None:
    """Say that every account holds what a hub event shares."""
    keys = sorted(key for key in identifiers_of(app, event) if Kind(key[0]) in _HUB_KINDS)
    with app.store.unit() as unit:
        rows = []
        for key, (version, state) in unit.identifiers(keys).items():
            grown = np.frombuffer(state, STATE).copy()
            grown["accounts"], grown["weight"] = size, size
            rows.append(IdentifierRow(key, version, state, grown.tobytes(), size, float(grown["seen"][0])))
        unit.write_identifiers(sorted(rows, key=lambda row: row.key), merge_rows)


def load(made: Databases, size: int, stack: ExitStack) -> Sized:
    """A database with ``size`` accounts."""
    began = time.perf_counter()
    app = stack.enter_context(application(made.new()))
    real = signups(_TEMPLATES, seed=11)
    record(app, real)
    record(app, [hub(replace(event, account_id=f"hub-{n}")) for n, event in enumerate(real[:32])])
    with app.store.unit() as unit:
        templates = list(unit.accounts([event.account_id for event in real]).values())
    fill(app.store, templates, size - len(templates) - 32, seed=size)
    swell(app, hub(real[0]), size)
    return Sized(size, app, time.perf_counter() - began)


def p50_ms(app: Application, events: Sequence[Event]) -> float:
    """Median time of a score, one transaction each."""
    taken = []
    for event in events:
        began = time.perf_counter()
        app.assessor.run([Task(mode=Mode.ASSESS, events=(event,))])
        taken.append(time.perf_counter() - began)
    return median(taken) * 1e3


def run(kind: str, sizes: Sequence[int], rounds: int, scores: int) -> dict[str, object]:
    """All sizes, interleaved."""
    fresh = signups((rounds + 1) * scores * 2, seed=12)
    rare: dict[int, list[float]] = {size: [] for size in sizes}
    hubs: dict[int, list[float]] = {size: [] for size in sizes}
    with databases(kind) as made, ExitStack() as stack:
        stores = [load(made, size, stack) for size in sizes]
        for n in range(rounds + 1):
            mine = fresh[2 * n * scores : 2 * (n + 1) * scores]
            for sized in stores:
                times = p50_ms(sized.app, mine[:scores]), p50_ms(sized.app, [hub(event) for event in mine[scores:]])
                if n:  # the first round warms up
                    rare[sized.size].append(times[0])
                    hubs[sized.size].append(times[1])
    by_size = {
        str(store.size): {
            "p50_ms": round(median(rare[store.size]), 3),
            "hub_p50_ms": round(median(hubs[store.size]), 3),
            "load_seconds": round(store.load_seconds, 1),
        }
        for store in stores
    }
    low, high = min(sizes), max(sizes)
    return {
        "accounts": by_size,
        "p50_largest_over_smallest": round(median(rare[high]) / median(rare[low]), 3),
        "hub_over_rare": {str(size): round(median(hubs[size]) / median(rare[size]), 3) for size in sizes},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--million", action="store_true", help="a million accounts as well: minutes, and several GB")
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--quick", action="store_true", help="one short round over 1,000 and 4,000 accounts")
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")] + [1_000_000] * given.million
    rounds, scores = (1, 20) if given.quick else (5, 100)
    found = run(given.database, [1000, 4000] if given.quick else sizes, rounds, scores)
    report = {"machine": machine(), "database": given.database, "rounds": rounds, "scores_per_round": scores} | found
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
