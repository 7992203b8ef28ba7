"""What a clustering by shared values could reach at most."""

from __future__ import annotations

from sybilgate.core.identifier import COLUMN, KINDS, Key, Kind
from tests.benchmarks.reach import joined_by_values

#: Account -> operator, device, card.
HELD = {
    "a1": ("A", "d1", "c1"), "a2": ("A", "d1", ""), "a3": ("A", "", "c1"), "a4": ("A", "d9", ""),
    "b1": ("B", "d9", "c2"), "b2": ("B", "", "c2"), "lone": ("C", "d7", "c7"),
}  # fmt: skip


def keys(name: str) -> list[Key | None]:
    row: list[Key | None] = [None] * len(KINDS)
    for kind, value in zip((Kind.DEVICE_ID, Kind.CARD), HELD[name][1:], strict=True):
        row[COLUMN[kind]] = bytes([kind]) + value.encode() if value else None
    return row


def together(purity: float, *names: str) -> bool:
    place = joined_by_values(list(HELD), lambda name: HELD[name][0], keys, purity)
    return len({place[name] for name in names}) == 1


def test_values_of_one_owner_join() -> None:
    assert together(1.0, "a1", "a2", "a3") and together(1.0, "b1", "b2")


def test_values_of_two_owners_do_not() -> None:
    assert not together(1.0, "a1", "b1") and not together(0.5, "a4", "b1")


def test_who_shares_nothing_stays_alone() -> None:
    place = joined_by_values(list(HELD), lambda name: HELD[name][0], keys)
    assert sum(at == place["lone"] for at in place.values()) == sum(at == place["a4"] for at in place.values()) == 1
