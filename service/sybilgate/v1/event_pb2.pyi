import datetime

from sybilgate.v1 import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_TYPE_UNSPECIFIED: _ClassVar[EventType]
    EVENT_TYPE_SIGNUP: _ClassVar[EventType]
    EVENT_TYPE_PAYMENT: _ClassVar[EventType]
    EVENT_TYPE_LOGIN: _ClassVar[EventType]
    EVENT_TYPE_VERIFICATION: _ClassVar[EventType]
    EVENT_TYPE_USAGE: _ClassVar[EventType]
    EVENT_TYPE_OUTCOME: _ClassVar[EventType]

class DeviceTrust(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DEVICE_TRUST_UNSPECIFIED: _ClassVar[DeviceTrust]
    DEVICE_TRUST_CLIENT_ASSERTED: _ClassVar[DeviceTrust]
    DEVICE_TRUST_SERVER_OBSERVED: _ClassVar[DeviceTrust]
    DEVICE_TRUST_ATTESTED: _ClassVar[DeviceTrust]

class SignupMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIGNUP_METHOD_UNSPECIFIED: _ClassVar[SignupMethod]
    SIGNUP_METHOD_PASSWORD: _ClassVar[SignupMethod]
    SIGNUP_METHOD_MAGIC_LINK: _ClassVar[SignupMethod]
    SIGNUP_METHOD_OAUTH: _ClassVar[SignupMethod]
    SIGNUP_METHOD_SSO: _ClassVar[SignupMethod]
    SIGNUP_METHOD_PHONE: _ClassVar[SignupMethod]
    SIGNUP_METHOD_API: _ClassVar[SignupMethod]

class PaymentStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PAYMENT_STATUS_UNSPECIFIED: _ClassVar[PaymentStatus]
    PAYMENT_STATUS_ADDED: _ClassVar[PaymentStatus]
    PAYMENT_STATUS_FAILED: _ClassVar[PaymentStatus]
    PAYMENT_STATUS_REMOVED: _ClassVar[PaymentStatus]

class Funding(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FUNDING_UNSPECIFIED: _ClassVar[Funding]
    FUNDING_CREDIT: _ClassVar[Funding]
    FUNDING_DEBIT: _ClassVar[Funding]
    FUNDING_PREPAID: _ClassVar[Funding]
    FUNDING_VIRTUAL: _ClassVar[Funding]

class CheckResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHECK_RESULT_UNSPECIFIED: _ClassVar[CheckResult]
    CHECK_RESULT_PASSED: _ClassVar[CheckResult]
    CHECK_RESULT_FAILED: _ClassVar[CheckResult]
    CHECK_RESULT_UNAVAILABLE: _ClassVar[CheckResult]

class VerificationKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERIFICATION_KIND_UNSPECIFIED: _ClassVar[VerificationKind]
    VERIFICATION_KIND_EMAIL: _ClassVar[VerificationKind]
    VERIFICATION_KIND_PHONE: _ClassVar[VerificationKind]
    VERIFICATION_KIND_CAPTCHA: _ClassVar[VerificationKind]
    VERIFICATION_KIND_DOCUMENT: _ClassVar[VerificationKind]
    VERIFICATION_KIND_CHALLENGE: _ClassVar[VerificationKind]

class VerificationResult(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    VERIFICATION_RESULT_UNSPECIFIED: _ClassVar[VerificationResult]
    VERIFICATION_RESULT_PASSED: _ClassVar[VerificationResult]
    VERIFICATION_RESULT_FAILED: _ClassVar[VerificationResult]
    VERIFICATION_RESULT_ABANDONED: _ClassVar[VerificationResult]

class OutcomeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OUTCOME_KIND_UNSPECIFIED: _ClassVar[OutcomeKind]
    OUTCOME_KIND_CLOSED: _ClassVar[OutcomeKind]
    OUTCOME_KIND_BANNED: _ClassVar[OutcomeKind]
    OUTCOME_KIND_CHARGEBACK: _ClassVar[OutcomeKind]
    OUTCOME_KIND_REINSTATED: _ClassVar[OutcomeKind]
    OUTCOME_KIND_CONFIRMED_HONEST: _ClassVar[OutcomeKind]
    OUTCOME_KIND_CONFIRMED_SYBIL: _ClassVar[OutcomeKind]
EVENT_TYPE_UNSPECIFIED: EventType
EVENT_TYPE_SIGNUP: EventType
EVENT_TYPE_PAYMENT: EventType
EVENT_TYPE_LOGIN: EventType
EVENT_TYPE_VERIFICATION: EventType
EVENT_TYPE_USAGE: EventType
EVENT_TYPE_OUTCOME: EventType
DEVICE_TRUST_UNSPECIFIED: DeviceTrust
DEVICE_TRUST_CLIENT_ASSERTED: DeviceTrust
DEVICE_TRUST_SERVER_OBSERVED: DeviceTrust
DEVICE_TRUST_ATTESTED: DeviceTrust
SIGNUP_METHOD_UNSPECIFIED: SignupMethod
SIGNUP_METHOD_PASSWORD: SignupMethod
SIGNUP_METHOD_MAGIC_LINK: SignupMethod
SIGNUP_METHOD_OAUTH: SignupMethod
SIGNUP_METHOD_SSO: SignupMethod
SIGNUP_METHOD_PHONE: SignupMethod
SIGNUP_METHOD_API: SignupMethod
PAYMENT_STATUS_UNSPECIFIED: PaymentStatus
PAYMENT_STATUS_ADDED: PaymentStatus
PAYMENT_STATUS_FAILED: PaymentStatus
PAYMENT_STATUS_REMOVED: PaymentStatus
FUNDING_UNSPECIFIED: Funding
FUNDING_CREDIT: Funding
FUNDING_DEBIT: Funding
FUNDING_PREPAID: Funding
FUNDING_VIRTUAL: Funding
CHECK_RESULT_UNSPECIFIED: CheckResult
CHECK_RESULT_PASSED: CheckResult
CHECK_RESULT_FAILED: CheckResult
CHECK_RESULT_UNAVAILABLE: CheckResult
VERIFICATION_KIND_UNSPECIFIED: VerificationKind
VERIFICATION_KIND_EMAIL: VerificationKind
VERIFICATION_KIND_PHONE: VerificationKind
VERIFICATION_KIND_CAPTCHA: VerificationKind
VERIFICATION_KIND_DOCUMENT: VerificationKind
VERIFICATION_KIND_CHALLENGE: VerificationKind
VERIFICATION_RESULT_UNSPECIFIED: VerificationResult
VERIFICATION_RESULT_PASSED: VerificationResult
VERIFICATION_RESULT_FAILED: VerificationResult
VERIFICATION_RESULT_ABANDONED: VerificationResult
OUTCOME_KIND_UNSPECIFIED: OutcomeKind
OUTCOME_KIND_CLOSED: OutcomeKind
OUTCOME_KIND_BANNED: OutcomeKind
OUTCOME_KIND_CHARGEBACK: OutcomeKind
OUTCOME_KIND_REINSTATED: OutcomeKind
OUTCOME_KIND_CONFIRMED_HONEST: OutcomeKind
OUTCOME_KIND_CONFIRMED_SYBIL: OutcomeKind

class Event(_message.Message):
    __slots__ = ("account_id", "event_time", "type", "contact", "network", "device", "signup", "payment", "verification", "usage", "outcome")
    ACCOUNT_ID_FIELD_NUMBER: _ClassVar[int]
    EVENT_TIME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    NETWORK_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    SIGNUP_FIELD_NUMBER: _ClassVar[int]
    PAYMENT_FIELD_NUMBER: _ClassVar[int]
    VERIFICATION_FIELD_NUMBER: _ClassVar[int]
    USAGE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    account_id: str
    event_time: _timestamp_pb2.Timestamp
    type: EventType
    contact: Contact
    network: Network
    device: Device
    signup: Signup
    payment: Payment
    verification: Verification
    usage: Usage
    outcome: Outcome
    def __init__(self, account_id: _Optional[str] = ..., event_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., type: _Optional[_Union[EventType, str]] = ..., contact: _Optional[_Union[Contact, _Mapping]] = ..., network: _Optional[_Union[Network, _Mapping]] = ..., device: _Optional[_Union[Device, _Mapping]] = ..., signup: _Optional[_Union[Signup, _Mapping]] = ..., payment: _Optional[_Union[Payment, _Mapping]] = ..., verification: _Optional[_Union[Verification, _Mapping]] = ..., usage: _Optional[_Union[Usage, _Mapping]] = ..., outcome: _Optional[_Union[Outcome, _Mapping]] = ...) -> None: ...

class Contact(_message.Message):
    __slots__ = ("email", "phone", "display_name", "username", "organization")
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    USERNAME_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    email: str
    phone: str
    display_name: str
    username: str
    organization: str
    def __init__(self, email: _Optional[str] = ..., phone: _Optional[str] = ..., display_name: _Optional[str] = ..., username: _Optional[str] = ..., organization: _Optional[str] = ...) -> None: ...

class Network(_message.Message):
    __slots__ = ("ip_address", "user_agent", "accept_language", "ja4")
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    USER_AGENT_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    JA4_FIELD_NUMBER: _ClassVar[int]
    ip_address: str
    user_agent: str
    accept_language: str
    ja4: str
    def __init__(self, ip_address: _Optional[str] = ..., user_agent: _Optional[str] = ..., accept_language: _Optional[str] = ..., ja4: _Optional[str] = ...) -> None: ...

class Device(_message.Message):
    __slots__ = ("device_id", "trust", "platform", "screen_width", "screen_height", "pixel_ratio", "time_zone", "languages", "canvas_hash", "webgl_hash", "webgl_renderer", "cpu_cores", "memory_gb", "automation_detected")
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    TRUST_FIELD_NUMBER: _ClassVar[int]
    PLATFORM_FIELD_NUMBER: _ClassVar[int]
    SCREEN_WIDTH_FIELD_NUMBER: _ClassVar[int]
    SCREEN_HEIGHT_FIELD_NUMBER: _ClassVar[int]
    PIXEL_RATIO_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    CANVAS_HASH_FIELD_NUMBER: _ClassVar[int]
    WEBGL_HASH_FIELD_NUMBER: _ClassVar[int]
    WEBGL_RENDERER_FIELD_NUMBER: _ClassVar[int]
    CPU_CORES_FIELD_NUMBER: _ClassVar[int]
    MEMORY_GB_FIELD_NUMBER: _ClassVar[int]
    AUTOMATION_DETECTED_FIELD_NUMBER: _ClassVar[int]
    device_id: str
    trust: DeviceTrust
    platform: str
    screen_width: int
    screen_height: int
    pixel_ratio: float
    time_zone: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    canvas_hash: str
    webgl_hash: str
    webgl_renderer: str
    cpu_cores: int
    memory_gb: float
    automation_detected: bool
    def __init__(self, device_id: _Optional[str] = ..., trust: _Optional[_Union[DeviceTrust, str]] = ..., platform: _Optional[str] = ..., screen_width: _Optional[int] = ..., screen_height: _Optional[int] = ..., pixel_ratio: _Optional[float] = ..., time_zone: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., canvas_hash: _Optional[str] = ..., webgl_hash: _Optional[str] = ..., webgl_renderer: _Optional[str] = ..., cpu_cores: _Optional[int] = ..., memory_gb: _Optional[float] = ..., automation_detected: _Optional[bool] = ...) -> None: ...

class Signup(_message.Message):
    __slots__ = ("method", "path", "form_fill_seconds", "pasted_fields", "captcha_score", "referrer", "campaign_tag", "invite_code")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    FORM_FILL_SECONDS_FIELD_NUMBER: _ClassVar[int]
    PASTED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    CAPTCHA_SCORE_FIELD_NUMBER: _ClassVar[int]
    REFERRER_FIELD_NUMBER: _ClassVar[int]
    CAMPAIGN_TAG_FIELD_NUMBER: _ClassVar[int]
    INVITE_CODE_FIELD_NUMBER: _ClassVar[int]
    method: SignupMethod
    path: str
    form_fill_seconds: float
    pasted_fields: int
    captcha_score: float
    referrer: str
    campaign_tag: str
    invite_code: str
    def __init__(self, method: _Optional[_Union[SignupMethod, str]] = ..., path: _Optional[str] = ..., form_fill_seconds: _Optional[float] = ..., pasted_fields: _Optional[int] = ..., captcha_score: _Optional[float] = ..., referrer: _Optional[str] = ..., campaign_tag: _Optional[str] = ..., invite_code: _Optional[str] = ...) -> None: ...

class Payment(_message.Message):
    __slots__ = ("status", "fingerprint", "bin", "funding", "issuer_country", "billing_name", "billing_country", "billing_postal_code", "cvc_check", "avs_check")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINT_FIELD_NUMBER: _ClassVar[int]
    BIN_FIELD_NUMBER: _ClassVar[int]
    FUNDING_FIELD_NUMBER: _ClassVar[int]
    ISSUER_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    BILLING_NAME_FIELD_NUMBER: _ClassVar[int]
    BILLING_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    BILLING_POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    CVC_CHECK_FIELD_NUMBER: _ClassVar[int]
    AVS_CHECK_FIELD_NUMBER: _ClassVar[int]
    status: PaymentStatus
    fingerprint: str
    bin: str
    funding: Funding
    issuer_country: str
    billing_name: str
    billing_country: str
    billing_postal_code: str
    cvc_check: CheckResult
    avs_check: CheckResult
    def __init__(self, status: _Optional[_Union[PaymentStatus, str]] = ..., fingerprint: _Optional[str] = ..., bin: _Optional[str] = ..., funding: _Optional[_Union[Funding, str]] = ..., issuer_country: _Optional[str] = ..., billing_name: _Optional[str] = ..., billing_country: _Optional[str] = ..., billing_postal_code: _Optional[str] = ..., cvc_check: _Optional[_Union[CheckResult, str]] = ..., avs_check: _Optional[_Union[CheckResult, str]] = ...) -> None: ...

class Verification(_message.Message):
    __slots__ = ("kind", "result")
    KIND_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    kind: VerificationKind
    result: VerificationResult
    def __init__(self, kind: _Optional[_Union[VerificationKind, str]] = ..., result: _Optional[_Union[VerificationResult, str]] = ...) -> None: ...

class Usage(_message.Message):
    __slots__ = ("period_start_time", "period_end_time", "requests", "tokens", "active_hours", "model_mix", "prompt_template_minhash", "distinct_ips", "sample_ips")
    PERIOD_START_TIME_FIELD_NUMBER: _ClassVar[int]
    PERIOD_END_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_HOURS_FIELD_NUMBER: _ClassVar[int]
    MODEL_MIX_FIELD_NUMBER: _ClassVar[int]
    PROMPT_TEMPLATE_MINHASH_FIELD_NUMBER: _ClassVar[int]
    DISTINCT_IPS_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_IPS_FIELD_NUMBER: _ClassVar[int]
    period_start_time: _timestamp_pb2.Timestamp
    period_end_time: _timestamp_pb2.Timestamp
    requests: int
    tokens: int
    active_hours: bytes
    model_mix: _containers.RepeatedCompositeFieldContainer[ModelShare]
    prompt_template_minhash: _containers.RepeatedScalarFieldContainer[int]
    distinct_ips: int
    sample_ips: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, period_start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., period_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., requests: _Optional[int] = ..., tokens: _Optional[int] = ..., active_hours: _Optional[bytes] = ..., model_mix: _Optional[_Iterable[_Union[ModelShare, _Mapping]]] = ..., prompt_template_minhash: _Optional[_Iterable[int]] = ..., distinct_ips: _Optional[int] = ..., sample_ips: _Optional[_Iterable[str]] = ...) -> None: ...

class ModelShare(_message.Message):
    __slots__ = ("model", "share")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    model: str
    share: float
    def __init__(self, model: _Optional[str] = ..., share: _Optional[float] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("kind", "source")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    kind: OutcomeKind
    source: str
    def __init__(self, kind: _Optional[_Union[OutcomeKind, str]] = ..., source: _Optional[str] = ...) -> None: ...
