"""How a call fails, with everything the service told about it."""

from __future__ import annotations

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status


class ServiceError(Exception):
    """A refusal or failure as the service told it. ``retry_after`` is in seconds, None if it named none."""

    def __init__(
        self,
        code: grpc.StatusCode,
        reason: str,
        message: str,
        violations: tuple[tuple[str, str], ...] = (),
        retry_after: float | None = None,
    ) -> None:
        self.code = code
        self.reason = reason
        self.violations = violations
        self.retry_after = retry_after
        both = code.name if reason in ("", code.name) else f"{code.name} {reason}"
        super().__init__(f"{both}: {message}")


def service_error(error: grpc.RpcError) -> ServiceError:
    """What an RPC error tells, its rich details read. ``reason`` is empty when the service gave none."""
    info, bad, retry = ErrorInfo(), BadRequest(), RetryInfo()
    status = rpc_status.from_call(error)
    for detail in status.details if status is not None else ():
        for known in (info, bad, retry):
            detail.Unpack(known)
    return ServiceError(
        error.code(),
        info.reason,
        error.details() or "",
        tuple((item.field, item.description) for item in bad.field_violations),
        retry.retry_delay.ToMilliseconds() / 1000 if retry.HasField("retry_delay") else None,
    )
