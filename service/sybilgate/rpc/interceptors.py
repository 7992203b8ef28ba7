"""Every error leaves as a documented status; nothing else leaks to the caller or, from a request, to the log."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

import grpc
from grpc_status import rpc_status

from sybilgate.errors import SybilgateError
from sybilgate.rpc.status import status_of

log = logging.getLogger(__name__)


class ErrorInterceptor(grpc.ServerInterceptor):  # type: ignore[misc]
    """Turns what a handler raises into its status."""

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.request_streaming:
            return handler

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            try:
                return handler.unary_unary(request, context)
            except Exception as error:
                _end(details.method, error, context)

        def streamed(request: Any, context: grpc.ServicerContext) -> Any:
            try:
                yield from handler.unary_stream(request, context)
            except Exception as error:
                _end(details.method, error, context)

        make, behaviour = (
            (grpc.unary_stream_rpc_method_handler, streamed)
            if handler.response_streaming
            else (grpc.unary_unary_rpc_method_handler, guarded)
        )
        return make(
            behaviour,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def _end(method: str, error: Exception, context: grpc.ServicerContext) -> None:
    if not isinstance(error, SybilgateError):
        _log_unexpected(method, error)
    status = rpc_status.to_status(status_of(error))
    context.abort_with_status(
        status._replace(trailing_metadata=(*status.trailing_metadata, *context.trailing_metadata()))
    )


def _log_unexpected(method: str, error: BaseException) -> None:
    """Type and place only: the text of a foreign exception may quote what the caller sent."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", method, type(error).__name__, frames)
