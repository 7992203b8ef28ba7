"""Phone numbers: E.164, the kind of line and the country. Only international numbers are understood."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from sybilgate.core.normalise.text import clean


@dataclass(frozen=True, slots=True)
class Phone:
    """``e164`` is the number with +; ``kind`` is voip, mobile, fixed, other; ``country`` two letters or None."""

    e164: str
    kind: str
    country: str | None
    valid: bool


_LINES = {
    phonenumbers.PhoneNumberType.VOIP: "voip",
    phonenumbers.PhoneNumberType.MOBILE: "mobile",
    phonenumbers.PhoneNumberType.FIXED_LINE: "fixed",
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE: "either",
}


@lru_cache(maxsize=8192)
def parse_phone(value: str | None) -> Phone | None:
    """The number, or None if it is no international number (no default country is assumed)."""
    text = clean(value)
    if text is None or len(text) > 40:
        return None
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, None)
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        region = phonenumbers.region_code_for_number(number)
        line = phonenumbers.number_type(number)
    except (phonenumbers.NumberParseException, ValueError, OverflowError):
        return None
    # A number is valid exactly if the plan of its region knows what kind of line it is.
    valid = line != phonenumbers.PhoneNumberType.UNKNOWN
    return Phone(e164, _LINES.get(line, "other"), region if region and region.isalpha() else None, valid)
