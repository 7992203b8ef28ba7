import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sybilgate.v1 import campaign_state_pb2 as _campaign_state_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AssessmentView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSESSMENT_VIEW_UNSPECIFIED: _ClassVar[AssessmentView]
    ASSESSMENT_VIEW_BASIC: _ClassVar[AssessmentView]
    ASSESSMENT_VIEW_FULL: _ClassVar[AssessmentView]

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_ALLOW: _ClassVar[Decision]
    DECISION_CHALLENGE: _ClassVar[Decision]
    DECISION_REVIEW: _ClassVar[Decision]
    DECISION_DENY: _ClassVar[Decision]

class RiskBand(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RISK_BAND_UNSPECIFIED: _ClassVar[RiskBand]
    RISK_BAND_VERY_LOW: _ClassVar[RiskBand]
    RISK_BAND_LOW: _ClassVar[RiskBand]
    RISK_BAND_MEDIUM: _ClassVar[RiskBand]
    RISK_BAND_HIGH: _ClassVar[RiskBand]
    RISK_BAND_VERY_HIGH: _ClassVar[RiskBand]

class Axis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AXIS_UNSPECIFIED: _ClassVar[Axis]
    AXIS_NETWORK: _ClassVar[Axis]
    AXIS_DEVICE: _ClassVar[Axis]
    AXIS_EMAIL: _ClassVar[Axis]
    AXIS_PHONE: _ClassVar[Axis]
    AXIS_PAYMENT: _ClassVar[Axis]
    AXIS_BEHAVIOUR: _ClassVar[Axis]
    AXIS_USAGE: _ClassVar[Axis]

class ExplanationState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EXPLANATION_STATE_UNSPECIFIED: _ClassVar[ExplanationState]
    EXPLANATION_STATE_READY: _ClassVar[ExplanationState]
    EXPLANATION_STATE_DEFERRED: _ClassVar[ExplanationState]
    EXPLANATION_STATE_UNAVAILABLE: _ClassVar[ExplanationState]
ASSESSMENT_VIEW_UNSPECIFIED: AssessmentView
ASSESSMENT_VIEW_BASIC: AssessmentView
ASSESSMENT_VIEW_FULL: AssessmentView
DECISION_UNSPECIFIED: Decision
DECISION_ALLOW: Decision
DECISION_CHALLENGE: Decision
DECISION_REVIEW: Decision
DECISION_DENY: Decision
RISK_BAND_UNSPECIFIED: RiskBand
RISK_BAND_VERY_LOW: RiskBand
RISK_BAND_LOW: RiskBand
RISK_BAND_MEDIUM: RiskBand
RISK_BAND_HIGH: RiskBand
RISK_BAND_VERY_HIGH: RiskBand
AXIS_UNSPECIFIED: Axis
AXIS_NETWORK: Axis
AXIS_DEVICE: Axis
AXIS_EMAIL: Axis
AXIS_PHONE: Axis
AXIS_PAYMENT: Axis
AXIS_BEHAVIOUR: Axis
AXIS_USAGE: Axis
EXPLANATION_STATE_UNSPECIFIED: ExplanationState
EXPLANATION_STATE_READY: ExplanationState
EXPLANATION_STATE_DEFERRED: ExplanationState
EXPLANATION_STATE_UNAVAILABLE: ExplanationState

class Assessment(_message.Message):
    __slots__ = ("name", "account_id", "risk", "risk_band", "decision", "reasons", "axes", "model_version", "policy_version", "event_time", "create_time", "replayed", "degraded", "explanation_state", "margin", "base_value", "contributions", "evidence", "campaign", "campaign_state", "cause", "first_look", "grounds")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    RISK_BAND_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    AXES_FIELD_NUMBER: _ClassVar[int]
    MODEL_VERSION_FIELD_NUMBER: _ClassVar[int]
    POLICY_VERSION_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    REPLAYED_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_STATE_FIELD_NUMBER: _ClassVar[int]
    MARGIN_FIELD_NUMBER: _ClassVar[int]
    BASE_VALUE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTIONS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_STATE_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    FIRST_LOOK_FIELD_NUMBER: _ClassVar[int]
    GROUNDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    account_id: str
    risk: float
    risk_band: RiskBand
    decision: Decision
    reasons: _containers.RepeatedCompositeFieldContainer[Reason]
    axes: _containers.RepeatedScalarFieldContainer[Axis]
    model_version: str
    policy_version: str
    event_time: _timestamp_pb2.Timestamp
    create_time: _timestamp_pb2.Timestamp
    replayed: bool
    degraded: _containers.RepeatedScalarFieldContainer[str]
    explanation_state: ExplanationState
    margin: float
    base_value: float
    contributions: _containers.RepeatedCompositeFieldContainer[Contribution]
    evidence: _containers.RepeatedCompositeFieldContainer[Evidence]
    campaign: str
    campaign_state: _campaign_state_pb2.CampaignState
    cause: str
    first_look: _containers.RepeatedCompositeFieldContainer[Reason]
    grounds: _containers.RepeatedCompositeFieldContainer[Ground]
    def __init__(self, name: _Optional[str] = ..., account_id: _Optional[str] = ..., risk: _Optional[float] = ..., risk_band: _Optional[_Union[RiskBand, str]] = ..., decision: _Optional[_Union[Decision, str]] = ..., reasons: _Optional[_Iterable[_Union[Reason, _Mapping]]] = ..., axes: _Optional[_Iterable[_Union[Axis, str]]] = ..., model_version: _Optional[str] = ..., policy_version: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., replayed: _Optional[bool] = ..., degraded: _Optional[_Iterable[str]] = ..., explanation_state: _Optional[_Union[ExplanationState, str]] = ..., margin: _Optional[float] = ..., base_value: _Optional[float] = ..., contributions: _Optional[_Iterable[_Union[Contribution, _Mapping]]] = ..., evidence: _Optional[_Iterable[_Union[Evidence, _Mapping]]] = ..., campaign: _Optional[str] = ..., campaign_state: _Optional[_Union[_campaign_state_pb2.CampaignState, str]] = ..., cause: _Optional[str] = ..., first_look: _Optional[_Iterable[_Union[Reason, _Mapping]]] = ..., grounds: _Optional[_Iterable[_Union[Ground, _Mapping]]] = ...) -> None: ...

class Ground(_message.Message):
    __slots__ = ("detector", "text", "honest_share")
    DETECTOR_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    HONEST_SHARE_FIELD_NUMBER: _ClassVar[int]
    detector: str
    text: str
    honest_share: float
    def __init__(self, detector: _Optional[str] = ..., text: _Optional[str] = ..., honest_share: _Optional[float] = ...) -> None: ...

class Reason(_message.Message):
    __slots__ = ("code", "text", "axis", "contribution")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    axis: Axis
    contribution: float
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ..., axis: _Optional[_Union[Axis, str]] = ..., contribution: _Optional[float] = ...) -> None: ...

class Contribution(_message.Message):
    __slots__ = ("feature", "value", "contribution", "missing")
    FEATURE_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    CONTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    feature: str
    value: float
    contribution: float
    missing: bool
    def __init__(self, feature: _Optional[str] = ..., value: _Optional[float] = ..., contribution: _Optional[float] = ..., missing: _Optional[bool] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("kind", "axis", "holders", "rarity_bits", "chance_probability", "first_seen_time", "last_seen_time")
    KIND_FIELD_NUMBER: _ClassVar[int]
    AXIS_FIELD_NUMBER: _ClassVar[int]
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    RARITY_BITS_FIELD_NUMBER: _ClassVar[int]
    CHANCE_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    kind: str
    axis: Axis
    holders: int
    rarity_bits: float
    chance_probability: float
    first_seen_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    def __init__(self, kind: _Optional[str] = ..., axis: _Optional[_Union[Axis, str]] = ..., holders: _Optional[int] = ..., rarity_bits: _Optional[float] = ..., chance_probability: _Optional[float] = ..., first_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
