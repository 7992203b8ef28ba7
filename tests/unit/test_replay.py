"""Facts about the folds: batching, replay, decay, labels, and what an account sees of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sybilgate.app.replay import Replay
from sybilgate.core.event import Event
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.identifier import Keyring, Kind, keys_of
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.core.state import STATE
from tests.factories import KEYRING, REFERENCE, outcome, pipeline, ring, signup

CHOICES = st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(0, 3))


def seen(events: list[Event]) -> Observations:
    return observe(events, REFERENCE, KEYRING)


def crowd(choices: list[tuple[int, int, int]]) -> list[Event]:
    """Events whose accounts, devices and cards repeat, some of them late."""
    return [
        signup(
            f"a{account}",
            at=600.0 * i - 5000.0 * (card == 0),
            device_id=f"d{device}",
            card=f"c{card}" if card else None,
        )
        for i, (account, device, card) in enumerate(choices)
    ]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=30),
    st.integers(1, 9),
)
def test_batching_changes_no_bit(choices: list[tuple[int, int, int]], size: int) -> None:
    obs = seen(crowd(choices))
    whole = Replay(pipeline()).fold(obs)
    parts = Replay(pipeline())
    split = [parts.fold(obs.take(range(i, min(i + size, len(obs))))) for i in range(0, len(obs), size)]
    assert np.concatenate([part.features for part in split]).tobytes() == whole.features.tobytes()
    assert np.concatenate([part.risk for part in split]).tobytes() == whole.risk.tobytes()


def test_later_members_see_earlier() -> None:
    out = Replay(pipeline()).fold(seen(list(ring(5))))
    counts = np.expm1(out.features[:, FEATURE_COLUMN["device_id.month"]])
    assert counts == pytest.approx([0, 1, 2, 3, 4], abs=0.01)
    assert (np.diff(out.risk) > 0).all()


def test_account_never_counts_itself() -> None:
    events = [signup("a1", at=60.0 * i, device_id="d") for i in range(4)]
    out = Replay(pipeline()).fold(seen(events))
    assert np.allclose(np.expm1(out.features[:, FEATURE_COLUMN["device_id.month"]]), 0.0, atol=1e-9)


def test_counts_fade_with_time() -> None:
    events = [*ring(5, "d"), signup("late", at=3 * 86400.0, device_id="d")]
    row = Replay(pipeline()).fold(seen(events)).features[-1]
    assert np.expm1(row[FEATURE_COLUMN["device_id.day"]]) == pytest.approx(5 * np.exp(-3), rel=0.01)
    assert np.expm1(row[FEATURE_COLUMN["device_id.month"]]) == pytest.approx(5 * np.exp(-0.1), rel=0.01)


def test_ban_marks_shared_values() -> None:
    events = [signup("a1", device_id="d"), outcome("a1", at=10.0), signup("a2", at=20.0, device_id="d")]
    row = Replay(pipeline()).fold(seen(events)).features[-1]
    assert row[FEATURE_COLUMN["device_id.bad"]] == pytest.approx(1 / 4)


def test_repeated_label_counts_once() -> None:
    events = [signup("a1", device_id="d"), outcome("a1", at=1.0), outcome("a1", at=2.0)]
    replay = Replay(pipeline())
    obs = seen(events)
    replay.fold(obs)
    state = replay.identifier(obs.keys[0, list(Kind).index(Kind.DEVICE_ID)].tobytes())
    assert state is not None and state["bad"][0] == 1


def test_risk_is_carried_on_values() -> None:
    out = Replay(pipeline()).fold(seen(list(ring(6))))
    carried = out.features[:, FEATURE_COLUMN["carried.max"]]
    assert carried[0] == 0.0
    assert carried[-1] > carried[1] > 0.0


def test_other_secret_other_keys() -> None:
    one = keys_of(observe([signup()], REFERENCE, KEYRING).keys[0])
    two = keys_of(observe([signup()], REFERENCE, Keyring(2, b"z" * 32)).keys[0])
    assert all(a != b for a, b in zip(one, two, strict=True) if a and b)


def test_first_signup_order_of_magnitude() -> None:
    out = Replay(pipeline()).fold(seen([signup()]))
    assert out.decision.tolist() == [1]
    assert not np.isinf(out.features).any()


def test_peek_keeps_nothing() -> None:
    events = list(ring(4))
    plain, peeked = Replay(pipeline()), Replay(pipeline())
    plain.fold(seen(events[:3]))
    peeked.fold(seen(events[:3]))
    first = peeked.peek(seen(events[3:]))
    assert first.features.tobytes() == peeked.peek(seen(events[3:])).features.tobytes()
    assert first.features.tobytes() == plain.fold(seen(events[3:])).features.tobytes()
    assert peeked.accounts.keys() == {"ring0", "ring1", "ring2"}


def test_reading_rows_change_nothing() -> None:
    replay = Replay(pipeline())
    replay.fold(seen(list(ring(3))))
    counted = [name for name in STATE.names or () if name != "claims"]  # campaigns may grow by a second look
    before = [replay.state[name].tobytes() for name in counted]
    out = replay.fold(seen(list(ring(2))), update=np.zeros(2, np.bool_))
    assert out.accounts == [] and [replay.state[name].tobytes() for name in counted] == before
    counts = np.expm1(out.features[:, FEATURE_COLUMN["device_id.month"]])
    assert counts == pytest.approx([2, 2], abs=0.01)


def test_forgetting_changes_nothing_later() -> None:
    events = [signup("a1", device_id="d"), outcome("a1", at=10.0), signup("a2", at=20.0, device_id="d")]
    whole, lean = Replay(pipeline()), Replay(pipeline())
    whole.fold(seen(events[:2]))
    lean.fold(seen(events[:2]))
    lean.forget(["a1", "never seen"])
    assert lean.accounts == {}
    assert lean.fold(seen(events[2:])).features.tobytes() == whole.fold(seen(events[2:])).features.tobytes()


def test_decisions_need_no_evidence() -> None:
    events = seen(list(ring(6)))
    told = Replay(pipeline()).fold(events)
    silent = Replay(replace(pipeline(), evidence=False)).fold(events)
    assert told.decision.tolist() == silent.decision.tolist() and told.axes == silent.axes
    assert set(silent.evidence) == {"[]"} != set(told.evidence)
