"""What one reviewer may do alone: so much a day, and never over another's word without naming it.

A reviewer can err, be deceived, or be bought. Campaigns take two; a single label takes one, as most truth comes so,
and is therefore bounded in number. Whoever says the opposite of what another said must name that label as revoked: then
both have been read, and the line tells who overruled whom.
"""

from __future__ import annotations

from sybilgate.app.ports import Reviews
from sybilgate.core.campaign.records import LabelRecord, Verdict
from sybilgate.errors import InvalidInput, QuotaExceeded

#: Single accounts that one reviewer may label within a day.
LABELS_A_DAY = 200
_DAY = 86400.0


def check_share(store: Reviews, reviewer: str, now: float, a_day: int = LABELS_A_DAY) -> None:
    """Raise QuotaExceeded where this reviewer has labelled his share."""
    given = store.labels_by(reviewer, now - _DAY)
    if len(given) >= a_day:
        raise QuotaExceeded(f"{a_day} labels a day are a reviewer's share", max(1.0, min(given) + _DAY - now))


def check_agreement(store: Reviews, account_id: str, verdict: Verdict, reviewer: str, revokes: str) -> None:
    """Raise InvalidInput where another reviewer's word stands against this one, unless it is named in ``revokes``."""
    standing = standing_label(store, account_id)
    if standing is None or standing.verdict == verdict or standing.label_id == revokes:
        return
    if standing.author.casefold().strip() != reviewer.casefold().strip():
        raise InvalidInput([("revokes", f"must name labels/{standing.label_id}, by which another says otherwise")])


def standing_label(store: Reviews, account_id: str) -> LabelRecord | None:
    """What was said last of an account."""
    return next(iter(store.labels_of(account_id=account_id, limit=1)), None)
