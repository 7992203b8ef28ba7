"""What an operator buys once: lines, machines, cards, domains, and the styles of the sellers who make the accounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, CardRange, bank_ranges, draw_card, virtual_ranges
from sybilgate.simulate.client import OPTIONAL
from sybilgate.simulate.device import Device, Model, build_device, draw_model, draw_system
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.person import invite_code, shared_tongue
from sybilgate.simulate.place import Place, carrier, home, pick_network, privacy_exit, shared_site
from sybilgate.simulate.regions import Country, country_weights
from sybilgate.simulate.tables import Browser, as_of, browsers, pick
from sybilgate.simulate.tactics import Tactics

TEMPLATES = (
    "{f}{l}{d4}", "{f}.{l}{d3}", "{x8}{d2}", "{w}{v}{d3}", "{x10}", "{f}{d6}", "{l}{f}{d2}", "{f}_{l}{d4}",
    "{i}{l}{y}", "{f}{l}{d2}", "{f}.{l}{y}", "{w}.{l}{d2}", "{f}{j}{d4}",
)  # fmt: skip
CONSTANTS = (
    ("device.canvas_hash",), ("device.webgl_hash", "device.webgl_renderer"), ("device.device_id",),
    ("device.screen_width", "device.screen_height", "device.pixel_ratio"), ("device.canvas_hash", "device.webgl_hash"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seller:
    """One style of making accounts. ``captcha`` is the mean score of a script, None where a solver's looks human."""

    system: str
    build: Browser
    template: str
    fill: tuple[float, float]
    captcha: float | None


class Means:
    """An operator's pools, drawn once."""

    def __init__(self, rng: Random, tactics: Tactics, day: int) -> None:
        self.rng, self.tactics, self.day = rng, tactics, day
        self.countries = [country_weights().draw(rng) for _ in range(max(1, tactics.countries))]
        self.country = self.countries[0]
        self.sellers = [self._seller() for _ in range(max(1, tactics.sellers))]
        lead = self.sellers[0]
        self.models = [self._model(lead) for _ in range(max(1, tactics.devices))]
        pooled = tactics.devices if tactics.device == "pool" else 0
        self.machines = [self._machine(number) for number in range(pooled)]
        self.places = [self.place(rng.choice(self.countries)) for _ in range(tactics.addresses)]
        self.domains = [self._domain() for _ in range(max(1, tactics.domains))]
        self.ranges = [self._range(self.country) for _ in range(max(1, tactics.ranges))]
        self.cards = [self.card(rng.choice(self.countries)) for _ in range(tactics.cards * (tactics.card == "few"))]
        voip = tactics.phone == "voip"
        self.heads = [identity.phone_head(rng, self.country.code, voip) for _ in range(1 + int(4 * rng.random() ** 2))]
        self.mailboxes: set[str] = set()
        self.code = invite_code(rng)
        self.omit = frozenset(rng.sample(OPTIONAL, rng.randrange(1, 6)))
        self.constant = [path for paths in rng.sample(CONSTANTS, tactics.constant) for path in paths]
        self.donor = build_device(rng, draw_model(rng, lead.system, day), self.country.zones.draw(rng), ("en-US", "en"))
        self.dots, self.subdomains, self.states_company = (rng.random() < 0.5 for _ in range(3))

    def _seller(self) -> Seller:
        rng = self.rng
        system = "android" if self.tactics.device == "cloud_phone" else draw_system(rng, self.country)
        if rng.random() < 0.15:
            system = "windows"
        pace = (rng.uniform(0.6, 4.2), rng.uniform(0.08, 0.6))
        captcha = rng.uniform(0.3, 0.95) if rng.random() < 0.6 else None
        build = as_of(rng, browsers()[system].draw(rng), self.day)
        template = identity.STYLES.draw(rng) if rng.random() < 0.5 else rng.choice(TEMPLATES)
        return Seller(system, build, template, pace, captcha)

    def _model(self, seller: Seller) -> Model:
        share = self.rng.random() < self.tactics.build
        return draw_model(self.rng, seller.system, self.day, seller.build if share else None)

    def _machine(self, number: int) -> Device:
        rng = self.rng
        return build_device(rng, self.models[number], self.country.zones.draw(rng), shared_tongue(rng, self.country))

    def place(self, country: Country) -> Place:
        """A connection of the bought kind in a country."""
        rng = self.rng
        match self.tactics.network:
            case "hosting":
                return Place("hosting", (pick_network(rng, country.code, "hosting").address(rng),))
            case "vpn":
                return replace(privacy_exit(rng), group="")
            case "mobile":
                return carrier(rng, country)
            case "site":
                return shared_site(rng, country, "office")
            case _:
                return home(rng, country)

    def _domain(self) -> tuple[str, str]:
        """(organisation, domain), or for aliases ("", mailbox)."""
        rng, mail = self.rng, self.tactics.mail
        if mail == "catch_all":
            name, domain = identity.company(rng, self.country)
            return name, domain if rng.random() < 0.5 else f"{domain.split('.')[0]}.{rng.choice(identity.CHEAP_TLD)}"
        if mail == "alias":
            first, last = NAMES[self.country.names.draw(rng)].draw(rng)
            return "", f"{identity.local_part(rng, identity.STYLES.draw(rng), first, last)}@gmail.com"
        if mail == "template" and rng.random() < 0.08:
            return "", rng.choice(identity.DISPOSABLE)
        return "", self.country.freemail.draw(rng)

    def _range(self, country: Country) -> CardRange:
        virtual = self.rng.random() < 0.4
        return virtual_ranges().draw(self.rng) if virtual else bank_ranges(country.code).draw(self.rng)

    def card(self, country: Country, holder: str = "", range_: CardRange | None = None) -> Card:
        """A card of one of the ranges, in the name of a stranger unless a holder is given."""
        rng = self.rng
        holder = holder or " ".join(NAMES[country.names.draw(rng)].draw(rng))
        return draw_card(rng, country.code, holder, country.postcode(rng), range_ or pick(rng, self.ranges))
