from sybilgate.v1 import validate_pb2 as _validate_pb2
from google.rpc import status_pb2 as _status_pb2
from sybilgate.v1 import assessment_pb2 as _assessment_pb2
from sybilgate.v1 import rescore_job_pb2 as _rescore_job_pb2
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

class CreateRescoreJobRequest(_message.Message):
    __slots__ = ("filter", "model_version", "dry_run", "request_id")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    filter: _rescore_job_pb2.RescoreFilter
    model_version: str
    dry_run: bool
    request_id: str
    def __init__(self, filter: _Optional[_Union[_rescore_job_pb2.RescoreFilter, _Mapping]] = ..., model_version: _Optional[str] = ..., dry_run: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class GetRescoreJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListRescoreJobsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListRescoreJobsResponse(_message.Message):
    __slots__ = ("jobs", "next_page_token")
    JOBS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    jobs: _containers.RepeatedCompositeFieldContainer[_rescore_job_pb2.RescoreJob]
    next_page_token: str
    def __init__(self, jobs: _Optional[_Iterable[_Union[_rescore_job_pb2.RescoreJob, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CancelRescoreJobRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class StreamRescoreResultsRequest(_message.Message):
    __slots__ = ("name", "after_number", "changed_only", "explain", "block_size")
    NAME_FIELD_NUMBER: _ClassVar[int]
    AFTER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    CHANGED_ONLY_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    BLOCK_SIZE_FIELD_NUMBER: _ClassVar[int]
    name: str
    after_number: int
    changed_only: bool
    explain: bool
    block_size: int
    def __init__(self, name: _Optional[str] = ..., after_number: _Optional[int] = ..., changed_only: _Optional[bool] = ..., explain: _Optional[bool] = ..., block_size: _Optional[int] = ...) -> None: ...

class StreamRescoreResultsResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[_rescore_job_pb2.RescoreResult]
    def __init__(self, results: _Optional[_Iterable[_Union[_rescore_job_pb2.RescoreResult, _Mapping]]] = ...) -> None: ...

class WatchAssessmentsRequest(_message.Message):
    __slots__ = ("after_sequence",)
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    def __init__(self, after_sequence: _Optional[int] = ...) -> None: ...

class WatchAssessmentsResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _rescore_job_pb2.AssessmentChange
    def __init__(self, change: _Optional[_Union[_rescore_job_pb2.AssessmentChange, _Mapping]] = ...) -> None: ...
