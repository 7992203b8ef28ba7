"""Families of values that might give a simulated world away, each as a small table of numbers.

An *artefact* is what no operator would really show: the order of account ids, rounding, which fields a client leaves
out. A *trade* family is what operators do show, and a detector may lean on. Missing values are filled with the
column's median, so that only the families about missing fields speak of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sybilgate.core.enrichment import Reference
from sybilgate.core.normalise.address import parse_address
from sybilgate.core.observation import Floats

Bools = npt.NDArray[np.bool_]
_BUCKETS = 254  #: categories a text is hashed into
WEB, APP, API = 0, 1, 2
_API_METHOD = 6


@dataclass
class Signups:
    """The signups of a world, by column. ``reference`` names the operators of addresses."""

    table: pa.Table
    reference: Reference
    _texts: dict[str, list[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def values(self, path: str) -> list[Any]:
        if path not in self._texts:
            known = path in self.table.column_names
            self._texts[path] = self.table.column(path).to_pylist() if known else [None] * len(self)
        return self._texts[path]

    def numbers(self, path: str) -> Floats:
        return np.array([np.nan if value is None else float(value) for value in self.values(path)], np.float64)

    def absent(self, path: str) -> Bools:
        return np.asarray(pc.is_null(self.table.column(path)).to_numpy(zero_copy_only=False), bool)

    def paths(self, *starts: str) -> list[str]:
        return [name for name in self.table.column_names if name.startswith(starts)]

    @cached_property
    def client(self) -> npt.NDArray[np.int64]:
        """Kind of client: a browser, the product's app, or a program that calls the API."""
        agents, methods = self.values("network.user_agent"), self.values("signup.method")
        kinds = (
            API if method == _API_METHOD else APP if agent and not agent.startswith("Mozilla/") else WEB
            for agent, method in zip(agents, methods, strict=True)
        )
        return np.fromiter(kinds, np.int64, len(self))

    @cached_property
    def operator(self) -> npt.NDArray[np.int64]:
        """Class of the network operator; 0 where it is not known."""
        classes = np.zeros(len(self), np.int64)
        for row, text in enumerate(self.values("network.ip_address")):
            address = parse_address(text) if text else None
            found = self.reference.operator(address) if address else None
            classes[row] = int(found.kind) if found else 0
        return classes


@dataclass
class Columns:
    """What a family shows: numbers and hashed categories by name."""

    numbers: dict[str, Floats] = field(default_factory=dict)
    categories: dict[str, Floats] = field(default_factory=dict)

    def matrix(self) -> tuple[Floats, list[str], list[str]]:
        """(rows by columns, names, names of the categories), without gaps."""
        filled = {name: _fill(column) for name, column in (self.numbers | self.categories).items()}
        return np.column_stack(list(filled.values())), list(filled), list(self.categories)


def _fill(column: Floats) -> Floats:
    known = column[~np.isnan(column)]
    if not len(known):
        return np.zeros(len(column))
    return np.where(np.isnan(column), np.random.default_rng(len(known)).choice(known, len(column)), column)


def bucket(values: list[Any]) -> Floats:
    """Texts as one of a few categories."""
    return np.array([np.nan if value is None else crc32(str(value).encode()) % _BUCKETS for value in values], float)


def frequency(values: list[Any]) -> Floats:
    """Log of how many rows hold the same value."""
    _, place, count = np.unique(np.array([str(value) for value in values]), return_inverse=True, return_counts=True)
    return np.where([value is None for value in values], np.nan, np.log(count[place]))


def measure(values: list[Any], of: Callable[[str], float]) -> Floats:
    return np.array([np.nan if value is None else of(str(value)) for value in values], np.float64)
