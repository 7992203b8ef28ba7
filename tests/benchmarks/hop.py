"""Operators behind a public set of accounts and transfers, recovered by the sweep; prints JSON. The data is not part of
the project.

    python -m tests.benchmarks.hop --accounts hop_accounts.parquet --transfers hop_transfers.parquet

Who paid whom is read as a shared payment value: the wallet on the other side, on its chain; every account holds its own
wallet too. Transfers have no times, so this tests grouping, not scoring. Every account counts as flagged and begins
alone. Weights are learnt on half of the named operators, everything is judged on the other half and on half of the
accounts without one; labels came partly from the same transfers, which flatters every method here alike. Compared in
the same run: connected components over values of few holders, and Louvain communities (networkx, if it is installed).
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sybilgate.core.campaign.joining import Suspects
from sybilgate.core.campaign.resemblance import COMPARED, Mates
from sybilgate.core.campaign.roll import Ints, Roll
from sybilgate.core.campaign.sweep import Decided, swept
from sybilgate.core.campaign.sweep_limits import SweepLimits
from sybilgate.core.campaign.telling import chance_of
from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, KINDS
from sybilgate.core.observation import Floats
from sybilgate.training.evaluate import auc
from sybilgate.training.mates import learn_mates

#: Columns a wallet may stand in; an account keeps its rarest.
COLUMNS = [column for column in (COLUMN[kind] for kind in LINKS) if column in set(COMPARED.tolist())]
CAPS = (2, 5, 10, 50)
#: Louvain is given no value with more holders: what everybody uses is not an edge.
HUB = 1000


@dataclass(frozen=True)
class Wallets:
    """(account, value) in pairs, both numbered; values of one holder are left out. ``holders``: by value."""

    account: Ints
    value: Ints
    holders: Ints


@dataclass(frozen=True)
class Truth:
    """``operator``: "" where none is named; ``learn``: accounts whose labels may be learnt from."""

    operator: list[str]
    sybil: npt.NDArray[np.bool_]
    learn: npt.NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=Path, required=True)
    parser.add_argument("--transfers", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    accounts = pq.read_table(options.accounts).sort_by("first_use_time")
    names = accounts["account_id"].to_pylist()
    truth = truth_of(accounts, options.seed)
    wallets = wallets_of(names, pq.read_table(options.transfers))
    roll = roll_of(names, np.arange(len(names)) * 60.0, wallets)
    mates = learn_mates([suspects_of(roll, truth)], owner_of(names, truth), options.seed)
    if mates is None:
        raise SystemExit("too few named operators to learn from")
    methods: dict[str, Callable[[], Ints]] = {"sweep": lambda: by_sweep(roll, mates)}
    methods |= {f"components, {cap} holders at most": lambda cap=cap: by_components(wallets, cap) for cap in CAPS}
    methods["louvain"] = lambda: by_louvain(wallets, len(names), options.seed)
    found: dict[str, Any] = {}
    for name, method in methods.items():
        began = time.process_time()
        try:
            group = method()
        except ModuleNotFoundError as error:
            found[name] = f"skipped: {error.name} is not installed"
            continue
        found[name] = judged(group, truth, wallets) | {"cpu_seconds": round(time.process_time() - began, 1)}
    print(json.dumps({"accounts": len(names), "values": len(wallets.holders), "methods": found}, indent=1))


def truth_of(accounts: Any, seed: int) -> Truth:
    """Operators, and accounts that name none, fall into halves by their names."""
    operator = [name or "" for name in accounts["operator_group"].to_pylist()]
    halves = [
        zlib.crc32(f"{seed}/{o or a}".encode()) % 2
        for o, a in zip(operator, accounts["account_id"].to_pylist(), strict=True)
    ]
    return Truth(operator, accounts["is_sybil"].to_numpy(zero_copy_only=False), np.array(halves) == 0)


def owner_of(names: list[str], truth: Truth) -> Callable[[str], str]:
    operator = dict(zip(names, truth.operator, strict=True))
    return lambda name: operator[name] or f"/{name}"


def wallets_of(names: list[str], transfers: Any) -> Wallets:
    """Both sides of every transfer hold the other's wallet, and each its own, if they are accounts of the set."""
    number = {name: i for i, name in enumerate(names)}
    value: dict[tuple[str, str], int] = {}
    pairs: set[tuple[int, int]] = set()
    rows = zip(*(transfers[name].to_pylist() for name in ("from", "to", "chain")), strict=True)
    for sender, receiver, chain in rows:
        for holder in (sender, receiver):
            if holder in number:
                pairs |= {(number[holder], value.setdefault((w, chain), len(value))) for w in (sender, receiver)}
    account, held = np.array(sorted(pairs), np.int64).T
    holders = np.bincount(held, minlength=len(value))
    kept = holders[held] > 1
    shared, renumbered = np.unique(held[kept], return_inverse=True)
    return Wallets(account[kept], renumbered, holders[shared])


