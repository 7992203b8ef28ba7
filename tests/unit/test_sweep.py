"""Facts about the sweep: what it merges, parts and leaves alone, and that it comes to rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sybilgate.app.moving import steps_of
from sybilgate.core.campaign.comparing import Recall, toward
from sybilgate.core.campaign.parting import Parting
from sybilgate.core.campaign.resemblance import FEATURES, Mates
from sybilgate.core.campaign.roll import Ints, Profiles, Roll
from sybilgate.core.campaign.sweep import Decided, swept
from sybilgate.core.identifier import COLUMN, KINDS, Kind
from tests.factories import HAND_LIMITS, MATES

DEVICE, CARD, IP, PHONE = (COLUMN[kind] for kind in (Kind.DEVICE_ID, Kind.CARD, Kind.IP, Kind.PHONE))
RARE, BUSY, HUB = 1e-4, 0.02, 0.3


#: Unlike values speak against belonging, too.
MIXED = Mates(tuple({"enough": 1.0, "against": 0.25}.get(name.rpartition(".")[2], 0.0) for name in FEATURES), -3.0)


def roll_of(values: list[dict[int, int]], share: float = RARE, hubs: frozenset[int] = frozenset()) -> Roll:
    """Members a minute apart; each tells which numbered value it has in which column."""
    value = np.full((len(values), len(KINDS)), -1, np.int32)
    for row, held in enumerate(values):
        for column, number in held.items():
            value[row, column] = number
    shares = np.full(int(value.max(initial=-1)) + 1, share)
    shares[sorted(hubs)] = HUB
    names = [f"a{row}" for row in range(len(values))]
    return Roll(names, np.arange(len(values)) * 60.0, value, shares, shares * 1e5)


def farm(size: int, first: int) -> list[dict[int, int]]:
    """One device and one card for all."""
    return [{DEVICE: first, CARD: first + 1} for _ in range(size)]


def undecided(group: Ints) -> Decided:
    none = np.zeros(int(group.max(initial=-1)) + 1, np.bool_)
    return Decided(none, none)


def run(roll: Roll, group: list[int], decided: Decided | None = None) -> list[int]:
    numbers = np.array(group, np.int64)
    return swept(roll, numbers, decided or undecided(numbers), MATES, HAND_LIMITS).tolist()


def together(group: npt.ArrayLike) -> set[frozenset[int]]:
    numbers = np.asarray(group)
    return {frozenset(np.flatnonzero(numbers == c).tolist()) for c in np.unique(numbers)}


def test_pieces_become_one_campaign() -> None:
    assert run(roll_of(farm(9, 0)), [0, 0, 0, 0, 0, 1, 1, 1, 2]) == [0] * 9


def test_two_farms_stay_apart() -> None:
    group = [0] * 5 + [1] * 5
    assert run(roll_of(farm(5, 0) + farm(5, 2)), group) == group


def test_shared_hub_glues_nobody() -> None:
    values = [held | {IP: 4} for held in farm(5, 0) + farm(5, 2)]
    group = [0] * 5 + [1] * 5
    assert run(roll_of(values, hubs=frozenset([4])), group) == group


def test_two_operators_are_parted() -> None:
    found = run(roll_of(farm(6, 0) + farm(4, 2)), [0] * 10)
    assert together(found) == {frozenset(range(6)), frozenset(range(6, 10))}
    assert found[0] == 0 and found[6] == 1 + 6


def test_two_shared_axes_keep_together() -> None:
    one, two = {CARD: 2}, {CARD: 2, PHONE: 3}
    limits = replace(HAND_LIMITS, merge=99.0, part=99.0, leave=-99.0)  # parts wherever it may
    for shared, tied, whole in ((two, 2, True), (two, 3, False), (one, 2, False)):
        roll = roll_of([{DEVICE: row % 2} | shared for row in range(12)])
        group = np.zeros(12, np.int64)
        found = swept(roll, group, undecided(group), MATES, replace(limits, tied=tied))
        assert (len(together(found)) == 1) is whole


def test_nothing_large_stays_without_ties() -> None:
    """Rings that are alike in what is common, here a busy exit: likeness alone keeps only so many together."""
    likeness = Mates(tuple(0.0 for _ in MATES.weights), 5.0)
    roll = roll_of([{DEVICE: row // 5, CARD: 9 + row // 5, IP: 99} for row in range(20)])
    share = np.where(np.arange(100) == 99, BUSY, roll.share)
    roll = replace(roll, share=share, month=share * 1e5)
    group = np.zeros(20, np.int64)
    for loose, campaigns in ((20, 1), (19, 4)):
        limits = replace(HAND_LIMITS, merge=10.0, loose=loose)
        assert len(together(swept(roll, group, undecided(group), likeness, limits))) == campaigns


def test_ties_reach_over_members() -> None:
    rows, group = np.arange(20), np.zeros(20, np.int64)
    chain = roll_of([{DEVICE: row // 5, CARD: 9 + (row + 3) // 5} for row in range(20)])
    assert len(together(Profiles(chain, group).tied(rows))) == 1
    rings = roll_of([{DEVICE: row // 5} for row in range(20)])
    assert together(Profiles(rings, group).tied(rows)) == {frozenset(range(i, i + 5)) for i in range(0, 20, 5)}


def test_small_piece_may_be_sure_alone() -> None:
    """Its values are some of the large one's, whose middle member has others."""
    roll = roll_of([{DEVICE: 0, CARD: 1}] * 4 + [{DEVICE: 0, CARD: 3}] + [{DEVICE: 2, CARD: 3}] * 5)
    pieces = np.array([0] * 3 + [1] * 7)
    p = Profiles(roll, pieces)
    first, second = np.array([0]), np.array([1])
    sure, unsure = toward(p, first, second, MATES)[0], toward(p, second, first, MATES)[0]
    assert sure > 0 > unsure
    for merge, campaigns in ((sure + unsure, 1), (sure + unsure + 0.1, 2)):
        limits = replace(HAND_LIMITS, merge=float(merge), part=-99.0, leave=-99.0)
        assert len(together(swept(roll, pieces, undecided(pieces), MATES, limits))) == campaigns


