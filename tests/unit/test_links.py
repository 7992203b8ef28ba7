"""Links of a campaign, and the names campaigns go by."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from sybilgate.core.campaign.links import axes_of, growth_at, links_of
from sybilgate.core.campaign.records import CampaignRecord, SharedValue
from sybilgate.core.campaign.telling import chance_of
from sybilgate.core.crockford import decode_ref, encode_ref
from sybilgate.core.identifier import COLUMN, KINDS, Axis, Kind
from sybilgate.core.state import STATE, pack_totals

CARD, BIN = bytes([Kind.CARD]) * 16, bytes([Kind.BIN]) * 16
HAVING = np.full(len(KINDS), 10, "<i4").tobytes()
CAMPAIGN = CampaignRecord(7, 1, 0, 10, 2, 10.0, 100.0, 4.0, 8.0, 9.0, HAVING, 9.5, 12.0)


def state(month: float, accounts: int) -> tuple[int, bytes]:
    row = np.zeros((), STATE)
    row["weight"][3], row["accounts"] = month, accounts
    return 1, row.tobytes()


def totals(month: float) -> bytes:
    states = np.zeros(len(KINDS), STATE)
    states["weight"][:, 3] = month
    return pack_totals(states)


@given(st.integers(-(2**63), 2**63 - 1))
def test_reference_survives_its_name(ref: int) -> None:
    name = encode_ref(ref)
    assert (len(name), decode_ref(name)) == (13, ref)


@pytest.mark.parametrize("text", ["", "0", "g" + "0" * 12, "0" * 14, "000000000000u", "000000000000I"])
def test_foreign_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        decode_ref(text)


@given(st.integers(2, 40), st.integers(0, 40), st.floats(1e-6, 0.9))
def test_chance_is_binomial_tail(sharing: int, more: int, share: float) -> None:
    having = sharing + more
    assert chance_of(sharing, having, share) == pytest.approx(binom.sf(sharing - 2, having - 1, share), rel=1e-6)


def test_nobody_else_is_no_surprise() -> None:
    assert chance_of(1, 10, 1e-6) == 1.0
    assert chance_of(0, 10, 1e-6) == 1.0


def test_rare_card_tells_common_bin_not() -> None:
    values = [SharedValue(7, CARD, 6, 20.0, 90.0), SharedValue(7, BIN, 3, 10.0, 100.0)]
    states = {CARD: state(6.0, 6), BIN: state(4000.0, 90_000)}
    card, bin_ = links_of(CAMPAIGN, values, states, totals(10_000.0))
    assert (card.axis, card.handle, card.holders) == (Axis.PAYMENT, CARD.hex()[:8], 6)
    assert card.rarity_bits == pytest.approx(-math.log2(6.5 / 10_030))
    assert card.chance < 1e-12 < 0.5 < bin_.chance
    assert axes_of([bin_]) == () and axes_of([bin_, card]) == (Axis.PAYMENT,)


def test_chance_counts_those_who_told() -> None:
    few = np.zeros(len(KINDS), "<i4")
    few[COLUMN[Kind.CARD]] = 2
    value = [SharedValue(7, CARD, 2, 0.0, 1.0)]
    told = CampaignRecord(7, 1, 0, 500, 0, 0.0, 1.0, 0.0, 0.0, 0.0, few.tobytes(), 0.0, 0.0)
    (link,) = links_of(told, value, {CARD: state(2.0, 2)}, totals(1000.0))
    assert link.chance == pytest.approx(2.5 / 1030)


def test_unknown_value_is_no_error() -> None:
    (link,) = links_of(None, [SharedValue(0, CARD, 0, 0.0, 1.0)], {}, None)
    assert (link.holders, link.chance) == (0, 1.0)


def test_growth_fades_with_time() -> None:
    assert growth_at(CAMPAIGN, 50.0) == (4.0, 8.0, 9.0)
    hour, day, month = growth_at(CAMPAIGN, 3700.0)
    assert hour == pytest.approx(4 / math.e)
    assert 7.6 < day < 8.0 and 8.9 < month < 9.0
