"""Probing: the same question is answered as before, and somebody is told."""

from __future__ import annotations

from typing import Any

import pytest

from sybilgate.client.messages import event_message
from sybilgate.core.identifier import Keyring
from sybilgate.rpc.probing import MANY, WINDOW_SECONDS, Probing
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1.event_pb2 import Event


class Watched:
    """A clock that can be set, and the alerts there were."""

    def __init__(self) -> None:
        self.now, self.alerts = 1e6, list[str]()
        self.probing = Probing(Keyring(1, b"test secret of thirty-two bytes!"), lambda: self.now, self.alerts.append)

    def ask(self, event: Event, request_id: str = "") -> pb.Assessment | None:
        """What is told again; what the service answers otherwise is numbered, so that it can be told apart."""
        known = self.probing.known(event, request_id)
        if known is None:
            self.probing.remember(event, pb.Assessment(name=event.network.ip_address))
        return known


@pytest.fixture
def watched() -> Watched:
    return Watched()


def signup(account_id: str = "a1", **changes: Any) -> Event:
    fields = {
        "account_id": account_id, "type": "SIGNUP", "event_time": 1.7e9, "contact.email": "dana@example.com",
        "network.ip_address": "203.0.113.7", "device.device_id": "d1", "signup.method": "PASSWORD",
    }  # fmt: skip
    return event_message(fields | {name.replace("__", "."): value for name, value in changes.items()})


def test_third_time_is_told_as_before(watched: Watched) -> None:
    answers = [watched.ask(signup(network__ip_address=f"203.0.113.{number}")) for number in range(4)]
    assert answers[:2] == [None, None]
    assert [answer.name for answer in answers[2:] if answer] == ["203.0.113.1"] * 2
    assert watched.alerts == ["account"] * 2


def test_two_changed_parts_are_a_new_question(watched: Watched) -> None:
    for number in range(5):
        changed = {"network.ip_address": f"203.0.113.{number}", "device.device_id": f"d{number}"}
        assert watched.ask(signup(**changed)) is None
    assert watched.alerts == []


def test_retry_is_no_new_question(watched: Watched) -> None:
    assert [watched.ask(signup(), "r1") for _ in range(6)] == [None] * 6
    assert watched.alerts == []


def test_next_hour_is_a_new_question(watched: Watched) -> None:
    for _ in range(6):
        assert watched.ask(signup()) is None
        watched.now += WINDOW_SECONDS + 1
    assert watched.alerts == []


def test_typing_again_is_the_same_profile(watched: Watched) -> None:
    answers = [watched.ask(signup(signup__form_fill_seconds=float(pause))) for pause in range(3)]
    assert answers[2] is not None


def test_many_accounts_of_one_profile_are_told_of(watched: Watched) -> None:
    answers = [watched.ask(signup(f"a{number}", contact__email=f"{number}@example.com")) for number in range(MANY)]
    assert answers == [None] * MANY
    assert watched.alerts == ["profile"]


def test_accounts_that_differ_in_two_parts_are_not(watched: Watched) -> None:
    for number in range(3 * MANY):
        watched.ask(signup(f"a{number}", contact__email=f"{number}@example.com", device__device_id=f"d{number}"))
    assert watched.alerts == []


def test_later_events_are_not_looked_at(watched: Watched) -> None:
    assert [watched.ask(signup(type="LOGIN")) for _ in range(9)] == [None] * 9


def test_nothing_is_kept_in_the_clear(watched: Watched) -> None:
    watched.probing.known(signup(), "")
    kept = repr(watched.probing._asked) + repr(watched.probing._profiles)
    assert "dana" not in kept and "203.0.113" not in kept
