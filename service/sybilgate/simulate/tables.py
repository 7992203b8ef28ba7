"""Weighted choice and the two shipped tables: real networks and real browser records."""

from __future__ import annotations

import csv
import ipaddress
import json
import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice(Random):
    """The randomness of one stream of signups.

    What accounts do afterwards is drawn from ``life``, so that leaving later events out changes no signup.
    """

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.life = Random(f"{seed}/life")


class Weighted(Generic[T]):
    """Items drawn in proportion to their weights."""

    __slots__ = ("_bounds", "items")

    def __init__(self, items: Iterable[tuple[T, float]]) -> None:
        pairs = list(items)
        self.items = [item for item, _ in pairs]
        sums = list(accumulate(weight for _, weight in pairs))
        self._bounds = [bound / sums[-1] for bound in sums[:-1]]

    def draw(self, rng: Random) -> T:
        return self.items[bisect_right(self._bounds, rng.random())]


def pick(rng: Random, items: Sequence[T]) -> T:
    """One of some, all equally likely: ``choice`` at half its price."""
    return items[int(rng.random() * len(items))]


def ranked(items: Iterable[T], power: float = 1.0) -> Weighted[T]:
    """Items whose weight falls with their rank (Zipf): the first are common, the last rare."""
    return Weighted((item, (rank + 2.0) ** -power) for rank, item in enumerate(items))


@dataclass(frozen=True, slots=True)
class Network:
    """One announced prefix of one operator. ``base`` and ``size`` are in addresses."""

    country: str
    kind: str
    asn: int
    version: int
    base: int
    size: int

    def address(self, rng: Random) -> str:
        """One host: in IPv6 a random interface of a random /64."""
        if self.version == 4:
            host = self.base + 1 + int(rng.random() * (self.size - 2))
            return f"{host >> 24}.{host >> 16 & 255}.{host >> 8 & 255}.{host & 255}"
        return six(self.base + rng.randrange(self.size))


def six(value: int) -> str:
    """An IPv6 address in its one canonical spelling."""
    parts = [value >> shift & 0xFFFF for shift in (112, 96, 80, 64, 48, 32, 16, 0)]
    return str(ipaddress.IPv6Address(value)) if 0 in parts else "{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}".format(*parts)


def interface(rng: Random, subnet: int) -> str:
    """Another (privacy) address inside an IPv6 /64 given by its upper 64 bits."""
    return six(subnet << 64 | rng.getrandbits(64))


@dataclass(frozen=True, slots=True)
class Browser:
    """One record of a real browser; ``family`` and ``major`` are read from the agent."""

    system: str
    width: int
    height: int
    platform: str
    agent: str
    family: str
    major: int


def _family(agent: str) -> tuple[str, int]:
    marks = (("Edg/", "edge"), ("OPR/", "opera"), ("SamsungBrowser/", "samsung"), ("CriOS/", "chrome_ios"))
    more = (("FxiOS/", "firefox_ios"), ("EdgiOS/", "edge_ios"), ("GSA/", "gsa_ios"), ("Firefox/", "firefox"))
    for mark, family in (*marks, *more, ("Chrome/", "chrome"), ("Version/", "safari")):
        if mark in agent:
            return family, int(agent.split(mark)[1].split(".")[0].split(" ")[0] or 0)
    return "webview", 0


@cache
def networks() -> dict[tuple[str, str], list[Network]]:
    """Prefixes by (country, class)."""
    found: dict[tuple[str, str], list[Network]] = {}
    with files(__package__).joinpath("data/networks.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            net = ipaddress.ip_network(row["prefix"])
            entry = Network(row["country"], row["class"], int(row["asn"]), net.version, int(net[0]), net.num_addresses)
            found.setdefault((entry.country, entry.kind), []).append(entry)
    return found


@cache
def networks_of(country: str, kind: str, version: int = 4) -> tuple[Network, ...]:
    """Prefixes of a class in a country; the nearest class that has some, else the class anywhere."""
    table = networks()
    order = {"mobile": ("mobile", "residential"), "office": ("residential", "mobile")}.get(kind, (kind,))
    for name in order:
        mine = tuple(n for n in table.get((country, name), ()) if n.version == version)
        if mine:
            return mine
    return tuple(n for (_, name), nets in table.items() if name == order[0] for n in nets if n.version == version)


@cache
def browsers() -> dict[str, Weighted[Browser]]:
    """Browser records by system, with the weights they were seen with."""
    found: dict[str, list[tuple[Browser, float]]] = {}
    text = files(__package__).joinpath("data/browsers.json").read_text(encoding="utf-8")
    for system, weight, width, height, platform, agent in json.loads(text):
        record = Browser(system, width, height, platform, agent, *_family(agent))
        # The square root flattens: the crawl behind the table sees few machines very often.
        found.setdefault(system, []).append((record, float(weight) ** 0.7))
    return {system: Weighted(pairs) for system, pairs in found.items()}


#: The day the shipped browser records are of; builds get newer after it.
RECORDED_DAY = 20717
_CADENCE = 28  #: days between two releases of the browsers that release by the clock
_VERSION = re.compile(r"(Chrome|CriOS|Firefox|FxiOS|Edg|EdgA|EdgiOS|OPR|rv:)(/?)(\d+)")


@lru_cache(maxsize=16384)
def released(browser: Browser, ahead: int) -> Browser:
    """The same browser some releases later (or earlier). Those that do not release by the clock stay as they are."""
    if not ahead or browser.family in ("safari", "webview", "samsung"):
        return browser
    agent = _VERSION.sub(lambda m: f"{m[1]}{m[2]}{max(1, int(m[3]) + ahead)}", browser.agent)
    return replace(browser, agent=agent, major=max(1, browser.major + ahead))


def as_of(rng: Random, browser: Browser, day: int) -> Browser:
    """The release of a browser somebody runs on a day: most take a new one within days, some after months."""
    lag = -math.log(1.0 - rng.random()) * (6.0 if rng.random() < 0.88 else 60.0)
    return released(browser, max(-40, min(40, math.floor((day - RECORDED_DAY + _CADENCE / 2 - lag) / _CADENCE))))
