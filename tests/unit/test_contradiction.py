"""What remains of contradictions when one value may be excused, told by a replay."""

from __future__ import annotations

from sybilgate.core.event import Device, Event, EventType, Network
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.observe import observe
from sybilgate.training.commands import blank_replay
from sybilgate.training.dataset import TRAINING_KEYS
from tests.factories import REFERENCE

HOME = {"renderer": "Apple GPU", "platform": "iPhone", "zone": "America/New_York", "language": "en-US"}
AWAY = {"renderer": "Mali-G57", "platform": "Win32", "zone": "Europe/Berlin", "language": "de-DE"}
ADDRESS = {"home": "8.8.8.8", "away": "88.198.4.1"}


def signup(number: int, address: str, renderer: str, platform: str, zone: str, language: str) -> Event:
    device = Device(
        device_id=f"d{number}", platform=platform, webgl_renderer=renderer, time_zone=zone, languages=(language,)
    )
    return Event(
        account_id=f"a{number}", time=1_790_000_000.0 + number, type=EventType.SIGNUP, device=device,
        network=Network(ip_address=ADDRESS[address]),
    )  # fmt: skip


def told(address: str, **other: str) -> tuple[float, float]:
    """Sum and rest of the contradictions of a signup after sixty of either place; its other values are of home."""
    crowd = [signup(i, "away", **AWAY) if i % 2 else signup(i, "home", **HOME) for i in range(120)]
    outcome = blank_replay().fold(observe([*crowd, signup(120, address, **(HOME | other))], REFERENCE, TRAINING_KEYS))
    total, rest = (outcome.features[-1, FEATURE_COLUMN[f"contradiction.{name}"]] for name in ("sum", "left"))
    return float(total), float(rest)


def test_ordinary_signup_contradicts_nothing() -> None:
    assert told("home") == (0, 0)


def test_traveller_is_excused() -> None:
    total, rest = told("away")
    assert total > 5 and rest == 0


def test_changed_clock_is_excused() -> None:
    total, rest = told("home", zone=AWAY["zone"])
    assert total > 5 and rest == 0


def test_independent_disagreements_remain() -> None:
    total, rest = told("away", renderer=AWAY["renderer"])
    assert rest > 2 and total > rest
