"""The rival's campaigns as one stream, in the form the world's own campaigns have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Protocol

from sybilgate.simulate.later import DAY
from sybilgate.simulate.rival import crude, stocked, subtle, tempo
from sybilgate.simulate.rival.chance import heavy
from sybilgate.simulate.rival.desk import Desk, Operation, signups
from sybilgate.simulate.stream import Step

_MAKERS: dict[str, Callable[[Desk], Operation]] = {**crude.KINDS, **stocked.KINDS, **tempo.KINDS, **subtle.KINDS}
#: Names of the kinds of campaign; each is the ``truth.archetype`` of its members.
KINDS: tuple[str, ...] = tuple(_MAKERS)
#: Kinds whose members have no rare value in common, on purpose.
SHARES_NOTHING = frozenset({"rival_ghosts"})
#: Kinds that need weeks: they begin early in the window, or little of them would be seen.
_EARLY = frozenset(
    f"rival_{kind}" for kind in "slow_drip aged_woken back_again replacement lockstep clean_door ghosts".split()
)


class Settings(Protocol):
    """What is read of a world's configuration. ``kinds`` picks from ``KINDS``; without a known one, all are used."""

    @property
    def seed(self) -> int: ...
    @property
    def days(self) -> int: ...
    @property
    def campaigns(self) -> int: ...
    @property
    def campaign_size(self) -> tuple[int, int]: ...
    @property
    def campaign_window(self) -> float: ...
    @property
    def first_day(self) -> int: ...


def _order(rng: Random, kinds: tuple[str, ...], count: int) -> list[str]:
    """Every kind once before any comes again."""
    order: list[str] = []
    while len(order) < count:
        order += rng.sample(kinds, len(kinds))
    return order[:count]


def campaigns(config: Settings) -> Iterator[Step]:
    """An empty step at the start of each campaign, which starts its signups; the same for the same configuration."""
    rng = Random(f"{config.seed}/rival")
    wanted: tuple[str, ...] = getattr(config, "kinds", ())
    kinds = tuple(kind for kind in wanted if kind in _MAKERS) or KINDS
    begin, span = config.first_day * DAY, config.campaign_window * config.days * DAY
    least, most = config.campaign_size
    planned = []
    for number, kind in enumerate(_order(rng, kinds, config.campaigns)):
        start = begin + span * rng.random() * (0.45 if kind in _EARLY else 1.0)
        # Small operators are many and large ones few, but the large ones make most of the accounts.
        size = round(heavy(rng, least, most, rng.choice((0.1, 0.4, 0.8))))
        planned.append((start, number, kind, size))
    for start, number, kind, size in sorted(planned):
        own = Random(f"{config.seed}/rival/{number}/{kind}")
        end = begin + config.days * DAY
        desk = Desk(own, f"{config.seed}/rival", kind, f"{kind}-{number}", size, start, end)
        yield Step(start, {}, (signups(desk, _MAKERS[kind](desk)),))
