"""How the record of a campaign changes when members come and go, and when another becomes part of it.

What it counts per kind of identifier is counted by the book, which knows the values.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sybilgate.core.campaign.records import CampaignRecord
from sybilgate.core.state import TAU

_HOUR, _DAY, _MONTH = TAU[0], TAU[1], TAU[3]


def grown(row: CampaignRecord, time: float, risk: float) -> CampaignRecord:
    """With one more flagged member, who came at ``time``."""
    last = max(row.last_time, time)
    hour, day, month = (
        count * np.exp(-(last - row.last_time) / tau) + np.exp(-(last - time) / tau)
        for count, tau in ((row.hour, _HOUR), (row.day, _DAY), (row.month, _MONTH))
    )
    return replace(
        row, members=row.members + 1, first_time=min(row.first_time, time), last_time=last,
        hour=float(hour), day=float(day), month=float(month), risk=row.risk + risk,
    )  # fmt: skip


def shrunk(row: CampaignRecord, time: float, risk: float) -> CampaignRecord:
    """Without a flagged member, who had come at ``time``."""
    hour, day, month = (
        max(count - float(np.exp(-(row.last_time - time) / tau)), 0.0)
        for count, tau in ((row.hour, _HOUR), (row.day, _DAY), (row.month, _MONTH))
    )
    return replace(
        row, members=row.members - 1, hour=hour, day=day, month=month, risk=max(row.risk - risk, 0.0),
    )  # fmt: skip


def merged(a: CampaignRecord, b: CampaignRecord) -> CampaignRecord:
    """``a`` with all of ``b`` in it."""
    last = max(a.last_time, b.last_time)
    hour, day, month = (
        x * np.exp(-(last - a.last_time) / tau) + y * np.exp(-(last - b.last_time) / tau)
        for x, y, tau in ((a.hour, b.hour, _HOUR), (a.day, b.day, _DAY), (a.month, b.month, _MONTH))
    )
    return replace(
        a, state=max(a.state, b.state), members=a.members + b.members, linked=a.linked + b.linked,
        first_time=min(a.first_time, b.first_time), last_time=last, hour=float(hour), day=float(day),
        month=float(month), risk=a.risk + b.risk, significance=max(a.significance, b.significance),
    )  # fmt: skip
