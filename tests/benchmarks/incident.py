"""The incident the service was made for, at full size: how soon a slow campaign of 25,000 accounts is noticed, and how
much of what it drew would have been stopped; prints JSON.

    sybilgate simulate incident.parquet --seed 901 --days 50 --honest-per-day 50000 --campaigns 1 --kind slow_drip \
        --campaign-size 25000-25000 --campaign-days 45 --requests-per-day 90
    python -m tests.benchmarks.incident incident.parquet --bundle models/default/5 [--bundle …] [--review 0.005 …]

The world is observed once, to a file (``--observed`` keeps it), and replayed by one process for each bundle and each
``--review``, the share of signups that a review team looks at: it tells the truth of those a day later, as outcomes.
All signups are scored as they come and again a week later. An account is let go once the file tells nothing more of it
and its re-score is done, which changes no number. Thresholds come from honest signups, in three ways: those before the
campaign began (the first day left out), those of the seven days before each day, and all of them.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sybilgate.app.mapping import IDENTITY
from sybilgate.app.observing import observe_source
from sybilgate.app.replay import Replay
from sybilgate.app.source import Source
from sybilgate.cli.bars import bars
from sybilgate.core.observation import Observations
from sybilgate.reference.bundle import load_reference
from sybilgate.training.dataset import CHUNK, TRAINING_KEYS
from tests.benchmarks.incident_figures import figures, honest_classes
from tests.benchmarks.incident_replay import Life, load_pipeline, relive
from tests.benchmarks.incident_world import World, read_world
from tests.benchmarks.observed import read_observed, write_observed
from tests.benchmarks.process import machine

Tell = Callable[[str, int, int], None]


def observe(world: Path, out: Path, workers: int | None, tell: Tell) -> dict[str, Any]:
    """Write the observed world; what that took."""
    begun = time.perf_counter()
    source = Source(world, IDENTITY)

    def chunks() -> Iterator[Observations]:
        done = 0
        for obs, _ in observe_source(source, load_reference(), TRAINING_KEYS, CHUNK, workers):
            yield obs
            done += len(obs)
            tell("observe", done, len(source))

    write_observed(out, chunks())
    if source.bad.count:
        raise SystemExit(f"{world}: {source.bad.count} rows do not fit: {source.bad.first}")
    return {"seconds": round(time.perf_counter() - begun, 1), "file_mb": round(out.stat().st_size / 2**20)}


def arm(path: Path, observed: Path, bundle: Path, review: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the world is, and one replay of it under a bundle, in a process of its own so that its memory is its own."""
    gc.disable()  # nothing here makes cycles, and to look for some among a million accounts takes longer than the work
    begun = time.perf_counter(), time.process_time()
    world = read_world(path)
    life = Life(Replay(load_pipeline(bundle)), world, review)
    with bars() as tell:
        name = f"{bundle.as_posix()}, {'reviewed' if review else 'no reviews'}"
        relive(read_observed(observed), life, lambda done: tell(name, done, world.events))
    took = {
        "seconds": round(time.perf_counter() - begun[0], 1),
        "cpu_seconds": round(time.process_time() - begun[1], 1),
        "peak_rss_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "identifiers": len(life.replay.slot_of),
        "most_accounts_at_once": life.most_accounts,
    }
    found = {"bundle": bundle.as_posix(), "review": review, "took": took}
    return describe(world), found | figures(world, life.answers)


def describe(world: World) -> dict[str, Any]:
    """What the world is, in numbers."""
    ours = world.time[world.sybil]
    return {
        "events": world.events,
        "signups": len(world.time),
        "days": round(float(world.end - world.time[0]) / 86_400, 1),
        "campaign": {
            "accounts": len(ours),
            "from_day": round(float(ours[0] - world.time[0]) / 86_400, 2),
            "to_day": round(float(ours[-1] - world.time[0]) / 86_400, 2),
            "exchanges": int(world.exchanges.sum()),
        },
        "honest": honest_classes(world),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path)
    parser.add_argument("--bundle", type=Path, action="append", required=True, help="may be repeated")
    parser.add_argument("--review", type=float, action="append", help="share of signups reviewed; 0, as left out: none")
    parser.add_argument("--observed", type=Path, help="where the observed world is kept, and taken from if it is there")
    parser.add_argument("--workers", type=int, help="processes that observe")
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {"machine": machine(), "arms": []}
    with tempfile.TemporaryDirectory(prefix="sybilgate-incident-") as folder:
        observed = options.observed or Path(folder) / "observed.arrow"
        if not observed.exists():
            with bars() as tell:
                found["observing"] = observe(options.world, observed, options.workers, tell)
        for bundle, review in product(options.bundle, options.review or [0.0]):
            # One after the other: together they would not fit into memory.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                found["world"], one = pool.submit(arm, options.world, observed, bundle, review).result()
            found["arms"].append(one)
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
