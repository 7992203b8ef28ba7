"""Where accounts stand: the newest assessment of each, and a feed of those whose decision changed.

An account that was allowed whenever it was assessed needs no line, so an ordinary signup writes nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sybilgate.app.ports import Unit
from sybilgate.core.policy import Decision
from sybilgate.core.records import AccountRecord, AssessmentRecord
from sybilgate.core.rescoring import StandingChange, StandingRecord, due_time


def stand(unit: Unit, made: Sequence[AssessmentRecord], accounts: Mapping[str, AccountRecord]) -> None:
    """Let accounts stand as they were just assessed. ``accounts``: those that were known before."""
    known = sorted({record.account_id for record in made if record.account_id in accounts})
    before = unit.standings(known) if known else {}
    lines: dict[str, StandingRecord] = {}
    changes = []
    for record in made:
        old = lines.get(record.account_id) or before.get(record.account_id)
        if old is None and record.decision == Decision.ALLOW:
            continue
        was, risk = (old.decision, old.risk) if old else (int(Decision.ALLOW), 0.0)
        if record.decision != was:
            changes.append(
                StandingChange(
                    record.account_id, record.assessment_id, record.create_time, record.cause, record.risk,
                    record.decision, risk, was,
                )
            )  # fmt: skip
        account = accounts.get(record.account_id)
        lines[record.account_id] = line_of(record, account.signup_time if account else record.event_time)
    unit.write_standings(list(lines.values()))
    unit.append_standing_changes(changes)


def line_of(record: AssessmentRecord, signup_time: float) -> StandingRecord:
    """How an account stands after an assessment."""
    due = due_time(record.create_time, signup_time, record.risk)
    return StandingRecord(record.account_id, record.assessment_id, record.risk, record.decision, due)
