"""What a server is watched by, as the configuration asks: metrics on their own port, logs, traces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from sybilgate.app.assess import Assessor
from sybilgate.app.ports import Store
from sybilgate.app.standby import Standby
from sybilgate.config import Config
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.server import Server
from sybilgate.rpc.watching import CallWatch

if TYPE_CHECKING:
    from sybilgate.telemetry.exposure import Exposure
    from sybilgate.telemetry.metrics import Metrics
    from sybilgate.telemetry.traces import Traces


@dataclass(frozen=True)
class Instruments:
    """``watch`` goes into the server; what was not asked for is None and costs nothing."""

    config: Config
    watch: CallWatch
    metrics: Metrics | None = None
    exposure: Exposure | None = None
    traces: Traces | None = None

    def measured(self, backend: Backend) -> Backend:
        """The same backend, with an assessor that tells the metrics what it does."""
        standby = backend.assessor if isinstance(backend.assessor, Standby) else None
        assessor = standby.assessor if standby is not None else backend.assessor
        if self.metrics is None or not isinstance(assessor, Assessor):
            return backend
        from sybilgate.telemetry.drift import Recent
        from sybilgate.telemetry.measured import Measured
        from sybilgate.telemetry.stages import TimedStore

        timed = TimedStore(assessor.store)
        inner: Assessor | Standby = replace(assessor, store=cast(Store, timed))
        if standby is not None and isinstance(inner, Assessor):
            standby.assessor, inner = inner, standby
            self.metrics.serve_gauge("spool_requests", "Acknowledged, not yet stored.", lambda: standby.waiting)
            self.metrics.serve_gauge("store_away", "1 while calls are answered without it.", lambda: int(standby.away))
        recent = Recent(backend.reviews.readings.bundle)
        self.metrics.serve_gauge("drift_risk_psi", "Newest risks against those of training.", recent.risk)
        self.metrics.serve_gauge("drift_features", "Features of the newest signups that shifted.", recent.shifted)
        measured = Measured(inner, timed, self.metrics, signup_paths(self.config), recent=recent)
        return replace(backend, assessor=measured)

    def attach(self, server: Server) -> None:
        """Let the metrics read the server's queue, and probes ask whether it serves."""
        if self.exposure is not None:
            self.exposure.ready = lambda: server.serving
        if self.metrics is not None:
            queue = server.queue
            self.metrics.serve_gauge("queue_tasks", "Calls that wait for a micro-batch.", lambda: queue.waiting)
            self.metrics.serve_gauge("queue_events", "Events in these.", lambda: queue.waiting_events)

    def probed(self, kind: str) -> None:
        """Count that somebody seems to be probing: one ``account``, or many with one ``profile``."""
        if self.metrics is not None:
            self.metrics.probes.labels(kind).inc()

    def close(self) -> None:
        for part in (self.exposure, self.traces):
            if part is not None:
                part.close()


def open_instruments(config: Config) -> Instruments:
    """Begin to listen and to trace. Raises ConfigurationError if that cannot be done as configured."""
    traces = _traces() if config.traces == "otlp" else None
    if not config.metrics_address:
        return Instruments(config, CallWatch(None, traces), traces=traces)
    from sybilgate.telemetry.exposure import Exposure
    from sybilgate.telemetry.metrics import Metrics

    metrics = Metrics()
    return Instruments(config, CallWatch(metrics, traces), metrics, Exposure(config.metrics_address, metrics), traces)


def signup_paths(config: Config) -> frozenset[str]:
    """The names of signup paths that metrics tell apart."""
    return frozenset(name.strip() for name in config.signup_paths.split(",") if name.strip())


def _traces() -> Traces:
    from sybilgate.telemetry.traces import Traces

    return Traces()
