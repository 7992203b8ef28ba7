"""An operator's desk: its market, purse and people, and the stream of accounts it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from random import Random

from sybilgate.core.event import EventType, SignupMethod
from sybilgate.simulate.later import DAY, Habits, later
from sybilgate.simulate.person import Person, base_row, draw_person, finish, signup_row
from sybilgate.simulate.place import Place
from sybilgate.simulate.regions import Country, country_weights
from sybilgate.simulate.rival import playbook
from sybilgate.simulate.rival.chance import heavy, shares, zipf
from sybilgate.simulate.rival.mail import Crate, MailShop
from sybilgate.simulate.rival.money import NumberRental
from sybilgate.simulate.rival.network import Reseller
from sybilgate.simulate.rival.playbook import Mood
from sybilgate.simulate.rival.purpose import Life, draw_life, draw_purpose
from sybilgate.simulate.rival.slips import Slips, draw_slips
from sybilgate.simulate.stream import Step

#: Sellers of one trade; the first has most of the customers.
_SELLERS = 6
#: Seconds the form takes, as (mean, spread) of the log: typed by hand, pasted by hand, filled by a tool.
TYPED, PASTED, FILLED = (3.5, 0.5), (2.9, 0.35), (1.7, 0.15)


@dataclass
class Desk:
    """One campaign's operator. ``wealth`` (0 to 1) buys fresher resources, ``care`` (0 to 1) avoids mistakes."""

    rng: Random
    market: str
    kind: str
    group: str
    size: int
    start: float
    end: float
    left: int = field(init=False)
    mood: Mood = field(init=False)
    now: float = field(init=False)

    def __post_init__(self) -> None:
        rng = self.rng
        self.left, self.now = self.size, self.start
        self.wealth, self.care = rng.betavariate(1.6, 2.4), rng.betavariate(2.0, 2.0)
        self.home = country_weights().draw(rng)
        self.mood = Mood(nerves=1.0 + rng.expovariate(4.0))
        self._targets = [country_weights().draw(rng) for _ in range(1 + zipf(rng, 6, 0.9))]
        self._shares = shares(rng, len(self._targets), 0.7)
        self.reseller = Reseller(self._seller("reseller"))
        self.rental = NumberRental(self._seller("rental"))
        self.crate = Crate(rng, MailShop(self._seller("shop")))

    def _seller(self, trade: str) -> str:
        return f"{self.market}/{trade}/{zipf(self.rng, _SELLERS, 0.9)}"

    @property
    def day(self) -> int:
        """The UTC day it is at the desk."""
        return int(self.now // DAY)

    @property
    def days(self) -> float:
        """Days between the campaign's start and the end of the world, at least two."""
        return max(2.0, (self.end - self.start) / DAY)

    def country(self) -> Country:
        """One of the markets the operator aims at."""
        return self.rng.choices(self._targets, self._shares)[0]

    def person(self, country: Country | None = None, system: str | None = None) -> Person:
        """A person as honest ones are drawn; the kinds then dress them in what was bought."""
        country = country or self.country()
        person = draw_person(self.rng, country, self.day, system)
        while person.method == SignupMethod.API:  # a kind that calls the API says so
            person = draw_person(self.rng, country, self.day, system)
        person.sybil, person.archetype, person.group = True, self.kind, self.group
        return person

    def sticky(self, person: Person, time: float) -> Place:
        """A residential exit in the person's country."""
        return self.reseller.sticky(self.rng, person.country, time)

    def life(self, seen: float = 1.0, paid: float = 0.02) -> Life:
        """How the accounts are used: one trade for the campaign."""
        return draw_life(self.rng, draw_purpose(self.rng), seen, paid)

    def slips(self, tempo: tuple[float, float] = PASTED) -> Slips:
        """The mistakes of this operator."""
        return draw_slips(self.rng, self.home, self.care, tempo)

    def by_hand(self, minutes: float | None = None) -> Iterator[float]:
        """A crew of a size that has time for the campaign."""
        rng = self.rng
        minutes = minutes or heavy(rng, 2.0, 25.0, 0.8)
        crew = max(1, round(self.size * minutes / 60 / (5 * 0.5 * self.days)))
        # Most work when the people they pretend to be are up, the careful nearly always.
        where = self.country() if rng.random() < 0.5 + 0.5 * self.care else self.home
        shift = playbook.draw_shift(rng, where.zones.draw(rng))
        return playbook.by_hand(rng, self.start, shift, minutes, crew, self.mood)

    def clock(self) -> Iterator[float]:
        """A playbook of any school; most let their tools rest at night, the careful nearly always."""
        bare = self._school()
        if self.rng.random() > 0.5 + 0.5 * self.care:
            return bare
        return playbook.daylight(self.rng, bare, self.country().zones.draw(self.rng))

    def _school(self) -> Iterator[float]:
        rng, span = self.rng, self.days * _haste(self.rng)
        per_day = self.size / span
        match rng.choices(("hand", "cascade", "moods", "timer", "waves"), (4, 2, 2, 1, 1))[0]:
            case "hand":
                return self.by_hand()
            case "cascade":
                born = rng.uniform(0.3, 0.85)
                return playbook.cascade(
                    rng, self.start, per_day * (1 - born), born, heavy(rng, 1.5, 120.0, 0.6), self.mood
                )
            case "moods":
                return playbook.moods(rng, self.start, min(2.0, 40.0 * span / self.size), self.mood)
            case "timer":
                width = 1 + zipf(rng, 8, 1.0)
                every = max(120.0, DAY * width / per_day)
                return playbook.scheduler(rng, self.start, every, width, 0.1 * every * rng.random())
            case _:
                size = heavy(rng, 3.0, max(4.0, self.size / 3), 0.7)
                return playbook.waves(rng, self.start, int(size), DAY * size / per_day, heavy(rng, 20.0, 900.0, 0.8))


def _haste(rng: Random) -> float:
    """The share of the time left that a campaign takes: short ones are common."""
    return rng.betavariate(1.3, 2.2) * 0.9 + 0.02


Move = Callable[[Person, float], tuple[float, Person, Habits]]
Ban = Callable[[Person, float], Iterator[Step]]


@dataclass(frozen=True)
class Operation:
    """What a kind decides: when, who, how used, how paid; what changes after the signup and after a ban."""

    clock: Iterator[float]
    member: Callable[[float], Person]
    life: Life
    slips: Slips
    card_now: float = 0.04
    move: Move | None = None
    banned: Ban | None = None


def signups(desk: Desk, plan: Operation) -> Iterator[Step]:
    """Accounts as long as the budget lasts."""
    for time in plan.clock:
        if desk.left < 1:
            return
        desk.now = time
        yield opened(desk, plan, plan.member(time), time)
        if desk.left < 1:
            return


def opened(desk: Desk, plan: Operation, person: Person, time: float) -> Step:
    """One account of the budget: its signup, its later life, and what a ban of it sets off.

    The ban is settled here and the rest drawn from a generator of the account's own, so that leaving out what
    accounts do later changes no signup.
    """
    desk.left -= 1
    rng = Random(desk.rng.getrandbits(64))
    plan.slips.on_person(rng, person)
    habits, moved = plan.life(), None
    if plan.move is not None:
        moved = plan.move(person, time)
        habits = moved[2]
    starts: tuple[Iterator[Step], ...] = ()
    if person.close_at is None and rng.random() < habits.ban:
        awake = moved[0] if moved else time
        person.ban_at = awake + rng.lognormvariate(0, 0.7) * habits.ban_delay
        starts = (_noticed(desk, plan, person, person.ban_at),)
    with_card = rng.random() < plan.card_now
    row = signup_row(rng, person, time, with_card)
    plan.slips.on_row(rng, person, row)
    quiet = replace(habits, ban=0.0)
    if moved is None:
        return Step(time, row, starts, later(rng, person, time, quiet, with_card))
    other = replace(moved[1], ban_at=person.ban_at)
    return Step(time, row, starts, _two_lives(rng, (person, time, with_card), (other, moved[0]), quiet))


def _two_lives(
    rng: Random, door: tuple[Person, float, bool], inside: tuple[Person, float], habits: Habits
) -> Iterator[Step]:
    """Of an account that changes hands: confirmations at the door, then a login from elsewhere and its real use."""
    person, time, with_card = door
    still = replace(habits, pay=0.0, login=0.0, use=0.0, close=0.0, confirm=0.0)
    yield from later(rng, replace(person, ban_at=None), time, still, with_card)
    other, moved = inside
    yield Step(moved, finish(other, base_row(rng, other, moved, EventType.LOGIN.value)))
    yield from later(rng, other, moved, replace(habits, verify=0.0, verify_phone=0.0), False)


def _noticed(desk: Desk, plan: Operation, person: Person, when: float) -> Iterator[Step]:
    """What a ban makes the operator do: nothing before its time, which the empty step waits for."""
    yield Step(when, {})
    desk.mood.scare()
    if plan.banned:
        yield from plan.banned(person, when)
