"""Mailboxes, user names, phones and organisations, in the styles people (and rings) use."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from random import Random

import phonenumbers

from sybilgate.simulate.regions import Country
from sybilgate.simulate.tables import Weighted, pick

_WORDS = (
    "blue river stone happy cloud tiger lucky pixel silver moon star ocean green forest ninja coffee"
    " panda sky fire gold"
    " rocket echo nova shadow maple storm hawk orbit delta sunny lemon cobalt amber velvet zen bright swift lunar cedar"
).split()
_TRADES = (
    "labs tech soft works media group digital studio systems consulting data ai design partners logistics dental"
).split()
_CAMPUS = "state central north western city tech national metro royal south valley coast".split()
CHEAP_TLD = ("xyz", "top", "site", "online", "shop", "club", "icu")
DISPOSABLE = (
    "mailinator.com",
    "yopmail.com",
    "guerrillamail.com",
    "temp-mail.org",
    "10minutemail.com",
    "sharklasers.com",
)
RELAYS = Weighted(
    (("privaterelay.appleid.com", 6.0), ("duck.com", 2.0), ("mozmail.com", 1.5), ("simplelogin.com", 1.0))
)
#: Local-part styles; {f} first, {l} last, {i}/{j} initials, {y} year, {d} digits, {w}/{v} words.
STYLES = Weighted(
    (
        ("{f}.{l}", 16.0),
        ("{f}{l}", 12.0),
        ("{i}{l}", 6.0),
        ("{f}{l}{d2}", 11.0),
        ("{f}.{l}{d2}", 7.0),
        ("{f}{d4}", 6.0),
        ("{f}_{l}", 4.0),
        ("{l}.{f}", 3.0),
        ("{f}{j}{d2}", 5.0),
        ("{f}.{l}{y}", 4.0),
        ("{f}{y}", 4.0),
        ("{w}{v}{d2}", 4.0),
        ("{w}{f}", 3.0),
        ("{f}{l}{d3}", 5.0),
        ("{i}{j}{d4}", 2.0),
        ("{w}.{v}", 2.0),
        ("{l}{f}{d1}", 3.0),
        ("{f}", 1.0),
        ("{x8}", 1.0),
        ("{f}{l}{d4}", 3.0),
    )
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=65536)
def slug(text: str) -> str:
    """Lower-case letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


@cache
def _slots(style: str) -> tuple[tuple[str, int], ...]:
    """A style as (slot, count) and (text, -1)."""
    parts = re.split(r"(\{[a-z]\d*\})", style)
    return tuple((p[1], int(p[2:-1] or 0)) if p.startswith("{") else (p, -1) for p in parts if p)


def local_part(rng: Random, style: str, first: str, last: str) -> str:
    """The part before the @ in one style."""
    f, last = slug(first) or "a", slug(last) or "b"
    return "".join([slot if count < 0 else _fill(rng, slot, count, f, last) for slot, count in _slots(style)])


def _fill(rng: Random, slot: str, count: int, first: str, last: str) -> str:
    match slot:
        case "f":
            return first
        case "l":
            return last
        case "i":
            return first[0]
        case "j":
            return last[0]
        case "y":
            return str(int(rng.triangular(1962, 2009, 1994)))
        case "d":
            return str(int(rng.random() * 10**count)).zfill(count)
        case "x":
            return "".join([pick(rng, _LETTERS) for _ in range(count)])
        case _:
            return pick(rng, _WORDS)


def freemail(rng: Random, country: Country, first: str, last: str) -> str:
    return f"{local_part(rng, STYLES.draw(rng), first, last)}@{country.freemail.draw(rng)}"


def relay_address(rng: Random) -> str:
    """A forwarding address of a privacy service: says nothing about its owner."""
    return (
        f"{rng.getrandbits(50):010x}@{RELAYS.draw(rng)}"
        if rng.random() < 0.5
        else (local_part(rng, "{w}-{v}-{x4}", "a", "b") + "@" + RELAYS.draw(rng))
    )


def company(rng: Random, country: Country, names: str = "") -> tuple[str, str]:
    """(organisation, domain) of an invented business."""
    stem = names or rng.choice(
        (
            rng.choice(_WORDS) + rng.choice(_WORDS),
            rng.choice(_WORDS) + "".join(rng.choice(_LETTERS) for _ in range(rng.randrange(2, 5))),
        )
    )
    trade = rng.choice(_TRADES)
    tld = (
        country.tld if rng.random() < 0.45 else rng.choice(("com", "com", "com", "io", "net", "co", "ai", "dev", "org"))
    )
    domain = f"{stem}{'' if rng.random() < 0.4 else rng.choice(('', '-')) + trade}.{tld}"
    return f"{stem.title()} {trade.title()}", domain


def campus(rng: Random, country: Country) -> tuple[str, str]:
    """(university, mail domain)."""
    stem = rng.choice(_CAMPUS) + rng.choice(_WORDS)
    tld = {"US": "edu", "GB": "ac.uk", "IN": "ac.in", "AU": "edu.au", "BR": "edu.br", "JP": "ac.jp"}.get(country.code)
    return f"{stem.title()} University", f"{stem}.{tld or 'edu' if rng.random() < 0.7 else country.tld}"


@cache
def _number_heads(country: str, kind: int) -> tuple[int, int, tuple[str, ...]]:
    """(calling code, free digits, valid leading digits) for a country's numbers of a kind; heads may be empty."""
    example = phonenumbers.example_number_for_type(country, kind)
    if example is None:
        return 0, 0, ()
    code, whole = example.country_code or 0, str(example.national_number)
    rng, free, heads = Random(f"phones/{country}/{kind}"), max(3, len(whole) - 4), set()
    for attempt in range(220):
        kept = rng.randrange(1, 4)
        digits = whole[:kept] + "".join(str(rng.randrange(10)) for _ in whole[kept:])
        number = phonenumbers.PhoneNumber(country_code=code, national_number=int(digits))
        if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in (kind, 2):
            heads.add(digits[:-free])
        if len(heads) >= 24 or (attempt > 120 and heads):
            break
    return code, free, tuple(sorted(heads)) or (whole[:-free],)


def phone(rng: Random, country: str, head: str | None = None, voip: bool = False) -> str:
    """An E.164 number. ``head`` fixes the national digits it starts with (a bought range)."""
    code, free, heads = _number_heads(country, phonenumbers.PhoneNumberType.VOIP if voip else 1)
    if not heads:
        code, free, heads = _number_heads(country, phonenumbers.PhoneNumberType.MOBILE)
    start = head or pick(rng, heads)
    length = len(heads[0]) + free
    return f"+{code}{start}{int(rng.random() * 10 ** (length - len(start))):0{length - len(start)}d}"


def phone_head(rng: Random, country: str, voip: bool) -> str:
    """The leading digits of one block of a few thousand numbers."""
    number = phone(rng, country, voip=voip)
    code = (
        _number_heads(country, phonenumbers.PhoneNumberType.VOIP if voip else 1)[0]
        or (_number_heads(country, phonenumbers.PhoneNumberType.MOBILE)[0])
    )
    return number[1 + len(str(code)) : -3]
