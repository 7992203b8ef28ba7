"""Crockford's base 32 in lower case: no letter looks like a digit, and its order is that of the numbers."""

from __future__ import annotations

from base64 import b32hexencode

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_REF_CHARACTERS = 13
_FROM_HEX = bytes.maketrans(b"0123456789ABCDEFGHIJKLMNOPQRSTUV", _DIGITS.encode())


def encode(number: int, characters: int) -> str:
    """The low ``5 * characters`` bits of ``number``, highest first."""
    bits = 5 * characters
    size = -(-bits // 8)
    data = ((number & (1 << bits) - 1) << 8 * size - bits).to_bytes(size, "big")
    return b32hexencode(data)[:characters].translate(_FROM_HEX).decode()


def encode_ref(ref: int) -> str:
    """A signed 64-bit reference as 13 characters."""
    return encode(ref % 2**64, _REF_CHARACTERS)


def decode_ref(text: str) -> int:
    """Inverse of ``encode_ref``. Raises ValueError for what it never gives."""
    number = 0
    for digit in text:
        number = number << 5 | _VALUES.get(digit, 2**70)
    if len(text) != _REF_CHARACTERS or number >= 2**64:
        raise ValueError("not an encoded reference")
    return number if number < 2**63 else number - 2**64
