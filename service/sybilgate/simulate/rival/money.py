"""Sellers of cards and of telephone numbers."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, CardRange, bank_ranges, draw_card, virtual_ranges
from sybilgate.simulate.person import Person
from sybilgate.simulate.regions import Country, countries
from sybilgate.simulate.rival.chance import Lots, zipf


class Fintech:
    """A programme that issues virtual cards by the hundred, in one range (seldom two), to one customer."""

    def __init__(self, rng: Random, range_: CardRange | None = None) -> None:
        self._rng = rng
        self._ranges = [range_ or virtual_ranges().draw(rng)]
        if range_ is None and rng.random() < 0.25:
            self._ranges.append(virtual_ranges().draw(rng))
        self.country = countries().get(self._ranges[0].issuer_country, countries()["US"])
        self._office = self.country.postcode(rng)
        self._firm = identity.company(rng, self.country)[0]
        self._named, self._placed = rng.random() < 0.75, rng.random() < 0.5

    def card(self, person: Person) -> Card:
        """A new number. Some programmes print the firm on it and bill to its office, others ask for nothing."""
        range_ = self._ranges[zipf(self._rng, len(self._ranges), 1.5)]
        holder = f"{person.first} {person.last}" if self._named else self._firm
        postcode = person.postcode if self._placed else self._office
        country = person.country.code if self._placed else self.country.code
        return draw_card(self._rng, country, holder, postcode, range_)


class CardLot:
    """Card numbers of strangers, bought by the lot: one bank range and country for each lot, many of them dead."""

    def __init__(self, rng: Random, country: Country) -> None:
        self._rng, self.country = rng, country
        self._range = bank_ranges(country.code).draw(rng)

    def card(self, person: Person) -> Card:
        holder = f"{person.first} {person.last}"
        return draw_card(self._rng, self.country.code, holder, person.postcode, self._range)


class Wallet:
    """Few cards put on many accounts; none on more than ``cap``. ``issue`` makes the next one."""

    def __init__(self, rng: Random, issuer: Fintech | CardLot, fresh: float, discount: float, cap: int) -> None:
        self._issuer = issuer
        self._person: Person | None = None
        self._cards: Lots[Card] = Lots(rng, self._issue, fresh, discount, cap)

    def _issue(self) -> Card:
        assert self._person is not None
        return self._issuer.card(self._person)

    def give(self, person: Person) -> None:
        self._person = person
        person.card = replace(self._cards.draw())


class NumberRental:
    """Rents numbers by the minute. What is on offer depends on the hour, and a number comes back to be sold again."""

    def __init__(self, name: str) -> None:
        rng = Random(name)
        self._name, self._stay = name, rng.choice((600.0, 1200.0, 3600.0))
        self._stock, self._offer = rng.randrange(40, 900), rng.randrange(3, 25)
        self._voip = rng.random() < 0.4

    def number(self, rng: Random, country: Country, time: float) -> str:
        hour = Random(f"{self._name}/{country.code}/{int(time // self._stay)}")
        offer = [hour.randrange(self._stock) for _ in range(self._offer)]
        index = offer[zipf(rng, len(offer), 0.6)]
        own = Random(f"{self._name}/{country.code}/{index}")
        # Numbers are bought from a carrier by the block: a tenth of the stock has the same leading digits.
        block = Random(f"{self._name}/{country.code}/block/{index % 10}")
        return identity.phone(own, country.code, identity.phone_head(block, country.code, self._voip), self._voip)

    def give(self, rng: Random, person: Person, time: float, only: bool) -> None:
        """A number for a person; ``only`` signs up by number, without a mailbox."""
        person.phone = self.number(rng, person.country, time)
        if only:
            person.email, person.method = None, int(SignupMethod.PHONE)
