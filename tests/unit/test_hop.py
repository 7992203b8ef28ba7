"""Facts about the benchmark of operators: what two accounts share, who is grouped, and how that is judged."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tests.benchmarks.hop import Truth, by_components, judged, roll_of, wallets_of

NAMES = ["a", "b", "c", "d", "e"]
TRANSFERS = pa.table(
    {"from": ["a", "c", "d", "e"], "to": ["b", "w1", "w1", "w2"], "chain": ["x"] * 4, "n": [1, 2, 3, 4]}
)


def test_direct_transfer_joins_two() -> None:
    group = by_components(wallets_of(NAMES, TRANSFERS), 2)
    assert group[0] == group[1] and group[2] == group[3] and group[0] != group[2]


def test_wallet_of_one_is_left_out() -> None:
    wallets = wallets_of(NAMES, TRANSFERS)
    assert (wallets.holders > 1).all() and 4 not in wallets.account.tolist()


def test_accounts_keep_rare_wallets() -> None:
    roll = roll_of(NAMES, np.arange(5.0), wallets_of(NAMES, TRANSFERS))
    assert (roll.value >= 0).sum(axis=1).tolist() == [2, 2, 1, 1, 0]


def test_perfect_groups_are_perfect() -> None:
    truth = Truth(["p", "p", "q", "q", ""], np.array([True, True, True, True, False]), np.zeros(5, np.bool_))
    found = judged(np.array([0, 0, 1, 1]), truth, wallets_of(NAMES, TRANSFERS))
    assert (found["bcubed_precision"], found["bcubed_recall"], found["auc_is_sybil"]) == (1.0, 1.0, 1.0)
