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
    """Turns what a unary handler raises into its status."""

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None or handler.unary_unary is None:
            return handler
        behaviour = handler.unary_unary

        def guarded(request: Any, context: grpc.ServicerContext) -> Any:
            try:
                return behaviour(request, context)
            except Exception as error:
                if not isinstance(error, SybilgateError):
                    _log_unexpected(details.method, error)
                context.abort_with_status(rpc_status.to_status(status_of(error)))

        return grpc.unary_unary_rpc_method_handler(
            guarded,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )


def _log_unexpected(method: str, error: BaseException) -> None:
    """Type and place only: the text of a foreign exception may quote what the caller sent."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", method, type(error).__name__, frames)