def test_known_answers_are_recalled() -> None:
    recall, a, b = Recall(), np.array([3, 4, 5], np.uint64), np.array([9, 9, 8], np.uint64)
    assert recall.ask(a, b, lambda new: new + 1.0).tolist() == [1.0, 2.0, 3.0]
    assert recall.ask(a[::-1], b[::-1], lambda new: new + 90.0).tolist() == [3.0, 2.0, 1.0]
    b[1] = 7
    assert recall.ask(a, b, lambda new: new + 90.0).tolist() == [1.0, 91.0, 3.0]
    assert recall.ask(b, a, lambda new: new + 50.0).tolist() == [50.0, 51.0, 52.0]


def test_campaign_is_told_by_its_members() -> None:
    roll = roll_of(farm(9, 0))
    one, other = Profiles(roll, np.array([0] * 4 + [7] * 5)), Profiles(roll, np.array([3] * 4 + [1] * 4 + [2]))
    assert one.mark[0] == other.mark[2] and len({*one.mark.tolist(), *other.mark.tolist()}) == 4


def test_misplaced_member_goes_home() -> None:
    assert run(roll_of(farm(5, 0) + farm(5, 2)), [0] * 5 + [1] * 4 + [0]) == [0] * 5 + [1] * 5


def test_larger_campaign_keeps_its_name() -> None:
    assert set(run(roll_of(farm(7, 0)), [0, 0, 1, 1, 1, 1, 1])) == {1}


@pytest.mark.parametrize("number", [0, 1])
def test_dismissed_campaign_is_left_alone(number: int) -> None:
    group, closed = [0] * 5 + [1] * 4, np.arange(2) == number
    assert run(roll_of(farm(9, 0)), group, Decided(closed, closed & False)) == group


def test_confirmed_campaign_only_takes() -> None:
    kept = np.array([False, True])
    assert run(roll_of(farm(9, 0)), [0] * 5 + [1] * 4, Decided(kept & False, kept)) == [1] * 9


def test_order_of_merging_changes_no_membership() -> None:
    values = farm(9, 0) + farm(6, 2)
    pieces = ([0, 1, 2] * 3 + [3, 4] * 3, [0] * 4 + [1] * 3 + [2] * 2 + [3] * 3 + [4] * 3, [0] + [1] * 8 + [2] * 6)
    found = [together(run(roll_of(values), group)) for group in pieces]
    assert found[0] == found[1] == found[2]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(4, 7), st.integers(8, 9), st.integers(0, 4)), min_size=2, max_size=30
    ),
    st.sampled_from([4, 7, 512]),
)
def test_second_sweep_changes_nothing(rows: list[tuple[int, int, int, int]], loose: int) -> None:
    roll = roll_of([{DEVICE: device, CARD: card, IP: exit_} for device, card, exit_, _ in rows])
    share = np.array([RARE] * 4 + [BUSY, BUSY] + [RARE] * 2 + [BUSY, BUSY])[: len(roll.share)]
    roll = replace(roll, share=share, month=share * 1e4)
    limits = replace(HAND_LIMITS, merge=-2.0, part=-0.5, loose=loose)
    once = np.unique([piece for *_, piece in rows], return_inverse=True)[1]
    shapes = []
    for _ in range(2):
        once = np.unique(swept(roll, once, undecided(once), MIXED, limits), return_inverse=True)[1]
        shapes.append(together(once))
    assert shapes[0] == shapes[1]


