"""The identifiers of one event: for every kind, the bytes that two accounts may share."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from types import SimpleNamespace

from sybilgate.core.enrichment import Facts
from sybilgate.core.event import Contact, Device, Event, Network, Payment, Signup, Usage
from sybilgate.core.identifier import COLUMN, KEY_BYTES, KINDS, SPECS, Key, Keyring, Kind, Role
from sybilgate.core.normalise.agent import Agent, platform_systems
from sybilgate.core.normalise.mail import mail_template
from sybilgate.core.normalise.text import fold, person, template, token

#: Column of a kind -> its value. Columns are plain numbers: the hash of an enum member is a call of its own.
Values = dict[int, str | bytes | None]

_HEX = re.compile(r"[0-9A-Fa-f{}:-]+\Z")
_BIN = re.compile(r"[0-9]{6,8}\Z")
_NOT_ALNUM = re.compile(r"[\W_]+")
_QUERY = re.compile(r"[?#]")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://")
_PLACEHOLDERS = frozenset(("localhost", "example.com", "example.org", "example.net", "about:blank"))
_PROFILE_PARTS = 3  #: fewer known parts than this are no profile
#: Entries of half a sketch. Those of two sets that have nine tenths in common are equal in 43 cases of 100, of sets
#: that have half in common in 4 of 1,000.
_HALF_SKETCH = 8
_Hash = Callable[[int, bytes], Key]
#: Kinds with few values: their keys are worth remembering. People's own values are not kept.
_FEW = frozenset(k for k in KINDS if not SPECS[k].role & (Role.LINK | Role.SHOWN)) | {
    Kind.UA_BUILD,
    Kind.JA4,
    Kind.BIN,
    Kind.MAIL_DOMAIN,
    Kind.BIN_UA_BUILD,
    Kind.BIN_ASN,
    Kind.BIN_MAIL_DOMAIN,
    Kind.ASN_UA_BUILD,
    Kind.MAIL_DOMAIN_UA_BUILD,
}
_AT = SimpleNamespace(**{kind.name: COLUMN[kind] for kind in KINDS})
_HEADS = tuple(bytes([kind]) for kind in KINDS)
_IS_FEW = tuple(kind in _FEW for kind in KINDS)
_COMBINATIONS = tuple(
    (COLUMN[kind], COLUMN[parts[0]], COLUMN[parts[1]], kind in _FEW)
    for kind in KINDS
    if (parts := SPECS[kind].parts) is not None
)


@lru_cache(maxsize=8)
def _hashers(secret: bytes) -> tuple[_Hash, _Hash]:
    """``Keyring.key`` for many values: by column, fresh and remembered.

    HMAC is two hashes that each begin with a block made of the secret (RFC 2104). Both are begun once and copied for
    every value, which takes a third of the time of starting anew; a test holds the two ways together.
    """
    block = secret if len(secret) <= 64 else sha256(secret).digest()
    inner, outer = (sha256(block.ljust(64, b"\0").translate(pad)) for pad in (hmac.trans_36, hmac.trans_5C))

    def fresh(column: int, data: bytes) -> Key:
        head = _HEADS[column]
        first, second = inner.copy(), outer.copy()
        first.update(head + data)
        second.update(first.digest())
        return head + second.digest()[: KEY_BYTES - 1]

    return fresh, lru_cache(maxsize=65536)(fresh)


def identify(event: Event, facts: Facts, keyring: Keyring) -> list[Key | None]:
    """Keys in the order of KINDS. A combination is there only if both its parts are."""
    return combine(_hashed(_values(event, facts), keyring.newest.secret), keyring)


def identify_twice(event: Event, facts: Facts, keyring: Keyring) -> tuple[list[Key | None], list[Key | None]]:
    """The same, and beside it the keys of single values under the older of the ring's keys."""
    values, older = _values(event, facts), keyring.older
    before: list[Key | None] = [None] * len(KINDS)
    if older is not None:
        before = _hashed(values, older.secret)
    return combine(_hashed(values, keyring.newest.secret), keyring), before


def combine(keys: list[Key | None], keyring: Keyring) -> list[Key | None]:
    """Set the combinations of the single values that are there."""
    fresh, remembered = _hashers(keyring.secret)
    for column, left, right, few in _COMBINATIONS:
        a, b = keys[left], keys[right]
        if a is not None and b is not None:
            keys[column] = remembered(column, a + b) if few else fresh(column, a + b)
    return keys


def _hashed(values: Values, secret: bytes) -> list[Key | None]:
    fresh, remembered = _hashers(secret)
    keys: list[Key | None] = [None] * len(KINDS)
    for column, value in values.items():
        if value:
            data = value if isinstance(value, bytes) else value.encode()
            keys[column] = remembered(column, data) if _IS_FEW[column] else fresh(column, data)
    return keys


def _values(event: Event, facts: Facts) -> Values:
    values: Values = {}
    if event.contact:
        values |= _contact(event.contact, facts)
    if event.network:
        values |= _network(event.network, facts)
    if event.device:
        values |= _device(event.device, facts)
    if event.signup:
        values |= _signup(event.signup)
    if event.payment:
        values |= _payment(event.payment, facts)
    if event.usage:
        values |= _usage(event.usage)
    return values


