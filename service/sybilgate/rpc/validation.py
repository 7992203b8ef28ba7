"""The contract's rules, all of them at once, and no card number past this door."""

from __future__ import annotations

from google.protobuf.message import Message
from protovalidate import Validator, Violation

from sybilgate.core.identifier import Keyring
from sybilgate.errors import InvalidInput
from sybilgate.rpc.pan import pan_paths

_validator = Validator()
_PAN_TEXT = "looks like a payment card number, which is never taken; send the processor's fingerprint"


class PanRefused(InvalidInput):
    """A field holds what looks like a card number; the violation names the field, never the value."""

    reason = "PAN_REFUSED"


def check(request: Message) -> None:
    """Raises InvalidInput (PanRefused if a card number is among it) naming every rule the request breaks."""
    violations = [(_path(found), found.proto.message) for found in _validator.collect_violations(request)]
    cards = pan_paths(request, request.SerializeToString())
    if cards:
        raise PanRefused([*((path, _PAN_TEXT) for path in cards), *violations])
    if violations:
        raise InvalidInput(violations)


def request_digest(keyring: Keyring, request: Message) -> bytes:
    """Keyed digest of what the request asks, its request id aside."""
    asked = type(request)()
    asked.CopyFrom(request)
    asked.ClearField("request_id")
    name = request.DESCRIPTOR.full_name.encode()
    return keyring.digest(name + b"\0" + asked.SerializeToString(deterministic=True))


def _path(violation: Violation) -> str:
    """A proto path such as ``events[3].contact.email``."""
    field = violation.proto.field
    parts = []
    for element in field.elements if field is not None else ():
        key = element.subscript
        parts.append(element.field_name if key is None else f"{element.field_name}[{key.value}]")
    return ".".join(parts)
