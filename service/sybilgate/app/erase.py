"""Erasing one account on its owner's wish, without forgetting what it was.

What names the account or tells of it as a person goes in one transaction: its row, its assessments, the words written
about it. Events, labels and its place in a campaign stay under a stand-in, so that a replay of the log still gives the
same state; identifiers keep their counts, of which none is a value. So somebody who deletes an account and comes back
on the same mailbox, card or device meets what he left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sybilgate.app.ports import Erasing
from sybilgate.core.identifier import Keyring
from sybilgate.core.records import TombstoneRecord
from sybilgate.errors import NotFound


@dataclass(frozen=True)
class Eraser:
    """``clock`` gives unix seconds."""

    store: Erasing
    keyring: Keyring
    clock: Callable[[], float]

    def erase(self, account_id: str) -> TombstoneRecord:
        """Erase an account; of one that was erased before, what was remembered then. Raises NotFound."""
        ref = self.keyring.account_ref(account_id)
        with self.store.unit() as unit:
            unit.lock([ref])
            account = unit.accounts([account_id]).get(account_id)
            if account is None:
                before = unit.tombstone(ref)
                if before is None:
                    raise NotFound(f"no such account: {account_id}")
                return before
            member = unit.members([account_id]).get(account_id)
            record = TombstoneRecord(ref, self.clock(), account.label, member.campaign if member else 0)
            unit.erase(account_id, self.keyring.stand_in(ref), record)
        return record
