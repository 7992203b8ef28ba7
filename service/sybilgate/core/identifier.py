"""Identifiers: anything two accounts can share, as a kind and a keyed hash.

A kind is an *atom* (one value: a card, an address) or a *combination* of atoms (BIN x browser build).
No value leaves this module in the clear: the key is HMAC-SHA-256 under a secret and a per-kind context,
cut to 120 bits behind one byte of kind. Kind numbers are stored: append, never renumber.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, IntEnum, IntFlag

import numpy as np
import numpy.typing as npt

from sybilgate.core.crockford import decode_ref, encode_ref

KEY_BYTES = 16
Key = bytes
#: Keys as [..., 2] words of 64 bits. Zero words are no key: the first byte of a key is its kind.
Words = npt.NDArray[np.uint64]
_NO_KEY = bytes(KEY_BYTES)


class Axis(str, Enum):
    """Independent source of evidence; identifiers of one axis restate each other."""

    NETWORK = "network"
    DEVICE = "device"
    EMAIL = "email"
    PHONE = "phone"
    PAYMENT = "payment"
    BEHAVIOUR = "behaviour"
    USAGE = "usage"


class Role(IntFlag):
    """What the fold and the features do with a kind."""

    CONTEXT = 1  #: common by nature (country, browser): conditions others, never links people
    LINK = 2  #: shared by few honest people: counted, carried on, shown as evidence
    PAIR = 4  #: two values that one cause should determine: watched for contradiction
    RARITY = 8  #: a value within its country: gives the conditional rarity
    SHOWN = 16  #: counted and shown as evidence, read by no model: most histories do not have it


class Kind(IntEnum):
    """Every kind of identifier, by its stored number."""

    IP = 1
    NET = 2  # IPv4 /24, IPv6 /48
    SUBNET64 = 3  # IPv6 /64
    ASN = 4
    COUNTRY = 5
    DEVICE_ID = 6
    CANVAS = 7
    WEBGL = 8
    RENDERER = 9
    JA4 = 10
    UA_BUILD = 11
    BROWSER = 12
    SYSTEM = 13
    SCREEN = 14
    TIME_ZONE = 15
    LANGUAGE = 16
    DEVICE_PROFILE = 17
    MAILBOX = 18
    MAIL_DOMAIN = 19
    MAIL_TEMPLATE = 20
    PHONE = 21
    PHONE_RANGE = 22
    CARD = 23
    BIN = 24
    ISSUER_COUNTRY = 25
    HOLDER = 26
    POSTCODE = 27
    NAME = 28
    USERNAME_TEMPLATE = 29
    ORGANIZATION = 30
    REFERRER = 31
    CAMPAIGN_TAG = 32
    INVITE_CODE = 33
    SIGNUP_PATH = 34
    HOLDER_POSTCODE = 35
    BIN_UA_BUILD = 36
    NET_UA_BUILD = 37
    MAIL_DOMAIN_UA_BUILD = 38
    MAIL_TEMPLATE_UA_BUILD = 39
    BIN_MAIL_DOMAIN = 40
    ASN_UA_BUILD = 41
    BIN_ASN = 42
    ASN_DEVICE_PROFILE = 43
    CANVAS_RENDERER = 44
    RENDERER_SYSTEM = 45
    JA4_BROWSER = 46
    TIME_ZONE_LANGUAGE = 47
    TIME_ZONE_COUNTRY = 48
    LANGUAGE_COUNTRY = 49
    ISSUER_COUNTRY_COUNTRY = 50
    SCREEN_SYSTEM = 51
    MAIL_DOMAIN_COUNTRY = 52
    BIN_COUNTRY = 53
    UA_BUILD_COUNTRY = 54
    PROMPTS = 55  # first half of the sketch of what an account asks for
    MORE_PROMPTS = 56  # second half


@dataclass(frozen=True, slots=True)
class KindSpec:
    """Axis, role and, for a combination, its two parts."""

    axis: Axis
    role: Role
    parts: tuple[Kind, Kind] | None = None


def _specs() -> dict[Kind, KindSpec]:
    k, a, r = Kind, Axis, Role
    atoms: dict[Axis, tuple[tuple[Kind, ...], tuple[Kind, ...]]] = {
        a.NETWORK: ((k.IP, k.NET, k.SUBNET64), (k.ASN, k.COUNTRY)),
        a.DEVICE: (
            (k.DEVICE_ID, k.CANVAS, k.WEBGL, k.UA_BUILD, k.DEVICE_PROFILE, k.JA4),
            (k.RENDERER, k.BROWSER, k.SYSTEM, k.SCREEN, k.TIME_ZONE, k.LANGUAGE),
        ),
        a.EMAIL: ((k.MAILBOX, k.MAIL_DOMAIN, k.MAIL_TEMPLATE), ()),
        a.PHONE: ((k.PHONE, k.PHONE_RANGE), ()),
        a.PAYMENT: ((k.CARD, k.BIN, k.HOLDER, k.POSTCODE), (k.ISSUER_COUNTRY,)),
        a.BEHAVIOUR: (
            (k.NAME, k.USERNAME_TEMPLATE, k.ORGANIZATION, k.REFERRER, k.CAMPAIGN_TAG, k.INVITE_CODE),
            (k.SIGNUP_PATH,),
        ),
    }
    specs = {kind: KindSpec(axis, r.LINK) for axis, (links, _) in atoms.items() for kind in links}
    specs |= {kind: KindSpec(axis, r.CONTEXT) for axis, (_, context) in atoms.items() for kind in context}
    specs |= {
        k.HOLDER_POSTCODE: KindSpec(a.PAYMENT, r.LINK, (k.HOLDER, k.POSTCODE)),
        k.BIN_UA_BUILD: KindSpec(a.PAYMENT, r.LINK, (k.BIN, k.UA_BUILD)),
        k.NET_UA_BUILD: KindSpec(a.NETWORK, r.LINK, (k.NET, k.UA_BUILD)),
        k.MAIL_DOMAIN_UA_BUILD: KindSpec(a.EMAIL, r.LINK, (k.MAIL_DOMAIN, k.UA_BUILD)),
        k.MAIL_TEMPLATE_UA_BUILD: KindSpec(a.EMAIL, r.LINK, (k.MAIL_TEMPLATE, k.UA_BUILD)),
        k.BIN_MAIL_DOMAIN: KindSpec(a.PAYMENT, r.LINK, (k.BIN, k.MAIL_DOMAIN)),
        k.ASN_UA_BUILD: KindSpec(a.NETWORK, r.LINK, (k.ASN, k.UA_BUILD)),
        k.BIN_ASN: KindSpec(a.PAYMENT, r.LINK, (k.BIN, k.ASN)),
        k.ASN_DEVICE_PROFILE: KindSpec(a.DEVICE, r.LINK, (k.ASN, k.DEVICE_PROFILE)),
        k.CANVAS_RENDERER: KindSpec(a.DEVICE, r.PAIR, (k.CANVAS, k.RENDERER)),
        k.RENDERER_SYSTEM: KindSpec(a.DEVICE, r.PAIR, (k.RENDERER, k.SYSTEM)),
        k.JA4_BROWSER: KindSpec(a.DEVICE, r.PAIR, (k.JA4, k.BROWSER)),
        k.TIME_ZONE_LANGUAGE: KindSpec(a.DEVICE, r.PAIR, (k.TIME_ZONE, k.LANGUAGE)),
        k.TIME_ZONE_COUNTRY: KindSpec(a.DEVICE, r.PAIR, (k.TIME_ZONE, k.COUNTRY)),
        k.LANGUAGE_COUNTRY: KindSpec(a.DEVICE, r.PAIR, (k.LANGUAGE, k.COUNTRY)),
        k.ISSUER_COUNTRY_COUNTRY: KindSpec(a.PAYMENT, r.PAIR, (k.ISSUER_COUNTRY, k.COUNTRY)),
        k.SCREEN_SYSTEM: KindSpec(a.DEVICE, r.PAIR, (k.SCREEN, k.SYSTEM)),
        k.MAIL_DOMAIN_COUNTRY: KindSpec(a.EMAIL, r.RARITY, (k.MAIL_DOMAIN, k.COUNTRY)),
        k.BIN_COUNTRY: KindSpec(a.PAYMENT, r.RARITY, (k.BIN, k.COUNTRY)),
        k.UA_BUILD_COUNTRY: KindSpec(a.DEVICE, r.RARITY, (k.UA_BUILD, k.COUNTRY)),
        k.PROMPTS: KindSpec(a.USAGE, r.SHOWN),
        k.MORE_PROMPTS: KindSpec(a.USAGE, r.SHOWN),
    }
    return {kind: specs[kind] for kind in Kind}


SPECS: dict[Kind, KindSpec] = _specs()
KINDS: tuple[Kind, ...] = tuple(Kind)
#: Column of a kind in every (event x kind) array.
COLUMN: dict[Kind, int] = {kind: i for i, kind in enumerate(KINDS)}


def kinds_with(role: Role) -> tuple[Kind, ...]:
    """Kinds of one role, in stored order."""
    return tuple(kind for kind in KINDS if SPECS[kind].role & role)


def to_words(data: bytes) -> Words:
    """Joined keys as words (a copy: compiled code is made once, for arrays that may be written)."""
    return np.frombuffer(data, np.uint64).reshape(-1, 2).copy()


def to_keys(words: Words) -> list[Key]:
    """Inverse of ``to_words``, key by key."""
    data = words.tobytes()
    return [data[i : i + KEY_BYTES] for i in range(0, len(data), KEY_BYTES)]


def words_of(rows: Iterable[Iterable[Key | None]]) -> Words:
    """[rows, kinds, 2] words of rows that name a key, or None, for every kind."""
    return to_words(b"".join([key or _NO_KEY for row in rows for key in row])).reshape(-1, len(KINDS), 2)


def keys_of(row: Words) -> list[Key | None]:
    """Inverse of ``words_of`` for one row."""
    return [key if key[0] else None for key in to_keys(row)]


#: How the stand-ins of erased accounts begin; see ``Keyring.stand_in``.
ERASED = "erased-"
#: The pseudo-identifier under which the totals of all kinds are kept, as one row: every batch touches every kind.
TOTALS_KEY: Key = bytes(KEY_BYTES)


@dataclass(frozen=True, slots=True)
class ValueKey:
    """A secret for hashing values, its number, and from when on (unix seconds) new values are named by it."""

    number: int
    secret: bytes
    start: float = 0.0

    @property
    def check(self) -> bytes:
        """What this key is recognised by; it tells nothing of it."""
        return hmac.digest(self.secret, b"check\0", "sha256")


@dataclass(frozen=True)
class Keyring:
    """The secrets under which everything is hashed.

    ``secret`` is the root: references of accounts, digests, combinations of values that are hashed already. It stays.
    ``values`` are one or two keys of values, older first; without any, the root is that key, too. Two are there while
    keys are rotated: a value is then looked for under both, see ``app.naming``.
    """

    key_id: int
    secret: bytes
    values: tuple[ValueKey, ...] = ()

    @property
    def newest(self) -> ValueKey:
        """The key under which values are hashed."""
        return self.values[-1] if self.values else ValueKey(self.key_id, self.secret)

    @property
    def older(self) -> ValueKey | None:
        """The key that is being replaced, if any."""
        return self.values[-2] if len(self.values) > 1 else None

    def key(self, kind: Kind, value: bytes) -> Key:
        """16 bytes: the kind, then 120 bits of HMAC-SHA-256 over the kind's context and the value."""
        return _key(self.newest.secret, kind, value)

    def keys(self, kind: Kind, value: bytes) -> list[Key]:
        """Every key a value may be stored under: one more while keys are rotated."""
        older = [] if self.older is None else [_key(self.older.secret, kind, value)]
        return [self.key(kind, value), *older]

    def combination(self, kind: Kind, parts: bytes) -> Key:
        """The same of two joined keys."""
        return _key(self.secret, kind, parts)

    @property
    def checks(self) -> dict[int, bytes]:
        """What each key is recognised by, by its number; the root of a file that names its keys is number 0."""
        if not self.values:
            return {self.key_id: self.check}
        return {0: self.check} | {key.number: key.check for key in self.values}

    def account_ref(self, account_id: str) -> int:
        """A signed 64-bit stand-in for an account id, for rings, locks and sets (not a primary key).

        An erased account's is the one it had."""
        if account_id.startswith(ERASED):
            with suppress(ValueError):
                return decode_ref(account_id.removeprefix(ERASED))
        mac = hmac.digest(self.secret, b"account\0" + account_id.encode(), "sha256")
        return int.from_bytes(mac[:8], "big", signed=True)

    def stand_in(self, ref: int) -> str:
        """The name under which the log keeps an erased account."""
        return ERASED + encode_ref(ref)

    def digest(self, payload: bytes) -> bytes:
        """Keyed digest of a request payload: tells equal payloads without keeping them."""
        return hmac.digest(self.secret, b"payload\0" + payload, "sha256")

    @property
    def check(self) -> bytes:
        """What this key is recognised by; it tells nothing of it."""
        return hmac.digest(self.secret, b"check\0", "sha256")


def _key(secret: bytes, kind: Kind, value: bytes) -> Key:
    return bytes([kind]) + hmac.digest(secret, bytes([kind]) + value, "sha256")[: KEY_BYTES - 1]
