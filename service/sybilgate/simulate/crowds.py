"""Honest crowds that look like rings: many accounts on one address, card, machine, voucher or card range.

Sizes and spans vary as widely as those of campaigns, so that neither gives a side away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, draw_card, virtual_ranges
from sybilgate.simulate.device import Device, another, build_device, draw_model, handshake
from sybilgate.simulate.later import DAY, HONEST, minhash
from sybilgate.simulate.person import Person, draw_person, invite_code, shared_tongue, use_program
from sybilgate.simulate.place import carrier, shared_site
from sybilgate.simulate.regions import Country, countries, country_weights
from sybilgate.simulate.stream import Step, account, at_work, local_time
from sybilgate.simulate.tables import Dice, Weighted, pick

Crowd = Callable[[Dice, int, int, str], Iterator[Step]]


def _tag(person: Person, archetype: str, group: str) -> Person:
    person.archetype, person.group = archetype, group
    return person


def _sits_at(person: Person, device: Device) -> None:
    """Put a person before a browser: what only an app or a program leaves out is sent."""
    if person.device.app or person.method == SignupMethod.API:
        person.omit, person.method = frozenset(), min(person.method, 3)
        person.signup.pop("signup.path", None)
    person.device = device


def _fleet(rng: Dice, country: Country, day: int, models: int, systems: str = "windows windows mac") -> list[Device]:
    zone = country.zones.draw(rng)
    tongue = shared_tongue(rng, country)
    return [build_device(rng, draw_model(rng, pick(rng, systems.split()), day), zone, tongue) for _ in range(models)]


def _span(rng: Dice, least: float, most: float) -> float:
    """Days, as likely between 1 and 3 as between 3 and 9."""
    return float(least * (most / least) ** rng.random())


def campus_day(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """A class signs up in one session from the university's few addresses, many on identical lab machines."""
    country = country_weights().draw(rng)
    name, domain = identity.campus(rng, country)
    site, lab = shared_site(rng, country, "education", rng.randrange(1, 5)), _fleet(rng, country, day, 1)[0]
    start, length, code = at_work(rng, country.zones.draw(rng), day), _span(rng, 0.3, 30), rng.random() < 0.5
    in_lab, sketch, invite = rng.random(), minhash(rng), invite_code(rng)
    for time in sorted(start + 3600 * length * rng.betavariate(1.2, 3) for _ in range(size)):
        person = _tag(draw_person(rng, country, day), "campus_day", group)
        person.place = site
        if rng.random() < in_lab:
            _sits_at(person, another(rng, lab))
        if person.email and rng.random() < 0.75:
            local = identity.local_part(rng, "{f}.{l}{d1}", person.first, person.last)
            person.email, person.organization = f"{local}@{domain}", name
        if code:
            person.signup["signup.invite_code"] = invite
        yield account(rng, person, time, replace(HONEST, use=0.6, template=sketch), card_now=0.01)


def office_card(
    rng: Dice, day: int, size: int, group: str, country: Country | None = None, span: int | None = None
) -> Iterator[Step]:
    """Staff of one company: one address, one mail domain, one corporate card, a fleet of like laptops."""
    country = country or country_weights().draw(rng)
    name, domain = identity.company(rng, country)
    site = shared_site(rng, country, "office", rng.choice((1, 1, 2)))
    fleet = _fleet(rng, country, day, rng.randrange(1, 5))
    boss = draw_person(rng, country, day)
    card = draw_card(rng, country.code, name if rng.random() < 0.5 else f"{boss.first} {boss.last}", boss.postcode)
    style = rng.choice(("{f}.{l}", "{i}{l}", "{f}", "{f}{j}"))
    gateway = handshake(f"gateway/{rng.randrange(5)}") if rng.random() < 0.2 else None
    days, zone, carded = span or max(1, int(_span(rng, 1, 30))), country.zones.draw(rng), rng.uniform(0.5, 1.0)
    for time in sorted(at_work(rng, zone, day + rng.randrange(days)) for _ in range(size)):
        person = _tag(draw_person(rng, country, day, "windows"), "office_card", group)
        _sits_at(person, another(rng, rng.choice(fleet)))
        person.place, person.card = site, replace(card)
        person.organization = name
        person.email = f"{identity.local_part(rng, style, person.first, person.last)}@{domain}"
        if gateway:
            person.overrides["network.ja4"] = gateway
        yield account(rng, person, time, replace(HONEST, pay=0.6, use=0.7, pay_delay=DAY), card_now=carded)


