"""Leaves and the groups that share a table.

A leaf is a value and its *players*: the features on its path. For one player there is the *share*, the product of the
cover ratios of all its splits on the path (what is left of the leaf when the feature is unknown), and the bins with
which all those splits lead towards the leaf. Nothing else of the tree matters to an explanation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from sybilgate.core.explanation.binning import Bins
from sybilgate.core.explanation.reading import Tree

#: What a table costs beside its players, and how many cells cost as much as a player by filling the cache.
_TABLE = 2.0
_CROWDED = 4000.0


@dataclass(frozen=True, slots=True)
class Leaf:
    """``players``: feature -> (share, bins that lead here). ``number`` is the leaf's place in its tree."""

    number: int
    value: float
    players: dict[int, tuple[float, int]]


@dataclass(slots=True)
class Group:
    """Leaves that share a table. ``parts``: feature -> its bins, parted so that each leaf holds whole parts."""

    leaves: list[Leaf] = field(default_factory=list)
    parts: dict[int, list[int]] = field(default_factory=dict)

    @property
    def states(self) -> int:
        """Rows of the table: joint states of all features that can be told apart."""
        product = 1
        for parts in self.parts.values():
            product *= len(parts)
        return product

    @property
    def numbers(self) -> int:
        """Cells of the table."""
        return self.states * len(self.parts)

    def joined(self, leaf: Leaf, bins: dict[int, Bins]) -> Group:
        """This group with one more leaf."""
        parts = dict(self.parts)
        for feature, (_, here) in leaf.players.items():
            parts[feature] = _part(parts.get(feature) or [bins[feature].everything], here)
        return Group([*self.leaves, leaf], parts)


def _part(parts: list[int], bins: int) -> list[int]:
    both = ((part & bins, part & ~bins) for part in parts)
    return [part for pair in both for part in pair if part]


def walk(tree: Tree, bins: dict[int, Bins]) -> Iterator[Leaf]:
    """The leaves from left to right, so that neighbours share most of their paths."""
    if len(tree.value) == 1:
        return
    todo: list[tuple[int, dict[int, tuple[float, int]]]] = [(0, {})]
    while todo:
        node, players = todo.pop()
        if node < 0:
            yield Leaf(~node, float(tree.value[~node]), players)
            continue
        feature = int(tree.feature[node])
        left = bins[feature].left(tree, node)
        share, here = players.get(feature, (1.0, bins[feature].everything))
        for child, side in ((int(tree.right[node]), here & ~left), (int(tree.left[node]), here & left)):
            ratio = tree.count(child) / tree.count(node)
            todo.append((child, {**players, feature: (share * ratio, side)}))


def group_leaves(leaves: list[Leaf], bins: dict[int, Bins], limit: int) -> tuple[list[Group], list[Leaf]]:
    """Groups of neighbours with at most ``limit`` states, and the leaves that exceed it alone."""
    deep = [leaf for leaf in leaves if 1 << len(leaf.players) > limit]
    shallow = [leaf for leaf in leaves if 1 << len(leaf.players) <= limit]
    # The cheapest way to group the first n leaves: its cost and its last group.
    best: list[tuple[float, Group]] = [(0.0, Group())] + [(inf, Group())] * len(shallow)
    for first, (before, _) in enumerate(best):
        group = Group()
        for last in range(first, len(shallow)):
            group = group.joined(shallow[last], bins)
            if group.states > limit:
                break
            cost = before + _TABLE + len(group.parts) + group.numbers / _CROWDED
            if cost < best[last + 1][0]:
                best[last + 1] = (cost, group)
    groups: list[Group] = []
    rest = len(shallow)
    while rest:
        groups.append(best[rest][1])
        rest -= len(best[rest][1].leaves)
    return groups[::-1], deep
