"""A small typed client of the service, and events as contract messages.

>>> with Client("127.0.0.1:50051") as client:
...     client.create_assessment({"account_id": "a1", "type": "SIGNUP", "event_time": 1.7e9})
"""

from __future__ import annotations

import dataclasses
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status

from sybilgate.core.event import Event
from sybilgate.v1 import assessment_pb2, assessment_service_pb2, event_pb2, event_service_pb2, rescore_service_pb2
from sybilgate.v1.assessment_service_pb2_grpc import AssessmentServiceStub
from sybilgate.v1.event_service_pb2_grpc import EventServiceStub
from sybilgate.v1.rescore_service_pb2_grpc import RescoreServiceStub

_OPTIONS = (("grpc.max_receive_message_length", 64 << 20), ("grpc.max_metadata_size", 64 << 10))

#: Anything that can be sent as an event: a message, a core event, or values by dotted path.
AnyEvent = event_pb2.Event | Event | Mapping[str, object]


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
        super().__init__(f"{code.name} {reason}: {message}")


def to_message(event: Event) -> event_pb2.Event:
    """The contract message of a core event."""
    fields: dict[str, object] = {}
    for part in dataclasses.fields(event):
        value = getattr(event, part.name)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields |= {f"{part.name}.{leaf.name}": getattr(value, leaf.name) for leaf in dataclasses.fields(value)}
            if all(fields[f"{part.name}.{leaf.name}"] in (None, ()) for leaf in dataclasses.fields(value)):
                fields[part.name] = True
        else:
            fields[part.name] = value
    return event_message(fields)


def event_message(fields: Mapping[str, object]) -> event_pb2.Event:
    """An event from values by dotted path, such as ``{"network.ip_address": "203.0.113.7"}``.

    None, NaN and empty values are left out. Times are unix seconds, datetimes or ISO 8601 text; enums are
    numbers or names with or without their prefix; ``time`` stands for ``event_time``. A submessage's own path
    with a true value says that it is there, though empty. Raises ValueError for an unknown path or a value
    that does not fit.
    """
    message = event_pb2.Event()
    for path, value in fields.items():
        if value is None or value == () or value == "" or (isinstance(value, float) and math.isnan(value)):
            continue
        _set(message, "event_time" if path == "time" else path, value)
    return message


def _set(message: Message, path: str, value: Any) -> None:
    target = message
    *parents, name = path.split(".")
    for parent in parents:
        field = target.DESCRIPTOR.fields_by_name.get(parent)
        if field is None or field.message_type is None or field.is_repeated:
            raise ValueError(f"no such field: {path}")
        target = getattr(target, parent)
    field = target.DESCRIPTOR.fields_by_name.get(name)
    if field is None:
        raise ValueError(f"no such field: {path}")
    try:
        _assign(target, field, value)
    except (TypeError, ValueError, OverflowError) as error:
        # The value is not named: it may be personal.
        raise ValueError(f"{path}: a {type(value).__name__} that does not fit") from error


def _assign(target: Message, field: FieldDescriptor, value: Any) -> None:
    if field.name == "model_mix":
        pairs = value.items() if isinstance(value, Mapping) else value
        for model, share in pairs:
            getattr(target, field.name).add(model=model, share=share)
    elif field.is_repeated:
        getattr(target, field.name).extend([value] if isinstance(value, str) else value)
    elif field.message_type is not None and field.message_type.full_name == "google.protobuf.Timestamp":
        seconds = _unix_seconds(value)
        whole = math.floor(seconds)
        getattr(target, field.name).FromNanoseconds(whole * 1_000_000_000 + round((seconds - whole) * 1e9))
    elif field.message_type is not None:
        if value:
            getattr(target, field.name).SetInParent()
    elif field.enum_type is not None:
        setattr(target, field.name, _enum_number(field, value))
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        setattr(target, field.name, bool(value))
    elif field.cpp_type in (FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64):
        setattr(target, field.name, int(value))
    else:
        setattr(target, field.name, value)


def _unix_seconds(value: Any) -> float:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return float(value)


