"""Kernels: rows to columns, columns to table states, states to contributions.

Whatever way a batch takes through here, each cell is the sum of the same numbers in the same order, so that batching
changes no bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from sybilgate.core.explanation.deep import descend

#: Rows that go through the tables together: enough to pay for fetching a table, few enough to stay in the cache.
BLOCK = 1024
#: Fewer rows than this go one by one; loops over rows would cost more than they save.
_FEW = 8
_ZERO = np.float32(1e-35)


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
def look_up_row(columns: Any, row: int, tables: Any, states: Any, out: Any) -> None:
    """Add every table's cells to one row. All states first, so that the cells are fetched side by side."""
    groups = tables.offset.shape[0] - 1
    for group in range(groups):
        at = np.uint32(0)
        for c in range(tables.cut_start[group], tables.cut_start[group + 1]):
            above = columns[tables.cut_column[c], row] > tables.cut_value[c]
            at += np.uint32(tables.cut_stride[c]) if above else np.uint32(0)
        states[group] = at
    for group in range(groups):
        first, last = tables.player_start[group], tables.player_start[group + 1]
        at = tables.offset[group] + np.int64(states[group]) * (last - first) - first
        for p in range(first, last):
            out[tables.player[p]] += tables.cells[at + p]


@njit(cache=True, nogil=True)
def look_up(columns: Any, rows: int, tables: Any, states: Any, out: Any) -> None:
    """Add every table's cells to a block of rows: [feature in use, row]. Loops over rows become vectors."""
    for group in range(tables.offset.shape[0] - 1):
        for r in range(rows):
            states[r] = 0
        for c in range(tables.cut_start[group], tables.cut_start[group + 1]):
            column, cut, stride = columns[tables.cut_column[c]], tables.cut_value[c], tables.cut_stride[c]
            for r in range(rows):
                states[r] += stride if column[r] > cut else np.uint16(0)
        first, last = tables.player_start[group], tables.player_start[group + 1]
        cells, players = tables.cells[tables.offset[group] : tables.offset[group + 1]], np.uint32(last - first)
        for p in range(first, last):
            line, place = out[tables.player[p]], np.uint32(p - first)
            for r in range(rows):
                line[r] += cells[np.uint32(states[r]) * players + place]


@njit(cache=True, nogil=True)
def spread(sums: Any, source: Any, out: Any) -> None:
    """[feature in use, row] to [row, column], a few rows at a time: their lines stay in the nearest cache."""
    for first in range(0, out.shape[0], 8):
        last = min(first + 8, out.shape[0])
        for u in range(source.shape[0]):
            for r in range(first, last):
                out[r, source[u]] = sums[u, r]


@njit(cache=True, nogil=True)
def explain(x: Any, reader: Any, tables: Any, paths: Any, base: float, out: Any) -> None:
    """Contributions of rows; ``out`` is zero and takes the base in its last column."""
    used, groups = reader.source.shape[0], tables.offset.shape[0] - 1
    block = max(1, min(BLOCK, x.shape[0]))
    few = block < _FEW
    columns = np.zeros((2 * used + reader.derived_from.shape[0], block), np.uint16)
    states = np.zeros(groups if few else block, np.uint16)
    sums = np.zeros((used, 1 if few else block))
    for start in range(0, x.shape[0], block):
        stop = min(start + block, x.shape[0])
        read_block(x[start:stop], reader, columns)
        if few:
            for r in range(stop - start):
                sums[:] = 0.0
                look_up_row(columns, r, tables, states, sums[:, 0])
                spread(sums, reader.source, out[start + r : start + r + 1])
        else:
            sums[:] = 0.0
            look_up(columns, stop - start, tables, states, sums)
            spread(sums, reader.source, out[start:stop])
        descend(columns, paths, out[start:stop])
        for r in range(start, stop):
            out[r, out.shape[1] - 1] = base