def test_name_giver_may_be_parted_off() -> None:
    """A campaign that is new and named after its first member, who then leaves with others, needs another name."""
    roll = roll_of([{DEVICE: 0}] * 3 + [{DEVICE: 1}] * 8)
    parting = Parting(roll, np.zeros(2), MATES, replace(HAND_LIMITS, loose=4), np.zeros(12, np.bool_), 1)
    group, parted = parting.part(np.ones(11, np.int64))
    assert together(group) == {frozenset(range(3)), frozenset(range(3, 11))} and parted == 1


def test_many_operators_part_at_once() -> None:
    roll = roll_of([held for ring in range(8) for held in farm(3, 2 * ring)])
    parting = Parting(roll, np.zeros(16), MATES, HAND_LIMITS, np.zeros(25, np.bool_), 1)
    group, parted = parting.part(np.zeros(24, np.int64))
    assert together(group) == {frozenset(range(i, i + 3)) for i in range(0, 24, 3)} and parted == 7


def test_kept_campaigns_are_not_loosened() -> None:
    roll = roll_of([{DEVICE: row // 5} for row in range(20)])
    group, kept = [0] * 20, np.array([True])
    for decided in (Decided(kept, kept), Decided(~kept, kept)):
        limits = replace(HAND_LIMITS, loose=4)
        assert swept(roll, np.array(group), decided, MATES, limits).tolist() == group


def test_loners_gather_only_while_few() -> None:
    """All would go to the same campaign in one round, and have only a busy exit in common with it."""
    near = Mates(tuple(0.0 for _ in MATES.weights), 5.0)
    roll = roll_of([{CARD: 0, IP: 20}] * 2 + [{CARD: 1 + row, IP: 20} for row in range(12)])
    share = np.where(np.arange(21) == 20, BUSY, roll.share)
    roll, group = replace(roll, share=share, month=share * 1e5), np.array([0, 0, *range(1, 13)])
    for loose, gathered in ((14, 12), (9, 8)):
        limits = replace(HAND_LIMITS, merge=99.0, part=-99.0, loose=loose)
        assert max(map(len, together(swept(roll, group, undecided(group), near, limits)))) == gathered


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(3, 5)), min_size=3, max_size=12), st.data())
def test_losing_a_link_raises_no_margin(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    values = [{DEVICE: device, CARD: card} for device, card in rows]
    row = np.array([data.draw(st.integers(0, len(rows) - 1))])
    nobody = np.zeros(len(rows), np.int64)
    before = Profiles(roll_of(values), nobody).margins(row, nobody[:1], MATES)
    values[row[0]] = {CARD: values[row[0]][CARD]}
    after = Profiles(roll_of(values), nobody).margins(row, nobody[:1], MATES)
    assert after[0] <= before[0]


def test_margin_leaves_the_member_out() -> None:
    roll, group = roll_of(farm(1, 0) + farm(3, 2)), np.array([0, 0, 0, 0])
    margins = Profiles(roll, group).margins(np.array([0, 1]), group[:2], MATES)
    assert margins[0] < -3 < margins[1]
    assert np.isnan(Profiles(roll, np.arange(4)).margins(np.array([0]), np.array([0]), MATES)).all()


def test_steps_move_then_merge() -> None:
    before, after = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2]), np.array([2, 2, 1, 1, 1, 2, 2, 2, 5])
    moves = [(s.source, s.target, s.rows, s.whole) for s in steps_of(before, after, 3)]
    assert moves == [(0, 1, (2,), False), (2, 5, (8,), False), (0, 2, (0, 1), True)]


def test_new_campaign_takes_over_a_name() -> None:
    before, after = np.array([0, 0, 1, 1, 1]), np.array([2, 2, 2, 2, 2])
    assert [(s.source, s.target, s.whole) for s in steps_of(before, after, 2)] == [(0, 1, True)]
