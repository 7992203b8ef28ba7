"""Plain HTTP on a port of its own, for those who watch: ``/metrics`` for Prometheus, ``/ready`` for probes.

Probes that cannot show a token or a certificate cannot ask ``grpc.health.v1``; ``/ready`` says the same.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import make_wsgi_app

from sybilgate.errors import ConfigurationError
from sybilgate.telemetry.metrics import Metrics


class Exposure:
    """Serves ``host:port`` from its creation until ``close``. Raises ConfigurationError. ``ready`` may be set later."""

    def __init__(self, address: str, metrics: Metrics) -> None:
        self.ready: Callable[[], bool] = bool
        self._pages = make_wsgi_app(metrics.registry)
        host, _, port = address.rpartition(":")
        kind = _Server6 if ":" in host else _Server
        try:
            self._server = kind((host.strip("[]"), int(port)), _Handler)
        except OSError as error:
            raise ConfigurationError(f"metrics_address {address}: {error.strerror or error}") from None
        self._server.set_app(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], begin: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/metrics":
            answer: Iterable[bytes] = self._pages(environ, begin)
            return answer
        known = environ["PATH_INFO"] == "/ready"
        status = "200 OK" if known and self.ready() else "503 Service Unavailable" if known else "404 Not Found"
        begin(status, [("Content-Type", "text/plain")])
        return [status.encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    def log_message(self, *arguments: Any) -> None:
        """Nobody reads who read the metrics."""
