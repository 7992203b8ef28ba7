from sybilgate.v1 import validate_pb2 as _validate_pb2
from sybilgate.v1 import assessment_pb2 as _assessment_pb2
from sybilgate.v1 import event_pb2 as _event_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateAssessmentRequest(_message.Message):
    __slots__ = ("event", "request_id", "view", "explain")
    EVENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    event: _event_pb2.Event
    request_id: str
    view: _assessment_pb2.AssessmentView
    explain: bool
    def __init__(self, event: _Optional[_Union[_event_pb2.Event, _Mapping]] = ..., request_id: _Optional[str] = ..., view: _Optional[_Union[_assessment_pb2.AssessmentView, str]] = ..., explain: _Optional[bool] = ...) -> None: ...

class GetAssessmentRequest(_message.Message):
    __slots__ = ("name", "view")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    name: str
    view: _assessment_pb2.AssessmentView
    def __init__(self, name: _Optional[str] = ..., view: _Optional[_Union[_assessment_pb2.AssessmentView, str]] = ...) -> None: ...

class ListAssessmentsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "view")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    view: _assessment_pb2.AssessmentView
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., view: _Optional[_Union[_assessment_pb2.AssessmentView, str]] = ...) -> None: ...

class ListAssessmentsResponse(_message.Message):
    __slots__ = ("assessments", "next_page_token")
    ASSESSMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    assessments: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.Assessment]
    next_page_token: str
    def __init__(self, assessments: _Optional[_Iterable[_Union[_assessment_pb2.Assessment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
