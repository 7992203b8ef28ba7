"""A sweep over a replay: what the job does over a store, over campaigns in memory, writing nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from sybilgate.app.census import take_census
from sybilgate.app.replay import Replay
from sybilgate.core.campaign.records import CampaignRecord, MemberRecord
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.sweep import swept
from sybilgate.core.campaign.sweep_limits import SweepLimits
from sybilgate.core.identifier import KINDS, TOTALS_KEY, Key
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import pack_totals


class Reading:
    """As much of a store as a census asks for."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        members = replay.shelf.members.values()
        self._members = sorted(members, key=lambda member: member.account_id)

    def members_after(self, role: int, account_id: str, limit: int) -> list[MemberRecord]:
        rest = [one for one in self._members if one.role == role and one.account_id > account_id]
        return rest[:limit]

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]:
        return {name: self._replay.accounts[name] for name in ids if name in self._replay.accounts}

    def identifier_states(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        if list(keys) == [TOTALS_KEY]:
            return {TOTALS_KEY: (1, pack_totals(self._replay.state[: len(KINDS)]))}
        found = {key: self._replay.identifier(key) for key in keys}
        return {key: (1, state.tobytes()) for key, state in found.items() if state is not None}

    def campaigns_page(
        self, states: Collection[int], order_by: str, limit: int, cursor: tuple[float, int] | None = None
    ) -> list[CampaignRecord]:
        return []  # nobody reviewed anything


def groups_after(replay: Replay, mates: Mates, protected: frozenset[Key]) -> dict[str, int]:
    """The campaign of every flagged account after one sweep, by number."""
    store: Any = Reading(replay)
    census = take_census(store, protected)
    group = swept(census.roll, census.group, census.decided, mates, SweepLimits())
    return dict(zip(census.roll.account_id, np.asarray(group).tolist(), strict=True))
