"""The compiled model: flat arrays that the kernels walk, and how they are laid out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sybilgate.core.explanation.binning import Bins
from sybilgate.core.explanation.columns import Columns
from sybilgate.core.explanation.leaves import Group

Array = npt.NDArray[Any]


class Reader(NamedTuple):
    """From rows to columns. Starts have one entry more than there are things to start."""

    source: Array  # column of the row, per feature in use
    edge_start: Array
    edges: Array  # float32
    lookup_start: Array
    lookup: Array  # category -> bin
    zero: Array  # whether a bin for zero follows the NaN bin
    derived_from: Array  # looked-up columns: feature in use
    derived_start: Array
    derived: Array  # bin -> value


class Tables(NamedTuple):
    """One table per group: ``cells[offset + state * players + player]``."""

    cut_start: Array  # per group
    cut_column: Array
    cut_value: Array
    cut_stride: Array  # what passing the cut adds to the state
    player_start: Array  # per group
    player: Array  # feature in use
    offset: Array
    cells: Array


def lay_reader(bins: dict[int, Bins], columns: Columns) -> Reader:
    """Call when every column has been handed out."""
    used = list(bins.values())
    return Reader(
        source=np.array([b.column for b in used], np.int64),
        edge_start=starts(len(b.edges) for b in used),
        edges=join([b.edges for b in used], np.float32),
        lookup_start=starts(len(b.lookup) for b in used),
        lookup=join([b.lookup for b in used], np.uint16),
        zero=np.array([b.zero for b in used], np.bool_),
        derived_from=np.array([place for place, _ in columns.looked_up], np.int64),
        derived_start=starts(len(values) for _, values in columns.looked_up),
        derived=join([np.array(values) for _, values in columns.looked_up], np.uint16),
    )


class Recipe(NamedTuple):
    """What fills the cells: the leaves of every group with their conditions, by digit of the state."""

    radix: Array  # per player of a group, the number of its parts
    leaf_start: Array  # per group
    value: Array  # per leaf
    item_start: Array  # per leaf
    item_player: Array  # place among the group's players
    item_share: Array
    item_met: Array  # per item: bit i says that part i leads to the leaf
    times: Array  # quadrature nodes of each number of players, ``node_start`` apart
    weights: Array
    node_start: Array


def lay_tables(groups: list[Group], columns: Columns) -> tuple[Tables, Recipe]:
    """Tables with empty cells, and the recipe to fill them."""
    cuts: list[tuple[int, int, int]] = []
    cut_counts, players, radix, leaves, items, offsets = [], [], [], [], [], [0]
    for group in groups:
        before, stride = len(cuts), 1
        orders = {}
        for feature, parts in group.parts.items():
            orders[feature], found = columns.order(feature, parts)
            cuts += [(column, cut, stride) for column, cut in found]
            stride *= len(parts)
            radix.append(len(parts))
        names = list(group.parts)
        players.append(names)
        cut_counts.append(len(cuts) - before)
        leaves.append([leaf.value for leaf in group.leaves])
        for leaf in group.leaves:
            items.append([
                (names.index(f), share, _met(orders[f], here)) for f, (share, here) in leaf.players.items()
            ])  # fmt: skip
        offsets.append(offsets[-1] + group.numbers)
    column, value, stride_ = np.array(cuts, np.int64).reshape(-1, 3).T
    flat = [item for of_leaf in items for item in of_leaf]
    tables = Tables(
        cut_start=starts(cut_counts), cut_column=column.copy(), cut_value=value.astype(np.uint16),
        cut_stride=stride_.astype(np.uint16), player_start=starts(map(len, players)),
        player=np.array([columns.place(f) for names in players for f in names], np.int64),
        offset=np.array(offsets, np.int64), cells=np.zeros(offsets[-1]),
    )  # fmt: skip
    times, weights, node_start = quadrature(max(map(len, items), default=0))
    recipe = Recipe(
        radix=np.array(radix, np.int64), leaf_start=starts(map(len, leaves)),
        value=join([np.array(v) for v in leaves], np.float64), item_start=starts(map(len, items)),
        item_player=np.array([i[0] for i in flat], np.int64), item_share=np.array([i[1] for i in flat], np.float64),
        item_met=np.array([i[2] for i in flat], np.uint64), times=times, weights=weights, node_start=node_start,
    )  # fmt: skip
    return tables, recipe


def _met(order: list[int], bins: int) -> int:
    return sum(1 << place for place, part in enumerate(order) if part & bins)


def quadrature(players: int) -> tuple[Array, Array, Array]:
    """Gauss-Legendre nodes and weights on [0, 1] for leaves of 1 ... ``players`` players, and where each size starts.

    The integrand has degree players - 1, so half as many nodes, rounded up, are exact.
    """
    found = [np.polynomial.legendre.leggauss((size + 1) // 2) for size in range(1, players + 1)]
    times = join([(nodes + 1.0) / 2.0 for nodes, _ in found], np.float64)
    weights = join([w / 2.0 for _, w in found], np.float64)
    return times, weights, starts([0, *(len(w) for _, w in found)])


def starts(sizes: Iterable[int]) -> Array:
    """Where things of these sizes start when laid end to end, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(np.fromiter(sizes, np.int64))]).astype(np.int64)


def join(parts: list[Array], dtype: Any) -> Array:
    """One array of all."""
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype)
