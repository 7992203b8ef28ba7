"""Links: the values that members of a campaign share, with how rare each is and how likely by chance.

All counts fade with the time of the value itself, not of the question: a campaign that ended keeps its proof.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sybilgate.core.campaign.records import CampaignRecord, SharedValue
from sybilgate.core.campaign.telling import chance_of
from sybilgate.core.evidence import MAX_CHANCE
from sybilgate.core.identifier import COLUMN, KINDS, SPECS, Axis, Key, Kind
from sybilgate.core.state import TAU, unpack_states, unpack_totals

#: Fewer members than this share nothing.
FEWEST = 2
_MONTH = 3
_HOUR, _DAY = 0, 1


@dataclass(frozen=True, slots=True)
class Link:
    """One shared value. ``members``: flagged members of the campaign that hold it; ``holders``: accounts that ever did;
    ``chance``: probability that so many members would by chance. Times are unix seconds."""

    key: Key
    members: int
    holders: int
    rarity_bits: float
    chance: float
    first_time: float
    last_time: float

    @property
    def kind(self) -> Kind:
        return Kind(self.key[0])

    @property
    def axis(self) -> Axis:
        return SPECS[self.kind].axis

    @property
    def handle(self) -> str:
        """Enough of the key to speak of the value, too little to look it up."""
        return self.key.hex()[:8]


def links_of(
    campaign: CampaignRecord | None,
    values: Sequence[SharedValue],
    states: Mapping[Key, tuple[int, bytes]],
    totals: bytes | None,
) -> list[Link]:
    """The links of ``values``, in their order. ``totals``: the stored totals of all kinds. Members that told no value
    of a kind do not speak against the link: chance is taken among those that have one."""
    flow = unpack_totals(totals, len(KINDS))["weight"][:, _MONTH]
    rows = unpack_states([states[value.key][1] if value.key in states else None for value in values])
    having = np.frombuffer((campaign.kinds if campaign else b"").ljust(4 * len(KINDS), b"\0"), "<i4")
    links = []
    for value, row in zip(values, rows, strict=True):
        column = COLUMN[Kind(value.key[0])]
        share = min(1.0, (float(row["weight"][_MONTH]) + 0.5) / (float(flow[column]) + 30.0))
        chance = chance_of(value.members, max(int(having[column]), value.members), share)
        holders, bits = int(row["accounts"]), -math.log2(share)
        links.append(Link(value.key, value.members, holders, bits, chance, value.first_time, value.last_time))
    return links


def axes_of(links: Collection[Link]) -> tuple[Axis, ...]:
    """Independent axes in which members share values beyond chance."""
    return tuple(sorted({link.axis for link in links if link.members >= FEWEST and link.chance < MAX_CHANCE}))


def growth_at(campaign: CampaignRecord, now: float) -> tuple[float, float, float]:
    """Fading counts of joins (1 h, 1 d, 30 d), brought to ``now``."""
    gap = max(now - campaign.last_time, 0.0)
    counts = ((campaign.hour, TAU[_HOUR]), (campaign.day, TAU[_DAY]), (campaign.month, TAU[_MONTH]))
    hour, day, month = (count * math.exp(-gap / tau) for count, tau in counts)
    return hour, day, month
