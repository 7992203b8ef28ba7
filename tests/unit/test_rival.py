"""The second attacker: what it promises whoever evaluates with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from sybilgate.simulate import rival
from sybilgate.simulate.regions import countries
from sybilgate.simulate.stream import merge

DAY = 86400.0
FREEMAIL = {domain for country in countries().values() for domain in country.freemail.items}
Row = dict[str, object]


@dataclass(frozen=True)
class Settings:
    """What a world's configuration has that campaigns read."""

    seed: int = 5
    days: int = 24
    campaigns: int = len(rival.KINDS)
    kinds: tuple[str, ...] = ()
    campaign_size: tuple[int, int] = (12, 40)
    campaign_window: float = 0.5
    first_day: int = 20717


def rows(settings: Settings) -> list[Row]:
    begin = settings.first_day * DAY
    return list(merge((rival.campaigns(settings),), begin, begin + settings.days * DAY))


@cache
def members() -> dict[str, list[Row]]:
    """All rows of the standard campaigns, by kind."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(Settings()):
        found[str(row["truth.archetype"])].append(row)
    return found


def mailbox(address: str) -> str:
    name, _, domain = address.partition("@")
    return f"{name.partition('+')[0].replace('.', '')}@{domain}"


def rare(row: Row) -> Iterator[str]:
    """The values of a row that strangers seldom have in common."""
    for path in (
        "network.ip_address",
        "device.device_id",
        "device.canvas_hash",
        "payment.fingerprint",
        "payment.billing_postal_code",
        "contact.phone",
    ):
        if row.get(path):
            yield f"{path}={row[path]}"
    if email := str(row.get("contact.email") or ""):
        yield mailbox(email)
        if email.partition("@")[2] not in FREEMAIL:
            yield email.partition("@")[2]
    sketch = row.get("usage.prompt_template_minhash")
    if isinstance(sketch, tuple):
        yield from (f"sketch={part}" for part in sketch)


def holders(of: list[Row]) -> dict[str, set[object]]:
    """Who holds each rare value."""
    found: dict[str, set[object]] = defaultdict(set)
    for row in of:
        for value in rare(row):
            found[value].add(row["account_id"])
    return found


def test_same_seed_same_campaigns() -> None:
    few = Settings(campaigns=4)
    assert rows(few) == rows(few)
    assert rows(few) != rows(Settings(campaigns=4, seed=6))


def test_rows_come_in_order() -> None:
    times = [float(str(row["time"])) for row in rows(Settings(campaigns=8))]
    assert times == sorted(times)
    assert times[0] >= Settings().first_day * DAY


def test_every_kind_is_made() -> None:
    assert set(members()) == set(rival.KINDS)
    assert len(rival.KINDS) >= 14
    assert all(kind.startswith("rival_") for kind in rival.KINDS)


def test_known_kinds_are_chosen() -> None:
    chosen = rows(Settings(campaigns=3, kinds=("rival_flash", "unheard_of")))
    assert {row["truth.archetype"] for row in chosen} == {"rival_flash"}
    assert len({row["truth.group"] for row in chosen}) == 3


@pytest.mark.parametrize("size", [(1, 1), (12, 40)])
def test_sizes_stay_within_bounds(size: tuple[int, int]) -> None:
    made = rows(Settings(campaign_size=size, days=60))
    signups = Counter(row["truth.group"] for row in made if row["type"] == 1)
    assert len(signups) == len(rival.KINDS)
    assert max(signups.values()) <= size[1]
    assert sum(count >= size[0] for count in signups.values()) >= 0.8 * len(signups)


def test_later_events_change_no_signup() -> None:
    settings = Settings(campaigns=12)
    begin, end = settings.first_day * DAY, (settings.first_day + settings.days) * DAY
    bare = [row["account_id"] for row in merge((rival.campaigns(settings),), begin, end, lives=False)]
    assert bare == [row["account_id"] for row in rows(settings) if row["type"] == 1]


def test_every_account_is_sybil() -> None:
    for kind, found in members().items():
        assert all(row["truth.is_sybil"] for row in found), kind
        first = {row["account_id"]: row["type"] for row in reversed(found)}
        assert set(first.values()) == {1}, kind


@pytest.mark.parametrize("kind", sorted(set(rival.KINDS) - rival.SHARES_NOTHING))
def test_kind_shares_a_value(kind: str) -> None:
    assert max(len(who) for who in holders(members()[kind]).values()) >= 2


def test_chain_values_have_two_holders() -> None:
    settings = Settings(campaigns=3, kinds=("rival_two_hands",), campaign_size=(60, 90))
    for group in (f"rival_two_hands-{number}" for number in range(3)):
        held = holders([row for row in rows(settings) if row["truth.group"] == group])
        # Identical machines draw identical pictures, in this campaign as among strangers.
        own = {value: who for value, who in held.items() if not value.startswith("device.canvas_hash")}
        assert max(len(who) for who in own.values()) == 2


def test_ghosts_share_no_value() -> None:
    held = holders(members()["rival_ghosts"])
    # What is left is what strangers share, too: a carrier's address, the picture of a common machine, a town.
    common = ("network.ip_address", "device.canvas_hash", "payment.billing_postal_code")
    assert all(len(who) == 1 for value, who in held.items() if not value.startswith(common))


def test_chain_joins_most_members() -> None:
    found = members()["rival_two_hands"]
    linked = {who for pair in holders(found).values() if len(pair) == 2 for who in pair}
    assert len(linked) > 0.6 * len({row["account_id"] for row in found})


def test_bans_are_replaced() -> None:
    found = members()["rival_replacement"]
    banned = [row["time"] for row in found if row.get("outcome.kind") == 2]
    last = max(float(str(row["time"])) for row in found if row["type"] == 1)
    assert banned and min(float(str(time)) for time in banned) < last


def test_stock_returns_after_closure() -> None:
    found = members()["rival_back_again"]
    ended = {row["account_id"] for row in found if row.get("outcome.kind") in (1, 2)}
    returned = [who for who in holders(found).values() if who & ended and who - ended]
    assert ended and returned
