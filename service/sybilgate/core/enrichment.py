"""Enriching: what reference data says of an event's values. The data itself is an argument (``Reference``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from enum import IntEnum
from typing import Protocol

from sybilgate.core.event import Event
from sybilgate.core.normalise.address import Address, parse_address
from sybilgate.core.normalise.agent import Agent, parse_agent
from sybilgate.core.normalise.locale import Language, parse_country, parse_language
from sybilgate.core.normalise.mail import Mail, parse_mail
from sybilgate.core.normalise.phone import Phone, parse_phone
from sybilgate.core.normalise.text import person, token


class OperatorClass(IntEnum):
    """What a network operator mostly serves; numbers are stored in the bundled table."""

    UNKNOWN = 0
    HOSTING = 1
    VPN = 2
    TOR = 3
    MOBILE = 4
    EDUCATION = 5
    BUSINESS = 6
    RESIDENTIAL = 7


@dataclass(frozen=True, slots=True)
class Operator:
    """An autonomous system and its class."""

    number: int
    kind: OperatorClass


@dataclass(frozen=True, slots=True)
class MailDomain:
    """A mail domain: the name somebody registered (public suffix + 1) and the lists it is on (None = list missing)."""

    registrable: str
    disposable: bool | None
    freemail: bool | None


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone that exists, with the countries that use it (none for UTC and the like)."""

    name: str
    countries: frozenset[str]
    rules: tzinfo


class Reference(Protocol):
    """Reference data. No look-up raises; a part that is missing answers None and is named in ``degraded``."""

    def country(self, address: Address) -> str | None:
        """Two-letter country of a public address."""

    def operator(self, address: Address) -> Operator | None:
        """Operator that announces a public address."""

    def mail_domain(self, domain: str) -> MailDomain:
        """What is known of a domain in lower-case ASCII."""

    def zone(self, name: str) -> Zone | None:
        """The IANA time zone of that name (old names included)."""

    def versions(self) -> dict[str, str]:
        """Version of each data set."""

    @property
    def degraded(self) -> tuple[str, ...]:
        """Parts that are missing or broken, such as ``reference:asn``."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Normalised and enriched values of one event; None where not sent or not understood."""

    mail: Mail | None = None
    mail_domain: MailDomain | None = None
    phone: Phone | None = None
    name: str | None = None  #: in comparable form (``person``)
    holder: str | None = None
    address: Address | None = None
    country: str | None = None
    operator: Operator | None = None
    agent: Agent | None = None
    header_language: Language | None = None
    page_language: Language | None = None
    zone: Zone | None = None
    issuer_country: str | None = None
    billing_country: str | None = None

    @property
    def language(self) -> Language | None:
        """The page's first language, else the header's."""
        return self.page_language or self.header_language


def enrich(event: Event, reference: Reference) -> Facts:
    """Normalise one event and look its values up."""
    contact, network, device, payment = event.contact, event.network, event.device, event.payment
    mail = parse_mail(contact.email) if contact else None
    address = parse_address(network.ip_address) if network else None
    reachable = address is not None and address.public
    zone_name = token(device.time_zone) if device else None
    languages = device.languages if device else ()
    return Facts(
        mail=mail,
        mail_domain=reference.mail_domain(mail.domain) if mail else None,
        phone=parse_phone(contact.phone) if contact else None,
        name=person(token(contact.display_name)) if contact else None,
        holder=person(token(payment.billing_name)) if payment else None,
        address=address,
        country=reference.country(address) if address is not None and reachable else None,
        operator=reference.operator(address) if address is not None and reachable else None,
        agent=parse_agent(network.user_agent) if network else None,
        header_language=parse_language(network.accept_language) if network else None,
        page_language=parse_language(languages[0]) if languages else None,
        zone=reference.zone(zone_name) if zone_name else None,
        issuer_country=parse_country(payment.issuer_country) if payment else None,
        billing_country=parse_country(payment.billing_country) if payment else None,
    )
