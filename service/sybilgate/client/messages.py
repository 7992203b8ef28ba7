"""Events and requests as contract messages."""

from __future__ import annotations

import dataclasses
import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from sybilgate.core.event import Event
from sybilgate.v1 import assessment_pb2, event_pb2
from sybilgate.v1.assessment_service_pb2 import (
    CreateAssessmentRequest,
    GetAssessmentRequest,
    ListAssessmentsRequest,
)
from sybilgate.v1.event_service_pb2 import BatchCreateEventsRequest, CreateEventRequest
from sybilgate.v1.rescore_service_pb2 import AssessAccountsRequest

#: Anything that can be sent as an event: a message, a core event, or values by dotted path.
AnyEvent = event_pb2.Event | Event | Mapping[str, object]


def assess(event: AnyEvent, request_id: str | None, full: bool, explain: bool) -> CreateAssessmentRequest:
    return CreateAssessmentRequest(
        event=as_message(event), request_id=new_id(request_id), view=_view(full), explain=explain
    )


def get(name: str, full: bool) -> GetAssessmentRequest:
    return GetAssessmentRequest(name=name, view=_view(full))


def list_of(account_id: str, full: bool) -> ListAssessmentsRequest:
    return ListAssessmentsRequest(parent=f"accounts/{account_id}", view=_view(full))


def record(event: AnyEvent, request_id: str | None) -> CreateEventRequest:
    return CreateEventRequest(event=as_message(event), request_id=new_id(request_id))


def record_all(events: Sequence[AnyEvent], request_id: str | None) -> BatchCreateEventsRequest:
    return BatchCreateEventsRequest(events=[as_message(event) for event in events], request_id=new_id(request_id))


def assess_again(
    account_ids: Sequence[str], request_id: str | None, full: bool, explain: bool
) -> AssessAccountsRequest:
    return AssessAccountsRequest(
        account_ids=account_ids, request_id=new_id(request_id), view=_view(full), explain=explain
    )


def new_id(request_id: str | None) -> str:
    """The id given, else a fresh one: every call that changes something has one, so that its retries are safe."""
    return request_id or uuid.uuid4().hex


def _view(full: bool) -> assessment_pb2.AssessmentView:
    return assessment_pb2.ASSESSMENT_VIEW_FULL if full else assessment_pb2.ASSESSMENT_VIEW_BASIC


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


def as_message(event: AnyEvent) -> event_pb2.Event:
    """The contract message of an event in any of its forms. Raises ValueError as ``event_message`` does."""
    if isinstance(event, event_pb2.Event):
        return event
    return to_message(event) if isinstance(event, Event) else event_message(event)
