from sybilgate.v1 import validate_pb2 as _validate_pb2
from sybilgate.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateEventRequest(_message.Message):
    __slots__ = ("event", "request_id")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    request_id: str
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateEventResponse(_message.Message):
    __slots__ = ("sequence", "replayed")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    replayed: bool
    def __init__(self, sequence: _Optional[int] = ..., replayed: _Optional[bool] = ...) -> None: ...

class BatchCreateEventsRequest(_message.Message):
    __slots__ = ("events", "request_id")
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    events: _containers.RepeatedCompositeFieldContainer[_event_pb2.Event]
    request_id: str
    def __init__(self, events: _Optional[_Iterable[_Union[_event_pb2.Event, _Mapping]]] = ..., request_id: _Optional[str] = ...) -> None: ...

class BatchCreateEventsResponse(_message.Message):
    __slots__ = ("sequences", "replayed")
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    sequences: _containers.RepeatedScalarFieldContainer[int]
    replayed: bool
    def __init__(self, sequences: _Optional[_Iterable[int]] = ..., replayed: _Optional[bool] = ...) -> None: ...
