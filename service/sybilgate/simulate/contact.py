"""How an operator bends what can be written to or charged: mailbox, phone and card."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sybilgate.simulate import identity
from sybilgate.simulate.card import bank_ranges
from sybilgate.simulate.means import Means, Seller
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.person import Person
from sybilgate.simulate.regions import country_weights
from sybilgate.simulate.tables import pick

#: Styles a language model gives mailboxes: any, and never twice in a row by rule.
_PLAIN = ("{f}.{l}", "{f}{l}", "{i}{l}", "{f}.{l}{d2}", "{l}.{f}", "{f}_{l}", "{w}.{f}", "{f}{l}{y}", "{f}.{j}.{l}",
          "{f}{w}", "{i}.{l}", "{f}-{l}")  # fmt: skip


def bend_mail(rng: Random, person: Person, means: Means, seller: Seller) -> None:
    """The mailbox, and with it the name where a language model writes both."""
    t = means.tactics
    if t.mail == "model":
        person.first, person.last = NAMES[person.country.names.draw(rng)].draw_common(rng)
        person.card.holder = f"{person.first} {person.last}"
        person.username = person.username and _local(rng, person, pick(rng, _PLAIN))
    if person.email is None or t.mail == "own":
        return
    organization, domain = pick(rng, means.domains)
    for more in ("", "", "{d2}", "{d2}", "{d4}", "{d6}"):  # a mailbox registers once: when it is taken, digits follow
        person.email = _address(rng, person, means, seller, domain, more)
        if person.email not in means.mailboxes:
            break
    means.mailboxes.add(person.email)
    if t.mail != "relay":
        person.organization = organization if organization and means.states_company else None


def _address(rng: Random, person: Person, means: Means, seller: Seller, domain: str, more: str) -> str:
    match means.tactics.mail:
        case "template":
            return f"{_local(rng, person, seller.template + more)}@{domain}"
        case "model":
            return f"{_local(rng, person, pick(rng, _PLAIN) + more)}@{person.country.freemail.draw(rng)}"
        case "alias":
            name, _, host = domain.partition("@")
            return _alias(rng, name, host, means.dots)
        case "catch_all":
            sub = identity.local_part(rng, "{x4}.", "", "") if means.subdomains else ""
            return f"{_local(rng, person, seller.template + more)}@{sub}{domain}"
        case _:
            return identity.relay_address(rng)


def _local(rng: Random, person: Person, style: str) -> str:
    return identity.local_part(rng, style, person.first, person.last)


def _alias(rng: Random, name: str, host: str, dots: bool) -> str:
    """Dots where the name is long enough to go round, else a tag."""
    if not dots or len(name) < 12:
        tag = identity.local_part(rng, pick(rng, ("{w}{d2}", "{d4}", "{x4}")), "", "")
        return f"{name}+{tag}@{host}"
    marks = [mark for letter in name.replace(".", "") for mark in (letter, "." if rng.random() < 0.35 else "")]
    return f"{''.join(marks[:-1])}@{host}"


def bend_phone(rng: Random, person: Person, means: Means) -> None:
    """No number, or a bought one."""
    t = means.tactics
    bought = t.phone in ("voip", "block")
    if t.phone == "none" and person.email:
        person.phone = None
    elif bought and (person.phone or t.kind == "voip_numbers"):
        person.phone = identity.phone(rng, means.country.code, pick(rng, means.heads), t.phone == "voip")


def bend_card(rng: Random, person: Person, means: Means) -> None:
    """The card this account would pay with."""
    t = means.tactics
    match t.card:
        case "few":
            person.card = replace(pick(rng, means.cards))
        case "range" | "pairs":
            person.card = means.card(person.country, person.card.holder)
        case "home":
            person.card = means.card(person.country, person.card.holder, bank_ranges(person.country.code).draw(rng))
        case "stolen":
            country = country_weights().draw(rng)
            person.card = means.card(country, range_=bank_ranges(country.code).draw(rng))