def _enum_number(field: FieldDescriptor, value: Any) -> int:
    if not isinstance(value, str) or isinstance(value, IntEnum):
        return int(value)
    names = field.enum_type.values_by_name
    prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
    name = value.strip().upper()
    found = names.get(name) or names.get(prefix + name)
    if found is None:
        raise ValueError(f"not one of {', '.join(names)}")
    return int(found.number)


def _as_message(event: AnyEvent) -> event_pb2.Event:
    if isinstance(event, event_pb2.Event):
        return event
    return to_message(event) if isinstance(event, Event) else event_message(event)


class Client:
    """Calls the service. Every call raises ServiceError; ``timeout`` is in seconds. Safe to share by threads."""

    def __init__(
        self, address: str, *, credentials: grpc.ChannelCredentials | None = None, timeout: float = 10.0
    ) -> None:
        self.channel = (
            grpc.insecure_channel(address, _OPTIONS)
            if credentials is None
            else grpc.secure_channel(address, credentials, _OPTIONS)
        )
        self._timeout = timeout
        self._assessments = AssessmentServiceStub(self.channel)
        self._events = EventServiceStub(self.channel)
        self._rescore = RescoreServiceStub(self.channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.channel.close()

    def create_assessment(
        self, event: AnyEvent, *, request_id: str | None = None, full: bool = False, explain: bool = False
    ) -> assessment_pb2.Assessment:
        """Records and assesses one event; pass the ``request_id`` of the first try when you retry."""
        request = assessment_service_pb2.CreateAssessmentRequest(
            event=_as_message(event), request_id=request_id or uuid.uuid4().hex, view=_view(full), explain=explain
        )
        return self.call(self._assessments.CreateAssessment, request)  # type: ignore[no-any-return]

    def get_assessment(self, name: str, *, full: bool = True) -> assessment_pb2.Assessment:
        request = assessment_service_pb2.GetAssessmentRequest(name=name, view=_view(full))
        return self.call(self._assessments.GetAssessment, request)  # type: ignore[no-any-return]

    def list_assessments(self, account_id: str, *, full: bool = False) -> Iterator[assessment_pb2.Assessment]:
        """All assessments of an account, newest first, a page at a time."""
        request = assessment_service_pb2.ListAssessmentsRequest(parent=f"accounts/{account_id}", view=_view(full))
        while True:
            page = self.call(self._assessments.ListAssessments, request)
            yield from page.assessments
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def create_event(self, event: AnyEvent, *, request_id: str | None = None) -> event_service_pb2.CreateEventResponse:
        request = event_service_pb2.CreateEventRequest(
            event=_as_message(event), request_id=request_id or uuid.uuid4().hex
        )
        return self.call(self._events.CreateEvent, request)  # type: ignore[no-any-return]

    def create_events(
        self, events: Sequence[AnyEvent], *, request_id: str | None = None
    ) -> event_service_pb2.BatchCreateEventsResponse:
        """Up to 1,000 events, all or none."""
        request = event_service_pb2.BatchCreateEventsRequest(
            events=[_as_message(event) for event in events], request_id=request_id or uuid.uuid4().hex
        )
        return self.call(self._events.BatchCreateEvents, request)  # type: ignore[no-any-return]

    def assess_accounts(
        self, account_ids: Sequence[str], *, request_id: str | None = None, full: bool = False, explain: bool = False
    ) -> rescore_service_pb2.AssessAccountsResponse:
        """Up to 1,000 existing accounts, each with an assessment or an error."""
        request = rescore_service_pb2.AssessAccountsRequest(
            account_ids=account_ids, request_id=request_id or uuid.uuid4().hex, view=_view(full), explain=explain
        )
        return self.call(self._rescore.AssessAccounts, request)  # type: ignore[no-any-return]

    def call(self, method: Any, request: Message) -> Any:
        """The answer of a stub's method, within the client's time. Raises ServiceError."""
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise service_error(error) from None


def _view(full: bool) -> assessment_pb2.AssessmentView:
    return assessment_pb2.ASSESSMENT_VIEW_FULL if full else assessment_pb2.ASSESSMENT_VIEW_BASIC


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
