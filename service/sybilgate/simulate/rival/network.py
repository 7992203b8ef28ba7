"""Sellers of addresses: a proxy reseller whose pool turns over, racks at hosters, modem banks, VPN subscriptions."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from sybilgate.simulate.place import Place, carrier, home, privacy_exit, shared_site
from sybilgate.simulate.regions import Country, countries
from sybilgate.simulate.rival.chance import heavy, zipf

#: A reseller's online slice is another one after this many seconds.
_TURNOVER = 3 * 3600.0


@lru_cache(maxsize=65536)
def _line(reseller: str, country: str, index: int) -> Place:
    """The line behind one number of a pool: mostly households, some phones, some exits of public VPNs."""
    rng, place = Random(f"{reseller}/{country}/{index}"), countries()[country]
    roll = rng.random()
    if roll < 0.06:
        return privacy_exit(rng)
    return carrier(rng, place) if roll < 0.24 else home(rng, place)


class Reseller:
    """Exits sold to many customers at once. Which are online depends on the hour, not on who asks."""

    def __init__(self, name: str) -> None:
        rng = Random(name)
        self._name = name
        self._size = int(heavy(rng, 300, 9000, 0.7))
        self._online = int(self._size * rng.uniform(0.04, 0.3))

    def _pick(self, rng: Random, country: Country, time: float) -> Place:
        window = Random(f"{self._name}/{country.code}/{int(time // _TURNOVER)}").randrange(self._size)
        return _line(self._name, country.code, (window + int(self._online * rng.random() ** 1.4)) % self._size)

    def sticky(self, rng: Random, country: Country, time: float) -> Place:
        """One exit, kept as long as its owner's line lives."""
        line = self._pick(rng, country, time)
        return Place(line.kind, (line.address(rng), line.address(rng)), 0.94)

    def rotating(self, rng: Random, country: Country, time: float, exits: int = 12) -> Place:
        """A new exit for nearly every request."""
        lines = [self._pick(rng, country, time) for _ in range(exits)]
        return Place("residential", tuple(dict.fromkeys(line.address(rng) for line in lines)), 0.0)


class Racks:
    """Machines rented at hosters: a few blocks, a few hosts in each, the first block doing most of the work."""

    def __init__(self, rng: Random, country: Country, blocks: int, hosts: int) -> None:
        self._rng = rng
        self._blocks = [shared_site(rng, country, "hosting", rng.randrange(1, hosts + 1)) for _ in range(blocks)]

    def place(self) -> Place:
        """One host of one block, kept."""
        block = self._blocks[zipf(self._rng, len(self._blocks), 0.8)]
        return Place("hosting", (self._rng.choice(block.addresses),))


def modem_bank(rng: Random, country: Country) -> Place:
    """USB modems on one carrier's plan: they leave by the carrier's shared addresses, like its other customers."""
    bank = carrier(rng, country)
    return Place("mobile", bank.addresses, 0.0, bank.subnet, six=bank.six)


def own_lines(rng: Random, country: Country, count: int) -> list[Place]:
    """Plain household lines of flats the crew rents; addresses there change seldom."""
    lines = [home(rng, country) for _ in range(count)]
    return [Place(line.kind, (line.address(rng),), subnet=line.subnet, six=line.six) for line in lines]
