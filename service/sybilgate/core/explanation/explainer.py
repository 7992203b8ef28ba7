"""Explainer: exact path-dependent TreeSHAP of a LightGBM model at about the price of predicting with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.explanation.binning import Bins, bin_features
from sybilgate.core.explanation.columns import Columns
from sybilgate.core.explanation.deep import Paths, lay_paths
from sybilgate.core.explanation.filling import fill
from sybilgate.core.explanation.kernels import explain
from sybilgate.core.explanation.leaves import Group, Leaf, group_leaves, walk
from sybilgate.core.explanation.probe import probe_rows
from sybilgate.core.explanation.program import Reader, Tables, lay_reader, lay_tables
from sybilgate.core.explanation.reading import Forest, Tree, read_forest

#: Joint states of one table. Fewer make more tables, more make tables that fall out of the cache.
STATES = 1024
#: Cells of all tables together, 8 bytes each; leaves beyond that are explained as deep ones.
CELLS = 8_000_000
#: Largest difference of any cell from the reference, in log-odds, with which tables may serve.
TOLERANCE = 1e-9
PROBES = 256

Rows = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, repr=False)
class Explainer:
    """A compiled model. Immutable, safe to share between threads, and the same to the bit for any batching."""

    width: int
    base: float
    bins: dict[int, Bins]
    reader: Reader
    tables: Tables
    paths: Paths

    @classmethod
    def compile(cls, text: str, states: int = STATES, cells: int = CELLS) -> Explainer:
        """From a verified text model. Raises ``ValueError`` for a kind of model that is not explained here."""
        forest = read_forest(text)
        bins = bin_features(forest)
        groups, deep = _share_out(forest, bins, states, cells)
        columns = Columns(bins)
        tables, recipe = lay_tables(groups, columns)
        fill(tables, recipe)
        paths = lay_paths(deep, bins, columns)
        base = 0.0
        for tree in forest.trees:
            base += tree.base()
        return cls(forest.width, base, bins, lay_reader(bins, columns), tables, paths)

    def contributions(self, x: Rows) -> Floats:
        """One column per feature and the base last, in log-odds; each row sums to its margin."""
        rows = np.ascontiguousarray(x, dtype=np.float32)
        if rows.ndim != 2 or rows.shape[1] != self.width:
            raise ValueError(f"rows must have {self.width} columns")
        if not rows.flags.carray:
            # Read-only rows (a stored assessment's) are another type to the compiler: it would start over.
            rows = rows.copy()
        out = np.zeros((len(rows), self.width + 1))
        explain(rows, self.reader, self.tables, self.paths, self.base, out)
        return out

    @classmethod
    def checked(cls, text: str, reference: Callable[[Rows], Floats]) -> tuple[Explainer | None, str]:
        """Compile and compare with ``reference``; None and the reason when it must explain instead."""
        try:
            explainer = cls.compile(text)
        except ValueError as error:
            return None, str(error)
        rows = explainer.probe(PROBES)
        apart = np.abs(explainer.contributions(rows) - reference(rows))
        # A cell that is not a number is apart, too.
        if not (apart <= TOLERANCE).all():
            return None, f"a cell differs by {np.max(apart):.1e} from the reference"
        return explainer, ""

    def probe(self, rows: int) -> Rows:
        """Rows that try every rule of this model's decisions, to compare its answers with a reference."""
        return probe_rows(self.bins, self.width, rows)


def _share_out(
    forest: Forest, bins: dict[int, Bins], states: int, cells: int
) -> tuple[list[Group], list[tuple[Tree, list[Leaf]]]]:
    """Tables for what they suit, those with the fewest cells per leaf first while cells last; the rest is deep."""
    found = [(tree, *group_leaves(list(walk(tree, bins)), bins, states)) for tree in forest.trees]
    tabled: list[Group] = []
    deep: list[tuple[Tree, list[Leaf]]] = []
    most = _affordable([group for _, groups, _ in found for group in groups], cells)
    for tree, groups, leaves in found:
        kept = [group for group in groups if _cost(group) <= most]
        rest = leaves + [leaf for group in groups if _cost(group) > most for leaf in group.leaves]
        tabled += kept
        deep += [(tree, rest)] if rest else []
    return tabled, deep


def _cost(group: Group) -> float:
    return group.numbers / len(group.leaves)


def _affordable(groups: list[Group], cells: int) -> float:
    """The highest cost per leaf at which all groups that cost no more fit into ``cells``."""
    most = 0.0
    for cost, same in itertools.groupby(sorted(groups, key=_cost), _cost):
        cells -= sum(group.numbers for group in same)
        if cells < 0:
            break
        most = cost
    return most