def roll_of(names: list[str], times: Floats, wallets: Wallets) -> Roll:
    """The rarest wallets of each account, one per column."""
    order = np.lexsort((wallets.value, wallets.holders[wallets.value], wallets.account))
    account, held = wallets.account[order], wallets.value[order]
    rank = np.arange(len(account)) - np.searchsorted(account, account)
    value = np.full((len(names), len(KINDS)), -1, np.int32)
    use = rank < len(COLUMNS)
    value[account[use], np.array(COLUMNS)[rank[use]]] = held[use]
    share = (wallets.holders + 0.5) / (len(names) + 30.0)
    return Roll(names, times, value, share, wallets.holders.astype(np.float64))


def suspects_of(roll: Roll, truth: Truth) -> Suspects:
    """The accounts that may be learnt from, as if each had just been flagged."""
    rows = np.flatnonzero(truth.learn)
    value, n = roll.value[rows], len(rows)
    keys = [[int(v).to_bytes(16, "big") if v >= 0 else None for v in row] for row in value.tolist()]
    share, month = (np.where(value >= 0, column[value], np.nan) for column in (roll.share, roll.month))
    names = [roll.account_id[row] for row in rows.tolist()]
    flagged, watched = np.ones(n, np.bool_), np.zeros(n, np.bool_)
    return Suspects(
        rows, names, rows.tolist(), roll.time[rows], np.ones(n), flagged, watched, value, keys, share, month
    )


def by_sweep(roll: Roll, mates: Mates) -> Ints:
    nothing = np.zeros(len(roll), np.bool_)
    return swept(roll, np.arange(len(roll)), Decided(nothing, nothing), mates, SweepLimits())


def by_components(wallets: Wallets, cap: int) -> Ints:
    """Accounts joined by any value that so few hold."""
    n, use = int(wallets.account.max()) + 1, wallets.holders[wallets.value] <= cap
    size = n + len(wallets.holders)
    edges = coo_array((np.ones(use.sum()), (wallets.account[use], n + wallets.value[use])), shape=(size, size))
    labels = connected_components(edges, directed=False)[1]
    return np.asarray(labels[:n], np.int64)


def by_louvain(wallets: Wallets, n: int, seed: int) -> Ints:
    """Communities of accounts and values together, edges weighted by rarity."""
    networkx = importlib.import_module("networkx")
    graph = networkx.Graph()
    graph.add_nodes_from(range(n))
    holders = wallets.holders[wallets.value]
    use = holders <= HUB
    weight = np.log(n / holders[use])
    edges = zip(wallets.account[use].tolist(), (n + wallets.value[use]).tolist(), weight.tolist(), strict=True)
    graph.add_weighted_edges_from(edges)
    group = np.arange(n)
    for number, community in enumerate(networkx.community.louvain_communities(graph, seed=seed)):
        group[[node for node in community if node < n]] = n + number
    return group


def judged(group: Ints, truth: Truth, wallets: Wallets) -> dict[str, float]:
    """B-cubed over the named operators that were not learnt from; AUC over all accounts that were not."""
    if len(group) < len(truth.operator):
        group = np.concatenate([group, group.max() + 1 + np.arange(len(truth.operator) - len(group))])
    asked = [i for i in np.flatnonzero(~truth.learn).tolist() if truth.operator[i]]
    both = Counter((int(group[i]), truth.operator[i]) for i in asked)
    cluster, operator = Counter(int(group[i]) for i in asked), Counter(truth.operator[i] for i in asked)
    shared = [(both[int(group[i]), truth.operator[i]], int(group[i]), truth.operator[i]) for i in asked]
    score = scores(group, wallets)
    test = ~truth.learn
    return {
        "bcubed_precision": round(float(np.mean([s / cluster[c] for s, c, _ in shared])), 3),
        "bcubed_recall": round(float(np.mean([s / operator[o] for s, _, o in shared])), 3),
        "auc_is_sybil": round(auc(score[test], truth.sybil[test]), 3),
        "largest": int(np.bincount(group).max()),
        "groups_of_three_or_more": int((np.bincount(group) > 2).sum()),
    }


def scores(group: Ints, wallets: Wallets) -> Floats:
    """[n] log size of an account's group times the decades of surprise of the value its members share most oddly."""
    size = np.bincount(group)
    held: Counter[tuple[int, int]] = Counter(zip(group[wallets.account].tolist(), wallets.value.tolist(), strict=True))
    decades: dict[int, float] = defaultdict(float)
    for (c, value), members in held.items():
        if members > 1:
            chance = chance_of(members, float(size[c]), float(wallets.holders[value]) / len(group))
            decades[c] = max(decades[c], -np.log10(max(chance, 1e-300)))
    return np.array([np.log(size[c]) * decades[c] for c in group.tolist()])


if __name__ == "__main__":
    main()
