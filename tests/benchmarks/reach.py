"""How far shared values reach: the completeness of campaigns if all were joined whom single values give away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, Key

Keys = Callable[[str], Sequence[Key | None]]

_COLUMNS = [COLUMN[kind] for kind in LINKS]


def joined_by_values(
    accounts: Sequence[str], owner: Callable[[str], str], keys: Keys, purity: float = 1.0
) -> dict[str, int]:
    """Group of each account if all were joined that share a value by which accounts of one owner can be told.

    A value tells of an owner if at least a share ``purity`` of the ``accounts`` that hold it are his. Whoever groups
    them in earnest is not told whose they are; many common values together may reach farther.
    """
    holders: dict[Key, list[int]] = defaultdict(list)
    for i, name in enumerate(accounts):
        row = keys(name)
        for column in _COLUMNS:
            if key := row[column]:
                holders[key].append(i)
    owners = [owner(name) for name in accounts]
    first, second = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    for held in holders.values():
        of: dict[str, list[int]] = defaultdict(list)
        for i in held:
            of[owners[i]].append(i)
        largest = max(of.values(), key=len)
        if len(largest) > 1 and len(largest) >= purity * len(held):
            first.append(np.full(len(largest) - 1, largest[0]))
            second.append(np.array(largest[1:]))
    a, b = np.concatenate(first), np.concatenate(second)
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(len(accounts), len(accounts)))
    group = connected_components(graph, directed=False)[1]
    return dict(zip(accounts, group.tolist(), strict=True))
