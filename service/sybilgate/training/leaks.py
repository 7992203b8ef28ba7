"""What got through in the meantime: exchanges of a campaign's accounts before they were stopped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sybilgate.app.mapping import DAY
from sybilgate.training.evaluate import Bools, Floats
from sybilgate.training.scored_world import RESCORE_DAYS, ScoredWorld

_USAGE_COLUMNS = ("account_id", "usage.requests", "usage.period_start_time", "usage.period_end_time")


@dataclass(frozen=True)
class Usage:
    """Exchanges per account and period, from the world's usage summaries. Times in unix seconds."""

    account_id: list[str]
    requests: Floats
    start: Floats
    end: Floats


def read_usage(history: Path) -> Usage | None:
    """Usage summaries of a Parquet world; None where the file is of another form or tells of no use."""
    if history.suffix != ".parquet" or not set(_USAGE_COLUMNS) <= set(pq.read_schema(history).names):
        return None
    table = pq.read_table(history, columns=list(_USAGE_COLUMNS))
    table = table.filter(pc.is_valid(table.column("usage.requests")))
    requests, start, end = (
        np.asarray(table.column(name).to_numpy(zero_copy_only=False), np.float64) for name in _USAGE_COLUMNS[1:]
    )
    return Usage(table.column("account_id").to_pylist(), requests, start, end) if len(requests) else None


def leaks(world: ScoredWorld, usage: Usage, signup: Bools, week: Bools) -> dict[str, tuple[float, float]]:
    """Share of a campaign's exchanges made before its accounts were stopped: by signups alone, and with the re-score.

    A period that an account is stopped in counts by the part of it that was over.
    """
    row_of = {account: i for i, account in enumerate(world.account_id)}
    at = np.array([row_of.get(account, -1) for account in usage.account_id], np.intp)
    ours = (at >= 0) & world.label[at]
    at, requests, end = at[ours], usage.requests[ours], usage.end[ours]
    start = np.maximum(usage.start[ours], world.time[at])  # a period may begin before the account did
    stops = np.where(signup, world.time, np.inf)
    later = np.minimum(stops, np.where(week, world.time + RESCORE_DAYS * DAY, np.inf))
    parts = [np.clip((stop[at] - start) / np.maximum(end - start, 1.0), 0.0, 1.0) for stop in (stops, later)]
    group = np.asarray(world.group, dtype=object)[at]
    out = {}
    for name in sorted(set(group)):
        mine = group == name
        total = requests[mine].sum()
        if name and total > 0:
            first, second = (float((requests * part)[mine].sum() / total) for part in parts)
            out[str(name)] = first, second
    return out
