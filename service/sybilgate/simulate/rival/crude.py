"""Operations that scale one machine park: racks, one laptop, cloned profiles, cloud phones, shelves of phones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sybilgate.simulate import identity
from sybilgate.simulate.device import another, draw_system
from sybilgate.simulate.person import Person
from sybilgate.simulate.place import Place, privacy_exit
from sybilgate.simulate.rival.chance import Lots, zipf
from sybilgate.simulate.rival.desk import FILLED, PASTED, TYPED, Desk, Operation
from sybilgate.simulate.rival.machines import AntiDetect, CloudPhones, Image, Shelf, desktop, dressed
from sybilgate.simulate.rival.mail import own_mail
from sybilgate.simulate.rival.money import CardLot, Fintech, Wallet
from sybilgate.simulate.rival.network import Racks, modem_bank, own_lines


def hosting_rack(desk: Desk) -> Operation:
    """Scripts on rented machines: few blocks, one or two images, mailboxes by the lot."""
    rng = desk.rng
    racks = Racks(rng, desk.country(), 1 + zipf(rng, 5), rng.randrange(2, 14))
    system = rng.choice(("linux", "windows", "windows"))
    images = [Image(rng, desk.person(system=system), system, desk.day) for _ in range(1 + zipf(rng, 3, 1.5))]
    own_zone, by_lot = rng.random() < 0.5, rng.random() < 0.6

    def member(_: float) -> Person:
        person = desk.person(system=system)
        person.place = racks.place()
        image = images[zipf(rng, len(images))].device()
        person.device = dressed(image, person, None if own_zone else str(image.fields["device.time_zone"]))
        person.fill = FILLED
        if by_lot:
            desk.crate.give(person, rename=False)
        return person

    return Operation(desk.clock(), member, desk.life(1.4), desk.slips(FILLED), 0.01)


def one_laptop(desk: Desk) -> Operation:
    """One person, one laptop, a VPN or a proxy for each account; cookies are cleared when it comes to mind."""
    rng = desk.rng
    system = rng.choice(("windows", "windows", "mac"))
    laptop = desktop(rng, desk.person(desk.home, system), system, desk.day)
    clears, vpn, adapts = rng.betavariate(1, 1.5), rng.random() < 0.5, rng.random() < 0.3
    lines = own_lines(rng, desk.home, 1)

    def member(time: float) -> Person:
        person = desk.person(system=system)
        machine = another(rng, laptop) if rng.random() < clears else laptop
        person.device = dressed(machine, person, None if adapts else desk_zone)
        roll = rng.random()
        person.place = lines[0] if roll < 0.1 else privacy_exit(rng) if vpn else desk.sticky(person, time)
        return person

    desk_zone = str(laptop.fields["device.time_zone"])
    return Operation(desk.by_hand(), member, desk.life(), desk.slips(PASTED))


def home_exit(desk: Desk) -> Operation:
    """A residential exit and a clean machine for every account, unless a session was left open."""
    rng = desk.rng
    system, blind = rng.choice(("windows", "windows", "mac", "linux")), rng.random() < 0.35
    cloner = AntiDetect(rng, desk.person(system="windows"), 8, desk.day) if rng.random() < 0.4 else None
    corner = [desk.country() for _ in range(2)]
    # A session that was not closed gives the next account the same exit.
    open_sessions: dict[str, Place] = {}
    lingers = rng.betavariate(1.5, 6.0)

    def member(time: float) -> Person:
        person = desk.person(corner[zipf(rng, 2)], system)
        held = open_sessions.get(person.country.code)
        person.place = held if held and rng.random() < lingers else desk.sticky(person, time)
        open_sessions[person.country.code] = person.place
        if rng.random() < 0.1:
            person.place = desk.reseller.rotating(rng, person.country, time)
        if cloner:
            person.device = dressed(cloner.device(), person)
        if not blind:
            desk.crate.give(person, rename=rng.random() < desk.care)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def geo_card(desk: Desk) -> Operation:
    """Exit, clock, language and post code follow the card; cards come from one issuer or one stolen lot."""
    rng = desk.rng
    issuer: Fintech | CardLot = Fintech(rng) if rng.random() < 0.55 else CardLot(rng, desk.country())
    wallet = Wallet(rng, issuer, 6.0 + 30.0 * desk.wealth, 0.5, rng.choice((2, 3, 5)))
    town = [issuer.country.postcode(rng) for _ in range(rng.randrange(2, 12))]
    reuses, stolen = rng.betavariate(2, 2), isinstance(issuer, CardLot)

    def member(time: float) -> Person:
        person = desk.person(issuer.country)
        person.place = desk.sticky(person, time)
        if rng.random() < reuses:
            person.postcode = person.card.postcode = town[zipf(rng, len(town), 0.8)]
        wallet.give(person)
        return person

    quality, back = (0.7, 0.25) if stolen else (0.9, 0.03)
    base = desk.life(paid=rng.uniform(0.5, 0.95))
    return Operation(
        desk.clock(),
        member,
        lambda: replace(base(), card_quality=quality, charge_back=back),
        desk.slips(),
        rng.betavariate(4, 2),
    )


def new_phone(desk: Desk) -> Operation:
    """A fresh machine for every account, never the same twice; the crew's own few lines give it away."""
    rng = desk.rng
    lines: Lots[Place] = Lots(rng, lambda: own_lines(rng, desk.home, 1)[0], 0.5 + 4 * desk.wealth, 0.1, 60)

    def member(_: float) -> Person:
        person = desk.person(desk.home if rng.random() < 0.8 else None, draw_system(rng, desk.home))
        person.place = lines.draw()
        return person

    return Operation(desk.by_hand(), member, desk.life(), desk.slips(TYPED))


