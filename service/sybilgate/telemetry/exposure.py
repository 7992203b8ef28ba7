"""The page that Prometheus reads, on a port of its own."""

from __future__ import annotations

from prometheus_client import start_http_server

from sybilgate.errors import ConfigurationError
from sybilgate.telemetry.metrics import Metrics


class Exposure:
    """Serves ``/metrics`` on ``host:port`` from its creation until ``close``. Raises ConfigurationError."""

    def __init__(self, address: str, metrics: Metrics) -> None:
        host, _, port = address.rpartition(":")
        try:
            self._server, self._thread = start_http_server(int(port), host.strip("[]"), metrics.registry)
        except OSError as error:
            raise ConfigurationError(f"metrics_address {address}: {error.strerror or error}") from None

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