def _contact(contact: Contact, facts: Facts) -> Values:
    mail, domain, phone = facts.mail, facts.mail_domain, facts.phone
    username, company = token(contact.username), token(contact.organization)
    values: Values = {
        _AT.NAME: facts.name,
        _AT.USERNAME_TEMPLATE: template(username) if username else None,
        _AT.ORGANIZATION: person(company) if company else None,
    }
    if mail and domain:
        values[_AT.MAILBOX] = mail.mailbox
        values[_AT.MAIL_DOMAIN] = domain.registrable
        # A relay's pattern is the relay's own, as common as its customers.
        values[_AT.MAIL_TEMPLATE] = None if mail.relay else mail_template(mail)
    if phone and len(phone.e164) > 7:
        values[_AT.PHONE] = phone.e164
        values[_AT.PHONE_RANGE] = phone.e164[:-3]
    return values


def _network(network: Network, facts: Facts) -> Values:
    address, operator, agent = facts.address, facts.operator, facts.agent
    ja4 = token(network.ja4)
    values: Values = {
        _AT.JA4: ja4.lower() if ja4 else None,
        _AT.LANGUAGE: facts.language.tag if facts.language else None,
        _AT.COUNTRY: facts.country,
        _AT.ASN: str(operator.number) if operator else None,
    }
    if address and address.public:
        values[_AT.IP] = address.packed
        values[_AT.NET] = address.net
        values[_AT.SUBNET64] = address.subnet64
    if agent and agent.family and agent.family != "Other":
        values[_AT.UA_BUILD] = agent.build
        values[_AT.BROWSER] = f"{agent.family} {agent.major or ''}"
        values[_AT.SYSTEM] = agent.system
    return values


def _device(device: Device, facts: Facts) -> Values:
    renderer = token(device.webgl_renderer)
    values: Values = {
        _AT.DEVICE_ID: _hash(device.device_id),
        _AT.CANVAS: _hash(device.canvas_hash),
        _AT.WEBGL: _hash(device.webgl_hash),
        _AT.RENDERER: renderer.lower() if renderer else None,
        _AT.SCREEN: _screen(device),
        _AT.TIME_ZONE: facts.zone.name if facts.zone else None,
        _AT.LANGUAGE: facts.language.tag if facts.language else None,
        _AT.DEVICE_PROFILE: _profile(device, renderer),
    }
    systems = platform_systems(token(device.platform)) or frozenset()
    if len(systems) == 1 and not _system(facts.agent):
        values[_AT.SYSTEM] = next(iter(systems))
    return values


def _system(agent: Agent | None) -> str | None:
    return agent.system if agent and agent.family and agent.family != "Other" else None


def _signup(signup: Signup) -> Values:
    path, tag, invite = token(signup.path), token(signup.campaign_tag), token(signup.invite_code)
    return {
        _AT.REFERRER: _referrer(signup.referrer),
        _AT.CAMPAIGN_TAG: fold(tag) if tag else None,
        _AT.INVITE_CODE: fold(invite) if invite else None,
        _AT.SIGNUP_PATH: path.partition("?")[0].lower().rstrip("/") or "/" if path else None,
    }


def _payment(payment: Payment, facts: Facts) -> Values:
    bin_ = token(payment.bin)
    postcode = token(payment.billing_postal_code)
    code = _NOT_ALNUM.sub("", postcode).upper() if postcode else ""
    return {
        _AT.CARD: token(payment.fingerprint),
        _AT.BIN: bin_ if bin_ and _BIN.match(bin_) else None,
        _AT.ISSUER_COUNTRY: facts.issuer_country,
        _AT.HOLDER: facts.holder,
        _AT.POSTCODE: f"{facts.billing_country or ''} {code}" if code else None,
    }


def _usage(usage: Usage) -> Values:
    """Use in lock-step: two accounts that ask for nearly the same agree in half a sketch, others in hardly any part."""
    sketch = usage.prompt_template_minhash
    if len(sketch) < 2 * _HALF_SKETCH or len(set(sketch[: 2 * _HALF_SKETCH])) < _HALF_SKETCH:
        return {}  # too short, or of nothing
    halves = (sketch[:_HALF_SKETCH], sketch[_HALF_SKETCH : 2 * _HALF_SKETCH])
    first, second = (b"".join((value % 2**64).to_bytes(8, "big") for value in half) for half in halves)
    return {_AT.PROMPTS: first, _AT.MORE_PROMPTS: second}


def _hash(value: str | None) -> str | None:
    """Ids and hashes in hexadecimal are the same in any case; others are not."""
    text = token(value)
    return text.lower() if text and _HEX.match(text) else text


def _screen(device: Device) -> str | None:
    width, height = device.screen_width, device.screen_height
    if not width or not height or width < 0 or height < 0:
        return None
    return f"{max(width, height)}x{min(width, height)}"  # a phone may be held either way


def _profile(device: Device, renderer: str | None) -> str | None:
    """What a device keeps when its cookies are gone and its browser is updated."""
    parts = (_screen(device), device.pixel_ratio, device.cpu_cores, device.memory_gb, renderer)
    if sum(part is not None for part in parts) < _PROFILE_PARTS:
        return None
    return (
        "\0".join(map(str, (*parts, token(device.platform), ",".join(device.languages[:10]))))[:2048]
        .encode("utf-8", "replace")
        .decode()
    )


def _referrer(value: str | None) -> str | None:
    """Host and path without query, www. and fragment."""
    text = token(value)
    if text is None:
        return None
    bare = _QUERY.split(text.lower(), maxsplit=1)[0]
    bare = _SCHEME.sub("", bare).removeprefix("www.").rstrip("/")
    host = bare.partition("/")[0].partition(":")[0]
    return None if not bare or host in _PLACEHOLDERS or bare in _PLACEHOLDERS else bare