def cloned_profiles(desk: Desk) -> Operation:
    """Profiles of an anti-detect browser, each with a sticky exit; few base machines stand behind all of them."""
    rng = desk.rng
    cloner = AntiDetect(rng, desk.person(desk.home, "windows"), 1 + zipf(rng, 6), desk.day)
    forgets = rng.random() < 0.3

    def member(time: float) -> Person:
        person = desk.person(system="windows")
        profile = cloner.device()
        person.device = dressed(profile, person, str(profile.fields["device.time_zone"]) if forgets else None)
        person.place = desk.sticky(person, time)
        if rng.random() < 0.5:
            desk.crate.give(person, rename=True)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def cloud_phones(desk: Desk) -> Operation:
    """Virtual phones by the hour: one or two builds, the provider's racks or a bank of modems."""
    rng = desk.rng
    app = rng.random() < 0.65
    phones = CloudPhones(rng, desk.day, 1 + zipf(rng, 3), app)
    racks, modems = Racks(rng, desk.home, 2, 12), modem_bank(rng, desk.home)
    bare = rng.random() < 0.4

    def member(time: float) -> Person:
        person = _phone_person(desk, app)
        person.device = phones.device(person)
        person.place = racks.place() if bare else modems if rng.random() < 0.7 else desk.sticky(person, time)
        if rng.random() < 0.25:
            desk.rental.give(rng, person, time, only=rng.random() < 0.4)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def _phone_person(desk: Desk, app: bool) -> Person:
    """A person on an Android phone whose client is an app, or is not: what a client leaves out depends on it."""
    for _ in range(60):
        person = desk.person(system="android")
        if person.device.app == app:
            return person
    return person


def click_farm(desk: Desk) -> Operation:
    """People with shelves of cheap phones, in shifts, on household lines and prepaid plans."""
    rng = desk.rng
    app = rng.random() < 0.5
    phones, models = 6 + zipf(rng, 90, 0.5), 1 + zipf(rng, 5)
    shelf = Shelf(rng, desk.person(desk.home, "android"), phones, models, app, desk.day)
    modems, lines = modem_bank(rng, desk.home), own_lines(rng, desk.home, 2)

    def member(_: float) -> Person:
        person = _phone_person(desk, app)
        local = rng.random() < 0.85
        person.device = dressed(shelf.device(), person, desk_zone if local else None)
        person.place = modems if rng.random() < 0.6 else lines[zipf(rng, 2)]
        if rng.random() < 0.6:
            own_mail(person, identity.freemail(rng, desk.home, person.first, person.last))
        return person

    desk_zone = desk.home.zones.draw(rng)
    return Operation(desk.by_hand(rng.uniform(3, 9)), member, desk.life(0.7), desk.slips(TYPED), 0.0)


KINDS: dict[str, Callable[[Desk], Operation]] = {
    "rival_hosting_rack": hosting_rack,
    "rival_one_laptop": one_laptop,
    "rival_home_exit": home_exit,
    "rival_geo_card": geo_card,
    "rival_new_phone": new_phone,
    "rival_cloned_profiles": cloned_profiles,
    "rival_cloud_phones": cloud_phones,
    "rival_click_farm": click_farm,
}
