"""Operations that are about time and about reacting: a drip, a flash, sleepers, a return, replacements, a search."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.device import Device, another
from sybilgate.simulate.later import DAY, Habits
from sybilgate.simulate.person import Person, use_program
from sybilgate.simulate.place import Place, privacy_exit
from sybilgate.simulate.rival import playbook
from sybilgate.simulate.rival.chance import Lots, heavy, zipf
from sybilgate.simulate.rival.desk import FILLED, PASTED, TYPED, Desk, Operation, opened
from sybilgate.simulate.rival.machines import AntiDetect, CloudPhones, desktop, dressed
from sybilgate.simulate.rival.mail import CatchAll, own_mail
from sybilgate.simulate.rival.money import Fintech, Wallet
from sybilgate.simulate.rival.network import Racks, own_lines
from sybilgate.simulate.rival.purpose import lockstep_life
from sybilgate.simulate.stream import Step


def slow_drip(desk: Desk) -> Operation:
    """An account now and then for weeks, by somebody patient: each resource serves a few, far apart."""
    rng = desk.rng
    hours = min(40.0, 24.0 * desk.days * rng.uniform(0.6, 1.0) / desk.size)
    country = desk.country()
    domains = CatchAll(rng, 2.0, 0.4, 4) if rng.random() < 0.5 else None
    wallet = Wallet(rng, Fintech(rng), 1.0 + 0.2 * desk.size, 0.2, 3)
    machines: Lots[Device] = Lots(rng, lambda: desktop(rng, desk.person(country, "mac"), "mac", desk.day), 3.0, 0.5, 5)

    def member(time: float) -> Person:
        person = desk.person(country, "mac")
        person.device = dressed(machines.draw(), person)
        person.place = desk.sticky(person, time)
        if domains:
            domains.give(person)
        wallet.give(person)
        return person

    clock = playbook.drip(rng, desk.start, hours, country.zones.draw(rng), desk.mood)
    return Operation(clock, member, desk.life(0.6, paid=0.3), desk.slips(TYPED), 0.1)


def flash(desk: Desk) -> Operation:
    """Everything in minutes or hours, before anybody looks: a cascade of workers over rotating exits."""
    rng = desk.rng
    cloner = AntiDetect(rng, desk.person(system="windows"), 1 + zipf(rng, 8), desk.day)
    seconds, by_lot = heavy(rng, 2.0, 90.0, 0.6), rng.random() < 0.7
    country = desk.country()

    def member(time: float) -> Person:
        person = desk.person(country if rng.random() < 0.8 else None, "windows")
        person.device = dressed(cloner.device(), person)
        person.place = desk.reseller.rotating(rng, person.country, time, exits=rng.randrange(2, 9))
        if by_lot:
            desk.crate.give(person, rename=True)
        return person

    clock = (
        playbook.at_once(rng, desk.start, seconds)
        if rng.random() < 0.5
        else playbook.cascade(rng, desk.start, 200.0, 0.9, seconds / 10, desk.mood)
    )
    return Operation(clock, member, desk.life(1.2), desk.slips(FILLED))


def aged_woken(desk: Desk) -> Operation:
    """A farm opens accounts over weeks and lets them lie; a buyer takes the stock and wakes all of it in hours."""
    rng = desk.rng
    wake = desk.start + DAY * desk.days * rng.uniform(0.35, 0.7)
    gap = (wake - desk.start) / desk.size
    phones = CloudPhones(rng, desk.day, 3, app=False)
    lines: Lots[Place] = Lots(rng, lambda: own_lines(rng, desk.home, 1)[0], 3.0, 0.3, 25)
    buyer = AntiDetect(rng, desk.person(system="windows"), 2, desk.day)
    racks, wallet = Racks(rng, desk.country(), 2, 10), Wallet(rng, Fintech(rng), 2.0, 0.2, 8)
    woken = desk.life(1.5, paid=0.4)

    def member(_: float) -> Person:
        person = desk.person(desk.home, "android")
        while person.device.app:
            person = desk.person(desk.home, "android")
        person.device, person.place = phones.device(person), lines.draw()
        desk.crate.give(person, rename=True)
        return person

    def move(person: Person, time: float) -> tuple[float, Person, Habits]:
        other = replace(person, device=dressed(buyer.device(), person), place=racks.place(), card=person.card)
        wallet.give(other)
        first = max(wake, time + 3600.0) + rng.gammavariate(1.2, 5000.0)
        return first, other, replace(woken(), login=0.6, use=0.85, pay_delay=DAY)

    clock = playbook.drip(rng, desk.start, gap / 3600.0, desk.home.zones.draw(rng), desk.mood)
    return Operation(clock, member, desk.life(), desk.slips(TYPED), 0.0, move)


def back_again(desk: Desk) -> Operation:
    """A first wave is swept away, or closed by the operator who is done; he is back later with much of the stock."""
    rng = desk.rng
    first, border = max(1, int(desk.size * rng.uniform(0.3, 0.6))), [0.0]
    machines = [desktop(rng, desk.person(system="windows"), "windows", desk.day) for _ in range(2 + zipf(rng, 8))]
    domains, wallet = CatchAll(rng, 1.0, 0.2, 60), Wallet(rng, Fintech(rng), 3.0, 0.1, 12)
    keeps, quits = rng.betavariate(3, 2), rng.random() < 0.4
    stock, calm = desk.life(paid=0.3), desk.life(0.8, paid=0.3)
    lines = own_lines(rng, desk.country(), 3)

    def clock() -> Iterator[float]:
        time = desk.start
        for _ in range(first):
            time += rng.weibullvariate(0.12 * desk.days * DAY / first, 0.8)
            yield time
        border[0] = time
        time += heavy(rng, 0.12, 0.5, 0.8) * desk.days * DAY
        while True:
            time += rng.weibullvariate(0.15 * desk.days * DAY / desk.size, 0.8)
            yield time

    def member(time: float) -> Person:
        person = desk.person(system="windows")
        again = border[0] and time > border[0]
        machine = machines[zipf(rng, len(machines), 0.6)]
        if not again or rng.random() < keeps:
            person.device = dressed(machine if rng.random() < 0.4 else another(rng, machine), person)
            wallet.give(person)
        person.place = lines[zipf(rng, 3)] if rng.random() < (0.1 if again else 0.35) else desk.sticky(person, time)
        domains.give(person)
        if quits and not again:
            person.close_at = time + rng.weibullvariate(0.1 * desk.days * DAY, 2.0)
        return person

    def life() -> Habits:
        return calm() if border[0] else replace(stock(), ban=0.95, ban_delay=0.06 * desk.days * DAY)

    return Operation(clock(), member, life, desk.slips(PASTED), 0.15)


def replacement(desk: Desk) -> Operation:
    """A fleet of a fixed number: what is banned is replaced within hours from the same drawers."""
    rng = desk.rng
    fleet = max(1, int(desk.size * rng.uniform(0.35, 0.65)))
    domains, wallet = CatchAll(rng, 1.0, 0.2, 40), Wallet(rng, Fintech(rng), 2.0, 0.2, 5)
    base, hours = desk.life(paid=0.3), heavy(rng, 0.3, 40.0, 0.8)
    slips, begun = desk.slips(PASTED), desk.clock()

    def member(time: float) -> Person:
        person = desk.person(system="windows")
        person.place = desk.sticky(person, time)
        domains.give(person)
        wallet.give(person)
        return person

    def clock() -> Iterator[float]:
        for _, time in zip(range(fleet), begun, strict=False):
            yield time

    def heir(person: Person, banned: float) -> Iterator[Step]:
        if desk.left < 1:
            return
        time = banned + rng.weibullvariate(3600 * hours, 0.8)
        fresh = member(time)
        keeps = rng.random()
        if keeps < 0.45:
            fresh.device = dressed(another(rng, person.device), fresh)
        elif keeps < 0.7:
            fresh.card = replace(person.card)
        yield opened(desk, plan, fresh, time)

    def life() -> Habits:
        return replace(base(), ban=0.75, ban_delay=0.08 * desk.days * DAY)

    plan = Operation(clock(), member, life, slips, 0.15, None, heir)
    return plan


def cheapest_path(desk: Desk) -> Operation:
    """Tries every door, then uses the one that holds; a ban counts against the door the account came by."""
    rng = desk.rng
    doors = {"api": 1.0, "oauth": 1.0, "link": 1.0, "phone": 1.0, "app": 1.0}
    came: dict[str, str] = {}
    racks, lines = Racks(rng, desk.country(), 1, 6), own_lines(rng, desk.home, 2)
    phones = CloudPhones(rng, desk.day, 2)

    def member(time: float) -> Person:
        door = max(doors, key=lambda name: doors[name] + rng.expovariate(5.0))
        person = desk.person(desk.home if door == "app" else None, "android" if door == "app" else "windows")
        while door == "app" and not person.device.app:
            person = desk.person(desk.home, "android")
        came[person.account_id] = door
        person.place = desk.sticky(person, time) if rng.random() < 0.5 else lines[zipf(rng, 2)]
        if door == "api":
            use_program(rng, person)
            person.place = racks.place()
        elif door == "phone":
            desk.rental.give(rng, person, time, only=True)
        elif door == "app":
            person.device = phones.device(person)
        else:
            own_mail(person, identity.freemail(rng, person.country, person.first, person.last))
            person.method = int(SignupMethod.OAUTH if door == "oauth" else SignupMethod.MAGIC_LINK)
        doors[door] += 0.08
        return person

    def banned(person: Person, _: float) -> Iterator[Step]:
        doors[came[person.account_id]] *= 0.6
        return iter(())

    return Operation(desk.clock(), member, desk.life(1.5), desk.slips(), 0.0, None, banned)


def lockstep(desk: Desk) -> Operation:
    """Unremarkable signups with nothing bought twice; one scheduler then uses all of them alike."""
    rng = desk.rng

    def member(time: float) -> Person:
        person = desk.person()
        if not person.device.app:
            person.place = desk.sticky(person, time) if rng.random() < 0.8 else privacy_exit(rng)
        return person

    return Operation(desk.clock(), member, lockstep_life(rng), desk.slips(TYPED))


KINDS: dict[str, Callable[[Desk], Operation]] = {
    "rival_slow_drip": slow_drip,
    "rival_flash": flash,
    "rival_aged_woken": aged_woken,
    "rival_back_again": back_again,
    "rival_replacement": replacement,
    "rival_cheapest_path": cheapest_path,
    "rival_lockstep": lockstep,
}
