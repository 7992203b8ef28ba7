"""Calls at a steady rate of which one in five is cancelled, for minutes; is memory flat? Prints JSON.

    python -m tests.benchmarks.soak [--minutes 5] [--rate 100] [--database sqlite|postgresql]

Callers give up a fifth of their calls after a random moment, in the queue, in a batch or on the way back. Asked: the
server's resident memory over time (its children's, too), whether any call that was waited for fails, and whether
memory still grows once everything has been in use: ``growth`` is the median of the last fifth of the run over that of
the second fifth. Accounts come again and again, so that the database's own caches have their size early.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import grpc
import grpc.aio
import numpy as np
import psutil

from tests.benchmarks.load import METHOD
from tests.benchmarks.process import ServerProcess, databases, machine
from tests.benchmarks.traffic import requests, signups

#: Share of calls that are cancelled, and after how many seconds at most.
_CANCELLED, _SOON = 0.2, 0.02
_CHANNELS = 2
_TIMEOUT = 10.0
#: Different signups; then they come again under other request ids.
_EVENTS = 4000
_SAMPLE_SECONDS = 1.0


@dataclass
class Soaked:
    """Seconds of the calls that were answered, how others ended, and (seconds, megabytes) of the server."""

    answered: list[float] = field(default_factory=list)
    cancelled: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def figures(self, seconds: float) -> dict[str, object]:
        fifths = [
            [mb for at, mb in self.memory if n * seconds / 5 <= at < (n + 1) * seconds / 5] or [float("nan")]
            for n in range(5)
        ]
        medians = [round(float(np.median(part)), 1) for part in fifths]
        return {
            "answered": len(self.answered), "cancelled": self.cancelled, "failed": dict(self.failed),
            "answered_per_second": round(len(self.answered) / seconds, 1),
            "p50_ms": round(float(np.quantile(self.answered, 0.5)) * 1e3, 1),
            "p99_ms": round(float(np.quantile(self.answered, 0.99)) * 1e3, 1),
            "memory_mb_by_fifth": medians, "growth": round(medians[4] / medians[1] - 1.0, 4),
        }  # fmt: skip


async def _soak(server: ServerProcess, given: Sequence[Sequence[bytes]], rate: float, seconds: float) -> Soaked:
    found, rng, calls = Soaked(), Random(1), set[asyncio.Task[None]]()
    options = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{server.port}", options=options) for _ in range(_CHANNELS)]
    methods = [channel.unary_unary(METHOD) for channel in channels]
    watch = asyncio.ensure_future(_watch(server.pid, found))
    began = due = time.perf_counter()
    for n, request in enumerate(request for part in given for request in part):
        due += rng.expovariate(rate)
        if due - began > seconds:
            break
        await asyncio.sleep(max(due - time.perf_counter(), 0.0))
        gives_up = rng.uniform(0.0, _SOON) if rng.random() < _CANCELLED else None
        task = asyncio.ensure_future(_call(methods[n % _CHANNELS], request, gives_up, found))
        calls.add(task)
        task.add_done_callback(calls.discard)
    await asyncio.gather(*calls)
    watch.cancel()
    for channel in channels:
        await channel.close()
    return found


async def _call(
    method: grpc.aio.UnaryUnaryMultiCallable, request: bytes, gives_up: float | None, found: Soaked
) -> None:
    sent = time.perf_counter()
    call = method(request, timeout=_TIMEOUT)
    try:
        if gives_up is not None:
            await asyncio.sleep(gives_up)
            found.cancelled += call.cancel()
        await call
        found.answered.append(time.perf_counter() - sent)
    except asyncio.CancelledError:
        return
    except grpc.aio.AioRpcError as error:
        found.failed[error.code().name] += 1


async def _watch(pid: int, found: Soaked) -> None:
    process, began = psutil.Process(pid), time.perf_counter()
    while True:
        family = [process, *process.children(recursive=True)]
        used = sum(one.memory_info().rss for one in family) / 2**20
        found.memory.append((time.perf_counter() - began, used))
        await asyncio.sleep(_SAMPLE_SECONDS)


def run(kind: str, minutes: float, rate: float) -> dict[str, object]:
    seconds = minutes * 60.0
    events = signups(_EVENTS, seed=51)
    rounds = 1 + int(1.2 * seconds * rate) // len(events)
    with databases(kind) as made, ServerProcess("sybilgate", made.new()) as server:
        given = [requests(events, prefix=f"soak-{n}") for n in range(rounds)]
        found = asyncio.run(_soak(server, given, rate, seconds))
    return {"database": kind, "minutes": minutes, "rate": rate, **found.figures(seconds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    found = run(given.database, given.minutes, given.rate)
    json.dump({"machine": machine()} | found, sys.stdout, indent=2)
    print()
    sys.exit(bool(found["failed"]))


if __name__ == "__main__":
    main()
