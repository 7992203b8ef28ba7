"""The demonstration day holds what the demonstration shows."""

from collections import Counter

import pytest

from sybilgate.core.event import Event, EventType
from sybilgate.simulate.demo import MEMBERS, OFFICE, Truth, demo_day

Day = tuple[list[Event], dict[str, Truth]]


@pytest.fixture(scope="module")
def day() -> Day:
    return demo_day(7)


def test_demo_has_all_parts(day: Day) -> None:
    counts = Counter(truth.archetype for truth in day[1].values())
    assert counts["demo_ring"] == MEMBERS and counts["office_card"] == OFFICE
    assert counts["launch_day"] >= 20 and 350 <= len(day[1]) <= 450


def test_demo_events_are_ordered(day: Day) -> None:
    times = [event.time for event in day[0]]
    assert times == sorted(times)


def test_demo_is_deterministic(day: Day) -> None:
    assert demo_day(7) == day != demo_day(8)


def test_demo_ring_shares_partly(day: Day) -> None:
    events, truth = day
    ring = [e for e in events if e.type == EventType.SIGNUP and truth[e.account_id].is_sybil]
    addresses = Counter(e.network.ip_address for e in ring if e.network)
    ranges = Counter(e.payment.bin for e in ring if e.payment)
    devices = Counter(e.device.device_id for e in ring if e.device and e.device.device_id)
    assert 15 <= len(addresses) < len(ring) and len(ranges) <= 4 and len(devices) > 40


def test_demo_office_shares_honestly(day: Day) -> None:
    events, truth = day
    office = [e for e in events if e.type == EventType.SIGNUP and truth[e.account_id].archetype == "office_card"]
    assert len({e.network.ip_address for e in office if e.network}) <= 2
    assert len({e.payment.fingerprint for e in office if e.payment}) == 1
