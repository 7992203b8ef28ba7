"""The gRPC server: four services, health, reflection, and an orderly end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from sybilgate.config import is_loopback
from sybilgate.errors import ConfigurationError
from sybilgate.rpc.access import Access, AccessInterceptor
from sybilgate.rpc.assessments import AssessmentServicer
from sybilgate.rpc.batching import DEFAULT_LIMITS, Batcher, Limits
from sybilgate.rpc.events import EventServicer
from sybilgate.rpc.gate import Gate
from sybilgate.rpc.interceptors import ErrorInterceptor
from sybilgate.rpc.ports import Backend, Job
from sybilgate.rpc.rescore import RescoreServicer
from sybilgate.rpc.review import ReviewServicer
from sybilgate.rpc.watching import CallWatch
from sybilgate.v1 import (
    assessment_service_pb2_grpc,
    event_service_pb2_grpc,
    rescore_service_pb2_grpc,
    review_service_pb2_grpc,
)

SERVICES = (
    "sybilgate.v1.AssessmentService",
    "sybilgate.v1.EventService",
    "sybilgate.v1.RescoreService",
    "sybilgate.v1.ReviewService",
)
#: Asks nobody; for tests and for programs of one machine.
OPEN = Access()
MAX_REQUEST_BYTES = 8 << 20
#: Threads beyond those that wait in the queue: reads, health and refusals never wait for a place.
_SPARE_THREADS = 64
#: Seconds given to write out the last replies once all work is done.
_LAST_WORDS = 1.0


@dataclass(frozen=True)
class Tls:
    """PEM contents. With ``client_ca`` callers must present a certificate it signed."""

    key: bytes
    certificate: bytes
    client_ca: bytes | None = None


class Server:
    """Bound on creation, answering after ``start``, healthy after ``ready`` and until ``drain``."""

    def __init__(
        self,
        backend: Backend,
        address: str,
        tls: Tls | None = None,
        limits: Limits = DEFAULT_LIMITS,
        job: Callable[[Batcher], Job] | None = None,
        watch: CallWatch | None = None,
        access: Access = OPEN,
        share_port: bool = False,
    ) -> None:
        if (tls is None or access.open) and not is_loopback(address):
            raise ConfigurationError(
                f"{address} is not loopback: there is no server without TLS, or without asking who"
            )
        # Tasks wait in the queue or in the batch being run, each holding a thread.
        threads = limits.queued_tasks + limits.batch_events + _SPARE_THREADS
        gate = Gate(limits)
        self._grpc = grpc.server(
            ThreadPoolExecutor(max_workers=threads, thread_name_prefix="rpc"),
            interceptors=(watch or CallWatch(), gate, AccessInterceptor(access), ErrorInterceptor()),
            maximum_concurrent_rpcs=threads,
            options=(
                ("grpc.max_receive_message_length", MAX_REQUEST_BYTES),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", int(share_port)),
                # No more than the server takes on at all; without a bound one connection that opens streams and
                # resets them fills the queue of all others.
                ("grpc.max_concurrent_streams", threads),
                ("grpc.keepalive_time_ms", 60_000),
                ("grpc.keepalive_timeout_ms", 20_000),
                ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
            ),
        )
        self._health = health.HealthServicer(experimental_non_blocking=True)
        self.port = self._bind(address, tls)
        self._batcher = gate.queue = Batcher(backend.assessor, limits)
        self._job = job(self._batcher) if job is not None else None
        self._stopping = threading.Event()
        #: What health says of every service.
        self.serving = False
        self._register(backend, access)
        self._set_health(health_pb2.HealthCheckResponse.NOT_SERVING)

    def start(self) -> None:
        """Listens and begins the job; health says NOT_SERVING until ``ready``."""
        self._grpc.start()
        if self._job is not None:
            self._job.start()

    def ready(self) -> None:
        self.serving = True
        self._set_health(health_pb2.HealthCheckResponse.SERVING)

    @property
    def queue(self) -> Batcher:
        """What calls wait in; to be looked at."""
        return self._batcher

    def drain(self, grace: float = 10.0) -> None:
        """Turns health off, refuses new calls, answers the accepted ones within ``grace`` seconds, stops."""
        self.serving = False
        self._health.enter_graceful_shutdown()
        self._stopping.set()
        self._grpc.stop(grace)
        if self._job is not None:
            self._job.stop()
        self._batcher.close(grace)
        # Health watchers never hang up by themselves; do not wait the whole grace for them.
        self._grpc.stop(min(grace, _LAST_WORDS)).wait()

    def _bind(self, address: str, tls: Tls | None) -> int:
        try:
            if tls is None:
                return int(self._grpc.add_insecure_port(address))
            credentials = grpc.ssl_server_credentials(
                [(tls.key, tls.certificate)],
                root_certificates=tls.client_ca,
                require_client_auth=tls.client_ca is not None,
            )
            return int(self._grpc.add_secure_port(address, credentials))
        except RuntimeError:
            raise ConfigurationError(f"cannot listen on {address}: is it taken, or not ours?") from None

    def _register(self, backend: Backend, access: Access) -> None:
        assessment_service_pb2_grpc.add_AssessmentServiceServicer_to_server(
            AssessmentServicer(backend, self._batcher, access.probing), self._grpc
        )
        event_service_pb2_grpc.add_EventServiceServicer_to_server(EventServicer(backend, self._batcher), self._grpc)
        rescore_service_pb2_grpc.add_RescoreServiceServicer_to_server(
            RescoreServicer(backend, self._batcher, self._stopping), self._grpc
        )
        review_service_pb2_grpc.add_ReviewServiceServicer_to_server(
            ReviewServicer(backend, self._batcher, self._stopping), self._grpc
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._grpc)
        reflection.enable_server_reflection((*SERVICES, health.SERVICE_NAME, reflection.SERVICE_NAME), self._grpc)

    def _set_health(self, status: health_pb2.HealthCheckResponse.ServingStatus) -> None:
        for service in ("", *SERVICES):
            self._health.set(service, status)


def serve(
    backend: Backend,
    address: str,
    tls: Tls | None = None,
    *,
    job: Callable[[Batcher], Job] | None = None,
    watch: CallWatch | None = None,
    limits: Limits = DEFAULT_LIMITS,
    grace: float = 10.0,
    on_ready: Callable[[int], None] | None = None,
    on_made: Callable[[Server], None] | None = None,
    stop: threading.Event | None = None,
    access: Access = OPEN,
    share_port: bool = False,
) -> None:
    """Serves until SIGTERM, SIGINT or ``stop``, then drains. ``on_ready`` is told the port, ``on_made`` the
    server before it starts. ``share_port``: other processes listen there, too.

    Signals are caught only when this runs in the main thread.
    """
    stopping = stop or threading.Event()
    server = Server(backend, address, tls, limits, job, watch, access, share_port)
    if on_made is not None:
        on_made(server)
    previous = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            previous[number] = signal.signal(number, lambda *_: stopping.set())
    try:
        server.start()
        server.ready()
        if on_ready is not None:
            on_ready(server.port)
        stopping.wait()
    finally:
        server.drain(grace)
        for number, handler in previous.items():
            signal.signal(number, handler)
