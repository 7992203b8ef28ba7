"""A campaign at work: one operator's pools, and the accounts drawn from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, CardRange, bank_ranges, draw_card, virtual_ranges
from sybilgate.simulate.device import Device, another, build_device, draw_model, draw_system, handshake, library_of
from sybilgate.simulate.later import DAY, Habits, draw_hours, minhash
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.person import Person, draw_person, invite_code
from sybilgate.simulate.place import Place, carrier, home, pick_network, privacy_exit, shared_site
from sybilgate.simulate.regions import Country, country_weights
from sybilgate.simulate.stream import Step, account, local_time
from sybilgate.simulate.tables import browsers
from sybilgate.simulate.tactics import Tactics

_TEMPLATES = (
    "{f}{l}{d4}",
    "{f}.{l}{d3}",
    "{x8}{d2}",
    "{w}{v}{d3}",
    "{x10}",
    "{f}{d6}",
    "{l}{f}{d2}",
    "{f}_{l}{d4}",
    "{i}{l}{y}",
)


class Ring:
    """One campaign: pools drawn once, members made one by one."""

    def __init__(self, rng: Random, tactics: Tactics, group: str) -> None:
        self.rng, self.tactics, self.group = rng, tactics, group
        self.countries = [country_weights().draw(rng) for _ in range(max(1, tactics.countries))]
        self.country = self.countries[0]
        system = draw_system(rng, self.country) if rng.random() < 0.4 else "windows"
        self.system = "android" if tactics.device == "cloud_phone" else system
        self.build = browsers()[self.system].draw(rng)
        self.models = [draw_model(rng, self.system, self.build) for _ in range(max(1, tactics.devices))]
        self.machines = [self._machine(i) for i in range(tactics.devices if tactics.device == "pool" else 0)]
        self.places = [self._place(rng.choice(self.countries)) for _ in range(tactics.addresses)]
        self.templates = [rng.choice(_TEMPLATES) for _ in range(tactics.sellers)]
        self.domains = [self._domain() for _ in range(max(1, tactics.domains))]
        self.ranges = [self._range() for _ in range(1 + int(3 * rng.random() ** 2))]
        stolen = tactics.card == "stolen"
        count = tactics.cards if tactics.card in ("few", "range") else 0
        self.cards = [self._card(rng.choice(self.countries), stolen) for _ in range(count)]
        self.head = identity.phone_head(rng, self.country.code, tactics.phone == "voip")
        self.code = invite_code(rng)
        self.omit = frozenset(rng.sample(_OMITTED, rng.randrange(1, 5)))
        self.fill = (rng.uniform(0.6, 2.6), rng.uniform(0.08, 0.5))
        self.captcha = rng.uniform(0.25, 0.9)
        self.habits = self._habits()

    def _machine(self, number: int) -> Device:
        model = (
            self.models[number % len(self.models)]
            if self.rng.random() < self.tactics.build
            else draw_model(self.rng, self.system)
        )
        zone = self.country.zones.draw(self.rng)
        return build_device(
            self.rng,
            model,
            zone,
            ("en-US", "en") if self.rng.random() < 0.3 else (self.country.languages.draw(self.rng), "en"),
        )

    def _place(self, country: Country) -> Place:
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

    def _domain(self) -> str:
        rng, mail = self.rng, self.tactics.mail
        if mail == "catch_all":
            domain = identity.company(rng, self.country)[1]
            return domain if rng.random() < 0.5 else f"{domain.split('.')[0]}.{rng.choice(identity.CHEAP_TLD)}"
        if mail == "alias":
            first, last = NAMES[self.country.names.draw(rng)].draw(rng)
            return f"{identity.local_part(rng, rng.choice(_TEMPLATES), first, last)}@gmail.com"
        if mail == "template" and rng.random() < 0.1:
            return rng.choice(identity.DISPOSABLE)
        return self.country.freemail.draw(rng)

    def _range(self) -> CardRange:
        return (
            virtual_ranges().draw(self.rng)
            if self.rng.random() < 0.4
            else bank_ranges(self.country.code).draw(self.rng)
        )

    def _card(self, country: Country, stolen: bool) -> Card:
        rng = self.rng
        victim = draw_person(rng, country)
        return draw_card(
            rng,
            country.code,
            f"{victim.first} {victim.last}",
            victim.postcode,
            None if stolen else rng.choice(self.ranges),
        )

    def _habits(self) -> Habits:
        t, rng = self.tactics, self.rng
        same = t.lockstep
        models = (("large", 0.97), ("small", 0.03)) if same > 0.7 else None
        sketch = minhash(rng) if rng.random() < same else None
        hours = draw_hours(rng, 0, rng.choice(("day", "round"))) if rng.random() < same else None
        return Habits(
            verify=rng.uniform(0.75, 0.99),
            verify_phone=rng.uniform(0.3, 0.95),
            pay=t.pay,
            pay_delay=rng.uniform(0.1, 8) * DAY + t.sleep * DAY,
            card_quality=0.7 if t.card == "stolen" else rng.uniform(0.85, 0.98),
            login=rng.uniform(0.1, 0.9),
            use=rng.uniform(0.5, 1.0),
            stay=0.85,
            requests=t.requests,
            spread=1.6 * (1.05 - same),
            hours=hours,
            template=sketch,
            models=models,
            ban=t.ban,
            ban_delay=t.ban_delay + t.sleep * DAY,
            charge_back=0.35 if t.card == "stolen" else 0.03,
            confirm=0.0005,
            addresses=rng.randrange(1, 4),
        )

    def times(self, start: float) -> list[float]:
        """Moments of signup: evenly with jitter or clustered, by the clock of its countries or round it."""
        rng, t = self.rng, self.tactics
        clustered = rng.random() < 0.4
        hubs = [rng.random() for _ in range(rng.randrange(2, 6))]
        out = []
        for _ in range(t.size):
            place = min(1.0, max(0.0, rng.gauss(rng.choice(hubs), 0.04))) if clustered else rng.random()
            time = start + t.span * place
            if t.daily and t.span > DAY:
                time = local_time(rng, self.country.zones.draw(rng), int(time // DAY))
            out.append(max(start, time))
        return sorted(out)

    def member(self, number: int) -> Person:
        """The next account, drawn as a person and then bent to the operator's means."""
        rng, t = self.rng, self.tactics
        person = draw_person(rng, rng.choice(self.countries), None if rng.random() > t.build else self.system)
        person.sybil, person.group, person.archetype = True, self.group, t.kind
        self._bend_network(person)
        self._bend_device(person)
        self._bend_mail(person, number)
        self._bend_phone(person)
        if self.cards:
            card = self.cards[number] if t.cards >= t.size and number < len(self.cards) else rng.choice(self.cards)
            holder = f"{person.first} {person.last}" if t.card == "range" and t.cards >= t.size else card.holder
            person.card = replace(card, holder=holder)
        elif t.card == "stolen":
            person.card = self._card(country_weights().draw(rng), stolen=True)
        if rng.random() < t.robotic:
            person.fill = self.fill
            person.overrides["signup.captcha_score"] = round(min(0.99, max(0.02, rng.gauss(self.captcha, 0.15))), 2)
        if rng.random() < t.omit:
            person.omit |= self.omit
        if rng.random() < t.invite:
            person.overrides["signup.invite_code"] = self.code
        if t.path and rng.random() < 0.8:
            person.overrides["signup.path"] = t.path
        return person

    def _bend_network(self, person: Person) -> None:
        rng, t = self.rng, self.tactics
        if self.places:
            person.place = rng.choice(self.places)
        elif t.network != "proxy" or person.place.kind != "mobile":
            person.place = self._place(person.country)
        if rng.random() > t.matched and t.network == "proxy":
            person.place = home(rng, country_weights().draw(rng))

    def _bend_device(self, person: Person) -> None:
        rng, t = self.rng, self.tactics
        if t.device == "pool":
            person.device = rng.choice(self.machines)
        elif t.device == "cloud_phone":
            model = rng.choice(self.models)
            person.device = build_device(rng, model, person.zone, person.languages, rng.random() < 0.3)
        elif rng.random() < t.build:
            person.device = build_device(rng, draw_model(rng, self.system, self.build), person.zone, person.languages)
        if person.device.app:
            return
        if t.device == "antidetect" and rng.random() < t.forged:
            self._forge(person)
        if rng.random() < t.noise and "device.canvas_hash" in person.device.fields:
            person.device = replace(person.device, fields=dict(person.device.fields))
            person.device.fields["device.canvas_hash"] = f"{rng.getrandbits(128):032x}"

    def _forge(self, person: Person) -> None:
        """Put parts of other machines into the profile, as tools with stale or careless templates do."""
        rng, fields = self.rng, person.device.fields
        other = draw_model(rng, rng.choice(("windows", "mac", "android", "linux")))
        donor = build_device(rng, other, rng.choice(self.countries).zones.draw(rng), person.languages)
        for paths in (
            ("device.webgl_renderer", "device.webgl_hash"),
            ("device.canvas_hash",),
            ("device.screen_width", "device.screen_height"),
        ):
            if rng.random() < 0.5:
                fields |= {path: donor.fields[path] for path in paths}
        if rng.random() < 0.4:
            person.device.ja4 = handshake(library_of(self.build, False))
        if rng.random() < 0.3:
            fields["device.time_zone"] = donor.fields["device.time_zone"]

    def _bend_mail(self, person: Person, number: int) -> None:
        rng, t = self.rng, self.tactics
        domain = rng.choice(self.domains)
        match t.mail:
            case "template":
                person.email = (
                    f"{identity.local_part(rng, rng.choice(self.templates), person.first, person.last)}@{domain}"
                )
            case "styles":
                person.email = identity.freemail(rng, person.country, person.first, person.last)
            case "alias":
                name, _, host = domain.partition("@")
                if self.head[-1:] in "02468":
                    cuts = [mark for letter in name for mark in (letter, "." if rng.random() < 0.35 else "")]
                    person.email = f"{''.join(cuts[:-1])}@{host}"
                else:
                    person.email = (
                        f"{name}+{identity.local_part(rng, rng.choice(('{w}{d2}', '{d4}', '{x4}')), 'a', 'b')}@{host}"
                    )
            case "catch_all":
                sub = identity.local_part(rng, "{x4}.", "a", "b") if self.captcha > 0.7 else ""
                person.email = (
                    f"{identity.local_part(rng, rng.choice(self.templates), person.first, person.last)}@{sub}{domain}"
                )
            case _:
                person.email = identity.relay_address(rng)
        if t.mail != "styles":
            person.organization = person.organization if rng.random() < 0.1 else None

    def _bend_phone(self, person: Person) -> None:
        rng, t = self.rng, self.tactics
        if t.phone == "none":
            person.phone = None
        elif t.phone in ("voip", "block") and person.phone:
            person.phone = identity.phone(rng, self.country.code, self.head, t.phone == "voip")

    def signups(self, start: float) -> Iterator[Step]:
        """All signups of the campaign in time order."""
        previous: Person | None = None
        ties = self.rng.sample(_TIES, len(_TIES))
        for number, time in enumerate(self.times(start)):
            person = self.member(number)
            if self.tactics.chained:
                person.place = Place("residential", person.place.addresses[:1])
                if ties[(number + 1) % len(ties)] == "phone" and person.phone is None:
                    person.phone = identity.phone(self.rng, person.country.code)
                if previous is not None:
                    _tie(self.rng, person, previous, ties[number % len(ties)])
            previous = person
            yield account(self.rng, person, time, self.habits, card_now=self.tactics.card_now)


def _tie(rng: Random, person: Person, previous: Person, value: str) -> None:
    """Share one value with the account before. Ties alternate, so that no value is held three times."""
    match value:
        case "device":
            person.device = another(rng, previous.device)
            person.device.fields["device.device_id"] = previous.device.fields["device.device_id"]
        case "place":
            person.place = previous.place
        case "card":
            person.card = replace(previous.card)
        case _:
            person.phone = previous.phone


_TIES = ("device", "place", "card", "phone")
_OMITTED = (
    "network.accept_language",
    "network.ja4",
    "signup.referrer",
    "device.canvas_hash",
    "device.webgl_hash",
    "device.webgl_renderer",
    "device.time_zone",
    "contact.display_name",
    "signup.captcha_score",
    "device.cpu_cores",
    "device.device_id",
    "contact.username",
)
