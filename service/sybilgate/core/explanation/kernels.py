"""Kernels: rows to columns, columns to table states, states to contributions; and what fills the tables."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sybilgate.core.explanation.deep import descend

#: Rows that go through the tables together: small enough for their columns and output to stay in the cache.
BLOCK = 128
_ZERO = np.float32(1e-35)


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


@njit(cache=True, nogil=True)
def read_block(x: Any, reader: Any, columns: Any) -> None:
    """Columns of a block of rows: [column, row]."""
    rows = x.shape[0]
    values = np.empty(rows, np.float32)
    for u in range(reader.source.shape[0]):
        source = reader.source[u]
        for r in range(rows):
            v = x[r, source]
            values[r] = np.float32(0.0) if abs(v) <= _ZERO else v
        low, high = columns[2 * u + 1], columns[2 * u]
        if reader.lookup_start[u + 1] > reader.lookup_start[u]:
            _categories(values, reader.lookup[reader.lookup_start[u] : reader.lookup_start[u + 1]], high, low)
        else:
            edges = reader.edges[reader.edge_start[u] : reader.edge_start[u + 1]]
            _intervals(values, edges, reader.zero[u], high, low)
    for d in range(reader.derived_from.shape[0]):
        source, start = 2 * reader.derived_from[d], reader.derived_start[d]
        for r in range(rows):
            columns[2 * reader.source.shape[0] + d, r] = reader.derived[start + columns[source, r]]


@njit(cache=True, nogil=True)
def _intervals(values: Any, edges: Any, zero: bool, high: Any, low: Any) -> None:
    rows, count = values.shape[0], edges.shape[0]
    missing = np.uint16(count + 1)
    if count <= 24:
        for r in range(rows):
            low[r] = 0
        for e in range(count):
            edge = edges[e]
            for r in range(rows):
                low[r] += np.uint16(values[r] > edge)
    else:
        for r in range(rows):
            base, left = 0, count
            while left > 0:
                half = left >> 1
                if values[r] > edges[base + half]:
                    base += half + 1
                    left -= half + 1
                else:
                    left = half
            low[r] = np.uint16(base)
    for r in range(rows):
        high[r] = missing if np.isnan(values[r]) else low[r]
    if zero:
        for r in range(rows):
            if values[r] == np.float32(0.0):
                high[r] = missing + np.uint16(1)


@njit(cache=True, nogil=True)
def _categories(values: Any, lookup: Any, high: Any, low: Any) -> None:
    for r in range(values.shape[0]):
        v = values[r]
        # What is cut off to a whole number towards zero is that category; NaN fails both comparisons.
        inside = v > np.float32(-1.0) and v < np.float32(lookup.shape[0])
        high[r] = lookup[np.int64(v)] if inside else np.uint16(0)
        low[r] = high[r]


@njit(cache=True, nogil=True)
def look_up(columns: Any, tables: Any, state: Any, out: Any) -> None:
    """Add every table's cells to the contributions of a block of rows: [row, player]."""
    rows = out.shape[0]
    for group in range(tables.offset.shape[0] - 1):
        for r in range(rows):
            state[r] = 0
        for c in range(tables.cut_start[group], tables.cut_start[group + 1]):
            column, cut, stride = columns[tables.cut_column[c]], tables.cut_value[c], tables.cut_stride[c]
            for r in range(rows):
                state[r] += stride if column[r] > cut else np.uint16(0)
        player = tables.player[tables.player_start[group] : tables.player_start[group + 1]]
        offset, players = tables.offset[group], player.shape[0]
        for r in range(rows):
            at = offset + np.int64(state[r]) * players
            for j in range(players):
                out[r, player[j]] += tables.cells[at + j]


@njit(cache=True, nogil=True)
def explain(x: Any, reader: Any, tables: Any, paths: Any, base: float, out: Any) -> None:
    """Contributions of rows; ``out`` is zero and takes the base in its last column."""
    block = max(1, min(BLOCK, x.shape[0]))
    columns = np.zeros((2 * reader.source.shape[0] + reader.derived_from.shape[0], block), np.uint16)
    state = np.zeros(block, np.uint16)
    for start in range(0, x.shape[0], block):
        stop = min(start + block, x.shape[0])
        read_block(x[start:stop], reader, columns)
        look_up(columns, tables, state, out[start:stop])
        descend(columns, paths, out[start:stop])
        for r in range(start, stop):
            out[r, out.shape[1] - 1] = base
