"""The servers to be measured, one per process: prints ``PORT n``, ends when standard input closes.

python -m tests.benchmarks.servers {echo,echo_aio,sybilgate,naive} --url DATABASE
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import grpc
import grpc.aio

from sybilgate import wiring
from sybilgate.processes import serve_many
from sybilgate.rpc.batching import DEFAULT_LIMITS
from sybilgate.rpc.render import render
from sybilgate.rpc.rights import EVERYTHING
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import assessment_service_pb2 as api
from sybilgate.v1 import assessment_service_pb2_grpc as stubs
from tests.benchmarks.application import application, configuration, naive_server
from tests.rpc_fakes import FakeExplainer, record

_THREADS = DEFAULT_LIMITS.queued_tasks + DEFAULT_LIMITS.batch_events + 64
_REPLY = render(
    record("0190f3c2a7b4", "account-0000001"), FakeExplainer(), view=pb.ASSESSMENT_VIEW_BASIC, may=EVERYTHING
)


class Echo(stubs.AssessmentServiceServicer):
    """Reads the request, answers with an assessment of the usual size."""

    def CreateAssessment(self, request: api.CreateAssessmentRequest, context: grpc.ServicerContext) -> pb.Assessment:  # noqa: N802
        return _REPLY


class AsyncEcho(stubs.AssessmentServiceServicer):
    async def CreateAssessment(  # noqa: N802
        self, request: api.CreateAssessmentRequest, context: grpc.ServicerContext
    ) -> pb.Assessment:
        return _REPLY


def _announce(port: int) -> None:
    print(f"PORT {port}", flush=True)


def echo() -> None:
    """The threaded server, with as many threads as the service has."""
    server = grpc.server(ThreadPoolExecutor(_THREADS), maximum_concurrent_rpcs=_THREADS)
    stubs.add_AssessmentServiceServicer_to_server(Echo(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    _announce(port)
    sys.stdin.read()
    server.stop(1.0).wait()


async def echo_aio() -> None:
    """The asyncio server."""
    server = grpc.aio.server(maximum_concurrent_rpcs=_THREADS)
    stubs.add_AssessmentServiceServicer_to_server(AsyncEcho(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    _announce(port)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(1.0)


def sybilgate(url: str) -> None:
    """The service as it is."""
    with configuration(url) as config, application(url) as app:
        server = wiring.open_server(app, config)
        wiring.settle()
        app.start()
        server.start()
        server.ready()
        _announce(server.port)
        sys.stdin.read()
        server.drain(5.0)


def sybilgate_processes(url: str, processes: int) -> None:
    """The service by several processes on one port; PostgreSQL only."""
    ended = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    with configuration(url) as config:
        serve_many(
            replace(config, grace_seconds=5.0), processes, lambda at: _announce(int(at.rpartition(":")[2])), ended
        )


def naive(url: str, workers: int) -> None:
    """One transaction, one prediction and one shap call per request, on the same classes."""
    with naive_server(url, workers, _THREADS) as (server, port):
        server.start()
        _announce(port)
        sys.stdin.read()
        server.stop(5.0).wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("echo", "echo_aio", "sybilgate", "sybilgate_processes", "naive"))
    parser.add_argument("--url", default="")
    parser.add_argument(
        "--workers", type=int, default=1, help="requests the naive server works on at once, or processes of the service"
    )
    given = parser.parse_args()
    if given.kind == "echo":
        echo()
    elif given.kind == "echo_aio":
        asyncio.run(echo_aio())
    elif given.kind == "sybilgate":
        sybilgate(given.url)
    elif given.kind == "sybilgate_processes":
        sybilgate_processes(given.url, given.workers)
    else:
        naive(given.url, given.workers)


if __name__ == "__main__":
    main()
