"""What observing, planning, folding and reading a history cost an event; prints JSON.

    python -m tests.benchmarks.replay [--events 40000] [--chunk 2000]

The history is a simulated world, half of its events signups, written to a file and read back. ``replay`` counts plan,
fold, features and keeping the new records, without models. Its parts are from a profiled run of their own, and so a
little longer than in the plain run that gives the total. Times are CPU time, because other work on the machine would
count in any other; reading by several processes is by the clock. Memory is counted from what the replay holds.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.app.mapping import IDENTITY
from sybilgate.app.replay import Replay
from sybilgate.app.source import Source
from sybilgate.core.event import Event, EventType
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.reference.bundle import load_reference
from sybilgate.simulate import WorldConfig, rows
from sybilgate.simulate.columns import to_batch
from sybilgate.training.commands import blank_replay
from sybilgate.training.dataset import TRAINING_KEYS, read_log
from tests.benchmarks.process import machine

_PARTS = {
    "plan": ("make_plan",),
    "fold": ("fold_links", "fold_risk"),
    "features": ("first_features", "all_features"),
    "records": ("account_records",),
}
_ROUNDS = 3


def history(path: Path, events: int) -> Source:
    """A simulated world of ``events`` events as a Parquet file."""
    days = max(2, events // 8000)
    world = WorldConfig(seed=1, days=days, honest_per_day=2 + events // days // 2, campaigns=8, campaign_size=(8, 40))
    pq.write_table(pa.Table.from_batches([to_batch(list(islice(rows(world), events)))]), path)
    return Source(path, IDENTITY)


def observed(events: Sequence[Event], chunk: int) -> tuple[list[Observations], float]:
    """Observations in chunks, and microseconds an event."""
    reference = load_reference()
    observe(events[:1], reference, TRAINING_KEYS)
    start = time.process_time()
    found = [observe(events[i : i + chunk], reference, TRAINING_KEYS) for i in range(0, len(events), chunk)]
    return found, 1e6 * (time.process_time() - start) / len(events)


def replayed(chunks: Sequence[Observations]) -> tuple[Replay, float]:
    """A replay that folded the chunks, and microseconds an event; nothing is scored."""
    replay, events = blank_replay(), sum(map(len, chunks))
    start = time.process_time()
    for obs in chunks:
        replay.fold(obs, np.zeros(len(obs), np.bool_))
    return replay, 1e6 * (time.process_time() - start) / events


def parts(chunks: Sequence[Observations]) -> dict[str, float]:
    """Microseconds an event of each part."""
    profile = cProfile.Profile(time.process_time)
    profile.runcall(replayed, chunks)
    spent = dict.fromkeys(_PARTS, 0.0)
    for (_, _, function), (_, _, _, total, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        for name, functions in _PARTS.items():
            spent[name] += total if function in functions else 0.0
    return {name: round(1e6 * seconds / sum(map(len, chunks)), 1) for name, seconds in spent.items()}


def memory(replay: Replay) -> dict[str, float]:
    """Bytes an account and an identifier in use; room for more comes on top."""
    accounts, identifiers = len(replay.accounts), len(replay.slot_of)
    records = sum(
        sum(map(sys.getsizeof, (name, record, record.own, record.keys, record.held)))
        for name, record in replay.accounts.items()
    ) + sys.getsizeof(replay.accounts)
    states = replay.state.itemsize * identifiers
    return {
        "accounts": accounts,
        "identifiers": identifiers,
        "bytes_per_account": round(records / accounts),
        "bytes_per_identifier": round((states + replay.slot_of.nbytes) / identifiers),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def reading(path: Path, events: int) -> dict[str, float]:
    """Events a second from file to observations, by one process and by two (their start included)."""
    out = {}
    for workers in (1, 2):
        start = time.perf_counter()
        read_log(Source(path, IDENTITY), load_reference(), workers=workers)
        out[f"workers_{workers}"] = round(events / (time.perf_counter() - start))
    return out


def measured(events: int, chunk: int) -> dict[str, Any]:
    """All numbers; of each time the best of some rounds, because other work disturbs them."""
    with tempfile.TemporaryDirectory(prefix="sybilgate-replay-") as folder:
        path = Path(folder) / "world.parquet"
        source = history(path, events)
        everything = [mapped.event for mapped in source.events()]
        signups = [event for event in everything if event.type is EventType.SIGNUP]
        out: dict[str, Any] = {"events": len(everything), "signups": len(signups), "chunk": chunk}
        for name, given in (("all", everything), ("signups", signups)):
            rounds = [observed(given, chunk) for _ in range(_ROUNDS)]
            chunks = rounds[0][0]
            replayed(chunks[:1])
            replays = [replayed(chunks) for _ in range(_ROUNDS)]
            best = min(spent for _, spent in replays)
            out[name] = {
                "observe_us": round(min(spent for _, spent in rounds), 1),
                "replay_us": round(best, 1),
                "replay_per_second": round(1e6 / best),
                "parts_us": parts(chunks),
                "memory": memory(replays[0][0]),
            }
        out["read_log_per_second"] = reading(path, len(everything))
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=40_000)
    parser.add_argument("--chunk", type=int, default=2000)
    options = parser.parse_args(arguments)
    print(json.dumps({"machine": machine(), **measured(options.events, options.chunk)}, indent=1))


if __name__ == "__main__":
    main()
