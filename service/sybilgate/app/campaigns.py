"""Campaigns as reviewers read them: found, listed, and with the links that hold them together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sybilgate.app.ports import Reviews
from sybilgate.core.campaign.links import FEWEST, Link, axes_of, links_of
from sybilgate.core.campaign.records import (
    CampaignRecord,
    CampaignState,
    Change,
    LabelRecord,
    MemberRecord,
    SharedValue,
    Verdict,
)
from sybilgate.core.identifier import SPECS, TOTALS_KEY, Axis, Key, Kind, Role, keys_of
from sybilgate.core.state import unpack_keys, unpack_states
from sybilgate.errors import InvalidInput, NotFound

#: The links that a campaign is summed up by.
TOP_LINKS = 20
_DECISIONS = (Change.CONFIRMED, Change.DISMISSED, Change.REOPENED)
#: Changes looked through for the last decision; a campaign has one line for each doubling and each merge.
_MANY_CHANGES = 1000


@dataclass(frozen=True)
class Standing:
    """What reviewers have said of a campaign since it was last decided on: ``first`` waits for another to agree;
    ``agreed``: one has, and the members are being labelled."""

    first: LabelRecord | None
    agreed: LabelRecord | None


@dataclass(frozen=True)
class Campaigns:
    """Reads only. Candidates are not shown: to a reviewer they do not exist."""

    store: Reviews

    def get(self, ref: int) -> CampaignRecord:
        """Raises NotFound."""
        record = self.store.campaign(ref)
        if record is None or record.state == CampaignState.CANDIDATE:
            raise NotFound("no such campaign")
        return record

    def find(self, account_id: str) -> tuple[CampaignRecord, MemberRecord]:
        """The campaign an account is in. Raises NotFound."""
        member = self.store.member(account_id)
        if member is None:
            raise NotFound("the account is in no campaign")
        return self.get(member.campaign), member

    def links(self, record: CampaignRecord, limit: int = TOP_LINKS, offset: int = 0) -> list[Link]:
        """What members share, most members first."""
        values = [value for value in self.store.top_values(record.ref, limit, offset) if value.members >= FEWEST]
        return self._links(record, values)

    def axes(self, records: Collection[CampaignRecord]) -> dict[int, tuple[Axis, ...]]:
        """The axes in which each campaign's members share values, as far as the top links tell."""
        tops = [(record, self.store.top_values(record.ref, TOP_LINKS)) for record in records]
        states = self.store.identifier_states([TOTALS_KEY, *sorted({v.key for _, top in tops for v in top})])
        totals = states.get(TOTALS_KEY, (0, None))[1]
        return {record.ref: axes_of(links_of(record, top, states, totals)) for record, top in tops}

    def account_links(self, account_id: str) -> list[Link]:
        """What an account shares with anybody, rarest first; counted within its campaign if that is shown."""
        keys = self._linking_keys(account_id)
        placed = self.store.placements([account_id]).get(account_id)
        record = self.store.campaign(placed[0]) if placed and placed[1] != CampaignState.CANDIDATE else None
        inside = {value.key: value for value in self.store.values_of(record.ref, keys)} if record else {}
        states = self.store.identifier_states(keys)
        values = [inside.get(key) or _outside(key, states[key][1]) for key in keys if key in states]
        links = [link for link in self._links(record, values) if link.holders >= FEWEST]
        return sorted(links, key=lambda link: -link.rarity_bits)

    def key_of(self, parent: int | str, handle: str) -> Key:
        """The identifier that a link of a campaign, or of an account, speaks of. Raises NotFound, or InvalidInput if
        the handle means several."""
        prefix = bytes.fromhex(handle)
        if isinstance(parent, int):
            found = [value.key for value in self.store.values_under(parent, prefix)]
        else:
            found = [key for key in self._linking_keys(parent) if key.startswith(prefix)]
        if len(found) > 1:
            raise InvalidInput([("link", "means more than one value")])
        if not found:
            raise NotFound("no such link")
        return found[0]

    def key_of_kind(self, account_id: str, kind: str) -> Key:
        """The identifier of one kind that an account has. Raises NotFound, or InvalidInput for no kind that links."""
        if kind not in {name.name.lower() for name, spec in SPECS.items() if spec.role & Role.LINK}:
            raise InvalidInput([("account_value.kind", "is no kind of value that accounts share")])
        found = [key for key in self._linking_keys(account_id) if Kind(key[0]).name.lower() == kind]
        if not found:
            raise NotFound("the account has no such value")
        return found[0]

    def standing(self, ref: int) -> Standing:
        """What waits for a second reviewer, or was agreed on and is being done."""
        changes = self.store.changes(ref, _MANY_CHANGES)
        decided = max((change.time for change in changes if change.kind in _DECISIONS), default=0.0)
        said = [label for label in self.store.labels_of(campaign=ref) if label.create_time > decided]
        said = [label for label in said if label.verdict == Verdict.SYBIL]
        first = next((label for label in reversed(said) if not label.second), None)
        return Standing(first, next((label for label in said if label.second), None))

    def _links(self, record: CampaignRecord | None, values: Sequence[SharedValue]) -> list[Link]:
        states = self.store.identifier_states([TOTALS_KEY, *(value.key for value in values)])
        return links_of(record, values, states, states.get(TOTALS_KEY, (0, None))[1])

    def _linking_keys(self, account_id: str) -> list[Key]:
        account = self.store.account(account_id)
        if account is None:
            raise NotFound("no such account")
        keys = keys_of(unpack_keys([account.keys])[0])
        return [key for key in keys if key is not None and SPECS[Kind(key[0])].role & Role.LINK]


def _outside(key: Key, state: bytes) -> SharedValue:
    (row,) = unpack_states([state])
    return SharedValue(0, key, 0, float(row["first"]), float(row["seen"]))
