"""Every call, watched from outside: how long it took, how it ended, under which id, in which trace."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

import grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from sybilgate.telemetry.logs import CALL_ID_KEY, call_id, id_of
from sybilgate.v1.error_pb2 import ErrorReason

if TYPE_CHECKING:
    from sybilgate.telemetry.metrics import Metrics
    from sybilgate.telemetry.traces import Traces

log = logging.getLogger(__name__)
_DETAILS = "grpc-status-details-bin"
_REASONS = frozenset(name.removeprefix("ERROR_REASON_") for name in dict(ErrorReason.items()))


class CallWatch(grpc.ServerInterceptor):  # type: ignore[misc]
    """The outermost interceptor. Gives every call an id, returned as ``x-request-id``; logs those that fail, with their
    code and reason; counts and traces all, where ``metrics`` and ``traces`` are given."""

    def __init__(self, metrics: Metrics | None = None, traces: Traces | None = None) -> None:
        self._metrics, self._traces = metrics, traces

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.request_streaming:
            return handler
        method = details.method
        metadata = tuple(details.invocation_metadata or ())

        def one(request: Any, context: grpc.ServicerContext) -> Any:
            with self._watched(method, metadata, context):
                return handler.unary_unary(request, context)

        def many(request: Any, context: grpc.ServicerContext) -> Any:
            with self._watched(method, metadata, context):
                yield from handler.unary_stream(request, context)

        make, behaviour = (
            (grpc.unary_stream_rpc_method_handler, many)
            if handler.response_streaming
            else (grpc.unary_unary_rpc_method_handler, one)
        )
        return make(
            behaviour,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    @contextmanager
    def _watched(self, method: str, metadata: tuple[Any, ...], context: grpc.ServicerContext) -> Iterator[None]:
        began = time.perf_counter()
        # Set again by the next call on this thread; a stream may end on another one, which could not reset it.
        call_id.set(call := id_of(metadata))
        # Trailing, because leading metadata would be a message of its own.
        context.set_trailing_metadata(((CALL_ID_KEY, call),))
        with self._traces.span(method, metadata) if self._traces is not None else nullcontext() as span:
            try:
                yield
            finally:
                self._end(method, context, time.perf_counter() - began, span)

    def _end(self, method: str, context: grpc.ServicerContext, seconds: float, span: Any) -> None:
        code = context.code() or grpc.StatusCode.OK
        reason = "" if code is grpc.StatusCode.OK else _reason(context)
        if self._metrics is not None:
            self._metrics.calls.labels(method, code.name).inc()
            self._metrics.call_seconds.labels(method).observe(seconds)
            if reason:
                self._metrics.refusals.labels(reason).inc()
        if self._traces is not None:
            self._traces.end(span, code.name, code.value[0])
        if reason:
            extra = {"method": method, "code": code.name, "reason": reason, "seconds": round(seconds, 6)}
            log.info("%s ended with %s %s after %.1f ms", method, code.name, reason, seconds * 1e3, extra=extra)


def _reason(context: grpc.ServicerContext) -> str:
    """Why the call failed, by the contract; ``other`` for a status that grpc made itself."""
    for key, value in context.trailing_metadata() or ():
        if key == _DETAILS:
            for detail in Status.FromString(value).details:
                info = ErrorInfo()
                if detail.Unpack(info) and info.reason in _REASONS:
                    return str(info.reason)
    return "other"
