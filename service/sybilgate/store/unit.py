"""One write transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from sybilgate.core.audit import AuditRecord
from sybilgate.core.campaign.records import (
    CampaignRecord,
    ChangeRecord,
    DueRecord,
    LabelRecord,
    MemberRecord,
    ProtectionRecord,
    SharedValue,
)
from sybilgate.core.desk import ClaimRecord
from sybilgate.core.identifier import Key, Keyring
from sybilgate.core.records import (
    AccountRecord,
    AssessmentRecord,
    EventRecord,
    IdentifierRow,
    RequestRecord,
    ShadowRecord,
    TombstoneRecord,
)
from sybilgate.core.rescoring import JobRecord, ResultRecord, StandingChange, StandingRecord
from sybilgate.core.trust import TokenRecord
from sybilgate.store import (
    accounts,
    assessments,
    campaigns,
    due,
    erasure,
    events,
    identifiers,
    labels,
    members,
    names,
    protections,
    queue,
    requests,
    rescoring,
    shadows,
    standings,
    trust,
)
from sybilgate.store.identifiers import Merge
from sybilgate.store.names import Renaming


class SqlUnit:
    """What one transaction may read and write; see the aggregates' modules for what each call promises."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._seen: dict[bytes, int] = {}

    def lock(self, refs: Sequence[int]) -> None:
        accounts.lock(self._connection, refs)

    def requests(self, ids: Sequence[str]) -> dict[str, RequestRecord]:
        return requests.read(self._connection, ids)

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]:
        return accounts.read(self._connection, ids)

    def accounts_by_ref(self, refs: Sequence[int]) -> dict[int, str]:
        return accounts.by_ref(self._connection, refs)

    def identifiers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        found = identifiers.read(self._connection, keys)
        self._seen.update(dict.fromkeys(keys, 0) | {key: version for key, (version, _) in found.items()})
        return found

    def names(self, hashes: Sequence[Key]) -> dict[Key, Key]:
        return names.read(self._connection, hashes)

    def claim_names(self, key_id: int, given: Mapping[Key, Key]) -> dict[Key, Key]:
        return names.claim(self._connection, key_id, given)

    def left_behind(self, key_id: int) -> tuple[int, int]:
        return names.left_behind(self._connection, key_id)

    def forget_key(self, keyring: Keyring) -> Renaming:
        return names.forget(self._connection, keyring)

    def append_events(self, rows: Sequence[EventRecord]) -> list[int]:
        return events.append(self._connection, rows)

    def write_accounts(self, rows: Sequence[AccountRecord]) -> None:
        accounts.write(self._connection, rows)

    def write_identifiers(self, rows: Sequence[IdentifierRow], merge: Merge) -> None:
        identifiers.write(self._connection, rows, merge, self._seen)
        for row in rows:
            self._seen.pop(row.key, None)

    def write_assessments(self, rows: Sequence[AssessmentRecord]) -> None:
        assessments.write(self._connection, rows)

    def write_shadow_scores(self, rows: Sequence[ShadowRecord]) -> None:
        shadows.write(self._connection, rows)

    def write_requests(self, rows: Sequence[RequestRecord]) -> None:
        requests.write(self._connection, rows)

    def rewrite_requests(self, rows: Sequence[RequestRecord]) -> None:
        requests.rewrite(self._connection, rows)

    def campaigns(self, refs: Sequence[int]) -> dict[int, CampaignRecord]:
        return campaigns.read(self._connection, refs)

    def shared_values(self, refs: Sequence[int], keys: Sequence[bytes]) -> list[SharedValue]:
        return campaigns.shared(self._connection, refs, keys)

    def members(self, account_ids: Sequence[str]) -> dict[str, MemberRecord]:
        return members.read(self._connection, account_ids)

    def newest_members(self, campaign: int, limit: int, role: int | None = None) -> list[MemberRecord]:
        return members.page(self._connection, campaign, limit, None, newest=True, role=role)

    def write_campaigns(self, rows: Sequence[CampaignRecord]) -> None:
        campaigns.write(self._connection, rows)

    def add_shared_values(self, rows: Sequence[SharedValue]) -> None:
        campaigns.add_shared(self._connection, rows)

    def write_members(self, rows: Sequence[MemberRecord]) -> None:
        members.write(self._connection, rows)

    def merge_campaigns(self, pairs: Sequence[tuple[int, int]]) -> None:
        campaigns.merge(self._connection, pairs)

    def append_changes(self, rows: Sequence[ChangeRecord]) -> list[int]:
        return campaigns.append_changes(self._connection, rows)

    def write_labels(self, rows: Sequence[LabelRecord]) -> None:
        labels.write(self._connection, rows)

    def enqueue(self, rows: Sequence[DueRecord]) -> None:
        due.add(self._connection, rows)

    def dequeue(self, seqs: Sequence[int]) -> None:
        due.remove(self._connection, seqs)

    def write_tokens(self, rows: Sequence[TokenRecord]) -> None:
        trust.write_tokens(self._connection, rows)

    def keep_key_check(self, key_id: int, digest: bytes) -> None:
        trust.keep_key_check(self._connection, key_id, digest)

    def last_audit(self) -> AuditRecord | None:
        return trust.last_audit(self._connection)

    def append_audit(self, record: AuditRecord) -> None:
        trust.append_audit(self._connection, record)

    def tombstone(self, ref: int) -> TombstoneRecord | None:
        return erasure.read(self._connection, ref)

    def erase(self, account_id: str, stand_in: str, record: TombstoneRecord) -> None:
        erasure.erase(self._connection, account_id, stand_in, record)

    def protect(self, rows: Sequence[ProtectionRecord]) -> None:
        protections.append(self._connection, rows)

    def claim(self, record: ClaimRecord) -> ClaimRecord:
        return queue.take(self._connection, record)

    def release(self, subject: str, reviewer: str) -> None:
        queue.release(self._connection, subject, reviewer)

    def standings(self, account_ids: Sequence[str]) -> dict[str, StandingRecord]:
        return standings.read(self._connection, account_ids)

    def write_standings(self, rows: Sequence[StandingRecord]) -> None:
        standings.write(self._connection, rows)

    def append_standing_changes(self, rows: Sequence[StandingChange]) -> list[int]:
        return standings.append_changes(self._connection, rows)

    def add_job(self, job: JobRecord, listed: Sequence[str]) -> None:
        rescoring.add(self._connection, job, listed)

    def take_job(self, job_id: str, owner: str, now: float, stale: float) -> bool:
        return rescoring.take(self._connection, job_id, owner, now, stale)

    def set_job(self, job: JobRecord, owner: str, cursor: str) -> bool:
        return rescoring.set_owned(self._connection, job, owner, cursor)

    def cancel_job(self, job_id: str, now: float) -> bool:
        return rescoring.cancel(self._connection, job_id, now)

    def write_results(self, rows: Sequence[ResultRecord]) -> None:
        rescoring.write_results(self._connection, rows)
