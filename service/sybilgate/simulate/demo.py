"""One day for the demonstration: honest people, honest crowds, and a campaign that hides among them."""

from __future__ import annotations

from dataclasses import dataclass

from sybilgate.app.rows import event_from_row
from sybilgate.core.event import Event, EventType
from sybilgate.simulate.crowds import launch_day, office_card
from sybilgate.simulate.honest import honest_day
from sybilgate.simulate.later import DAY
from sybilgate.simulate.regions import countries
from sybilgate.simulate.ring import Ring
from sybilgate.simulate.stream import merge
from sybilgate.simulate.tables import Dice
from sybilgate.simulate.tactics import Tactics

_DAY = 20725  #: a Tuesday (2026-09-29): offices are open
HONEST, OFFICE, LAUNCH, MEMBERS = 285, 22, 30, 60


@dataclass(frozen=True, slots=True)
class Truth:
    """What the world knows and the service does not."""

    is_sybil: bool
    group: str
    archetype: str


def demo_tactics() -> Tactics:
    """Fresh devices behind residential proxies. Card range, browser build, mail template and some addresses repeat."""
    return Tactics(
        "demo_ring",
        MEMBERS,
        9 * 3600.0,
        False,
        1,
        addresses=26,
        matched=1.0,
        build=0.9,
        mail="template",
        domains=1,
        card="few",
        cards=24,
        card_now=0.85,
        pay=0.9,
        phone="block",
        robotic=0.7,
        lockstep=0.9,
        requests=180.0,
        ban=0.0,
    )


def demo_history(seed: int = 7, days: int = 5) -> list[Event]:
    """Signups of the quiet days before, honest people only: what a service knows before its first campaign."""
    streams = tuple(honest_day(Dice(f"{seed}/demo/history/{day}"), day, HONEST) for day in range(_DAY - days, _DAY))
    rows = merge(streams, (_DAY - days) * DAY, _DAY * DAY)
    return [event for event in map(event_from_row, rows) if event.type is EventType.SIGNUP]


def demo_day(seed: int = 7) -> tuple[list[Event], dict[str, Truth]]:
    """Events of one day in time order (about 400 signups), and the truth by account id."""
    begin = _DAY * DAY
    ring = Ring(Dice(f"{seed}/demo/ring"), demo_tactics(), "demo-campaign", begin + 11 * 3600)
    streams = (
        honest_day(Dice(f"{seed}/demo/honest"), _DAY, HONEST),
        office_card(Dice(f"{seed}/demo/office"), _DAY, OFFICE, "demo-office", countries()["US"], 1),
        launch_day(Dice(f"{seed}/demo/launch"), _DAY, LAUNCH, "demo-launch"),
        ring.signups(),
    )
    events: list[Event] = []
    truth: dict[str, Truth] = {}
    for row in merge(streams, begin, begin + DAY):
        event = event_from_row(row)
        events.append(event)
        truth.setdefault(
            event.account_id, Truth(bool(row["truth.is_sybil"]), str(row["truth.group"]), str(row["truth.archetype"]))
        )
    return events, truth
