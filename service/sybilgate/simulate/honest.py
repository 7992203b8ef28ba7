"""Honest people: the background of every day, and the crowds that look like rings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, draw_card, virtual_ranges
from sybilgate.simulate.device import Device, another, build_device, draw_model, handshake
from sybilgate.simulate.later import DAY, HONEST, minhash
from sybilgate.simulate.person import Person, draw_person, go_private, invite_code, new_account_id
from sybilgate.simulate.place import carrier, home, shared_site
from sybilgate.simulate.regions import Country, countries, country_weights
from sybilgate.simulate.stream import Step, account, at_work, local_time
from sybilgate.simulate.tables import Weighted

Crowd = Callable[[Random, int, int, str], Iterator[Step]]


def honest_day(rng: Random, day: int, count: int) -> Iterator[Step]:
    """``count`` unrelated people of one UTC day, with the families and second accounts they bring."""
    plan = []
    for _ in range(count):
        country = country_weights().draw(rng)
        zone = country.zones.draw(rng)
        plan.append((local_time(rng, zone, day), zone, country))
    plan.sort(key=lambda item: item[0])
    for time, zone, country in plan:
        person = draw_person(rng, country)
        if not person.device.app and "device.*" not in person.omit:
            person.device.fields["device.time_zone"] = zone
        yield account(rng, person, time, card_now=0.075, also=_colour(rng, person, time))


def _colour(rng: Random, person: Person, time: float) -> tuple[Iterator[Step], ...]:
    """What makes some people special; returns the related signups that follow."""
    if person.place.group:
        person.group, person.archetype = person.place.group, "carrier_nat"
    roll = rng.random()
    if roll < 0.035:
        go_private(rng, person)
    elif roll < 0.06 and person.email:
        person.email, person.archetype, person.group = identity.relay_address(rng), "relay_mail", "relay"
    elif roll < 0.075:
        abroad = country_weights().draw(rng)
        person.place = home(rng, abroad) if rng.random() < 0.5 else carrier(rng, abroad)
        person.archetype, person.group = "traveller", ""
    elif roll < 0.1:
        return (_family(rng, person, time),)
    elif roll < 0.125:
        return (_again(rng, person, time, typo=rng.random() < 0.55),)
    return ()


def _same_person(rng: Random, person: Person, archetype: str) -> Person:
    group = f"{archetype}-{person.account_id[:10]}"
    return replace(person, account_id=new_account_id(rng), archetype=archetype, group=group)


def _again(rng: Random, person: Person, time: float, typo: bool) -> Iterator[Step]:
    """The same human once more: a mistyped address within minutes, or a second account weeks later."""
    second = _same_person(rng, person, "resignup" if typo else "second_account")
    name, _, domain = (person.email or "").partition("@")
    if typo and name:
        cut = rng.randrange(len(name))
        second.email = f"{name[:cut]}{name[cut + 1 :] if len(name) > 2 else name}@{domain}"
    elif name:
        second.email = identity.freemail(rng, person.country, person.first, person.last)
    delay = rng.lognormvariate(5.2, 1.0) if typo else rng.expovariate(1 / (12 * DAY))
    yield account(rng, second, time + delay)


def _family(rng: Random, person: Person, time: float) -> Iterator[Step]:
    """Others of the household: one line, one post code, often one machine or one card."""
    for _ in range(1 + int(3 * rng.random() ** 1.5)):
        time += rng.lognormvariate(0, 1.4) * 2 * DAY
        member = draw_person(rng, person.country)
        member.last = person.last if rng.random() < 0.8 else member.last
        member.place, member.postcode = person.place, person.postcode
        member.zone = person.zone
        if rng.random() < 0.35:
            member.device = person.device
        if rng.random() < 0.4:
            member.card = replace(person.card)
        member.email = identity.freemail(rng, person.country, member.first, member.last)
        member.archetype, member.group = "family", f"family-{person.account_id[:10]}"
        yield account(rng, member, time, card_now=0.1)


def _tag(person: Person, archetype: str, group: str) -> Person:
    person.archetype, person.group = archetype, group
    return person


def _fleet(rng: Random, country: Country, models: int, systems: str = "windows windows mac") -> list[Device]:
    zone = country.zones.draw(rng)
    tongue = (country.languages.draw(rng), "en")
    return [build_device(rng, draw_model(rng, rng.choice(systems.split())), zone, tongue) for _ in range(models)]


def campus_day(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """A class signs up in one session from the university's few addresses, many on identical lab machines."""
    country = country_weights().draw(rng)
    name, domain = identity.campus(rng, country)
    site, lab = shared_site(rng, country, "education", rng.randrange(1, 5)), _fleet(rng, country, 1)[0]
    start, length, code = at_work(rng, country.zones.draw(rng), day), rng.uniform(0.3, 3), rng.random() < 0.5
    in_lab, sketch, invite = rng.random(), minhash(rng), invite_code(rng)
    for time in sorted(start + 3600 * length * rng.betavariate(1.2, 3) for _ in range(size)):
        person = _tag(draw_person(rng, country), "campus_day", group)
        person.place = site
        if rng.random() < in_lab:
            person.device = another(rng, lab)
        if rng.random() < 0.75:
            person.email, person.organization = (
                f"{identity.local_part(rng, '{f}.{l}{d1}', person.first, person.last)}@{domain}",
                name,
            )
        if code:
            person.overrides["signup.invite_code"] = invite
        yield account(rng, person, time, replace(HONEST, use=0.6, template=sketch), card_now=0.01)


