"""The load generators of ``tests.benchmarks.load`` for an HTTP peer: keep-alive connections, bodies made beforehand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from random import Random

from tests.benchmarks.load import Sample

_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
#: Connections of the open loop: enough that none is waited for.
_CONNECTIONS = 128


def closed_loop(port: int, bodies: Sequence[bytes], in_flight: int, seconds: float) -> Sample:
    """Keeps ``in_flight`` calls going, each on a connection of its own."""
    return asyncio.run(_many(port, bodies, in_flight, seconds))


def open_loop(port: int, bodies: Sequence[bytes], rate: float, seed: int = 1) -> Sample:
    """Sends at ``rate`` with exponential gaps; a latency counts from the moment the call was due."""
    return asyncio.run(_on_schedule(port, bodies, rate, seed))


def request(body: bytes) -> bytes:
    """A POST of JSON to /score."""
    head = f"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _many(port: int, bodies: Sequence[bytes], in_flight: int, seconds: float) -> Sample:
    sample, left = Sample(), iter(bodies)
    async with _connections(port, in_flight) as opened:
        began = time.perf_counter()
        await asyncio.gather(*(_caller(streams, left, began + seconds, sample) for streams in opened))
        sample.seconds = time.perf_counter() - began
    return sample


async def _caller(streams: _Streams, left: Iterator[bytes], end: float, sample: Sample) -> None:
    for body in left:
        if time.perf_counter() > end:
            return
        await _send(streams, body, time.perf_counter(), sample)


async def _on_schedule(port: int, bodies: Sequence[bytes], rate: float, seed: int) -> Sample:
    sample, rng = Sample(), Random(seed)
    idle: asyncio.Queue[_Streams] = asyncio.Queue()

    async def call(body: bytes, due: float) -> None:
        streams = await idle.get()
        await _send(streams, body, due, sample)
        idle.put_nowait(streams)

    async with _connections(port, _CONNECTIONS) as opened:
        for streams in opened:
            idle.put_nowait(streams)
        began = due = time.perf_counter()
        sends = []
        for body in bodies:
            due += rng.expovariate(rate)
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            sends.append(asyncio.ensure_future(call(body, due)))
        await asyncio.gather(*sends)
        sample.seconds = time.perf_counter() - began
    return sample


async def _send(streams: _Streams, body: bytes, since: float, sample: Sample) -> None:
    reader, writer = streams
    writer.write(request(body))
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    if head.startswith(b"HTTP/1.1 200"):
        sample.latencies.append(time.perf_counter() - since)
    else:
        sample.errors += 1


@asynccontextmanager
async def _connections(port: int, number: int) -> AsyncIterator[list[_Streams]]:
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    try:
        yield opened
    finally:
        for _, writer in opened:
            writer.close()
