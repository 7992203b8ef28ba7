from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class ErrorReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ERROR_REASON_UNSPECIFIED: _ClassVar[ErrorReason]
    ERROR_REASON_INVALID_INPUT: _ClassVar[ErrorReason]
    ERROR_REASON_PAN_REFUSED: _ClassVar[ErrorReason]
    ERROR_REASON_REQUEST_ID_REUSED: _ClassVar[ErrorReason]
    ERROR_REASON_NOT_FOUND: _ClassVar[ErrorReason]
    ERROR_REASON_OVERLOADED: _ClassVar[ErrorReason]
    ERROR_REASON_DEADLINE_EXCEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_UNAVAILABLE: _ClassVar[ErrorReason]
    ERROR_REASON_MODEL_REJECTED: _ClassVar[ErrorReason]
    ERROR_REASON_CONFIGURATION: _ClassVar[ErrorReason]
    ERROR_REASON_SCHEMA_OUTDATED: _ClassVar[ErrorReason]
    ERROR_REASON_UNSAFE_DURABILITY: _ClassVar[ErrorReason]
    ERROR_REASON_INTERNAL: _ClassVar[ErrorReason]
    ERROR_REASON_SECOND_REVIEWER_NEEDED: _ClassVar[ErrorReason]
    ERROR_REASON_CAMPAIGN_CLOSED: _ClassVar[ErrorReason]
    ERROR_REASON_ALREADY_CLAIMED: _ClassVar[ErrorReason]
    ERROR_REASON_UNAUTHENTICATED: _ClassVar[ErrorReason]
    ERROR_REASON_PERMISSION_DENIED: _ClassVar[ErrorReason]
    ERROR_REASON_QUOTA_EXCEEDED: _ClassVar[ErrorReason]
ERROR_REASON_UNSPECIFIED: ErrorReason
ERROR_REASON_INVALID_INPUT: ErrorReason
ERROR_REASON_PAN_REFUSED: ErrorReason
ERROR_REASON_REQUEST_ID_REUSED: ErrorReason
ERROR_REASON_NOT_FOUND: ErrorReason
ERROR_REASON_OVERLOADED: ErrorReason
ERROR_REASON_DEADLINE_EXCEEDED: ErrorReason
ERROR_REASON_UNAVAILABLE: ErrorReason
ERROR_REASON_MODEL_REJECTED: ErrorReason
ERROR_REASON_CONFIGURATION: ErrorReason
ERROR_REASON_SCHEMA_OUTDATED: ErrorReason
ERROR_REASON_UNSAFE_DURABILITY: ErrorReason
ERROR_REASON_INTERNAL: ErrorReason
ERROR_REASON_SECOND_REVIEWER_NEEDED: ErrorReason
ERROR_REASON_CAMPAIGN_CLOSED: ErrorReason
ERROR_REASON_ALREADY_CLAIMED: ErrorReason
ERROR_REASON_UNAUTHENTICATED: ErrorReason
ERROR_REASON_PERMISSION_DENIED: ErrorReason
ERROR_REASON_QUOTA_EXCEEDED: ErrorReason
