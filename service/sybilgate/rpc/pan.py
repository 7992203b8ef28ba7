"""Finds what looks like a payment card number, so that none is ever stored or logged.

A candidate is 14 to 19 digits, in one run or in groups parted by single spaces or hyphens, that stands
alone, begins like a card of a known brand at that brand's length, and passes the Luhn check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import Message

#: Cannot miss a candidate in any string of a serialised message; may hit chance bytes between the strings.
_MAYBE = re.compile(rb"[0-9](?:[ -]?[0-9]){13}")
_CANDIDATE = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{14,19}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?<![0-9][ -])[0-9](?:[ -]?[0-9]){13,18}(?![0-9A-Za-z])(?![ -][0-9])"
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
#: (lowest prefix, highest prefix, lengths): Visa, Mastercard (2), Amex (2), Discover (3), JCB, Diners (3), UnionPay.
_BRANDS = (
    ("4", "4", (16, 19)),
    ("51", "55", (16,)),
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),
    ("37", "37", (15,)),
    ("6011", "6011", (16,)),
    ("644", "649", (16,)),
    ("65", "65", (16,)),
    ("3528", "3589", (16,)),
    ("36", "36", (14,)),
    ("38", "38", (14,)),
    ("300", "305", (14,)),
    ("62", "62", (16, 17, 18, 19)),
)


def holds_pan(text: str) -> bool:
    """Whether ``text`` holds what looks like a card number."""
    hidden = [match.span() for match in _UUID.finditer(text)]
    for match in _CANDIDATE.finditer(text):
        if any(start <= match.start() and match.end() <= end for start, end in hidden):
            continue
        digits = match.group().replace(" ", "").replace("-", "")
        if _branded(digits) and _luhn(digits):
            return True
    return False


def pan_paths(message: Message, serialized: bytes) -> list[str]:
    """Proto paths of the string fields of ``message`` that hold a card number; ``serialized`` is its wire form."""
    if _MAYBE.search(serialized) is None:
        return []
    return [path for path, text in _strings(message, "") if holds_pan(text)]


def _branded(digits: str) -> bool:
    return any(low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in _BRANDS)


def _luhn(digits: str) -> bool:
    doubled = (2 * int(d) for d in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0


def _strings(message: Message, prefix: str) -> Iterator[tuple[str, str]]:
    for field, value in message.ListFields():
        path = f"{prefix}{field.name}"
        if not field.is_repeated:
            yield from _leaf(path, value)
            continue
        for index, item in enumerate(value):
            yield from _leaf(f"{path}[{index}]", item)


def _leaf(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Message):
        yield from _strings(value, f"{path}.")
