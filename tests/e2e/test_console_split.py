"""Splitting a campaign on the console's pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sybilgate.core.campaign.records import SharedValue
from sybilgate.core.event import Event, EventType, Payment
from sybilgate.core.identifier import COLUMN, Kind
from tests.console_site import NAME, SIZE, Place, Visitor, seeded, strange
from tests.factories import START
from tests.integration.test_review import REF, device, keys

PAID = Event(account_id="", time=START + 9e4, type=EventType.PAYMENT, payment=Payment(fingerprint="family"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Five of the ring have one card, too."""
    card = keys(PAID)[COLUMN[Kind.CARD]]
    assert card is not None
    with seeded(tmp_path_factory.mktemp("split")) as place:
        client = place.site.gateway("ada").client
        for i in range(5):
            client.create_event(replace(PAID, account_id=f"ring{i}"))
        with place.store.unit() as unit:
            unit.add_shared_values([SharedValue(REF, card, 5, START, START + 9e4)])
        yield place


@pytest.fixture
def ada(place: Place) -> Visitor:
    visitor = Visitor(place.address)
    visitor.login()
    return visitor


def test_all_cannot_be_split_off(ada: Visitor) -> None:
    status, page = ada.ask(f"/campaign/split?link={NAME}/links/{device()[:4].hex()}")
    assert status == 409 and "is held by all flagged members" in page and "<textarea" not in page


def test_part_is_told_then_split_off(ada: Visitor) -> None:
    _, page = ada.ask(f"/campaign?id={NAME}")
    link = page.partition('href="/campaign/split?link=')[2].partition('"')[0].replace("%2F", "/")
    _, page = ada.ask(f"/campaign/split?link={link}")
    assert "5 flagged members" in page and f"{SIZE - 5} without it stay" in page and strange(page) == []
    form = {"csrf": ada.csrf(), "link": link}
    assert ada.ask("/campaign/split", form)[0] == 400
    status, page = ada.ask("/campaign/split", form | {"reason": "one family"})
    assert status == 200 and f"these 5 hold the value, {SIZE - 5} stayed behind" in page
    assert "by ada: one family" in ada.ask(f"/campaign?id={NAME}")[1]
