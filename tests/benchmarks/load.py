"""Load generators: a closed loop with a fixed number of calls in flight, and an open loop at a fixed rate.

Requests are bytes made beforehand and replies stay bytes, so that the caller costs as little as a Python caller
can; it still shares the machine with the server it measures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle
from random import Random

import grpc
import grpc.aio
import numpy as np

METHOD = "/sybilgate.v1.AssessmentService/CreateAssessment"
_CALL_TIMEOUT = 30.0


@dataclass
class Sample:
    """Latencies in seconds of the calls that were answered; ``seconds`` is the time from first send to last reply."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    @property
    def throughput(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile_ms(self, q: float) -> float:
        """A latency quantile in milliseconds."""
        return float(np.quantile(self.latencies, q)) * 1e3 if self.latencies else float("nan")


def closed_loop(
    port: int, requests: Sequence[bytes], in_flight: int, seconds: float, channels: int = 1, method: str = METHOD
) -> Sample:
    """Keeps ``in_flight`` calls going on ``channels`` connections until the requests or the ``seconds`` are used up."""
    if in_flight == 1:
        return _one_by_one(port, requests, seconds, method)
    return asyncio.run(_many(port, requests, in_flight, seconds, channels, method))


def open_loop(
    port: int, requests: Sequence[bytes], rate: float, seed: int = 1, channels: int = 1, method: str = METHOD
) -> Sample:
    """Sends at ``rate`` per second with exponential gaps, never waiting for replies.

    A latency counts from the moment the call was due, so a stalled server cannot hide behind a stalled caller.
    """
    return asyncio.run(_on_schedule(port, requests, rate, seed, channels, method))


def _one_by_one(port: int, requests: Sequence[bytes], seconds: float, method: str) -> Sample:
    sample = Sample()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        grpc.channel_ready_future(channel).result(_CALL_TIMEOUT)
        call = channel.unary_unary(method)
        began = time.perf_counter()
        for request in requests:
            sent = time.perf_counter()
            if sent - began > seconds:
                break
            try:
                call(request, timeout=_CALL_TIMEOUT)
                sample.latencies.append(time.perf_counter() - sent)
            except grpc.RpcError:
                sample.errors += 1
        sample.seconds = time.perf_counter() - began
    return sample


@asynccontextmanager
async def _connected(port: int, channels: int, method: str) -> AsyncIterator[list[grpc.aio.UnaryUnaryMultiCallable]]:
    """The method on so many connections, all of them ready. Channels of one address share a connection by default."""
    options = (("grpc.use_local_subchannel_pool", 1),)
    async with AsyncExitStack() as stack:
        address = f"127.0.0.1:{port}"
        opened = [await stack.enter_async_context(grpc.aio.insecure_channel(address, options)) for _ in range(channels)]
        await asyncio.gather(*(channel.channel_ready() for channel in opened))
        yield [channel.unary_unary(method) for channel in opened]


async def _many(
    port: int, requests: Sequence[bytes], in_flight: int, seconds: float, channels: int, method: str
) -> Sample:
    sample, left = Sample(), iter(requests)
    async with _connected(port, channels, method) as calls:
        end = time.perf_counter() + seconds
        began = time.perf_counter()
        await asyncio.gather(*(_caller(calls[i % channels], left, end, sample) for i in range(in_flight)))
        sample.seconds = time.perf_counter() - began
    return sample


async def _caller(call: grpc.aio.UnaryUnaryMultiCallable, left: Iterator[bytes], end: float, sample: Sample) -> None:
    for request in left:
        if time.perf_counter() > end:
            return
        await _send(call, request, time.perf_counter(), sample)


async def _on_schedule(
    port: int, requests: Sequence[bytes], rate: float, seed: int, channels: int, method: str
) -> Sample:
    sample, rng, sends = Sample(), Random(seed), []
    async with _connected(port, channels, method) as calls:
        began = due = time.perf_counter()
        for request, call in zip(requests, cycle(calls), strict=False):
            due += rng.expovariate(rate)
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            sends.append(asyncio.ensure_future(_send(call, request, due, sample)))
        await asyncio.gather(*sends)
        sample.seconds = time.perf_counter() - began
    return sample


async def _send(call: grpc.aio.UnaryUnaryMultiCallable, request: bytes, since: float, sample: Sample) -> None:
    try:
        await call(request, timeout=_CALL_TIMEOUT)
        sample.latencies.append(time.perf_counter() - since)
    except grpc.RpcError:
        sample.errors += 1
