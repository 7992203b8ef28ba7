"""Operations that hide: say little, enter cleanly, copy honest values, use a value twice at most, or only once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sybilgate.app.rows import EVENT_PATHS
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card
from sybilgate.simulate.device import Device, another, draw_system
from sybilgate.simulate.later import DAY, HONEST, Habits, minhash
from sybilgate.simulate.person import Person
from sybilgate.simulate.place import Place, carrier, line, privacy_exit
from sybilgate.simulate.rival import playbook
from sybilgate.simulate.rival.chance import heavy, zipf
from sybilgate.simulate.rival.desk import TYPED, Desk, Operation
from sybilgate.simulate.rival.machines import AntiDetect, desktop, dressed
from sybilgate.simulate.rival.mail import own_mail
from sybilgate.simulate.rival.money import Fintech, Wallet
from sybilgate.simulate.rival.network import Racks
from sybilgate.simulate.rival.purpose import draw_life

_DEVICE = frozenset(path for path in EVENT_PATHS if path.startswith("device."))
#: What a client can leave out, in the groups in which clients leave it out.
_OPTIONAL: tuple[frozenset[str], ...] = (
    frozenset(("device.canvas_hash", "device.webgl_hash", "device.webgl_renderer")),
    _DEVICE,
    frozenset(("signup.captcha_score",)),
    frozenset(("network.ja4",)),
    frozenset(("device.device_id", "device.trust")),
    frozenset(("signup.form_fill_seconds", "signup.pasted_fields")),
)


def mute_client(desk: Desk) -> Operation:
    """A client that sends only what it must; what it leaves out is the same each time, or nearly."""
    rng = desk.rng
    silent = frozenset[str]().union(*rng.sample(_OPTIONAL, rng.randrange(2, 5)))
    lapses = rng.betavariate(1, 6)
    racks = Racks(rng, desk.country(), 2, 10) if rng.random() < 0.4 else None

    def member(time: float) -> Person:
        person = desk.person(system="windows")
        if rng.random() >= lapses:
            person.omit |= silent
        person.place = racks.place() if racks else desk.reseller.rotating(rng, person.country, time, 4)
        if rng.random() < 0.5:
            desk.crate.give(person, rename=False)
        return person

    return Operation(desk.clock(), member, desk.life(), desk.slips())


def clean_door(desk: Desk) -> Operation:
    """Signup by hand from clean lines and machines; hours or days later everything moves to the operator's park."""
    rng = desk.rng
    park = AntiDetect(rng, desk.person(system="windows"), 1 + zipf(rng, 3), desk.day)
    shared = desktop(rng, desk.person(desk.home, "windows"), "windows", desk.day)
    racks, wallet = Racks(rng, desk.country(), 1 + zipf(rng, 3), 6), Wallet(rng, Fintech(rng), 2.0, 0.2, 10)
    inside, one, wait = desk.life(1.3, paid=0.35), rng.random() < 0.5, heavy(rng, 0.05, 6.0, 0.7)

    def member(time: float) -> Person:
        person = desk.person()
        if not person.device.app:
            person.place = desk.sticky(person, time)
        return person

    def move(person: Person, time: float) -> tuple[float, Person, Habits]:
        device = shared if one else park.device()
        other = replace(person, device=dressed(device, person), place=racks.place(), omit=frozenset())
        wallet.give(other)
        return time + rng.weibullvariate(wait * DAY, 1.2), other, replace(inside(), login=0.7, use=0.9)

    return Operation(desk.clock(), member, desk.life(), desk.slips(TYPED), 0.0, move)


