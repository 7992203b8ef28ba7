import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sybilgate.v1 import assessment_pb2 as _assessment_pb2
from sybilgate.v1 import campaign_state_pb2 as _campaign_state_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MemberRole(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMBER_ROLE_UNSPECIFIED: _ClassVar[MemberRole]
    MEMBER_ROLE_FLAGGED: _ClassVar[MemberRole]
    MEMBER_ROLE_LINKED: _ClassVar[MemberRole]

class CampaignChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_CHANGE_KIND_UNSPECIFIED: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_OPENED: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_MERGED: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_SPLIT: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_CONFIRMED: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_DISMISSED: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_REOPENED: _ClassVar[CampaignChangeKind]
    CAMPAIGN_CHANGE_KIND_GREW: _ClassVar[CampaignChangeKind]
MEMBER_ROLE_UNSPECIFIED: MemberRole
MEMBER_ROLE_FLAGGED: MemberRole
MEMBER_ROLE_LINKED: MemberRole
CAMPAIGN_CHANGE_KIND_UNSPECIFIED: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_OPENED: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_MERGED: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_SPLIT: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_CONFIRMED: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_DISMISSED: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_REOPENED: CampaignChangeKind
CAMPAIGN_CHANGE_KIND_GREW: CampaignChangeKind

class Campaign(_message.Message):
    __slots__ = ("name", "state", "create_time", "update_time", "member_count", "linked_count", "growth", "mean_risk", "significance", "merged_into", "axes", "confirmed_first_by", "top_links", "history")
    NAME_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    GROWTH_FIELD_NUMBER: _ClassVar[int]
    MEAN_RISK_FIELD_NUMBER: _ClassVar[int]
    SIGNIFICANCE_FIELD_NUMBER: _ClassVar[int]
    MERGED_INTO_FIELD_NUMBER: _ClassVar[int]
    AXES_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIRST_BY_FIELD_NUMBER: _ClassVar[int]
    TOP_LINKS_FIELD_NUMBER: _ClassVar[int]
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    name: str
    state: _campaign_state_pb2.CampaignState
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    member_count: int
    linked_count: int
    growth: CampaignGrowth
    mean_risk: float
    significance: float
    merged_into: str
    axes: _containers.RepeatedScalarFieldContainer[_assessment_pb2.Axis]
    confirmed_first_by: str
    top_links: _containers.RepeatedCompositeFieldContainer[Link]
    history: _containers.RepeatedCompositeFieldContainer[CampaignChange]
    def __init__(self, name: _Optional[str] = ..., state: _Optional[_Union[_campaign_state_pb2.CampaignState, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., member_count: _Optional[int] = ..., linked_count: _Optional[int] = ..., growth: _Optional[_Union[CampaignGrowth, _Mapping]] = ..., mean_risk: _Optional[float] = ..., significance: _Optional[float] = ..., merged_into: _Optional[str] = ..., axes: _Optional[_Iterable[_Union[_assessment_pb2.Axis, str]]] = ..., confirmed_first_by: _Optional[str] = ..., top_links: _Optional[_Iterable[_Union[Link, _Mapping]]] = ..., history: _Optional[_Iterable[_Union[CampaignChange, _Mapping]]] = ...) -> None: ...

class CampaignGrowth(_message.Message):
    __slots__ = ("hour", "day", "month")
    HOUR_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    hour: float
    day: float
    month: float
    def __init__(self, hour: _Optional[float] = ..., day: _Optional[float] = ..., month: _Optional[float] = ...) -> None: ...

class Link(_message.Message):
    __slots__ = ("name", "kind", "axis", "member_count", "holders", "rarity_bits", "chance_probability", "first_seen_time", "last_seen_time", "under_protection")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    RARITY_BITS_FIELD_NUMBER: _ClassVar[int]
    CHANCE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    UNDER_PROTECTION_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: str
    axis: _assessment_pb2.Axis
    member_count: int
    holders: int
    rarity_bits: float
    chance_probability: float
    first_seen_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    under_protection: bool
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[str] = ..., axis: _Optional[_Union[_assessment_pb2.Axis, str]] = ..., member_count: _Optional[int] = ..., holders: _Optional[int] = ..., rarity_bits: _Optional[float] = ..., chance_probability: _Optional[float] = ..., first_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., under_protection: _Optional[bool] = ...) -> None: ...

class CampaignMember(_message.Message):
    __slots__ = ("account", "role", "join_time", "risk", "log_odds", "evidence")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    JOIN_TIME_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    LOG_ODDS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    account: str
    role: MemberRole
    join_time: _timestamp_pb2.Timestamp
    risk: float
    log_odds: float
    evidence: _containers.RepeatedCompositeFieldContainer[MemberEvidence]
    def __init__(self, account: _Optional[str] = ..., role: _Optional[_Union[MemberRole, str]] = ..., join_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., risk: _Optional[float] = ..., log_odds: _Optional[float] = ..., evidence: _Optional[_Iterable[_Union[MemberEvidence, _Mapping]]] = ...) -> None: ...

class MemberEvidence(_message.Message):
    __slots__ = ("kind", "axis", "member_count", "of_members", "holders", "rarity_bits", "chance_probability")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    OF_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    RARITY_BITS_FIELD_NUMBER: _ClassVar[int]
    CHANCE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    kind: str
    axis: _assessment_pb2.Axis
    member_count: int
    of_members: int
    holders: float
    rarity_bits: float
    chance_probability: float
    def __init__(self, kind: _Optional[str] = ..., axis: _Optional[_Union[_assessment_pb2.Axis, str]] = ..., member_count: _Optional[int] = ..., of_members: _Optional[int] = ..., holders: _Optional[float] = ..., rarity_bits: _Optional[float] = ..., chance_probability: _Optional[float] = ...) -> None: ...

class CampaignChange(_message.Message):
    __slots__ = ("sequence", "campaign", "kind", "change_time", "other_campaign", "member_count", "reviewer", "detail")
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    OTHER_CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    sequence: int
    campaign: str
    kind: CampaignChangeKind
    change_time: _timestamp_pb2.Timestamp
    other_campaign: str
    member_count: int
    reviewer: str
    detail: str
    def __init__(self, sequence: _Optional[int] = ..., campaign: _Optional[str] = ..., kind: _Optional[_Union[CampaignChangeKind, str]] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., other_campaign: _Optional[str] = ..., member_count: _Optional[int] = ..., reviewer: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...
