from sybilgate.v1 import validate_pb2 as _validate_pb2
from google.rpc import status_pb2 as _status_pb2
from sybilgate.v1 import assessment_pb2 as _assessment_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssessAccountsRequest(_message.Message):
    __slots__ = ("account_ids", "request_id", "view", "explain")
    ACCOUNT_IDS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VIEW_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    account_ids: _containers.RepeatedScalarFieldContainer[str]
    request_id: str
    view: _assessment_pb2.AssessmentView
    explain: bool
    def __init__(self, account_ids: _Optional[_Iterable[str]] = ..., request_id: _Optional[str] = ..., view: _Optional[_Union[_assessment_pb2.AssessmentView, str]] = ..., explain: _Optional[bool] = ...) -> None: ...

class AssessAccountsResponse(_message.Message):
    __slots__ = ("results", "replayed")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[AccountResult]
    replayed: bool
    def __init__(self, results: _Optional[_Iterable[_Union[AccountResult, _Mapping]]] = ..., replayed: _Optional[bool] = ...) -> None: ...

class AccountResult(_message.Message):
    __slots__ = ("account_id", "assessment", "error")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    assessment: _assessment_pb2.Assessment
    error: _status_pb2.Status
    def __init__(self, account_id: _Optional[str] = ..., assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., error: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...
