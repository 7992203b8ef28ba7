"""Calls at a steady rate while other connections misbehave; prints JSON.

    python -m tests.benchmarks.rude_peers [--seconds 5]

The peers: ``loris`` opens connections and says almost nothing; ``headers`` sends metadata beyond the limit;
``large`` sends requests of 5 MB; ``resets`` opens streams and resets them at once; ``pings`` floods pings. Asked: how
much longer ordinary calls take, whether any fails, and whether the server answers afterwards. Peers, callers and server
share the machine, so what a peer costs includes its own work.
"""

from __future__ import annotations

import argparse
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

import grpc

from tests.benchmarks.load import METHOD, Sample, open_loop
from tests.benchmarks.process import ServerProcess, databases, machine
from tests.benchmarks.traffic import Feed, requests, signups

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADERS, _RESET, _SETTINGS, _PING = 1, 3, 4, 6
_END_HEADERS = 4
#: Calls a second of the callers that behave.
_RATE = 60.0
_LORISES = 200
_STREAMS = 100

Peer = Callable[[int, threading.Event], int]


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def _literal(name: str, value: str) -> bytes:
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def _call_headers(stream: int) -> bytes:
    block = b"".join(
        _literal(name, value)
        for name, value in (
            (":method", "POST"), (":scheme", "http"), (":path", METHOD), (":authority", "x"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        )
    )  # fmt: skip
    return _frame(_HEADERS, _END_HEADERS, stream, block)


def _connect(port: int) -> socket.socket:
    peer = socket.create_connection(("127.0.0.1", port))
    peer.settimeout(1.0)
    return peer


def loris(port: int, stop: threading.Event) -> int:
    """Many connections, of which each sends a byte now and then."""
    with ExitStack() as stack:
        peers = [stack.enter_context(_connect(port)) for _ in range(_LORISES)]
        sent = 0
        while not stop.wait(0.2):
            for peer in peers:
                with suppress(OSError):
                    sent += peer.send(_PREFACE[sent // _LORISES : sent // _LORISES + 1])
        return sent


def headers(port: int, stop: threading.Event) -> int:
    """Metadata of 64 KiB, again and again."""
    return _calls(port, stop, b"", (("x-large", "x" * (64 << 10)),))


def large(port: int, stop: threading.Event) -> int:
    """Requests of 5 MB, four of them a second: a field nobody knows, filled up."""
    filling = b"\xfa\x07" + b"\xc0\x96\xb1\x02" + b"x" * 5_000_000
    return _calls(port, stop, filling, (), pause=0.25)


def _calls(
    port: int, stop: threading.Event, body: bytes, metadata: tuple[tuple[str, str], ...], pause: float = 0.0
) -> int:
    sent = 0
    with grpc.insecure_channel(f"127.0.0.1:{port}", (("grpc.max_metadata_size", 1 << 20),)) as channel:
        call = channel.unary_unary(METHOD)
        while not stop.wait(pause):
            with suppress(grpc.RpcError):
                call(body, metadata=metadata, timeout=5.0)
            sent += 1
    return sent


def resets(port: int, stop: threading.Event) -> int:
    """Streams that are opened and reset at once, without waiting for anything."""

    def burst(stream: int) -> bytes:
        numbers = range(stream, stream + 2 * _STREAMS, 2)
        cancel = struct.pack(">I", 8)
        return b"".join(_call_headers(n) + _frame(_RESET, 0, n, cancel) for n in numbers)

    return _flood(port, stop, burst)


def pings(port: int, stop: threading.Event) -> int:
    """Pings without a pause."""
    return _flood(port, stop, lambda stream: _frame(_PING, 0, 0, bytes(8)) * _STREAMS)


def _flood(port: int, stop: threading.Event, burst: Callable[[int], bytes]) -> int:
    """Frames in bursts; a connection that the server ends is opened again."""
    sent = 0
    while not stop.is_set():
        with suppress(OSError), _connect(port) as peer:
            peer.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b""))
            for stream in range(1, 1 << 20, 2 * _STREAMS):
                if stop.is_set():
                    break
                peer.sendall(burst(stream))
                sent += _STREAMS
                # What the server sends is read, so that its buffers are not what holds it back.
                peer.setblocking(False)
                with suppress(BlockingIOError):
                    while peer.recv(1 << 16):
                        pass
                peer.settimeout(1.0)
    return sent


PEERS: dict[str, Peer] = {"loris": loris, "headers": headers, "large": large, "resets": resets, "pings": pings}


def _beside(peer: Peer, port: int, given: list[bytes]) -> tuple[Sample, int]:
    stop, sent = threading.Event(), [0]
    thread = threading.Thread(target=lambda: sent.__setitem__(0, peer(port, stop)))
    thread.start()
    time.sleep(0.2)
    sample = open_loop(port, given, _RATE)
    stop.set()
    thread.join()
    return sample, sent[0]


def run(seconds: float, names: Sequence[str] = tuple(PEERS)) -> dict[str, object]:
    """Ordinary calls alone, then beside every peer, then alone again, on one server."""
    many, found = int(_RATE * seconds), dict[str, object]()
    with databases("sqlite") as made, ServerProcess("sybilgate", made.new()) as server:
        feed = Feed(requests(signups(many * (len(names) + 3), seed=51), prefix="rude"))
        open_loop(server.port, feed.take(many), _RATE)
        alone = open_loop(server.port, feed.take(many), _RATE)
        for name in names:
            sample, sent = _beside(PEERS[name], server.port, feed.take(many))
            found[name] = _figures(sample) | {
                "sent_by_peer": sent, "p99_over_alone": round(sample.quantile_ms(0.99) / alone.quantile_ms(0.99), 2)
            }  # fmt: skip
        after = open_loop(server.port, feed.take(many), _RATE)
    return {"alone": _figures(alone), "beside": found, "after": _figures(after)}


def _figures(sample: Sample) -> dict[str, object]:
    p50, p99 = (round(sample.quantile_ms(q), 1) for q in (0.5, 0.99))
    return {"answered": len(sample.latencies), "failed": sample.errors, "p50_ms": p50, "p99_ms": p99}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0)
    json.dump({"machine": machine()} | run(parser.parse_args().seconds), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
