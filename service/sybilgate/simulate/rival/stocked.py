"""Operations that scale what is bought by the lot: mailboxes, cards, numbers, personas, or a bit of everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sybilgate.simulate import identity
from sybilgate.simulate.device import Device, draw_system
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.person import Person
from sybilgate.simulate.place import home, privacy_exit
from sybilgate.simulate.rival.chance import Lots, shares, zipf
from sybilgate.simulate.rival.desk import FILLED, PASTED, TYPED, Desk, Operation
from sybilgate.simulate.rival.machines import AntiDetect, desktop, dressed
from sybilgate.simulate.rival.mail import CatchAll, Spellings, mailbox_with_spellings, own_mail
from sybilgate.simulate.rival.money import CardLot, Fintech, Wallet
from sybilgate.simulate.rival.network import Racks, modem_bank, own_lines


def alias_lots(desk: Desk) -> Operation:
    """Few mailboxes in many spellings, otherwise changing machines and exits."""
    rng = desk.rng
    roots: Lots[Spellings] = Lots(
        rng, lambda: Spellings(rng, mailbox_with_spellings(rng, desk.person())), 0.4 + 2 * desk.wealth, 0.1, 150
    )

    def member(time: float) -> Person:
        person = desk.person()
        own_mail(person, roots.draw().next())
        if rng.random() < 0.6:
            person.place = desk.sticky(person, time)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def catch_all(desk: Desk) -> Operation:
    """Domains of one's own under cheap endings, with a machine and an exit for each few accounts."""
    rng = desk.rng
    domains = CatchAll(rng, 0.5 + 3 * desk.wealth, 0.2, rng.choice((8, 25, 90)))
    machines: Lots[Device] = Lots(
        rng, lambda: desktop(rng, desk.person(system="windows"), "windows", desk.day), 6.0, 0.6, 9
    )

    def member(time: float) -> Person:
        person = desk.person(system="windows")
        person.device = dressed(machines.draw(), person)
        person.place = desk.sticky(person, time) if rng.random() < 0.8 else privacy_exit(rng)
        domains.give(person)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def mail_shop(desk: Desk) -> Operation:
    """Aged freemail by the lot: one provider and style; machines are profiles, or laptops that serve a few each."""
    rng = desk.rng
    cloner = AntiDetect(rng, desk.person(system="windows"), 3, desk.day) if desk.wealth < 0.4 else None
    laptops: Lots[Device] = Lots(
        rng, lambda: desktop(rng, desk.person(system="windows"), "windows", desk.day), 1 + 4 * desk.wealth, 0.6, 10
    )
    renames = rng.random()

    def member(time: float) -> Person:
        person = desk.person(system="windows")
        person.device = dressed(cloner.device() if cloner else laptops.draw(), person)
        person.place = desk.sticky(person, time)
        desk.crate.give(person, rename=rng.random() < renames)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def relay_hide(desk: Desk) -> Operation:
    """Forwarding addresses of a privacy service, made on a handful of machines and phones."""
    rng = desk.rng
    system = rng.choice(("ios", "ios", "mac"))
    machines: Lots[Person] = Lots(rng, lambda: desk.person(desk.home, system), 0.6 + 4 * desk.wealth, 0.2, 40)
    lines = own_lines(rng, desk.home, 1 + zipf(rng, 4))

    def member(_: float) -> Person:
        person, owner = desk.person(desk.home, system), machines.draw()
        person.device, person.omit = owner.device, owner.omit
        person.zone, person.languages = owner.zone, owner.languages
        own_mail(person, identity.relay_address(rng))
        roll = rng.random()
        person.place = lines[zipf(rng, len(lines))] if roll < 0.4 else owner.place if roll < 0.7 else privacy_exit(rng)
        return person

    return Operation(desk.by_hand(), member, desk.life(), desk.slips(TYPED))


def one_card(desk: Desk) -> Operation:
    """One card, seldom two or three, put on every account; all else is fresh."""
    rng = desk.rng
    issuer = Fintech(rng) if rng.random() < 0.6 else CardLot(rng, desk.country())
    wallet = Wallet(rng, issuer, 0.25, 0.0, 10_000)

    def member(time: float) -> Person:
        person = desk.person(None if rng.random() < 0.5 else issuer.country)
        person.place = desk.sticky(person, time)
        wallet.give(person)
        return person

    base = desk.life(paid=rng.uniform(0.4, 0.9))
    return Operation(
        desk.clock(), member, lambda: replace(base(), card_quality=0.85), desk.slips(), rng.betavariate(3, 2)
    )


def card_pairs(desk: Desk) -> Operation:
    """Virtual cards by the hundred, each on one or two accounts: no card is a crowd, the range is."""
    rng = desk.rng
    fintech = Fintech(rng)
    wallet = Wallet(rng, fintech, 1.0 + 0.25 * desk.size, 0.0, 2)

    def member(time: float) -> Person:
        person = desk.person(fintech.country if rng.random() < 0.6 else None)
        person.place = desk.sticky(person, time) if rng.random() < 0.7 else home(rng, person.country)
        wallet.give(person)
        return person

    base = desk.life(paid=rng.uniform(0.6, 0.95))
    return Operation(
        desk.clock(), member, lambda: replace(base(), card_quality=0.92), desk.slips(), rng.betavariate(4, 2)
    )


