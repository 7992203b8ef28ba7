"""E-mail: the mailbox behind an address. A rule is applied only where the provider itself ignores the difference."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import idna

from sybilgate.core.normalise.text import clean, template

_ASCII_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_LOCAL = re.compile(r'[^\s@<>()\[\],;:"\\]{1,64}\Z')
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]+")
_ROLES = frozenset(
    "admin administrator info contact sales support office hello team billing accounts accounting webmaster"
    " postmaster hostmaster noreply no-reply marketing service help mail root test dev it hr jobs".split()
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a provider ignores: all after one of ``cut``, the characters ``drop``. ``alias`` is its main domain."""

    cut: str = "+"
    drop: str = ""
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A parsed address. ``mailbox`` is canonical; ``local`` and ``domain`` are as written, in lower case."""

    local: str
    domain: str
    mailbox: str
    tagged: bool
    dotted: bool
    relay: bool


def _rules() -> dict[str, Rule]:
    groups = {
        Rule(drop=".", alias="gmail.com"): "gmail.com googlemail.com",
        Rule(drop=".-_", alias="proton.me"): "proton.me protonmail.com pm.me protonmail.ch",
        Rule(alias="icloud.com"): "icloud.com me.com mac.com",
        Rule(alias="yandex.ru"): "yandex.ru yandex.com ya.ru yandex.by yandex.kz yandex.ua",
        Rule(alias="fastmail.com"): "fastmail.com",
        Rule(): "fastmail.fm fastmail.net hey.com posteo.de posteo.net mailbox.org zoho.com zohomail.com zohomail.eu"
        " mail.ru bk.ru inbox.ru list.ru runbox.com migadu.com tuta.com mailfence.com disroot.org riseup.net",
    }
    rules = {domain: rule for rule, domains in groups.items() for domain in domains.split()}
    microsoft, yahoo = Rule(), Rule(cut="+-")
    endings = "com fr de it es co.uk be nl com.br com.ar com.mx cl co.jp jp dk se no at gr ie in com.au ca ch"
    for ending in endings.split():
        rules |= {f"{name}.{ending}": microsoft for name in ("outlook", "hotmail", "live")}
    rules["msn.com"] = microsoft
    endings = (
        "com fr de it es co.uk com.br com.ar com.mx co.in in ca com.au com.sg com.hk com.tw co.id com.vn com.ph gr"
    )
    rules |= {f"yahoo.{ending}": yahoo for ending in endings.split()}
    return rules | {"ymail.com": yahoo, "rocketmail.com": yahoo}


RULES: dict[str, Rule] = _rules()
#: Domains of services that hand out forwarding addresses: one person, many of them, honestly.
RELAYS = frozenset(
    "privaterelay.appleid.com duck.com mozmail.com relay.firefox.com simplelogin.com simplelogin.co simplelogin.fr"
    " simplelogin.io aleeas.com slmail.me slmails.com 8alias.com 8shield.net silomails.com dralias.com anonaddy.com"
    " anonaddy.me addy.io addymail.com 4wrd.cc mailer.me passmail.net passmail.com passinbox.com passfwd.com"
    " cloaked.id users.noreply.github.com erine.email 33mail.com forwardemail.net opayq.com ironvest.com".split()
)


@lru_cache(maxsize=65536)
def domain_name(text: str) -> str | None:
    """A mail domain in lower-case ASCII (IDNA 2008, UTS 46); None if it cannot be one."""
    name = text.lower().rstrip(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError, ValueError, IndexError):
            return None
    return name if len(name) <= 253 and _ASCII_DOMAIN.match(name) else None


def parse_mail(value: str | None) -> Mail | None:
    """The address and its mailbox; None if it is not an address."""
    text = clean(value)
    if text is None:
        return None
    local, at, tail = text.removeprefix("<").removesuffix(">").rpartition("@")
    local = _lower(local)
    domain = domain_name(tail)
    if not at or domain is None or not _LOCAL.match(local):
        return None
    mailbox, tagged, dotted = _canonical(local, domain)
    return Mail(local, domain, mailbox, tagged, dotted, _is_relay(domain))


def mail_template(mail: Mail) -> str:
    """The pattern of the local part at the domain as written."""
    return f"{template(mail.local)}@{mail.domain}"


def consonant_run(local: str) -> int:
    """Longest run of consonants: people's addresses can be spoken, random ones cannot."""
    return max(map(len, _CONSONANTS.findall(local)), default=0)


def is_role(local: str) -> bool:
    """Whether the local part names a function instead of a person."""
    return local.partition("+")[0] in _ROLES


def _lower(local: str) -> str:
    for _ in range(4):
        lowered = clean(local.lower()) or ""
        if lowered == local:
            break
        local = lowered
    return local


def _is_relay(domain: str) -> bool:
    if domain in RELAYS:
        return True
    parent = domain.partition(".")[2]
    return parent in RELAYS


def _canonical(local: str, domain: str) -> tuple[str, bool, bool]:
    if domain.endswith(".fastmail.com"):  # anything@user.fastmail.com is user@fastmail.com
        return f"{domain.removesuffix('.fastmail.com').rpartition('.')[2]}@fastmail.com", True, False
    rule = RULES.get(domain)
    if rule is None:
        return f"{local}@{domain}", False, False
    base = local
    for mark in rule.cut:
        base = base.partition(mark)[0] or base
    bare = base.translate({ord(c): None for c in rule.drop}) or base
    if rule.drop and not bare.strip(rule.drop + rule.cut):
        bare = base = local  # nothing but separators: keep it as it is, so that normalising twice changes nothing
    return f"{bare}@{rule.alias or domain}", len(base) < len(local), len(bare) < len(base)
