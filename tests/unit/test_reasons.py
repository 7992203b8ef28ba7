"""Facts about reasons: contributions summed by code, named after the axis that says most, largest first."""

from __future__ import annotations

import math

import numpy as np

from sybilgate.app.explain import MIN_REASON, reasons_of
from sybilgate.core.feature import FEATURES
from sybilgate.core.reason import SENTENCES, sentence


def test_reasons_sum_their_features() -> None:
    values = np.random.default_rng(1).normal(0, 0.02, len(FEATURES))
    for code, _, axis, amount in (found := reasons_of(values)):
        mine = [(abs(v), spec.axis.value, v) for spec, v in zip(FEATURES, values, strict=True) if spec.reason == code]
        assert math.isclose(amount, sum(v for _, _, v in mine))
        assert axis == max(mine)[1]
    sizes = [abs(amount) for *_, amount in found]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= MIN_REASON


def test_no_effect_is_no_reason() -> None:
    assert reasons_of(np.zeros(len(FEATURES))) == ()


def test_every_code_has_both_sentences() -> None:
    assert set(SENTENCES) == {spec.reason for spec in FEATURES}
    told = [text for pair in SENTENCES.values() for text in pair]
    assert len(told) == len(set(told))
    assert all(text[0].isupper() and text.endswith(".") and len(text) < 140 for text in told)


def test_sentence_says_its_direction() -> None:
    assert sentence("BURST", -0.2) == "Accounts that share values with this one did not come suddenly."
    assert sentence("BURST", 0.2) == "Accounts that share values with this one came suddenly."


def test_facts_have_one_direction() -> None:
    """What may count either way is told by whom it resembles: a prepaid card must not be said to be none."""
    either = {spec.reason for spec in FEATURES if spec.monotone != 1} - {"FIRST_LOOK"}
    assert [code for code in either if "commoner" not in SENTENCES[code][0]] == []
