"""Deep leaves: those with too many players for a table. One pass down and up the tree with quadrature nodes.

A node carries, for each quadrature node t, the product over its players of ``share * (1 - t) + met * t``. On the way
up, sums of leaves meet the slope of one player's factor. A player who splits again further down replaces his factor on
the way down, and on the way up his earlier self is taken back for the leaves below.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from sybilgate.core.explanation.binning import Bins
from sybilgate.core.explanation.columns import Columns, Cut
from sybilgate.core.explanation.leaves import Leaf
from sybilgate.core.explanation.program import Array, quadrature, starts
from sybilgate.core.explanation.reading import Tree

#: A comparison that never holds, for a split that sends everything one way.
_NEVER: Cut = (0, 65535)


#: Rows that go down together, side by side in the processor's vectors.
LANES = 8


class Paths(NamedTuple):
    """Nodes of pruned trees, each tree's root first and every node after its parent."""

    start: Array  # per tree
    parent: Array  # within the tree, as is ``again``
    again: Array  # the nearest node above that the same player leads to, or 0, the root
    player: Array
    share: Array  # of the player, all his splits so far
    column: Array
    cut: Array
    below: Array  # whether the node is reached when the column is not above the cut
    value: Array  # of a leaf; NaN marks an inner node
    node_start: Array  # per tree: its quadrature
    times: Array
    weights: Array


def lay_paths(found: list[tuple[Tree, list[Leaf]]], bins: dict[int, Bins], columns: Columns) -> Paths:
    """Prune each tree to its deep leaves and lay it out."""
    rows: list[tuple[float, ...]] = []
    sizes, quadratures = [], [(np.zeros(0), np.zeros(0))]
    for tree, leaves in found:
        before = len(rows)
        rows += _prune(tree, leaves, bins, columns)
        sizes.append(len(rows) - before)
        times, weights, node_start = quadrature(max(len(leaf.players) for leaf in leaves))
        quadratures.append((times[node_start[-2] :], weights[node_start[-2] :]))
    parent, again, player, share, column, cut, below, value = np.array(rows, np.float64).reshape(-1, 8).T
    return Paths(
        start=starts(sizes), parent=parent.astype(np.int64), again=again.astype(np.int64),
        player=player.astype(np.int64), share=share.copy(), column=column.astype(np.int64),
        cut=cut.astype(np.uint16), below=below.astype(np.bool_), value=value.copy(),
        node_start=starts(len(t) for t, _ in quadratures[1:]), times=np.concatenate([t for t, _ in quadratures]),
        weights=np.concatenate([w for _, w in quadratures]),
    )  # fmt: skip


def _prune(tree: Tree, leaves: list[Leaf], bins: dict[int, Bins], columns: Columns) -> list[tuple[float, ...]]:
    keep = _above(tree, {~leaf.number for leaf in leaves})
    rows: list[tuple[float, ...]] = [(0, 0, 0, 1.0, *_NEVER, 1, np.nan)]
    todo: list[tuple[int, int, dict[int, int]]] = [(0, 0, {})]
    while todo:
        node, place, last = todo.pop()
        feature = int(tree.feature[node])
        left = bins[feature].left(tree, node)
        (column, cut), left_below = _split(feature, left, bins, columns)
        again = last.get(feature, 0)
        for child, below in ((int(tree.left[node]), left_below), (int(tree.right[node]), not left_below)):
            if child not in keep:
                continue
            share = rows[again][3] * tree.count(child) / tree.count(node)
            value = np.nan if child >= 0 else float(tree.value[~child])
            rows.append((place, again, feature, share, column, cut, below, value))
            if child >= 0:
                todo.append((child, len(rows) - 1, {**last, feature: len(rows) - 1}))
    return rows


def _above(tree: Tree, nodes: set[int]) -> set[int]:
    parents = {int(child): node for side in (tree.left, tree.right) for node, child in enumerate(side)}
    keep: set[int] = set()
    for node in nodes:
        while node not in keep:
            keep.add(node)
            node = parents.get(node, 0)
    return keep


