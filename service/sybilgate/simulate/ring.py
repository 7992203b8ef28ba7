"""A campaign at work: accounts drawn as people and bent to one operator's means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card
from sybilgate.simulate.client import omissions
from sybilgate.simulate.contact import bend_card, bend_mail, bend_phone
from sybilgate.simulate.device import another, build_device, draw_model, handshake, library_of
from sybilgate.simulate.later import DAY
from sybilgate.simulate.means import Means, Seller
from sybilgate.simulate.person import Person, draw_person, new_account_id, use_program
from sybilgate.simulate.place import home, line, neighbour
from sybilgate.simulate.regions import Country, country_weights
from sybilgate.simulate.schedule import draw_habits, moments
from sybilgate.simulate.stream import Step, account, awake
from sybilgate.simulate.tables import RECORDED_DAY, Dice, as_of, pick
from sybilgate.simulate.tactics import Tactics

Victims = Callable[[], list[Person]]
_KEPT = ("device", "place", "card", "phone", "name")
_TIES = ("device", "place", "card", "phone")
_REPLACEMENTS = 5  #: times one place in a campaign is filled anew


class Ring:
    """One campaign that begins at ``start``. ``victims`` are honest people whose values it may copy."""

    def __init__(
        self,
        rng: Dice,
        tactics: Tactics,
        group: str,
        start: float,
        victims: Victims = list,
        per_day: float | None = None,
    ) -> None:
        self.rng, self.tactics, self.group, self.start = rng, tactics, group, start
        self.means = Means(rng, tactics, int(start // DAY))
        self.victims = victims() if tactics.poison else []
        self.habits = draw_habits(rng, tactics, start, per_day)

    def signups(self) -> Iterator[Step]:
        """All signups of the campaign in time order; those that answer a ban or a closing are started by them."""
        previous: Person | None = None
        ties = self.rng.sample(_TIES, len(_TIES))
        pair: Card | None = None
        times = moments(self.rng, self.tactics, self.start, self.means.countries)
        for number, (time, country) in enumerate(times):
            person = self.member(time, country)
            if self.tactics.card == "pairs":
                if number % 2 and pair:
                    person.card = replace(pair, holder=person.card.holder)
                pair = person.card
            if self.tactics.chained:
                person.place = line(self.rng, person.country)
                if ties[(number + 1) % len(ties)] == "phone" and person.phone is None:
                    person.phone = identity.phone(self.rng, person.country.code)
                if previous is not None:
                    _share(self.rng, person, previous, ties[number % len(ties)])
            previous = person
            yield self._account(person, time)

    def _account(self, person: Person, time: float, depth: int = 0) -> Step:
        rng, t = self.rng, self.tactics
        also: tuple[Iterator[Step], ...] = ()
        if t.replaced and rng.random() < t.ban:
            person.ban_at = time + rng.lognormvariate(0, 0.7) * t.ban_delay
            if rng.random() < t.replaced and depth < _REPLACEMENTS:
                also = (self._replacement(person, person.ban_at, depth + 1),)
        elif t.returns and rng.random() < t.returns:
            person.close_at = time + rng.lognormvariate(0, 0.8) * t.ban_delay / 2
            if depth < _REPLACEMENTS:
                also = (self._return(person, person.close_at, depth + 1),)
        return account(rng, person, time, self.habits, t.card_now, also)

    def _replacement(self, banned: Person, time: float, depth: int) -> Iterator[Step]:
        """Within a day of a ban: another account that keeps some of the banned one's values."""
        time += self.rng.uniform(0.01, 0.99) * DAY
        person = self.member(time, banned.country)
        for value in self.rng.sample(_KEPT, self.rng.choice((1, 1, 2, 3))):
            _share(self.rng, person, banned, value)
        yield self._account(person, time, depth)

    def _return(self, closed: Person, time: float, depth: int) -> Iterator[Step]:
        """After a closing: the same values under a new account id."""
        time += self.rng.lognormvariate(0, 1.2) * DAY / 2
        if self.tactics.daily:
            time = awake(self.rng, closed.zone, time)
        person = replace(closed, account_id=new_account_id(self.rng), close_at=None, signup=dict(closed.signup))
        if self.rng.random() < 0.4 and person.email:
            person.email = identity.freemail(self.rng, person.country, person.first, person.last)
        yield self._account(person, time, depth)

    def member(self, time: float, country: Country) -> Person:
        """The next account of a country, drawn as a person and then bent to the operator's means."""
        rng, t, means = self.rng, self.tactics, self.means
        seller, day = pick(rng, means.sellers), int(time // DAY)
        usual = rng.random() < t.build
        person = draw_person(rng, country, day, seller.system if usual else None)
        person.sybil, person.group, person.archetype = True, self.group, t.kind
        app = person.device.app
        if not t.clean:
            self._bend_network(person)
            if person.method != SignupMethod.API:
                self._bend_device(person, seller, day, usual)
        bend_mail(rng, person, means, seller)
        bend_phone(rng, person, means)
        bend_card(rng, person, means)
        if t.poison:
            self._poison(person)
        if person.device.app != app:
            person.omit = omissions(rng, person.country, person.device.app)
        self._bend_form(person, seller)
        if t.clean:
            person.back = (pick(rng, means.places), pick(rng, means.machines))
        return person

    def _bend_form(self, person: Person, seller: Seller) -> None:
        rng, t = self.rng, self.tactics
        if rng.random() < t.robotic:
            person.fill = seller.fill
            if seller.captcha is not None:
                score = round(min(0.99, max(0.02, rng.gauss(seller.captcha, 0.15))), 2)
                person.signup["signup.captcha_score"] = score
        if t.omit and rng.random() < t.omit:
            person.omit |= self.means.omit
        if t.invite and rng.random() < t.invite:
            person.signup["signup.invite_code"] = self.means.code
        if t.path and not person.device.app and person.method != SignupMethod.API and rng.random() < 0.8:
            person.signup["signup.path"] = t.path
        if t.api and person.method != SignupMethod.API and rng.random() < t.api:
            use_program(rng, person)

    def _bend_network(self, person: Person) -> None:
        rng, t = self.rng, self.tactics
        if self.means.places:
            person.place = pick(rng, self.means.places)
        elif t.network != "proxy":
            person.place = self.means.place(person.country)
        elif rng.random() > t.matched:
            person.place = home(rng, country_weights().draw(rng))

    def _bend_device(self, person: Person, seller: Seller, day: int, usual: bool) -> None:
        rng, t, means = self.rng, self.tactics, self.means
        if t.device == "pool":
            person.device = pick(rng, means.machines)
        elif t.device == "cloud_phone":
            person.device = build_device(rng, pick(rng, means.models), person.zone, person.languages, person.device.app)
        elif usual:
            build = seller.build if t.pinned else as_of(rng, seller.build, RECORDED_DAY + day - int(self.start // DAY))
            model = draw_model(rng, seller.system, day, build)
            person.device = build_device(rng, model, person.zone, person.languages, person.device.app)
        fields = person.device.fields
        if "device.canvas_hash" not in fields:
            return
        if t.constant or t.noise or t.forged:
            person.device = replace(person.device, fields=dict(fields))
        if t.device == "antidetect" and rng.random() < t.forged:
            self._forge(person, day)
        if rng.random() < t.noise:
            person.device.fields["device.canvas_hash"] = f"{rng.getrandbits(128):032x}"
        for path in means.constant:
            if path in means.donor.fields:
                person.device.fields[path] = means.donor.fields[path]

    def _forge(self, person: Person, day: int) -> None:
        """Put parts of other machines into the profile, as tools with stale or careless templates do."""
        rng, fields = self.rng, person.device.fields
        other = draw_model(rng, rng.choice(("windows", "mac", "android", "linux")), day)
        donor = build_device(rng, other, pick(rng, self.means.countries).zones.draw(rng), person.languages)
        for paths in (
            ("device.webgl_renderer", "device.webgl_hash"),
            ("device.canvas_hash",),
            ("device.screen_width", "device.screen_height"),
        ):
            if rng.random() < 0.5:
                fields |= {path: donor.fields[path] for path in paths}
        if rng.random() < 0.4:
            person.device.ja4 = handshake(library_of(self.means.sellers[0].build, False))
        if rng.random() < 0.3:
            fields["device.time_zone"] = donor.fields["device.time_zone"]

    def _poison(self, person: Person) -> None:
        """Copy honest people's values, each from another of them."""
        rng, share = self.rng, self.tactics.poison
        if not self.victims:
            return
        device = pick(rng, self.victims).device
        if rng.random() < share and device.fields and person.method != SignupMethod.API:
            person.device = another(rng, device)
        if rng.random() < share:
            source = pick(rng, self.victims)
            person.first, person.last = source.first, source.last
            person.card.holder = f"{person.first} {person.last}"
            if person.email and not person.organization:
                person.email = identity.freemail(rng, person.country, person.first, person.last)
        if rng.random() < share:
            person.place = neighbour(rng, pick(rng, self.victims).place)
        if rng.random() < share:
            person.card = replace(person.card, range=pick(rng, self.victims).card.range)


def _share(rng: Dice, person: Person, other: Person, value: str) -> None:
    """Let an account have one value of another. Ties of a chain alternate, so that no value is held three times."""
    api = SignupMethod.API in (person.method, other.method)
    match value:
        case "device":
            if not api:
                person.device, person.omit = other.device, other.omit
        case "place":
            person.place = other.place
        case "card":
            person.card = replace(other.card)
        case "phone":
            person.phone = other.phone or person.phone
        case _:
            person.first, person.last = other.first, other.last