def rented_numbers(desk: Desk) -> Operation:
    """Numbers rented for minutes, from one country of the rental; they come back for the next customer."""
    rng = desk.rng
    country, only = desk.country(), rng.betavariate(0.6, 1.0)

    def member(time: float) -> Person:
        person = desk.person(country if rng.random() < 0.8 else None)
        if not person.device.app:
            person.place = desk.sticky(person, time)
        desk.rental.give(rng, person, time, rng.random() < only)
        return person

    base = desk.life()
    return Operation(desk.clock(), member, lambda: replace(base(), verify_phone=0.97), desk.slips())


def persona_llm(desk: Desk) -> Operation:
    """Written people: coherent in everything, but one prompt wrote them, so the likeliest names and firms return."""
    rng = desk.rng
    style, firms = rng.choice(("{f}.{l}", "{f}.{l}{d2}", "{f}{l}{y}", "{f}_{l}")), rng.uniform(0.05, 0.4)
    handle, depth = rng.choice(("{f}{l}{w}", "{f}_{w}", "{w}{f}", "{f}.{l}")), rng.randrange(5, 16)
    fintech = Fintech(rng) if rng.random() < 0.5 else None
    pool = own_lines(rng, desk.country(), 2)

    def member(time: float) -> Person:
        person = desk.person()
        names = NAMES[person.country.names.draw(rng)]
        person.first = names.first.items[zipf(rng, min(depth, len(names.first.items)), 0.7)]
        person.last = names.last.items[zipf(rng, min(depth, len(names.last.items)), 0.7)]
        person.card.holder = f"{person.first} {person.last}"
        local = identity.local_part(rng, style, person.first, person.last)
        own_mail(person, f"{local}@{person.country.freemail.draw(rng)}")
        person.username = identity.local_part(rng, handle, person.first, person.last)
        if rng.random() < firms:
            person.organization, own = identity.company(rng, person.country, identity.slug(person.last))
            person.email = f"{identity.slug(person.first)}@{own}"
        if fintech:
            person.card = fintech.card(person)
        person.place = desk.sticky(person, time) if rng.random() < 0.9 else pool[zipf(rng, 2)]
        return person

    return Operation(desk.clock(), member, desk.life(paid=0.15), desk.slips(TYPED), 0.2)


def mixed_desk(desk: Desk) -> Operation:
    """Several sellers for every trade, in shares of the operator's own: no one supplier ties all accounts together."""
    rng = desk.rng
    racks, modems = Racks(rng, desk.home, 2, 8), modem_bank(rng, desk.country())
    cloner, domains = AntiDetect(rng, desk.person(system="windows"), 4, desk.day), CatchAll(rng)
    roots: Lots[Spellings] = Lots(rng, lambda: Spellings(rng, mailbox_with_spellings(rng, desk.person())), 2.0)
    wallet = Wallet(rng, Fintech(rng), 3.0, 0.2, 6)
    network, machine, mail = shares(rng, 5, 0.6), shares(rng, 3, 0.8), shares(rng, 5, 0.6)

    def member(time: float) -> Person:
        made = rng.choices(("own", "clone", "desk"), machine)[0]
        person = desk.person(system="windows" if made != "own" else draw_system(rng, desk.home))
        if made == "clone":
            person.device = dressed(cloner.device(), person)
        match rng.choices(("sticky", "rotating", "rack", "vpn", "modem"), network)[0]:
            case "sticky":
                person.place = desk.sticky(person, time)
            case "rotating":
                person.place = desk.reseller.rotating(rng, person.country, time)
            case "rack":
                person.place = racks.place()
            case "vpn":
                person.place = privacy_exit(rng)
            case _:
                person.place = modems
        match rng.choices(("own", "crate", "catch", "relay", "tag"), mail)[0]:
            case "crate":
                desk.crate.give(person, rename=rng.random() < 0.5)
            case "catch":
                domains.give(person)
            case "relay":
                own_mail(person, identity.relay_address(rng))
            case "tag":
                own_mail(person, roots.draw().next())
            case _:
                pass
        if rng.random() < 0.4:
            wallet.give(person)
        if rng.random() < 0.2:
            desk.rental.give(rng, person, time, only=False)
        return person

    return Operation(desk.clock(), member, desk.life(paid=0.2), desk.slips(rng.choice((FILLED, PASTED, TYPED))), 0.15)


KINDS: dict[str, Callable[[Desk], Operation]] = {
    "rival_alias_lots": alias_lots,
    "rival_catch_all": catch_all,
    "rival_mail_shop": mail_shop,
    "rival_relay_hide": relay_hide,
    "rival_one_card": one_card,
    "rival_card_pairs": card_pairs,
    "rival_rented_numbers": rented_numbers,
    "rival_persona_llm": persona_llm,
    "rival_mixed_desk": mixed_desk,
}