def _split(feature: int, left: int, bins: dict[int, Bins], columns: Columns) -> tuple[Cut, bool]:
    parts = [part for part in (left, bins[feature].everything & ~left) if part]
    order, cuts = columns.order(feature, parts)
    return (cuts[0] if cuts else _NEVER), order[0] == left


@njit(cache=True, nogil=True)
def descend(columns: Any, paths: Any, out: Any) -> None:
    """Add the deep leaves' contributions to a block of rows: [row, player]."""
    lane = np.zeros(LANES, np.int64)
    for tree in range(paths.start.shape[0] - 1):
        a, b = paths.start[tree], paths.start[tree + 1]
        low, high = paths.node_start[tree], paths.node_start[tree + 1]
        t, parent, again, share = paths.times[low:high], paths.parent[a:b], paths.again[a:b], paths.share[a:b]
        met = np.ones((b - a, LANES), np.bool_)
        carried = np.ones((b - a, high - low, LANES))
        sums = np.zeros((b - a, high - low, LANES))
        for first in range(0, out.shape[0], LANES):
            for r in range(LANES):
                lane[r] = min(first + r, out.shape[0] - 1)
            _meet(columns, lane, paths.column[a:b], paths.cut[a:b], paths.below[a:b], again, met)
            _carry(parent, again, share, t, met, carried)
            _weigh(paths.value[a:b], paths.weights[low:high], carried, sums)
            _settle(parent, again, share, paths.player[a:b], t, met, sums, out[first : first + LANES])


@njit(cache=True, nogil=True)
def _meet(columns: Any, lane: Any, column: Any, cut: Any, below: Any, again: Any, met: Any) -> None:
    """Whether all of a player's splits down to a node lead the row there."""
    for n in range(1, column.shape[0]):
        for r in range(LANES):
            met[n, r] = met[again[n], r] & ((columns[column[n], lane[r]] > cut[n]) != below[n])


@njit(cache=True, nogil=True)
def _carry(parent: Any, again: Any, share: Any, t: Any, met: Any, carried: Any) -> None:
    """The parent's product with this player's factor put in the place of his earlier one."""
    for n in range(1, parent.shape[0]):
        for q in range(t.shape[0]):
            old_unmet = share[again[n]] * (1.0 - t[q]) if again[n] else 1.0
            old_met = old_unmet + t[q] if again[n] else 1.0
            now = share[n] * (1.0 - t[q])
            unmet, lost, kept = now / old_unmet, now / old_met, (now + t[q]) / old_met
            for r in range(LANES):
                factor = kept if met[n, r] else (lost if met[again[n], r] else unmet)
                carried[n, q, r] = carried[parent[n], q, r] * factor


@njit(cache=True, nogil=True)
def _weigh(value: Any, weights: Any, carried: Any, sums: Any) -> None:
    """A leaf starts with its weighted product, an inner node with nothing."""
    for n in range(1, value.shape[0]):
        for q in range(weights.shape[0]):
            scale = 0.0 if np.isnan(value[n]) else value[n] * weights[q]
            for r in range(LANES):
                sums[n, q, r] = carried[n, q, r] * scale


@njit(cache=True, nogil=True)
def _settle(parent: Any, again: Any, share: Any, player: Any, t: Any, met: Any, sums: Any, out: Any) -> None:
    """Credit each player: for all leaves below, the slope of his factor here less that of his earlier one.

    Unmet both here and above, he gains nothing by being asked again: the slopes are equal.
    """
    total = np.zeros(LANES)
    for n in range(parent.shape[0] - 1, 0, -1):
        for r in range(LANES):
            total[r] = 0.0
        for q in range(t.shape[0]):
            unmet, kept = -1.0 / (1.0 - t[q]), (1.0 - share[n]) / (share[n] * (1.0 - t[q]) + t[q])
            lost = unmet
            if again[n]:
                was = share[again[n]]
                old = (1.0 - was) / (was * (1.0 - t[q]) + t[q])
                unmet, lost, kept = 0.0, lost - old, kept - old
            for r in range(LANES):
                slope = kept if met[n, r] else (lost if met[again[n], r] else unmet)
                total[r] += sums[n, q, r] * slope
                sums[parent[n], q, r] += sums[n, q, r]
        for r in range(out.shape[0]):
            out[r, player[n]] += total[r]
