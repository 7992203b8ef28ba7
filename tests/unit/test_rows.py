"""Flat rows become events; what does not fit is named."""

from datetime import UTC, datetime

import pytest

from sybilgate.app.rows import EVENT_PATHS, event_from_row
from sybilgate.core.event import Event, EventType, Funding, OutcomeKind
from sybilgate.errors import InvalidInput

BASE = {"account_id": "a", "time": 5, "type": 1}


def test_paths_name_nested_fields() -> None:
    assert EVENT_PATHS["network.ip_address"] is str
    assert EVENT_PATHS["payment.funding"] is Funding
    assert EVENT_PATHS["device.languages"] is tuple
    assert EVENT_PATHS["time"] is float


def test_bare_row_makes_event() -> None:
    assert event_from_row(BASE) == Event(account_id="a", time=5.0, type=EventType.SIGNUP)


def test_missing_values_are_dropped() -> None:
    row = BASE | {"contact.email": None, "device.pixel_ratio": float("nan"), "truth.is_sybil": True}
    assert event_from_row(row) == event_from_row(BASE)


def test_names_stand_for_enums() -> None:
    row = BASE | {"type": "outcome", "outcome.kind": "CHARGEBACK"}
    assert event_from_row(row).outcome.kind is OutcomeKind.CHARGEBACK  # type: ignore[union-attr]


def test_datetime_becomes_unix_seconds() -> None:
    assert event_from_row(BASE | {"time": datetime(1970, 1, 2, tzinfo=UTC)}).time == 86400.0


def test_repeated_values_become_tuples() -> None:
    usage = event_from_row(BASE | {"usage.model_mix": {"small": 1}, "usage.sample_ips": ["192.0.2.1"]}).usage
    assert usage is not None
    assert (usage.model_mix, usage.sample_ips) == ((("small", 1.0),), ("192.0.2.1",))


def test_all_violations_are_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        event_from_row({"type": 99, "device.screen_width": "wide", "outcome.source": "x"})
    paths = {path for path, _ in caught.value.violations}
    assert paths == {"account_id", "time", "type", "device.screen_width", "outcome.kind"}
