"""Crockford's base 32 in lower case: no letter looks like a digit, and its order is that of the numbers."""

from __future__ import annotations

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_REF_CHARACTERS = 13


def encode(number: int, characters: int) -> str:
    """The low ``5 * characters`` bits of ``number``, highest first."""
    return "".join(_DIGITS[number >> shift & 31] for shift in range(5 * (characters - 1), -1, -5))


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