def office_card(
    rng: Random, day: int, size: int, group: str, country: Country | None = None, span: int | None = None
) -> Iterator[Step]:
    """Staff of one company: one address, one mail domain, one corporate card, a fleet of like laptops."""
    country = country or country_weights().draw(rng)
    name, domain = identity.company(rng, country)
    site, fleet = shared_site(rng, country, "office", rng.choice((1, 1, 2))), _fleet(rng, country, rng.randrange(1, 5))
    boss = draw_person(rng, country)
    card = draw_card(rng, country.code, name if rng.random() < 0.5 else f"{boss.first} {boss.last}", boss.postcode)
    style = rng.choice(("{f}.{l}", "{i}{l}", "{f}", "{f}{j}"))
    gateway = handshake(f"gateway/{rng.randrange(5)}") if rng.random() < 0.2 else None
    span, zone, carded = span or rng.choice((1, 1, 2, 5, 10)), country.zones.draw(rng), rng.uniform(0.5, 1.0)
    for time in sorted(at_work(rng, zone, day + rng.randrange(span)) for _ in range(size)):
        person = _tag(draw_person(rng, country, "windows"), "office_card", group)
        person.place, person.device, person.card = site, another(rng, rng.choice(fleet)), replace(card)
        person.organization = name
        person.email = f"{identity.local_part(rng, style, person.first, person.last)}@{domain}"
        if gateway:
            person.overrides["network.ja4"] = gateway
        yield account(rng, person, time, replace(HONEST, pay=0.6, use=0.7, pay_delay=DAY), card_now=carded)


