"""Facts about chains of exclusive pairs, told by a replay."""

from __future__ import annotations

import numpy as np
import pytest

from sybilgate.core.chain import CHAIN_TAU, chain_score
from sybilgate.core.event import Contact, Device, Event, EventType, Network, Payment
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.observe import observe
from sybilgate.core.state import TIES
from sybilgate.training.commands import blank_replay
from sybilgate.training.dataset import TRAINING_KEYS
from tests.factories import REFERENCE

START = 1_790_000_000.0


def signup(
    number: int, device: str | None = None, card: str | None = None, phone: str | None = None, at: float = 0.0
) -> Event:
    return Event(
        account_id=f"a{number}", time=START + number + at, type=EventType.SIGNUP,
        device=Device(device_id=device) if device else None,
        payment=Payment(fingerprint=card) if card else None,
        contact=Contact(phone=phone) if phone else None,
    )  # fmt: skip


def told(events: list[Event], name: str) -> list[float]:
    """One feature of each event of a replay."""
    outcome = blank_replay().fold(observe(events, REFERENCE, TRAINING_KEYS))
    return [float(value) for value in outcome.features[:, FEATURE_COLUMN[name]]]


def test_alternating_ties_make_chain() -> None:
    events = [signup(1, "d1", "c1"), signup(2, "d2", "c1"), signup(3, "d2", "c2"), signup(4, "d3", "c2")]
    assert np.exp(told(events, "chain.size")) == pytest.approx([1, 2, 3, 4], rel=1e-4)
    scores = told(events, "chain.score")
    assert scores[:2] == [0, 0] and scores[2] > 0.7 and scores[3] > scores[2]


def test_third_holder_joins_nothing() -> None:
    events = [signup(1, "d1"), signup(2, "d1"), signup(3, "d1"), signup(4, "d1")]
    assert np.exp(told(events, "chain.size")) == pytest.approx([1, 2, 1, 1], rel=1e-4)


def test_one_kind_scores_nothing() -> None:
    ties = np.zeros(TIES, np.int64)
    ties[0] = 40
    assert chain_score(41.0, ties) == 0
    ties[1] = 40
    assert chain_score(41.0, ties) == pytest.approx(np.log(41) * np.log(2))


def test_one_partner_counts_once() -> None:
    events = [signup(1, "d1", "c1", "+442071234567"), signup(2, "d1", "c1", "+442071234567")]
    assert np.exp(told(events, "chain.size")) == pytest.approx([1, 2], rel=1e-4)
    assert told(events, "chain.score")[1] == pytest.approx(np.log(2) * np.log(3), rel=1e-4)


def test_old_chain_fades() -> None:
    events = [signup(1, "d1", "c1"), signup(2, "d2", "c1", at=3 * CHAIN_TAU)]
    assert np.exp(told(events, "chain.size")[1]) == pytest.approx(1 + np.exp(-3), rel=1e-3)


def test_later_card_joins_chain() -> None:
    card = Event(account_id="a2", time=START + 9, type=EventType.PAYMENT, payment=Payment(fingerprint="c1"))
    events = [signup(1, "d1", "c1"), signup(2, "d2"), signup(3, "d2"), card]
    assert np.exp(told(events, "chain.size")) == pytest.approx([1, 1, 2, 3], rel=1e-4)


def test_addresses_of_strangers_stay_weak() -> None:
    events = [
        Event(account_id=f"a{n}", time=START + n, type=EventType.SIGNUP, network=Network(ip_address=f"9.9.9.{n // 2}"))
        for n in range(10)
    ]
    assert max(told(events, "chain.score")) == 0
