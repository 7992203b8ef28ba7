"""Every metric of the service. The set of labels is closed: no value of a caller can make a new time series.

Labels come from the contract (methods, codes, reasons, decisions), from the code (stages, parts), from the operator
(names of signup paths) or from the bundles that were served (models). Anything else is counted as ``other``. Units are
in the names, as Prometheus asks: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

OTHER = "other"
#: Upper limits in seconds: a score takes single milliseconds, a caller's patience ends at some seconds.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.25, 2.5, 5.0, 10.0)
_STAGE_SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
_EVENTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024)
#: The limits of the contract's risk bands, and some between.
_RISK = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.97)
#: Models told apart by name in one process' life; more are ``other``.
_MODELS = 16


class Metrics:
    """One registry with everything in it. Its objects are safe to use from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.calls = self._counter("rpc_calls", "Calls that ended.", "method", "code")
        self.call_seconds = self._histogram("rpc_seconds", "Time from a call's arrival to its end.", _SECONDS, "method")
        self.refusals = self._counter("refusals", "Calls that failed, by reason of the contract.", "reason")
        self.batch_seconds = self._histogram("batch_seconds", "One micro-batch, from first read to commit.", _SECONDS)
        self.batch_events = self._histogram("batch_events", "Events and accounts in a micro-batch.", _EVENTS)
        self.batch_failures = self._counter("batch_failures", "Micro-batches that were rolled back whole.")
        self.stage_seconds = self._histogram("stage_seconds", "Parts of a micro-batch.", _STAGE_SECONDS, "stage")
        self.decisions = self._counter("decisions", "Assessments made.", "decision", "kind")
        self.risk = self._histogram("risk", "Risk of assessments at signup.", _RISK, "model")
        self.degraded = self._counter("degraded", "Assessments made without a part.", "part")
        self.signups = self._counter("signups", "Signups received.", "method", "path", "outcome")
        self.last_signup = self._gauge("last_signup_timestamp_seconds", "When one last came.", "method", "path")
        self.campaigns = self._counter("campaign_changes", "What happened to campaigns.", "change")
        self.probes = self._counter("probes", "Signups again and again, all but one part the same.", "kind")
        self.models = Known(_MODELS)

    def serve_gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """A gauge that is read when it is asked for."""
        self._gauge(name, text).set_function(read)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, namespace="sybilgate", registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(name, text, labels, namespace="sybilgate", registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Collection[float], *labels: str) -> Histogram:
        return Histogram(name, text, labels, namespace="sybilgate", registry=self.registry, buckets=tuple(buckets))


class Known:
    """Lets the first ``most`` names through and calls all others ``other``."""

    def __init__(self, most: int, names: Collection[str] = ()) -> None:
        self._names, self._most = set(names), max(most, len(names))

    def __call__(self, name: str) -> str:
        if name in self._names:
            return name
        if len(self._names) >= self._most:
            return OTHER
        self._names.add(name)
        return name
