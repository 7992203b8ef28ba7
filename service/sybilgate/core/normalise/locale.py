"""Languages of a browser and the countries they point to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?(?:[-_;,\s]|\Z)")
#: Languages that one country speaks above all: a tag without a region still points there.
_HOMES = {
    "ja": "JP", "ko": "KR", "vi": "VN", "th": "TH", "id": "ID", "hu": "HU", "pl": "PL", "cs": "CZ", "sk": "SK",
    "da": "DK", "fi": "FI", "nb": "NO", "no": "NO", "is": "IS", "et": "EE", "lv": "LV", "lt": "LT", "bg": "BG",
    "uk": "UA", "he": "IL", "hy": "AM", "az": "AZ", "uz": "UZ", "mn": "MN", "km": "KH", "lo": "LA", "my": "MM",
    "si": "LK", "ne": "NP", "tl": "PH", "fil": "PH", "be": "BY", "sl": "SI", "mk": "MK", "tr": "TR",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """``code`` is the language in lower case, ``region`` its country in upper case, if the tag or language has one."""

    code: str
    region: str | None

    @property
    def tag(self) -> str:
        """Language and region, such as en-US."""
        return f"{self.code}-{self.region}" if self.region else self.code


@lru_cache(maxsize=8192)
def parse_language(value: str | None) -> Language | None:
    """The first tag of an accept-language header or of a list of one; None if there is no tag."""
    found = _TAG.match(value.strip()) if value else None
    if found is None:
        return None
    code, region = found.group(1).lower(), found.group(3)
    country = region.upper() if region and region.isalpha() else _HOMES.get(code)
    return Language(code, country)


def parse_country(value: str | None) -> str | None:
    """Two upper-case letters; None for anything else, and for the codes of unknown countries."""
    if not value:
        return None
    text = value.strip().upper()
    if len(text) != 2 or not (text.isascii() and text.isalpha()) or text in ("XX", "ZZ"):
        return None
    return "GB" if text == "UK" else text
