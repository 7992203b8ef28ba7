"""A million signups, from nothing to a model: simulated, replayed and scored, trained on; prints JSON.

    python -m tests.benchmarks.million [--signups 1000000] [--days 20] [--without KIND ...] [--out FOLDER]

Every stage is a process of its own, as an operator would start it. ``peak_rss_gb`` is the most that it and its own
processes held at once, looked at five times a second; pages that they share count for each. Other work on the machine
lengthens ``seconds``; ``cpu_seconds`` hardly change. ``--without`` leaves kinds of campaign out of the world, and with
``--out`` world and model stay: a model that never saw such a kind, for ``tests.benchmarks.incident``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sybilgate.app.mapping import IDENTITY
from sybilgate.app.observing import observe_source
from sybilgate.app.replay import Replay
from sybilgate.app.source import Source
from sybilgate.cli.bars import bars
from sybilgate.core.policy import Decision
from sybilgate.loading import packaged_model
from sybilgate.reference.bundle import load_reference
from sybilgate.simulate.kinds import KINDS
from sybilgate.training.dataset import CHUNK, TRAINING_KEYS
from tests.benchmarks.incident_replay import load_pipeline
from tests.benchmarks.process import machine

_PAGE = os.sysconf("SC_PAGE_SIZE")
_LOOK = 0.2
_SYBILGATE = [sys.executable, "-m", "sybilgate"]


def staged(command: Sequence[str]) -> dict[str, Any]:
    """Run one stage; what it took. What it prints goes to standard error."""
    begun, most = time.perf_counter(), 0
    with subprocess.Popen(command, stdout=sys.stderr) as process:
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            most = max(most, resident(process.pid))
            time.sleep(_LOOK)
        process.returncode = os.waitstatus_to_exitcode(ended[1])
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return {
        "seconds": round(time.perf_counter() - begun, 1),
        "cpu_seconds": round(ended[2].ru_utime + ended[2].ru_stime, 1),
        "peak_rss_gb": round(most / 2**30, 2),
    }


def resident(root: int) -> int:
    """Bytes of memory held by a process and its descendants."""
    parent: dict[int, int] = {}
    pages: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        parent[int(path.parent.name)], pages[int(path.parent.name)] = int(fields[1]), int(fields[21])
    family, size = {root}, 0
    while len(family) > size:
        size = len(family)
        family |= {one for one, above in parent.items() if above in family}
    return sum(pages.get(one, 0) for one in family) * _PAGE


def replay(history: Path, bundle: Path) -> dict[str, int]:
    """Fold and score every signup as serving would, keeping the state alone."""
    source = Source(history, IDENTITY)
    state = Replay(load_pipeline(bundle))
    found = {"events": len(source), "stopped": 0}
    with bars() as tell:
        done = 0
        for obs, _ in observe_source(source, load_reference(), TRAINING_KEYS, CHUNK):
            decision = state.fold(obs).decision
            state.forget(obs.account_id)  # each comes once
            found["stopped"] += int(np.count_nonzero(decision >= Decision.CHALLENGE))
            done += len(obs)
            tell("replay", done, len(source))
    return found | {"accounts": done, "identifiers": len(state.slot_of)}


def measured(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The three stages."""
    world = folder / "million.parquet"
    daily = -(-options.signups // options.days)  # crowds and campaigns come on top
    kinds = [f"--kind={kind}" for kind in KINDS if kind not in options.without] if options.without else []
    simulated = [
        "simulate", str(world), f"--seed={options.seed}", f"--days={options.days}", f"--honest-per-day={daily}",
        f"--campaigns={options.campaigns}", "--signups-only", f"--workers={min(2, os.cpu_count() or 1)}", *kinds,
    ]  # fmt: skip
    counts = folder / "replay.json"
    stages = {
        "simulate": [*_SYBILGATE, *simulated],
        "replay": [sys.executable, "-m", "tests.benchmarks.million", "--replay", str(world), str(counts)],
        "train": [*_SYBILGATE, "train", str(world), str(folder), "--name", "million", "--seed", str(options.seed)],
    }
    took = {}
    for name, command in stages.items():
        print(f"{name} …", file=sys.stderr)
        took[name] = staged(command)
    seconds = sum(stage["seconds"] for stage in took.values())
    return {
        "stages": took,
        "seconds": round(seconds, 1),
        "world_mb": round(world.stat().st_size / 2**20),
        "replayed": json.loads(counts.read_text(encoding="utf-8")),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signups", type=int, default=1_000_000, help="at least so many")
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--campaigns", type=int, default=90)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--without", action="append", default=[], metavar="KIND", choices=sorted(KINDS))
    parser.add_argument("--bundle", type=Path, default=packaged_model(), help="scores the replay")
    parser.add_argument("--out", type=Path, help="keeps the world and the model")
    parser.add_argument("--replay", type=Path, nargs=2, metavar=("WORLD", "JSON"), help="only this stage")
    options = parser.parse_args(arguments)
    if options.replay:
        world, counts = options.replay
        counts.write_text(json.dumps(replay(world, options.bundle)), encoding="utf-8")
        return
    with tempfile.TemporaryDirectory(prefix="sybilgate-million-") as scratch:
        found = measured(options, options.out or Path(scratch))
    json.dump({"machine": machine(), **found}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
