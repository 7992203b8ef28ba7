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
LANES = 32


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
    """Add the deep leaves' contributions to a block of rows: [row, column]."""
    lanes = LANES if out.shape[0] >= LANES // 2 else 1
    lane = np.zeros(lanes, np.int64)
    for tree in range(paths.start.shape[0] - 1):
        a, b = paths.start[tree], paths.start[tree + 1]
        low, high = paths.node_start[tree], paths.node_start[tree + 1]
        parent, again, player = paths.parent[a:b], paths.again[a:b], paths.player[a:b]
        factor, slope = _coefficients(again, paths.share[a:b], paths.times[low:high])
        # Whether the row meets no split of the player down to here (0), all but the last ones (1), or all (2).
        fate = np.full((b - a, lanes), 2, np.uint8)
        carried = np.ones((b - a, high - low, lanes))
        total = np.zeros(lanes)
        for first in range(0, out.shape[0], lanes):
            for r in range(lanes):
                lane[r] = min(first + r, out.shape[0] - 1)
            _meet(columns, lane, paths.column[a:b], paths.cut[a:b], paths.below[a:b], again, fate)
            carried[0] = 1.0
            _carry(parent, factor, fate, carried)
            _weigh(paths.value[a:b], paths.weights[low:high], carried)
            _settle(parent, player, slope, fate, carried, total, out[first : first + lanes])


@njit(cache=True, nogil=True)
def _coefficients(again: Any, share: Any, t: Any) -> Any:
    """What a node multiplies into the product, and the slope its player is credited with: [node, quadrature, fate].

    Both put the player's factor here in the place of his earlier one. Unmet both here and above, he gains nothing by
    being asked again: the slopes cancel.
    """
    factor, slope = np.empty((share.shape[0], t.shape[0], 3)), np.empty((share.shape[0], t.shape[0], 3))
    for n in range(1, share.shape[0]):
        for q in range(t.shape[0]):
            unmet = share[n] * (1.0 - t[q])
            old_unmet, old_met, old_slope = 1.0, 1.0, 0.0
            if again[n]:
                was = share[again[n]]
                old_unmet = was * (1.0 - t[q])
                old_met = old_unmet + t[q]
                old_slope = (1.0 - was) / old_met
            factor[n, q, 0], factor[n, q, 1] = unmet / old_unmet, unmet / old_met
            factor[n, q, 2] = (unmet + t[q]) / old_met
            slope[n, q, 0] = 0.0 if again[n] else -1.0 / (1.0 - t[q])
            slope[n, q, 1] = -1.0 / (1.0 - t[q]) - old_slope
            slope[n, q, 2] = (1.0 - share[n]) / (unmet + t[q]) - old_slope
    return factor, slope


@njit(cache=True, nogil=True)
def _meet(columns: Any, lane: Any, column: Any, cut: Any, below: Any, again: Any, fate: Any) -> None:
    for n in range(1, column.shape[0]):
        line = columns[column[n]]
        for r in range(lane.shape[0]):
            if fate[again[n], r] < 2:
                fate[n, r] = 0
            else:
                fate[n, r] = 2 if (line[lane[r]] > cut[n]) != below[n] else 1


@njit(cache=True, nogil=True)
def _carry(parent: Any, factor: Any, fate: Any, carried: Any) -> None:
    """Down: products over the players so far."""
    for n in range(1, parent.shape[0]):
        for q in range(factor.shape[1]):
            unmet, lost, kept = factor[n, q, 0], factor[n, q, 1], factor[n, q, 2]
            above, here = carried[parent[n], q], carried[n, q]
            for r in range(here.shape[0]):
                f = fate[n, r]
                here[r] = above[r] * (kept if f == 2 else (lost if f == 1 else unmet))


@njit(cache=True, nogil=True)
def _weigh(value: Any, weights: Any, carried: Any) -> None:
    """A leaf goes up with its weighted product, an inner node with nothing so far."""
    for n in range(1, value.shape[0]):
        for q in range(weights.shape[0]):
            scale = 0.0 if np.isnan(value[n]) else value[n] * weights[q]
            line = carried[n, q]
            for r in range(line.shape[0]):
                line[r] *= scale


@njit(cache=True, nogil=True)
def _settle(parent: Any, player: Any, slope: Any, fate: Any, sums: Any, total: Any, out: Any) -> None:
    """Up: sums over the leaves below, of which each player is credited with his slope's share."""
    for n in range(parent.shape[0] - 1, 0, -1):
        total[:] = 0.0
        for q in range(slope.shape[1]):
            unmet, lost, kept = slope[n, q, 0], slope[n, q, 1], slope[n, q, 2]
            above, here = sums[parent[n], q], sums[n, q]
            for r in range(total.shape[0]):
                f = fate[n, r]
                total[r] += here[r] * (kept if f == 2 else (lost if f == 1 else unmet))
                above[r] += here[r]
        for r in range(out.shape[0]):
            out[r, player[n]] += total[r]
