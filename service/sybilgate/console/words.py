"""Text as it may be shown: controls made visible, numbers and times in one form, cells that no spreadsheet computes."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from math import log10
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

#: Categories of characters that move, hide or join others: controls, formats (bidirectional ones among them),
#: surrogates, private and unassigned ones, line and paragraph separators.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_KEPT = {"\n"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FORMULA = ("=", "+", "-", "@", "|", "%")


def visible(text: str) -> str:
    """The text with every character that cannot be seen written as its number, such as ⟨U+202E⟩."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in _KEPT or unicodedata.category(char) not in _UNSEEN else _number(char) for char in text
    )


def _number(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"


def cell(text: str) -> str:
    """The text as a cell of an exported table: what a spreadsheet would take for a formula is quoted."""
    shown = visible(text).replace("\n", " ")
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) or shown.startswith(_FORMULA) else shown


def finalize(value: Any) -> Any:
    """What Jinja does to every value before it escapes it: markup passes, None is nothing, text is made visible."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def moment(time: Timestamp) -> str:
    """UTC, to the minute; empty if unset."""
    return datetime.fromtimestamp(time.seconds, UTC).strftime("%Y-%m-%d %H:%M") if time.seconds else ""


def ago(time: Timestamp, now: float) -> str:
    """How long ago, in one unit."""
    if not time.seconds:
        return ""
    gone = max(0.0, now - time.seconds)
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if gone >= size:
            return f"{gone / size:.0f} {unit} ago"
    return "just now"


def signed(value: float, digits: int = 2) -> str:
    """With a sign that reads the same in any font; zero has none."""
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return text
    return ("+" if value > 0 else "\N{MINUS SIGN}") + text


def percent(share: float) -> str:
    """A share of one, as exact as it is telling: 99.7 % and 0.03 %, never 100 % for what is less."""
    if share <= 0 or share >= 1:
        return f"{share:.0%}".replace("%", " %")
    near = min(share, 1 - share)
    digits = 0 if near >= 0.095 else 1 if near >= 0.0095 else 2
    if near < 0.0001:
        return "under 0.01 %" if share < 0.5 else "over 99.99 %"
    return f"{100 * share:.{digits}f} %"


def chance(probability: float) -> str:
    """A probability in words: one in so many."""
    if probability >= 0.1:
        return percent(probability)
    if probability <= 0:
        return "none to speak of"
    times = 1 / probability
    if times < 1000:
        return f"1 in {times:.0f}"
    for name, size in (("thousand", 1e3), ("million", 1e6), ("billion", 1e9)):
        if times < 1000 * size:
            return f"1 in {times / size:.0f} {name}"
    return f"1 in 10{str(round(log10(times))).translate(_RAISED)}"


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def kind(name: str) -> str:
    """A kind of value in words."""
    return _KINDS.get(name, name.replace("_", " "))


_PARTS = {
    "ip": "IP address", "net": "network range", "subnet64": "IPv6 subnet", "asn": "network operator",
    "device_id": "device", "canvas": "canvas print", "webgl": "WebGL print", "renderer": "graphics renderer",
    "ja4": "TLS fingerprint", "ua_build": "browser build", "device_profile": "device profile", "mailbox": "mailbox",
    "mail_domain": "mail domain", "mail_template": "mail pattern", "phone": "phone number",
    "phone_range": "phone range", "card": "card", "bin": "card range", "holder": "card holder", "postcode": "postcode",
    "name": "name", "username_template": "user name pattern", "organization": "organisation", "referrer": "referrer",
    "campaign_tag": "campaign tag", "invite_code": "invite code", "prompts": "prompts asked",
    "more_prompts": "further prompts asked",
}  # fmt: skip
_PAIRS = (
    ("holder", "postcode"), ("bin", "ua_build"), ("net", "ua_build"), ("mail_domain", "ua_build"),
    ("mail_template", "ua_build"), ("bin", "mail_domain"), ("asn", "ua_build"), ("bin", "asn"),
    ("asn", "device_profile"),
)  # fmt: skip
_KINDS = _PARTS | {f"{a}_{b}": f"{_PARTS[a]} × {_PARTS[b]}" for a, b in _PAIRS}
