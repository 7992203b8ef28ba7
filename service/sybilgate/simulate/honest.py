"""Honest people: the background of every day, with the families, travellers and second accounts among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sybilgate.simulate import identity
from sybilgate.simulate.later import DAY
from sybilgate.simulate.person import Person, draw_person, go_private, new_account_id
from sybilgate.simulate.place import carrier, home
from sybilgate.simulate.regions import country_weights
from sybilgate.simulate.stream import Step, account, awake, local_time
from sybilgate.simulate.tables import Dice


def people(rng: Dice, day: int, count: int) -> Iterator[tuple[float, Person, tuple[Iterator[Step], ...]]]:
    """(time, person, signups that follow from them) of ``count`` unrelated people of one UTC day.

    The same dice give the same people, however many are asked for: so an operator can copy real ones.
    """
    plan = []
    for _ in range(count):
        country = country_weights().draw(rng)
        zone = country.zones.draw(rng)
        plan.append((local_time(rng, zone, day), zone, country))
    plan.sort(key=lambda item: item[0])
    for time, zone, country in plan:
        person = draw_person(rng, country, day)
        if "device.time_zone" in person.device.fields:
            person.device.fields["device.time_zone"] = zone
        yield time, person, _colour(rng, person, time)


def honest_day(rng: Dice, day: int, count: int) -> Iterator[Step]:
    """Their accounts."""
    own = Dice(f"{rng.life.random()}/accounts")  # apart from the people's dice, so that they can be drawn again
    for time, person, also in people(rng, day, count):
        yield account(own, person, time, card_now=0.075, also=also)


def _colour(rng: Dice, person: Person, time: float) -> tuple[Iterator[Step], ...]:
    """What makes some people special; returns the related signups that follow."""
    if person.place.group:
        person.group, person.archetype = person.place.group, "carrier_nat"
    roll = rng.random()
    if roll < 0.035:
        go_private(rng, person)
    elif roll < 0.06 and person.email:
        person.email, person.archetype = identity.relay_address(rng), "relay_mail"
    elif roll < 0.075:
        _travel(rng, person)
    elif roll < 0.128:
        own = Dice(f"{rng.random()}/related")
        if roll >= 0.125:  # told to the first account before its life begins
            person.close_at = time + own.expovariate(1 / (10 * DAY))
        return (_related(own, person, time, roll),)
    return ()


def _travel(rng: Dice, person: Person) -> None:
    """Somebody abroad: on a line of the country, with the clock of home or of the place, or roaming on the own carrier,
    which leaves nothing but the clock to tell."""
    abroad, manner = country_weights().draw(rng), rng.random()
    if manner < 0.85:
        person.place = home(rng, abroad) if rng.random() < 0.5 else carrier(rng, abroad)
    if manner >= 0.6 and "device.time_zone" in person.device.fields:
        person.device.fields["device.time_zone"] = abroad.zones.draw(rng)
    person.archetype, person.group = "traveller", ""


def _related(rng: Dice, person: Person, time: float, roll: float) -> Iterator[Step]:
    """One stream with dice of its own: it runs for weeks, while the day's dice go on."""
    if roll < 0.1:
        return _family(rng, person, time)
    if roll < 0.125:
        return _again(rng, person, time, typo=rng.random() < 0.55)
    return _came_back(rng, person, person.close_at or time)


def _same_person(rng: Dice, person: Person, archetype: str) -> Person:
    group = f"{archetype}-{person.account_id[:10]}"
    return replace(person, account_id=new_account_id(rng), archetype=archetype, group=group, close_at=None)


def _again(rng: Dice, person: Person, time: float, typo: bool) -> Iterator[Step]:
    """The same human once more: a mistyped address within minutes, or a second account weeks later."""
    second = _same_person(rng, person, "resignup" if typo else "second_account")
    name, _, domain = (person.email or "").partition("@")
    if typo and name:
        cut = rng.randrange(len(name))
        second.email = f"{name[:cut]}{name[cut + 1 :] if len(name) > 2 else name}@{domain}"
    elif name:
        second.email = identity.freemail(rng, person.country, person.first, person.last)
    time += rng.lognormvariate(5.2, 1.0) if typo else rng.expovariate(1 / (12 * DAY))
    yield account(rng, second, time if typo else awake(rng, person.zone, time))


def _came_back(rng: Dice, person: Person, closed: float) -> Iterator[Step]:
    """Somebody closed their account and opens another with the same values, days or weeks later."""
    time = awake(rng, person.zone, closed + rng.expovariate(1 / (7 * DAY)))
    yield account(rng, _same_person(rng, person, "came_back"), time)


def _family(rng: Dice, person: Person, time: float) -> Iterator[Step]:
    """Others of the household: one line, one post code, often one machine or one card."""
    machine, purse = rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.7)
    for _ in range(1 + int(4 * rng.random() ** 1.8)):
        time = awake(rng, person.zone, time + rng.lognormvariate(0, 1.4) * 2 * DAY)
        member = draw_person(rng, person.country, int(time // DAY))
        member.last = person.last if rng.random() < 0.8 else member.last
        member.place, member.postcode = person.place, person.postcode
        if rng.random() < machine:
            member.device, member.omit, member.method = person.device, person.omit, person.method
        if rng.random() < purse:
            member.card = replace(person.card)
        if member.email:
            member.email = identity.freemail(rng, person.country, member.first, member.last)
        member.archetype, member.group = "family", f"family-{person.account_id[:10]}"
        yield account(rng, member, time, card_now=0.1)
