import datetime

from sybilgate.v1 import validate_pb2 as _validate_pb2
from google.protobuf import empty_pb2 as _empty_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sybilgate.v1 import assessment_pb2 as _assessment_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RescoreJobState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESCORE_JOB_STATE_UNSPECIFIED: _ClassVar[RescoreJobState]
    RESCORE_JOB_STATE_QUEUED: _ClassVar[RescoreJobState]
    RESCORE_JOB_STATE_RUNNING: _ClassVar[RescoreJobState]
    RESCORE_JOB_STATE_SUCCEEDED: _ClassVar[RescoreJobState]
    RESCORE_JOB_STATE_FAILED: _ClassVar[RescoreJobState]
    RESCORE_JOB_STATE_CANCELLED: _ClassVar[RescoreJobState]
RESCORE_JOB_STATE_UNSPECIFIED: RescoreJobState
RESCORE_JOB_STATE_QUEUED: RescoreJobState
RESCORE_JOB_STATE_RUNNING: RescoreJobState
RESCORE_JOB_STATE_SUCCEEDED: RescoreJobState
RESCORE_JOB_STATE_FAILED: RescoreJobState
RESCORE_JOB_STATE_CANCELLED: RescoreJobState

class RescoreJob(_message.Message):
    __slots__ = ("name", "filter", "model_version", "dry_run", "state", "create_time", "start_time", "end_time", "update_time", "account_count", "done_count", "raised_count", "lowered_count", "unknown_count", "watermark", "work_seconds", "accounts_per_second", "error")
    NAME_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    DRY_RUN_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    RAISED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOWERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_COUNT_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_FIELD_NUMBER: _ClassVar[int]
    WORK_SECONDS_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    name: str
    filter: RescoreFilter
    model_version: str
    dry_run: bool
    state: RescoreJobState
    create_time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    account_count: int
    done_count: int
    raised_count: int
    lowered_count: int
    unknown_count: int
    watermark: int
    work_seconds: float
    accounts_per_second: float
    error: str
    def __init__(self, name: _Optional[str] = ..., filter: _Optional[_Union[RescoreFilter, _Mapping]] = ..., model_version: _Optional[str] = ..., dry_run: _Optional[bool] = ..., state: _Optional[_Union[RescoreJobState, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., account_count: _Optional[int] = ..., done_count: _Optional[int] = ..., raised_count: _Optional[int] = ..., lowered_count: _Optional[int] = ..., unknown_count: _Optional[int] = ..., watermark: _Optional[int] = ..., work_seconds: _Optional[float] = ..., accounts_per_second: _Optional[float] = ..., error: _Optional[str] = ...) -> None: ...

class RescoreFilter(_message.Message):
    __slots__ = ("all", "due_by", "campaign", "accounts")
    ALL_FIELD_NUMBER: _ClassVar[int]
    DUE_BY_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    all: _empty_pb2.Empty
    due_by: _timestamp_pb2.Timestamp
    campaign: str
    accounts: AccountList
    def __init__(self, all: _Optional[_Union[_empty_pb2.Empty, _Mapping]] = ..., due_by: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., campaign: _Optional[str] = ..., accounts: _Optional[_Union[AccountList, _Mapping]] = ...) -> None: ...

class AccountList(_message.Message):
    __slots__ = ("account_ids",)
    ACCOUNT_IDS_FIELD_NUMBER: _ClassVar[int]
    account_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, account_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class RescoreResult(_message.Message):
    __slots__ = ("number", "account_id", "assessment", "risk", "decision", "previous_assessment", "previous_risk", "previous_decision", "reasons", "new_evidence", "lost_evidence")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_RISK_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DECISION_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    NEW_EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    LOST_EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    number: int
    account_id: str
    assessment: str
    risk: float
    decision: _assessment_pb2.Decision
    previous_assessment: str
    previous_risk: float
    previous_decision: _assessment_pb2.Decision
    reasons: _containers.RepeatedCompositeFieldContainer[ReasonChange]
    new_evidence: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.Evidence]
    lost_evidence: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., account_id: _Optional[str] = ..., assessment: _Optional[str] = ..., risk: _Optional[float] = ..., decision: _Optional[_Union[_assessment_pb2.Decision, str]] = ..., previous_assessment: _Optional[str] = ..., previous_risk: _Optional[float] = ..., previous_decision: _Optional[_Union[_assessment_pb2.Decision, str]] = ..., reasons: _Optional[_Iterable[_Union[ReasonChange, _Mapping]]] = ..., new_evidence: _Optional[_Iterable[_Union[_assessment_pb2.Evidence, _Mapping]]] = ..., lost_evidence: _Optional[_Iterable[str]] = ...) -> None: ...

class ReasonChange(_message.Message):
    __slots__ = ("code", "text", "axis", "contribution", "previous_contribution")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    axis: _assessment_pb2.Axis
    contribution: float
    previous_contribution: float
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ..., axis: _Optional[_Union[_assessment_pb2.Axis, str]] = ..., contribution: _Optional[float] = ..., previous_contribution: _Optional[float] = ...) -> None: ...

class AssessmentChange(_message.Message):
    __slots__ = ("sequence", "account_id", "assessment", "create_time", "cause", "risk", "decision", "previous_risk", "previous_decision")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_RISK_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_DECISION_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    account_id: str
    assessment: str
    create_time: _timestamp_pb2.Timestamp
    cause: str
    risk: float
    decision: _assessment_pb2.Decision
    previous_risk: float
    previous_decision: _assessment_pb2.Decision
    def __init__(self, sequence: _Optional[int] = ..., account_id: _Optional[str] = ..., assessment: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cause: _Optional[str] = ..., risk: _Optional[float] = ..., decision: _Optional[_Union[_assessment_pb2.Decision, str]] = ..., previous_risk: _Optional[float] = ..., previous_decision: _Optional[_Union[_assessment_pb2.Decision, str]] = ...) -> None: ...
