import datetime

from sybilgate.v1 import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sybilgate.v1 import assessment_pb2 as _assessment_pb2
from sybilgate.v1 import campaign_pb2 as _campaign_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReviewPlace(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_PLACE_UNSPECIFIED: _ClassVar[ReviewPlace]
    REVIEW_PLACE_SINGLE: _ClassVar[ReviewPlace]
    REVIEW_PLACE_IN_CAMPAIGN: _ClassVar[ReviewPlace]
REVIEW_PLACE_UNSPECIFIED: ReviewPlace
REVIEW_PLACE_SINGLE: ReviewPlace
REVIEW_PLACE_IN_CAMPAIGN: ReviewPlace

class ReviewItem(_message.Message):
    __slots__ = ("assessment", "network", "country")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    assessment: _assessment_pb2.Assessment
    network: str
    country: str
    def __init__(self, assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., network: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class ReviewFilter(_message.Message):
    __slots__ = ("decisions", "min_risk", "max_risk", "place", "start_time", "end_time", "network", "country")
    DECISIONS_FIELD_NUMBER: _ClassVar[int]
    MIN_RISK_FIELD_NUMBER: _ClassVar[int]
    MAX_RISK_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    decisions: _containers.RepeatedScalarFieldContainer[_assessment_pb2.Decision]
    min_risk: float
    max_risk: float
    place: ReviewPlace
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    network: str
    country: str
    def __init__(self, decisions: _Optional[_Iterable[_Union[_assessment_pb2.Decision, str]]] = ..., min_risk: _Optional[float] = ..., max_risk: _Optional[float] = ..., place: _Optional[_Union[ReviewPlace, str]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., network: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class ReviewCount(_message.Message):
    __slots__ = ("decision", "count")
    DECISION_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    decision: _assessment_pb2.Decision
    count: int
    def __init__(self, decision: _Optional[_Union[_assessment_pb2.Decision, str]] = ..., count: _Optional[int] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("subject", "reviewer", "create_time", "lease_end_time")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    LEASE_END_TIME_FIELD_NUMBER: _ClassVar[int]
    subject: str
    reviewer: str
    create_time: _timestamp_pb2.Timestamp
    lease_end_time: _timestamp_pb2.Timestamp
    def __init__(self, subject: _Optional[str] = ..., reviewer: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., lease_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CampaignPicture(_message.Message):
    __slots__ = ("steps", "values", "groups", "sampled_count", "total_count", "doubtful_members", "honest_count", "risk_tenths")
    STEPS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    SAMPLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    DOUBTFUL_MEMBERS_FIELD_NUMBER: _ClassVar[int]
    HONEST_COUNT_FIELD_NUMBER: _ClassVar[int]
    RISK_TENTHS_FIELD_NUMBER: _ClassVar[int]
    steps: _containers.RepeatedCompositeFieldContainer[CampaignStep]
    values: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Link]
    groups: _containers.RepeatedCompositeFieldContainer[CampaignGroup]
    sampled_count: int
    total_count: int
    doubtful_members: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignMember]
    honest_count: int
    risk_tenths: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, steps: _Optional[_Iterable[_Union[CampaignStep, _Mapping]]] = ..., values: _Optional[_Iterable[_Union[_campaign_pb2.Link, _Mapping]]] = ..., groups: _Optional[_Iterable[_Union[CampaignGroup, _Mapping]]] = ..., sampled_count: _Optional[int] = ..., total_count: _Optional[int] = ..., doubtful_members: _Optional[_Iterable[_Union[_campaign_pb2.CampaignMember, _Mapping]]] = ..., honest_count: _Optional[int] = ..., risk_tenths: _Optional[_Iterable[int]] = ...) -> None: ...

class CampaignStep(_message.Message):
    __slots__ = ("start_time", "flagged_count", "linked_count")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    FLAGGED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    flagged_count: int
    linked_count: int
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., flagged_count: _Optional[int] = ..., linked_count: _Optional[int] = ...) -> None: ...

class CampaignGroup(_message.Message):
    __slots__ = ("value_indexes", "member_count", "linked_count", "accounts")
    VALUE_INDEXES_FIELD_NUMBER: _ClassVar[int]
    MEMBER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    value_indexes: _containers.RepeatedScalarFieldContainer[int]
    member_count: int
    linked_count: int
    accounts: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, value_indexes: _Optional[_Iterable[int]] = ..., member_count: _Optional[int] = ..., linked_count: _Optional[int] = ..., accounts: _Optional[_Iterable[str]] = ...) -> None: ...

class FeatureReading(_message.Message):
    __slots__ = ("feature", "description", "axis", "reason_code", "value", "contribution", "share_below", "share_up_to", "share_missing", "ordinary_share")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    REASON_CODE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    SHARE_BELOW_FIELD_NUMBER: _ClassVar[int]
    SHARE_UP_TO_FIELD_NUMBER: _ClassVar[int]
    SHARE_MISSING_FIELD_NUMBER: _ClassVar[int]
    ORDINARY_SHARE_FIELD_NUMBER: _ClassVar[int]
    feature: str
    description: str
    axis: _assessment_pb2.Axis
    reason_code: str
    value: float
    contribution: float
    share_below: float
    share_up_to: float
    share_missing: float
    ordinary_share: float
    def __init__(self, feature: _Optional[str] = ..., description: _Optional[str] = ..., axis: _Optional[_Union[_assessment_pb2.Axis, str]] = ..., reason_code: _Optional[str] = ..., value: _Optional[float] = ..., contribution: _Optional[float] = ..., share_below: _Optional[float] = ..., share_up_to: _Optional[float] = ..., share_missing: _Optional[float] = ..., ordinary_share: _Optional[float] = ...) -> None: ...

class ServingModel(_message.Message):
    __slots__ = ("model_version", "policy_version", "challenge_risk", "review_risk", "deny_risk", "guards", "figures", "feature_count", "digest", "calibration")
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_RISK_FIELD_NUMBER: _ClassVar[int]
    REVIEW_RISK_FIELD_NUMBER: _ClassVar[int]
    DENY_RISK_FIELD_NUMBER: _ClassVar[int]
    GUARDS_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    FEATURE_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    model_version: str
    policy_version: str
    challenge_risk: float
    review_risk: float
    deny_risk: float
    guards: _containers.RepeatedCompositeFieldContainer[Guard]
    figures: _containers.RepeatedCompositeFieldContainer[Figure]
    feature_count: int
    digest: str
    calibration: _containers.RepeatedCompositeFieldContainer[CalibrationPoint]
    def __init__(self, model_version: _Optional[str] = ..., policy_version: _Optional[str] = ..., challenge_risk: _Optional[float] = ..., review_risk: _Optional[float] = ..., deny_risk: _Optional[float] = ..., guards: _Optional[_Iterable[_Union[Guard, _Mapping]]] = ..., figures: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ..., feature_count: _Optional[int] = ..., digest: _Optional[str] = ..., calibration: _Optional[_Iterable[_Union[CalibrationPoint, _Mapping]]] = ...) -> None: ...

class RecentTraffic(_message.Message):
    __slots__ = ("model_version", "signup_count", "start_time", "end_time", "decision_counts", "risk_counts", "risk_index", "shifted_features")
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    SIGNUP_COUNT_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    DECISION_COUNTS_FIELD_NUMBER: _ClassVar[int]
    RISK_COUNTS_FIELD_NUMBER: _ClassVar[int]
    RISK_INDEX_FIELD_NUMBER: _ClassVar[int]
    SHIFTED_FEATURES_FIELD_NUMBER: _ClassVar[int]
    model_version: str
    signup_count: int
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    decision_counts: _containers.RepeatedCompositeFieldContainer[ReviewCount]
    risk_counts: _containers.RepeatedScalarFieldContainer[int]
    risk_index: float
    shifted_features: _containers.RepeatedCompositeFieldContainer[Figure]
    def __init__(self, model_version: _Optional[str] = ..., signup_count: _Optional[int] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., decision_counts: _Optional[_Iterable[_Union[ReviewCount, _Mapping]]] = ..., risk_counts: _Optional[_Iterable[int]] = ..., risk_index: _Optional[float] = ..., shifted_features: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ...) -> None: ...

class Guard(_message.Message):
    __slots__ = ("feature", "challenge", "review")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    REVIEW_FIELD_NUMBER: _ClassVar[int]
    feature: str
    challenge: float
    review: float
    def __init__(self, feature: _Optional[str] = ..., challenge: _Optional[float] = ..., review: _Optional[float] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: float
    def __init__(self, name: _Optional[str] = ..., value: _Optional[float] = ...) -> None: ...

class CalibrationPoint(_message.Message):
    __slots__ = ("margin", "risk")
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    margin: float
    risk: float
    def __init__(self, margin: _Optional[float] = ..., risk: _Optional[float] = ...) -> None: ...
