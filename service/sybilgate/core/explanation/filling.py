"""Filling: the Shapley values of every joint state, once, at compile time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def fill(tables: Any, recipe: Any) -> None:
    """Fill the cells of every table with the sums of its leaves' Shapley values."""
    for group in range(tables.offset.shape[0] - 1):
        first, players = tables.player_start[group], tables.player_start[group + 1] - tables.player_start[group]
        radix = recipe.radix[first : first + players]
        low, high = tables.offset[group], tables.offset[group + 1]
        for leaf in range(recipe.leaf_start[group], recipe.leaf_start[group + 1]):
            a, b = recipe.item_start[leaf], recipe.item_start[leaf + 1]
            values = _leaf_values(
                recipe.value[leaf],
                recipe.item_share[a:b],
                recipe.times[recipe.node_start[b - a] : recipe.node_start[b - a + 1]],
                recipe.weights[recipe.node_start[b - a] : recipe.node_start[b - a + 1]],
            )
            _add_leaf(tables.cells[low:high], radix, values, recipe.item_player[a:b], recipe.item_met[a:b])


@njit(cache=True, nogil=True)
def _leaf_values(value: float, share: Any, times: Any, weights: Any) -> Any:
    """One leaf's Shapley values, for every set of conditions that may hold: [set as bits, player]."""
    players = share.shape[0]
    out = np.zeros((1 << players, players))
    below = np.ones(players + 1)
    for held in range(1 << players):
        for q in range(times.shape[0]):
            t = times[q]
            for i in range(players):
                below[i + 1] = below[i] * (share[i] * (1.0 - t) + (t if held >> i & 1 else 0.0))
            above = weights[q] * value
            for i in range(players - 1, -1, -1):
                met = 1.0 if held >> i & 1 else 0.0
                out[held, i] += (met - share[i]) * below[i] * above
                above *= share[i] * (1.0 - t) + met * t
    return out


@njit(cache=True, nogil=True)
def _add_leaf(cells: Any, radix: Any, values: Any, player: Any, met: Any) -> None:
    players = radix.shape[0]
    digits = np.zeros(players, np.uint64)
    for state in range(cells.shape[0] // players):
        held = np.int64(0)
        for i in range(player.shape[0]):
            held |= np.int64(met[i] >> digits[player[i]] & np.uint64(1)) << i
        for i in range(player.shape[0]):
            cells[state * players + player[i]] += values[held, i]
        j = 0
        while j < players:
            digits[j] += np.uint64(1)
            if digits[j] < radix[j]:
                break
            digits[j] = np.uint64(0)
            j += 1
