"""OpenTelemetry traces: a span for each call, begun where the caller's trace (``traceparent``) left off.

Only imported when ``traces = "otlp"`` is set, because it needs the extra ``otel``. Where spans are sent is told by
OpenTelemetry's own variables: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sybilgate.errors import ConfigurationError

try:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
    from opentelemetry.trace import SpanKind, Status, StatusCode
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError:
    raise ConfigurationError("traces = otlp needs `pip install 'sybilgate[otel]'`") from None


class Traces:
    """Makes spans and sends them to ``exporter`` (OTLP over gRPC by default), in the background."""

    def __init__(self, exporter: SpanExporter | None = None) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "sybilgate"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter or OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("sybilgate")
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> Iterator[Any]:
        """A span of one call; ``end`` it with its status."""
        parent = self._propagator.extract({key: value for key, value in metadata if isinstance(value, str)})
        service, _, name = method.lstrip("/").partition("/")
        attributes = {"rpc.system": "grpc", "rpc.service": service, "rpc.method": name}
        with self._tracer.start_as_current_span(
            method.lstrip("/"),
            parent,
            SpanKind.SERVER,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    @staticmethod
    def end(span: Any, code: str, number: int) -> None:
        """Note how the call ended. A refusal is the caller's affair; only what is our fault makes an error."""
        span.set_attribute("rpc.grpc.status_code", number)
        if code in ("INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATA_LOSS"):
            span.set_status(Status(StatusCode.ERROR, code))

    def close(self) -> None:
        self._provider.shutdown()
