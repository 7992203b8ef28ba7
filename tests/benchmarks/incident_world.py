"""What a world's file says of its accounts and of its campaign's use, read as columns: the truth to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.core.event import EventType
from sybilgate.training.evaluate import Bools, Floats

_COLUMNS = (
    "account_id", "time", "type", "usage.requests", "usage.period_start_time", "usage.period_end_time",
    "truth.is_sybil", "truth.archetype",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """n accounts in order of signup, and m summaries of use by Sybils. Times in unix seconds.

    ``last``: when the file last tells of an account. ``user``: which account a summary is about; its ``exchanges``
    fell between ``use_from`` and ``use_to``.
    """

    events: int
    end: float
    time: Floats
    last: Floats
    sybil: Bools
    archetype: npt.NDArray[np.object_]
    user: npt.NDArray[np.int64]
    use_from: Floats
    use_to: Floats
    exchanges: Floats


def read_world(path: Path) -> World:
    """Raises ``ValueError`` unless events come in order of time and every account signs up once, first of all."""
    table = pq.read_table(path, columns=list(_COLUMNS))
    when, kind = _floats(table, "time"), _floats(table, "type")
    account = table["account_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    signup = np.flatnonzero(kind == EventType.SIGNUP)
    # Numbers are given in order of appearance: if signups count up from zero, each is its account's first event.
    if (np.diff(when) < 0).any() or not np.array_equal(account[signup], np.arange(account.max(initial=-1) + 1)):
        raise ValueError(f"{path} is no world of the simulator")
    last = np.zeros(len(signup))
    np.maximum.at(last, account, when)
    sybil = _floats(table, "truth.is_sybil")[signup] > 0
    names = table["truth.archetype"].take(pa.array(signup)).combine_chunks().dictionary_encode()
    kinds = np.array(names.dictionary.to_pylist(), dtype=object)[names.indices.to_numpy()]
    use = np.flatnonzero(kind == EventType.USAGE)
    use = use[sybil[account[use]]]
    start, end, exchanges = (_floats(table, name)[use] for name in _COLUMNS[4:6] + _COLUMNS[3:4])
    start = np.maximum(start, when[signup][account[use]])  # the first week counts only from the signup on
    return World(len(when), float(when[-1]), when[signup], last, sybil, kinds, account[use], start, end, exchanges)


def _floats(table: Any, name: str) -> Floats:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(), np.float64)
