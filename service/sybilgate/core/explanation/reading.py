"""Reading: the trees of a LightGBM text model, as far as explaining them needs.

The text must come from a verified bundle; what is checked here is only what this package cannot explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree. Children below zero are leaves, ``~leaf``; counts are rows of training data.

    ``decision`` holds LightGBM's bits: 1 categorical, 2 default left, 4 and 8 the missing type. ``bitsets`` are the
    categories that go left, one integer for each categorical split, found at the split's ``threshold``.
    """

    feature: Ints
    threshold: Floats
    decision: Ints
    left: Ints
    right: Ints
    internal_count: Ints
    value: Floats
    leaf_count: Ints
    bitsets: tuple[int, ...]

    def count(self, node: int) -> int:
        """Rows of training data that reached a node or leaf."""
        return int(self.internal_count[node] if node >= 0 else self.leaf_count[~node])

    def base(self) -> float:
        """Expected value, summed leaf by leaf as LightGBM does."""
        if len(self.value) == 1:
            return float(self.value[0])
        total = 0.0
        for value, count in zip(self.value.tolist(), self.leaf_count.tolist(), strict=True):
            total += count / float(self.internal_count[0]) * value
        return total


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees whose outputs add up to the margin, and the number of columns of a row."""

    trees: tuple[Tree, ...]
    width: int


def read_forest(text: str) -> Forest:
    """Raise ``ValueError`` for a model that has no tables: several outputs, linear leaves, a node without data."""
    head, *blocks = text.split("\nTree=")
    header = _fields(head)
    if header.get("num_tree_per_iteration", "1") != "1":
        raise ValueError("a model with several outputs is not explained by tables")
    trees = tuple(_tree(_fields(block.partition("\nend of trees")[0])) for block in blocks)
    return Forest(trees, int(header["max_feature_idx"]) + 1)


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in block.splitlines())
    return {key: value for key, sign, value in pairs if sign}


def _tree(fields: dict[str, str]) -> Tree:
    if fields.get("is_linear", "0") != "0":
        raise ValueError("a tree with linear leaves is not explained by tables")
    value = _floats(fields["leaf_value"])
    if len(value) == 1:
        none = np.zeros(0, np.int64)
        return Tree(none, np.zeros(0), none, none, none, none, value, np.ones(1, np.int64), ())
    tree = Tree(
        feature=_ints(fields["split_feature"]), threshold=_floats(fields["threshold"]),
        decision=_ints(fields["decision_type"]), left=_ints(fields["left_child"]),
        right=_ints(fields["right_child"]), internal_count=_ints(fields["internal_count"]),
        value=value, leaf_count=_ints(fields["leaf_count"]), bitsets=_bitsets(fields),
    )  # fmt: skip
    if min(tree.leaf_count.min(), tree.internal_count.min()) <= 0:
        raise ValueError("a node without training data has no share to explain with")
    return tree


def _bitsets(fields: dict[str, str]) -> tuple[int, ...]:
    if fields.get("num_cat", "0") == "0":
        return ()
    bounds, words = _ints(fields["cat_boundaries"]).tolist(), _ints(fields["cat_threshold"]).tolist()
    return tuple(
        sum(word << 32 * place for place, word in enumerate(words[low:high])) for low, high in pairwise(bounds)
    )


def _ints(value: str) -> Ints:
    return np.array(value.split(), dtype=np.int64)


def _floats(value: str) -> Floats:
    return np.array(value.split(), dtype=np.float64)