class Chain:
    """Values that pass from one account to exactly one other, by turns of kind."""

    KINDS = ("card", "device", "line", "phone", "mailbox", "domain", "household")

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: list[tuple[str, Person]] = []
        self._blocks: set[str] = set()
        self._codes: set[str | None] = set()

    def _line(self, person: Person) -> Place:
        """An address in a block no account of this campaign was in."""
        for _ in range(400):
            place = line(self._desk.rng, person.country)
            block = place.addresses[0].rpartition(".")[0]
            if block not in self._blocks:
                break
        self._blocks.add(block)
        return place

    def _postcode(self, person: Person) -> str | None:
        """A post code nobody of this campaign gave; small countries may have none left."""
        code = person.postcode
        for _ in range(400):
            if code not in self._codes:
                break
            code = person.country.postcode(self._desk.rng)
        self._codes.add(code)
        return code

    def link(self, person: Person) -> None:
        """Own values in everything, but one taken from an earlier account that still has one to give."""
        rng = self._desk.rng
        person.place, person.card.fingerprint = self._line(person), f"{rng.getrandbits(80):020x}"
        person.postcode = person.card.postcode = self._postcode(person)
        free = set(self.KINDS)
        if self._open and rng.random() < 0.93:
            kind, giver = self._open.pop(int(len(self._open) * rng.random() ** 2))
            self._take(kind, person, giver)
            free -= {"mailbox", "domain"} if kind in ("mailbox", "domain") else {kind}
        gift = rng.choice(sorted(free))
        self._prepare(gift, person)
        self._open.append((gift, person))

    def _prepare(self, gift: str, person: Person) -> None:
        """See to it that the account shows the value it will pass on."""
        rng = self._desk.rng
        match gift:
            case "domain":
                organization, domain = identity.company(
                    rng, person.country, identity.local_part(rng, "{w}{x4}", "a", "b")
                )
                own_mail(person, f"{identity.local_part(rng, '{f}.{l}', person.first, person.last)}@{domain}")
                person.organization = organization
            case "mailbox":
                own_mail(person, identity.local_part(rng, "{f}{l}{x4}", person.first, person.last) + "@gmail.com")
            case "phone":
                person.phone = identity.phone(rng, person.country.code)
            case "device":
                person.omit -= _DEVICE
            case _:
                pass

    def _take(self, kind: str, person: Person, giver: Person) -> None:
        rng = self._desk.rng
        match kind:
            case "card":
                person.card = replace(giver.card)
            case "device":
                person.device, person.omit = giver.device, giver.omit
                person.zone, person.languages = giver.zone, giver.languages
            case "line":
                person.place = giver.place
            case "phone":
                person.phone = giver.phone
            case "household":
                person.last, person.postcode = giver.last, giver.postcode
                person.country = giver.country
                person.card = Card(
                    person.card.fingerprint, giver.card.range, giver.card.holder, giver.country.code, giver.postcode
                )
            case _ if giver.email:
                name, _, domain = giver.email.partition("@")
                own = identity.local_part(rng, "{i}{l}{d2}", person.first, person.last)
                own_mail(person, f"{own}@{domain}" if kind == "domain" else f"{name}+{rng.randrange(2, 30)}@{domain}")


def two_hands(desk: Desk) -> Operation:
    """A chain: an account shares one value with an earlier one and another with a later one; none has three holders."""
    rng, chain = desk.rng, Chain(desk)
    desk.care = 1.0  # a constant that is forgotten would be held by all of them
    base = desk.life(0.6, paid=0.4)

    def member(_: float) -> Person:
        person = desk.person(system=draw_system(rng, desk.home))
        chain.link(person)
        return person

    def life() -> Habits:
        return replace(base(), template=minhash(rng), addresses=1)

    return Operation(desk.clock(), member, life, desk.slips(TYPED), 0.5)


def mimic(desk: Desk) -> Operation:
    """Copies what honest people have in common and has its accounts vouched for.

    Carrier and VPN addresses, the best-selling phone, the usual mail: every value is a crowd of strangers. Appeals win
    some accounts the label of an honest one. What it cannot copy is a purse: cards serve a few accounts each.
    """
    rng = desk.rng
    country = desk.country()
    seen = [desk.person(country) for _ in range(60)]
    popular: list[Device] = sorted(
        (person.device for person in seen if not person.device.app),
        key=lambda device: (
            -sum(other.device.fields.get("device.canvas_hash") == device.fields["device.canvas_hash"] for other in seen)
        ),
    )[:8] or [desktop(rng, desk.person(country, "windows"), "windows", desk.day)]
    wallet = Wallet(rng, Fintech(rng), 4.0, 0.3, 6)
    life = draw_life(rng, "resale", 0.4, 0.5)

    def member(_: float) -> Person:
        model = popular[zipf(rng, len(popular), 0.8)]
        person = _web_person(desk, model)
        person.device = dressed(another(rng, model), person)
        person.place = privacy_exit(rng) if rng.random() < 0.2 else carrier(rng, person.country)
        own_mail(person, identity.freemail(rng, person.country, person.first, person.last))
        wallet.give(person)
        return person

    def _web_person(desk: Desk, model: Device) -> Person:
        person = desk.person(country, model.browser.system)
        while person.device.app:
            person = desk.person(country, model.browser.system)
        return person

    return Operation(desk.clock(), member, lambda: replace(life(), confirm=0.12, template=None), desk.slips(TYPED), 0.1)


def ghosts(desk: Desk) -> Operation:
    """Nothing is used twice and nobody is in a hurry. Only the operator's working hours are common to all."""
    rng = desk.rng
    hours = min(30.0, 24.0 * desk.days * 0.8 / desk.size)

    def member(_: float) -> Person:
        return desk.person()

    desk.care = 1.0
    shift = playbook.draw_shift(rng, desk.home.zones.draw(rng))
    clock = playbook.by_hand(rng, desk.start, shift, 60.0 * hours * shift.hours / 24, 1, desk.mood)
    return Operation(clock, member, lambda: replace(HONEST, use=0.5, confirm=0.01, ban=0.02), desk.slips(TYPED), 0.07)


KINDS: dict[str, Callable[[Desk], Operation]] = {
    "rival_mute_client": mute_client,
    "rival_clean_door": clean_door,
    "rival_two_hands": two_hands,
    "rival_mimic": mimic,
    "rival_ghosts": ghosts,
}