def launch_day(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """A front-page link: strangers in a rush, one referrer."""
    start, scale = day * DAY + rng.uniform(6, 16) * 3600, _span(rng, 0.7, 20) * 3600
    link = rng.choice(("https://news.ycombinator.com/", "https://www.producthunt.com/", "https://www.youtube.com/"))
    west = [countries()[code] for code in "US US US US GB DE CA FR IN AU NL SE BR".split()]
    for time in sorted(start + rng.expovariate(1 / scale) for _ in range(size)):
        person = _tag(draw_person(rng, rng.choice(west), day), "launch_day", group)
        if person.method != SignupMethod.API:
            person.signup["signup.referrer"] = link
            if rng.random() < 0.4:
                person.signup["signup.campaign_tag"] = f"launch-{group[-4:]}"
        yield account(rng, person, time, card_now=0.05)


def hackathon(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """One venue, one voucher, everybody's own laptop."""
    country = country_weights().draw(rng)
    host = rng.choice(("office", "office", "education", "residential"))
    site, zone = shared_site(rng, country, host, rng.randrange(1, 4)), country.zones.draw(rng)
    invite, rush = invite_code(rng), _span(rng, 1800, 40_000)
    start = at_work(rng, zone, day)
    for time in sorted(start + rng.expovariate(1 / rush) for _ in range(size)):
        system = rng.choice(("mac", "mac", "windows", "linux"))
        person = _tag(draw_person(rng, country, day, system), "hackathon", group)
        person.place = site
        person.signup["signup.invite_code"] = invite
        yield account(rng, person, time, replace(HONEST, use=0.8, requests=60), card_now=0.02)


def agency(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """An agency opens accounts for its clients: its own machines and line, the clients' domains, its card or theirs."""
    country = country_weights().draw(rng)
    site, fleet = shared_site(rng, country, "office"), _fleet(rng, country, day, rng.randrange(1, 5))
    card = draw_card(rng, country.code, identity.company(rng, country)[0], country.postcode(rng))
    own_card, days, zone = rng.random(), max(1, int(_span(rng, 1, 25))), country.zones.draw(rng)
    mailbox = rng.choice(("ai", "admin", "info", "team", "it"))
    for time in sorted(at_work(rng, zone, day + rng.randrange(days)) for _ in range(size)):
        person = _tag(draw_person(rng, country, day, "windows"), "agency", group)
        _sits_at(person, rng.choice(fleet))
        person.place = site
        person.organization, domain = identity.company(rng, country)
        person.email = f"{mailbox}@{domain}"
        if rng.random() < own_card:
            person.card = replace(card)
        yield account(rng, person, time, replace(HONEST, pay=0.4, use=0.7), card_now=0.4)


def internet_cafe(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """Strangers who share a café's machines over weeks."""
    country = countries()[rng.choice("IN ID PH VN NG PK BD EG KE MX CN TR".split())]
    site = shared_site(rng, country, "office")
    machines = _fleet(rng, country, day, rng.randrange(3, 24), "windows")
    days = max(2, int(_span(rng, 2, 40)))
    for time in sorted(local_time(rng, country.zones.draw(rng), day + rng.randrange(days)) for _ in range(size)):
        person = _tag(draw_person(rng, country, day, "windows"), "internet_cafe", group)
        _sits_at(person, rng.choice(machines))
        person.place = site
        yield account(rng, person, time, card_now=0.0)


def own_tests(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """The service's own test accounts: a robot, one address, numbered aliases."""
    country = countries()["US"]
    _, domain = identity.company(rng, country)
    site = shared_site(rng, country, rng.choice(("office", "hosting")))
    robot = _fleet(rng, country, day, 1, "linux mac")[0]
    robot.fields["device.automation_detected"] = rng.random() < 0.7
    days, pace = max(1, int(_span(rng, 1, 20))), (rng.uniform(0.4, 2.0), rng.uniform(0.1, 0.5))
    times = sorted(at_work(rng, "America/New_York", day + rng.randrange(days)) for _ in range(size))
    for number, time in enumerate(times):
        person = _tag(draw_person(rng, country, day, "linux"), "own_tests", group)
        _sits_at(person, robot if rng.random() < 0.5 else another(rng, robot))
        person.place, person.fill = site, pace
        person.email, person.phone = f"qa+{number}@{domain}", None
        if rng.random() < 0.3:
            use_program(rng, person)
        yield account(rng, person, time, replace(HONEST, ban=0.0, confirm=0.3), card_now=0.1)


def prepaid_bank(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """Customers of one virtual-card bank, brought by its offer: one card range, people of all kinds.

    Some such banks serve several countries with one range, and some send their customers by a link.
    """
    range_ = virtual_ranges().draw(rng)
    served = [countries().get(range_.issuer_country, countries()["US"])]
    if rng.random() < 0.3:
        served += [country_weights().draw(rng) for _ in range(rng.randrange(1, 4))]
    days, carded, linked = max(1, int(_span(rng, 1, 30))), rng.uniform(0.3, 1.0), rng.random() < 0.4
    plan = sorted(
        (local_time(rng, country.zones.draw(rng), day + rng.randrange(days)), country.code, country)
        for country in (rng.choice(served) for _ in range(size))
    )
    for time, code, country in plan:
        person = _tag(draw_person(rng, country, day), "prepaid_bank", group)
        person.card = Card(person.card.fingerprint, range_, person.card.holder, code, person.postcode)
        if linked and person.method != SignupMethod.API:
            person.signup["signup.campaign_tag"] = f"bank-{group[-4:]}"
        yield account(rng, person, time, card_now=carded)


def new_country(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """The product opens in a country: its people, most of them at once."""
    country = rng.choice(list(countries().values())[8:])
    days = max(2, int(_span(rng, 2, 20)))
    for time in sorted(
        local_time(rng, country.zones.draw(rng), day + int(days * rng.random() ** 2)) for _ in range(size)
    ):
        yield account(rng, _tag(draw_person(rng, country, day), "new_country", group), time)


def identical_phones(rng: Dice, day: int, size: int, group: str) -> Iterator[Step]:
    """Drivers, nurses or pupils who were all handed the same phone, each on the carrier or at home.

    Some employers bring the line as well: one carrier for most of them.
    """
    country = country_weights().draw(rng)
    system = rng.choice(("android", "android", "ios"))
    model = draw_model(rng, system, day)
    days, managed = max(1, int(_span(rng, 1, 30))), rng.random() < 0.4
    plan, planned = carrier(rng, country), rng.choice((0.0, 0.0, 0.7))
    plan.subnet = None
    name, domain = identity.company(rng, country)
    for time in sorted(local_time(rng, country.zones.draw(rng), day + rng.randrange(days)) for _ in range(size)):
        person = _tag(draw_person(rng, country, day, system), "identical_phones", group)
        if person.method != SignupMethod.API:
            person.device = build_device(rng, model, person.zone, person.languages, person.device.app)
        if rng.random() < planned:
            person.place = plan
        if managed and person.email:
            person.organization = name
            person.email = f"{identity.local_part(rng, '{f}.{l}', person.first, person.last)}@{domain}"
        yield account(rng, person, time)


#: (crowd, days between two of them at 2,000 signups a day, smallest, largest)
CROWDS: dict[str, tuple[Crowd, float, int, int]] = {
    "campus_day": (campus_day, 2.5, 8, 300),
    "office_card": (office_card, 2.0, 4, 200),
    "launch_day": (launch_day, 9.0, 30, 600),
    "hackathon": (hackathon, 4.0, 10, 250),
    "agency": (agency, 2.5, 3, 80),
    "internet_cafe": (internet_cafe, 3.0, 6, 150),
    "own_tests": (own_tests, 6.0, 5, 120),
    "prepaid_bank": (prepaid_bank, 3.0, 8, 300),
    "new_country": (new_country, 12.0, 30, 600),
    "identical_phones": (identical_phones, 3.0, 5, 150),
}
_PICK = Weighted((name, 1 / spec[1]) for name, spec in CROWDS.items())


def crowds_of_day(rng: Dice, day: int, per_day: int, times: float = 1.0) -> Iterator[Iterator[Step]]:
    """The crowds that begin on a day, of a size that suits a service of ``per_day`` signups, and ``times`` as many."""
    expected = sum(1 / spec[1] for spec in CROWDS.values()) * min(4.0, max(0.5, per_day / 2000)) * times
    count = int(expected) + (rng.random() < expected % 1)
    for number in range(count):
        name = _PICK.draw(rng)
        make, _, least, most = CROWDS[name]
        top = max(least + 2, min(most, int(0.2 * per_day)))
        size = int(least * (top / least) ** rng.random())
        yield make(Dice(f"{rng.getrandbits(64)}"), day, size, f"{name}-{day - 20000}-{number}")
