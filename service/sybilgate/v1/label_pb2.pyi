import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LabelVerdict(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LABEL_VERDICT_UNSPECIFIED: _ClassVar[LabelVerdict]
    LABEL_VERDICT_SYBIL: _ClassVar[LabelVerdict]
    LABEL_VERDICT_HONEST: _ClassVar[LabelVerdict]
LABEL_VERDICT_UNSPECIFIED: LabelVerdict
LABEL_VERDICT_SYBIL: LabelVerdict
LABEL_VERDICT_HONEST: LabelVerdict

class Label(_message.Message):
    __slots__ = ("name", "account", "campaign", "verdict", "source", "reviewer", "second_reviewer", "evidence_time", "create_time", "reason", "revokes", "by_campaign", "replayed")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    SECOND_REVIEWER_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REVOKES_FIELD_NUMBER: _ClassVar[int]
    BY_CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    name: str
    account: str
    campaign: str
    verdict: LabelVerdict
    source: str
    reviewer: str
    second_reviewer: str
    evidence_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    reason: str
    revokes: str
    by_campaign: str
    replayed: bool
    def __init__(self, name: _Optional[str] = ..., account: _Optional[str] = ..., campaign: _Optional[str] = ..., verdict: _Optional[_Union[LabelVerdict, str]] = ..., source: _Optional[str] = ..., reviewer: _Optional[str] = ..., second_reviewer: _Optional[str] = ..., evidence_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., reason: _Optional[str] = ..., revokes: _Optional[str] = ..., by_campaign: _Optional[str] = ..., replayed: _Optional[bool] = ...) -> None: ...
