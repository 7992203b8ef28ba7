"""Messages nobody well-meaning sends, made from the descriptors: fields of every type at and beyond their bounds."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

_F = FieldDescriptor
_TEXTS = (
    "", "a", "\0", "a" * 300, "ä" * 5000, "\u202e\u2066x", "\ud7ff\ue000", "💣" * 50, "a@b", "@",
    "x@" + "y" * 255 + ".z",
    "127.0.0.1", "::ffff:1.2.3.4", "fe80::1%eth0", "256.1.1.1", "0", "-1", "1e999", "NaN", "' OR 1=1 --", "../../etc",
    "%s%n", "{}", "accounts/a/assessments/b", "accounts//assessments/", "4111 1111 1111 1111", "\r\n\t", "de-AT,de;q=9",
    "Europe/Vienna", "Etc/../x", "+431234567", "xn--\u0131", "\u0130" * 64, "ﬃ" * 100,
)  # fmt: skip
_WHOLE = (0, 1, -1, 2, 127, 255, 2**31 - 1, -(2**31), 2**53, 2**63 - 1, -(2**63))
_REAL = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-320, 1e308, -1e308, float("inf"), float("-inf"), float("nan"), 1.7e9)
_WORD, _LONG = (0, 2**32 - 1), (0, 2**64 - 1)
_SHORT = (-(2**31), 2**31 - 1)
_BITS = {
    _F.TYPE_INT32: _SHORT, _F.TYPE_SINT32: _SHORT, _F.TYPE_SFIXED32: _SHORT, _F.TYPE_UINT32: _WORD,
    _F.TYPE_FIXED32: _WORD, _F.TYPE_UINT64: _LONG, _F.TYPE_FIXED64: _LONG,
}  # fmt: skip


def fill(message: Message, rng: Random, depth: int = 0) -> Message:
    """``message`` with some of its fields set, mostly to something odd."""
    for field in message.DESCRIPTOR.fields:
        if rng.random() > (0.6 if depth == 0 else 0.3):
            continue
        if field.is_repeated:
            _fill_repeated(message, field, rng, depth)
        elif field.type == _F.TYPE_MESSAGE:
            sub = getattr(message, field.name)
            sub.SetInParent()
            fill(sub, rng, depth + 1)
        else:
            setattr(message, field.name, _value(field, rng))
    return message


def _fill_repeated(message: Message, field: FieldDescriptor, rng: Random, depth: int) -> None:
    target = getattr(message, field.name)
    count = rng.choice((1, 1, 2, 5, 40 if depth < 2 else 3))
    if field.type != _F.TYPE_MESSAGE:
        target.extend(_value(field, rng) for _ in range(count))
    elif field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields_by_name["key"], field.message_type.fields_by_name["value"]
        if value.type != _F.TYPE_MESSAGE:
            for _ in range(count):
                target[_value(key, rng)] = _value(value, rng)
    else:
        for _ in range(min(count, 5)):
            fill(target.add(), rng, depth + 1)


def _value(field: FieldDescriptor, rng: Random) -> Any:
    if field.type == _F.TYPE_STRING:
        text = rng.choice(_TEXTS)
        return text if rng.random() < 0.7 else "".join(chr(rng.randrange(1, 0xD7FF)) for _ in range(rng.randrange(80)))
    if field.type == _F.TYPE_BYTES:
        return rng.randbytes(rng.choice((0, 1, 20, 21, 22, 500)))
    if field.type == _F.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type in (_F.TYPE_DOUBLE, _F.TYPE_FLOAT):
        return rng.choice(_REAL) if rng.random() < 0.7 else rng.uniform(-2.0, 2.0)
    if field.type == _F.TYPE_ENUM:
        return rng.choice((*(value.number for value in field.enum_type.values), 99, -1))
    low, high = _BITS.get(field.type, (-(2**63), 2**63 - 1))
    return min(max(rng.choice(_WHOLE) if rng.random() < 0.7 else rng.randrange(100), low), high)


def made(descriptor: Descriptor, rng: Random) -> Message:
    """A message of that type."""
    return fill(GetMessageClass(descriptor)(), rng)


def mutated(data: bytes, rng: Random) -> bytes:
    """``data`` with bits flipped, pieces cut, doubled or put in."""
    out = bytearray(data)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(out) + 1)
        change: Callable[[], None] = rng.choice((
            lambda at=at: out.__setitem__(slice(at, at + 1), bytes([rng.randrange(256)])),
            lambda at=at: out.__delitem__(slice(at, at + rng.randrange(1, 9))),
            lambda at=at: out.__setitem__(slice(at, at), out[at : at + 40]),
            lambda at=at: out.__setitem__(slice(at, at), b"\xff" * rng.randrange(1, 12)),
        ))  # fmt: skip
        change()
    return bytes(out)