def launch_day(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """A front-page link: strangers in a rush, one referrer."""
    start, scale = day * DAY + rng.uniform(6, 16) * 3600, rng.uniform(1.5, 8) * 3600
    link, tag = (
        rng.choice(("https://news.ycombinator.com/", "https://www.producthunt.com/", "https://www.youtube.com/")),
        group,
    )
    west = [countries()[code] for code in "US US US US GB DE CA FR IN AU NL SE BR".split()]
    for time in sorted(start + rng.expovariate(1 / scale) for _ in range(size)):
        person = _tag(draw_person(rng, rng.choice(west)), "launch_day", group)
        person.overrides["signup.referrer"] = link
        if rng.random() < 0.4:
            person.overrides["signup.campaign_tag"] = f"launch-{tag[-4:]}"
        yield account(rng, person, time, card_now=0.05)


def hackathon(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """One venue, one voucher, everybody's own laptop."""
    country = country_weights().draw(rng)
    site, zone = shared_site(rng, country, "office", 2), country.zones.draw(rng)
    invite = invite_code(rng)
    start = at_work(rng, zone, day)
    for time in sorted(start + rng.expovariate(1 / 9000.0) for _ in range(size)):
        person = _tag(draw_person(rng, country, rng.choice(("mac", "mac", "windows", "linux"))), "hackathon", group)
        person.place = site
        person.overrides["signup.invite_code"] = invite
        yield account(rng, person, time, replace(HONEST, use=0.8, requests=60), card_now=0.02)


def agency(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """An agency opens accounts for its clients: its own machines and line, the clients' domains, its card or theirs."""
    country = country_weights().draw(rng)
    site, fleet = shared_site(rng, country, "office"), _fleet(rng, country, 2)
    card, own_card = (
        draw_card(rng, country.code, identity.company(rng, country)[0], country.postcode(rng)),
        rng.random(),
    )
    mailbox = rng.choice(("ai", "admin", "info", "team", "it"))
    for time in sorted(at_work(rng, country.zones.draw(rng), day + rng.randrange(6)) for _ in range(size)):
        person = _tag(draw_person(rng, country, "windows"), "agency", group)
        person.place, person.device = site, rng.choice(fleet)
        person.organization, domain = identity.company(rng, country)
        person.email = f"{mailbox}@{domain}"
        if rng.random() < own_card:
            person.card = replace(card)
        yield account(rng, person, time, replace(HONEST, pay=0.4, use=0.7), card_now=0.4)


def internet_cafe(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """Strangers who share a café's machines over weeks."""
    country = countries()[rng.choice("IN ID PH VN NG PK BD EG KE MX CN TR".split())]
    site, machines = shared_site(rng, country, "office"), _fleet(rng, country, rng.randrange(4, 16), "windows")
    for time in sorted(local_time(rng, country.zones.draw(rng), day + rng.randrange(18)) for _ in range(size)):
        person = _tag(draw_person(rng, country, "windows"), "internet_cafe", group)
        person.place, person.device = site, rng.choice(machines)
        yield account(rng, person, time, card_now=0.0)


def own_tests(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """The operator's own test accounts: a robot, one address, numbered aliases."""
    country = countries()["US"]
    _, domain = identity.company(rng, country)
    site, robot = shared_site(rng, country, rng.choice(("office", "hosting"))), _fleet(rng, country, 1, "linux mac")[0]
    robot.fields["device.automation_detected"] = True
    for number, time in enumerate(
        sorted(at_work(rng, "America/New_York", day + rng.randrange(9)) for _ in range(size))
    ):
        person = _tag(draw_person(rng, country, "linux"), "own_tests", group)
        person.place, person.device, person.fill = (
            site,
            robot if rng.random() < 0.5 else another(rng, robot),
            (1.2, 0.3),
        )
        person.email, person.phone = f"qa+{number}@{domain}", None
        person.method = int(SignupMethod.API) if rng.random() < 0.3 else 1
        yield account(rng, person, time, replace(HONEST, ban=0.0, confirm=0.3), card_now=0.1)


def prepaid_bank(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """Customers of one virtual-card bank, brought by its offer: one card range, people of all kinds."""
    range_ = virtual_ranges().draw(rng)
    country = countries().get(range_.issuer_country, countries()["US"])
    for time in sorted(local_time(rng, country.zones.draw(rng), day + rng.randrange(8)) for _ in range(size)):
        person = _tag(draw_person(rng, country), "prepaid_bank", group)
        person.card = Card(person.card.fingerprint, range_, person.card.holder, country.code, person.postcode)
        yield account(rng, person, time, card_now=0.7)


def new_country(rng: Random, day: int, size: int, group: str) -> Iterator[Step]:
    """The product opens in a country: a week of its people."""
    country = rng.choice(list(countries().values())[8:])
    for time in sorted(local_time(rng, country.zones.draw(rng), day + int(6 * rng.random() ** 2)) for _ in range(size)):
        yield account(rng, _tag(draw_person(rng, country), "new_country", group), time)


#: (crowd, days between two of them at 2,000 signups a day, smallest, largest)
CROWDS: dict[str, tuple[Crowd, float, int, int]] = {
    "campus_day": (campus_day, 2.5, 12, 160),
    "office_card": (office_card, 2.0, 6, 200),
    "launch_day": (launch_day, 9.0, 40, 400),
    "hackathon": (hackathon, 6.0, 12, 110),
    "agency": (agency, 4.0, 4, 40),
    "internet_cafe": (internet_cafe, 4.0, 8, 70),
    "own_tests": (own_tests, 9.0, 8, 60),
    "prepaid_bank": (prepaid_bank, 6.0, 15, 150),
    "new_country": (new_country, 20.0, 40, 300),
}
_PICK = Weighted((name, 1 / spec[1]) for name, spec in CROWDS.items())


def crowds_of_day(rng: Random, day: int, per_day: int) -> Iterator[Iterator[Step]]:
    """The crowds that begin on a day, of a size that suits a service of ``per_day`` signups."""
    expected = sum(1 / spec[1] for spec in CROWDS.values()) * min(4.0, max(0.5, per_day / 2000))
    count = int(expected) + (rng.random() < expected % 1)
    for number in range(count):
        name = _PICK.draw(rng)
        make, _, least, most = CROWDS[name]
        top = max(least + 2, min(most, int(0.2 * per_day)))
        size = int(least * (top / least) ** rng.random())
        yield make(Random(f"{rng.getrandbits(64)}"), day, size, f"{name}-{day - 20000}-{number}")
