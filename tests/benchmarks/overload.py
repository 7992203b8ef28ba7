"""Offers a server more than it can do, and ill-behaved connections; prints JSON.

    python -m tests.benchmarks.overload [--seconds 10] [--database sqlite|postgresql] [--factors 2,5,10] [--apart]

First the peak: as many calls in flight as keep it busy. Then calls at so many times that rate, whoever waits for whom;
each is given up after a second. Asked: how much of the peak is still answered in time, how fast the rest is refused and
whether it is told when to come back. Caller and server share the machine, so what is offered may fall short of what was
meant: the rate that was reached is told. ``--apart``: the server has one core and the caller another, so that a crowd
of callers takes nothing from the server but what it sends.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import grpc
import grpc.aio
import numpy as np
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status

from tests.benchmarks.load import METHOD, closed_loop
from tests.benchmarks.process import ServerProcess, databases, machine
from tests.benchmarks.traffic import Feed, requests, signups

_IN_FLIGHT = 64
_DEADLINE = 1.0
#: Connections of the callers.
_CHANNELS = 4


@dataclass
class Offered:
    """What became of calls: seconds of the answered and of the refused, and how the others ended."""

    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    with_retry: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    seconds: float = 0.0

    def figures(self, peak: float) -> dict[str, object]:
        goodput = len(self.answered) / self.seconds
        return {
            "offered_per_second": round(self.sent / self.seconds, 1),
            "answered_per_second": round(goodput, 1),
            "goodput_of_peak": round(goodput / peak, 3),
            "answered_p99_ms": _ms(self.answered, 99),
            "refused": len(self.refused),
            "refused_p50_ms": _ms(self.refused, 50),
            "refused_p99_ms": _ms(self.refused, 99),
            "refused_with_retry_info": self.with_retry,
            "ended_otherwise": dict(self.ended),
        }


def _ms(seconds: list[float], q: float) -> float | None:
    return round(float(np.percentile(seconds, q)) * 1e3, 1) if seconds else None


async def _offer(port: int, given: Sequence[bytes], rate: float, seconds: float) -> Offered:
    """Sends at ``rate`` a second with exponential gaps, for so many seconds."""
    found, rng, calls = Offered(), Random(1), []
    options = (("grpc.use_local_subchannel_pool", 1),)
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) for _ in range(_CHANNELS)]
    for channel in channels:
        await channel.channel_ready()
    methods = [channel.unary_unary(METHOD) for channel in channels]
    began = due = time.perf_counter()
    for n, request in enumerate(given):
        due += rng.expovariate(rate)
        now = time.perf_counter()
        if now - began > seconds:
            break
        if due > now:
            await asyncio.sleep(due - now)
        calls.append(asyncio.ensure_future(_send(methods[n % _CHANNELS], request, found)))
        if n % 64 == 0:
            await asyncio.sleep(0)
    found.sent, found.seconds = len(calls), time.perf_counter() - began
    await asyncio.gather(*calls)
    for channel in channels:
        await channel.close()
    return found


async def _send(call: grpc.aio.UnaryUnaryMultiCallable, request: bytes, found: Offered) -> None:
    sent = time.perf_counter()
    try:
        await call(request, timeout=_DEADLINE)
        found.answered.append(time.perf_counter() - sent)
    except grpc.aio.AioRpcError as error:
        if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
            found.refused.append(time.perf_counter() - sent)
            found.with_retry += _has_retry(error)
        else:
            found.ended[error.code().name] += 1


def _has_retry(error: grpc.aio.AioRpcError) -> bool:
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return any(detail.Is(RetryInfo.DESCRIPTOR) for detail in Status.FromString(value).details)
    return False


@contextmanager
def apart(wanted: bool) -> Iterator[Callable[[], None]]:
    """On the first core inside the block, and on the second once the function was called; on all of them afterwards."""
    cores = sorted(os.sched_getaffinity(0))
    if wanted:
        os.sched_setaffinity(0, cores[:1])
    try:
        yield lambda: os.sched_setaffinity(0, cores[1:2]) if wanted else None
    finally:
        os.sched_setaffinity(0, cores)


def run(kind: str, seconds: float, factors: Sequence[float], *, alone: bool = False) -> dict[str, object]:
    """Peak, then every factor of it, on one database."""
    with databases(kind) as made, apart(alone) as step_aside, ServerProcess("sybilgate", made.new()) as server:
        step_aside()
        feed = Feed(requests(signups(4000, seed=41), prefix="peak"))
        closed_loop(server.port, feed.take(200), 8, seconds)
        peak = closed_loop(server.port, feed.take(3000), _IN_FLIGHT, seconds).throughput
        rounds = {}
        events = signups(4000, seed=42)
        for factor in factors:
            many = -(-int(peak * factor * seconds) // len(events))
            given = [one for n in range(many) for one in requests(events, prefix=f"o{factor:g}-{n}")]
            found = asyncio.run(_offer(server.port, given, peak * factor, seconds))
            rounds[f"{factor:g}x"] = found.figures(peak)
        again = closed_loop(server.port, feed.take(1000), _IN_FLIGHT, seconds).throughput
    return {"database": kind, "peak_per_second": round(peak, 1), "after_per_second": round(again, 1), "rounds": rounds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--factors", default="2,5,10")
    parser.add_argument("--apart", action="store_true")
    given = parser.parse_args()
    factors = [float(factor) for factor in given.factors.split(",")]
    found = run(given.database, given.seconds, factors, alone=given.apart)
    json.dump({"machine": machine()} | found, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
