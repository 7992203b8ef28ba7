"""What the use cases need from a store. Two implementations: ``store.SqlStore`` and the fakes of the tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sybilgate.core.campaign.records import (
    CampaignRecord,
    ChangeRecord,
    DueRecord,
    LabelRecord,
    MemberRecord,
    ProtectionRecord,
    SharedValue,
)
from sybilgate.core.desk import ClaimRecord, JoinRow, QueueFilter
from sybilgate.core.records import (
    AccountRecord,
    AssessmentRecord,
    EventRecord,
    IdentifierRow,
    RequestRecord,
    ScoredRow,
    ShadowRecord,
    TombstoneRecord,
)
from sybilgate.core.rescoring import JobRecord, ResultRecord, StandingChange, StandingRecord

Merge = Callable[[bytes, bytes, bytes | None, bytes], bytes]


class Unit(Protocol):
    """One write transaction: everything in it is durable when it ends well, nothing when it raises."""

    def lock(self, refs: Sequence[int]) -> None:
        """Hold these references (accounts, request ids) until the transaction ends, in sorted order."""

    def requests(self, ids: Sequence[str]) -> dict[str, RequestRecord]: ...

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]: ...

    def accounts_by_ref(self, refs: Sequence[int]) -> dict[int, str]:
        """Ids of the accounts that these references (of ``Keyring.account_ref``) stand for, if they exist."""

    def identifiers(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]:
        """(version, state) of the keys that exist."""

    def names(self, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """Under which names values are stored, by their hashes under the newest key."""

    def claim_names(self, key_id: int, given: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """Give hashes under a key these names, until the unit ends alone; the names of whoever came first."""

    def append_events(self, rows: Sequence[EventRecord]) -> list[int]: ...

    def write_accounts(self, rows: Sequence[AccountRecord]) -> None: ...

    def write_identifiers(self, rows: Sequence[IdentifierRow], merge: Merge) -> None:
        """Compare-and-set on the version read; a row another writer changed meanwhile is merged, so nothing is lost."""

    def write_assessments(self, rows: Sequence[AssessmentRecord]) -> None: ...

    def write_shadow_scores(self, rows: Sequence[ShadowRecord]) -> None: ...

    def write_requests(self, rows: Sequence[RequestRecord]) -> None: ...

    def rewrite_requests(self, rows: Sequence[RequestRecord]) -> None:
        """Give requests that were answered another answer."""

    def campaigns(self, refs: Sequence[int]) -> dict[int, CampaignRecord]:
        """Those that exist, and what the merged ones among them were merged into; held until the unit ends."""

    def shared_values(self, refs: Sequence[int], keys: Sequence[bytes]) -> list[SharedValue]:
        """What these campaigns hold of these identifiers."""

    def members(self, account_ids: Sequence[str]) -> dict[str, MemberRecord]: ...

    def newest_members(self, campaign: int, limit: int, role: int | None = None) -> list[MemberRecord]:
        """Who joined last first; of one role only if given."""

    def write_campaigns(self, rows: Sequence[CampaignRecord]) -> None:
        """Insert or replace."""

    def add_shared_values(self, rows: Sequence[SharedValue]) -> None:
        """Add differences: counts add up, times widen. Each pair of campaign and identifier may be named once."""

    def write_members(self, rows: Sequence[MemberRecord]) -> None:
        """Insert or replace."""

    def merge_campaigns(self, pairs: Sequence[tuple[int, int]]) -> None:
        """For each (into, from) in turn: move shared values and members; the campaigns' own rows are not touched."""

    def append_changes(self, rows: Sequence[ChangeRecord]) -> list[int]: ...

    def write_labels(self, rows: Sequence[LabelRecord]) -> None: ...

    def enqueue(self, rows: Sequence[DueRecord]) -> None:
        """Name accounts to be assessed again; one already named keeps its cause and place. Among the last writes."""

    def dequeue(self, seqs: Sequence[int]) -> None:
        """Forget what was due, by the numbers that were read. The last write of a unit."""

    def tombstone(self, ref: int) -> TombstoneRecord | None:
        """What is remembered of an erased account."""

    def erase(self, account_id: str, stand_in: str, record: TombstoneRecord) -> None:
        """Leave nothing that names the account; what must stay goes under ``stand_in``."""

    def protect(self, rows: Sequence[ProtectionRecord]) -> None:
        """Append: the newest line of a subject holds; one that ends when it was created takes it back."""

    def claim(self, record: ClaimRecord) -> ClaimRecord:
        """Claim a subject unless another's lease lasts; the claim that is in force then."""

    def release(self, subject: str, reviewer: str) -> None: ...

    def standings(self, account_ids: Sequence[str]) -> dict[str, StandingRecord]:
        """How those stand that have a line."""

    def write_standings(self, rows: Sequence[StandingRecord]) -> None:
        """Insert or replace, unless a newer assessment stands."""

    def append_standing_changes(self, rows: Sequence[StandingChange]) -> list[int]: ...

    def add_job(self, job: JobRecord, listed: Sequence[str]) -> None: ...

    def take_job(self, job_id: str, owner: str, now: float, stale: float) -> bool:
        """Make ``owner`` the one who runs a job; False if another does and was heard of since ``stale``."""

    def set_job(self, job: JobRecord, owner: str, cursor: str) -> bool:
        """Write a job that ``owner`` runs and that stood at ``cursor``; False if it is no longer his."""

    def cancel_job(self, job_id: str, now: float) -> bool:
        """End a job that has not ended; False if it has."""

    def write_results(self, rows: Sequence[ResultRecord]) -> None: ...


class View(Protocol):
    """The store at one moment: every read of a view sees the same."""

    def names(self, job: JobRecord, after: str, limit: int) -> list[str]:
        """The next accounts of a job in order of their ids. A listed one need not exist."""

    def count(self, job: JobRecord) -> int: ...

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]: ...

    def states(self, keys: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Keys and states of the identifiers that exist, in no particular order."""

    def identifiers(self) -> int:
        """How many there are, the totals among them."""

    def all_states(self) -> Iterator[tuple[Sequence[bytes], Sequence[bytes]]]:
        """Keys and states of all identifiers but the totals, many at a time."""

    def standings(self, ids: Sequence[str]) -> dict[str, StandingRecord]:
        """The newest assessment of those that have any."""

    def watermark(self) -> int:
        """Number of the newest event."""


class Jobs(Protocol):
    """What jobs that assess existing accounts are kept in."""

    def unit(self) -> AbstractContextManager[Unit]: ...

    def view(self) -> AbstractContextManager[View]: ...

    def job(self, job_id: str) -> JobRecord | None: ...

    def jobs(self, limit: int, before: str | None = None) -> list[JobRecord]:
        """Newest first."""

    def waiting_job(self, stale: float) -> JobRecord | None:
        """The oldest job that is queued, or that nobody has been heard of since ``stale``."""

    def results(self, job_id: str, after: int, limit: int, changed: bool = False) -> list[ResultRecord]:
        """Results after a number; only those whose decision changed if asked so."""

    def standing_changes(self, seq: int, limit: int) -> list[StandingChange]:
        """How accounts came to stand otherwise, oldest first; reading on steps over none."""

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None: ...


class Store(Protocol):
    """Durable state. Reads are safe from many threads."""

    def unit(self) -> AbstractContextManager[Unit]: ...

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None: ...

    def assessments(self, account_id: str, limit: int, before: str | None = None) -> list[AssessmentRecord]: ...

    def events(self, after_seq: int, limit: int) -> list[EventRecord]: ...

    def check(self) -> None:
        """Raise SchemaOutdated or UnsafeDurability unless the store may be served from."""

    def close(self) -> None: ...


class Erasing(Protocol):
    """What erasing an account needs."""

    def unit(self) -> AbstractContextManager[Unit]: ...


class Reviews(Protocol):
    """What is kept of campaigns, labels and work that is due, as reviewers and jobs read it."""

    def unit(self) -> AbstractContextManager[Unit]: ...

    def campaign(self, ref: int) -> CampaignRecord | None: ...

    def campaigns_page(
        self, states: Collection[int], order_by: str, limit: int, cursor: tuple[float, int] | None = None
    ) -> list[CampaignRecord]:
        """Largest ``order_by`` (last_time, significance or members) first, after that value and reference."""

    def members_page(
        self, campaign: int, limit: int, after: tuple[float, str] | None = None, *, newest: bool = False
    ) -> list[MemberRecord]:
        """In order of joining, or in reverse, after a pair (join time, account)."""

    def members_after(self, role: int, account_id: str, limit: int) -> list[MemberRecord]:
        """Members of one role in all campaigns, by account, after ``account_id``."""

    def member(self, account_id: str) -> MemberRecord | None: ...

    def changes(self, campaign: int, limit: int, before_seq: int | None = None) -> list[ChangeRecord]:
        """Newest first."""

    def changes_after(self, seq: int, limit: int) -> list[ChangeRecord]:
        """Of all campaigns, oldest first; reading on from the last number steps over none."""

    def placements(self, account_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Campaign and its state of those accounts that are in one."""

    def top_values(self, campaign: int, limit: int, offset: int = 0) -> list[SharedValue]:
        """Most members first."""

    def values_under(self, campaign: int, prefix: bytes) -> list[SharedValue]:
        """Those whose keys begin with ``prefix``."""

    def values_of(self, campaign: int, keys: Sequence[bytes]) -> list[SharedValue]: ...

    def account(self, account_id: str) -> AccountRecord | None: ...

    def accounts(self, ids: Sequence[str]) -> dict[str, AccountRecord]: ...

    def identifier_states(self, keys: Sequence[bytes]) -> dict[bytes, tuple[int, bytes]]: ...

    def truths(self, account_ids: Sequence[str]) -> dict[str, int]:
        """What the log tells of those accounts that exist: above 0 bad, below 0 good, 0 nothing."""

    def labels(self, ids: Sequence[str]) -> dict[str, LabelRecord]: ...

    def labels_of(
        self, *, account_id: str = "", campaign: int = 0, limit: int = 1000, before: str | None = None
    ) -> list[LabelRecord]:
        """Of an account or, without one, of a campaign as such; newest first."""

    def labels_by(self, author: str, since: float) -> list[float]:
        """When this reviewer labelled single accounts, from ``since`` on."""

    def due(self, now: float, limit: int) -> list[DueRecord]: ...

    def protections(self) -> list[ProtectionRecord]:
        """The newest line of each subject, by subject: it holds until its ``end_time``."""

    def protection_lines(self, limit: int, before_seq: int | None = None) -> list[ProtectionRecord]:
        """Every protection given, changed or taken back, newest first."""


class Desk(Reviews, Protocol):
    """What reviewers' pages read beyond that."""

    def queue_page(
        self, wanted: QueueFilter, order: str, limit: int, after: tuple[float, str] | None = None
    ) -> list[AssessmentRecord]:
        """Newest assessments that ask for attention, in order (newest, oldest or risk), after a risk and an id."""

    def queue_counts(self, wanted: QueueFilter) -> dict[int, int]:
        """By decision."""

    def claims(self, now: float) -> list[ClaimRecord]:
        """Those in force, the latest first."""

    def joins(self, campaign: int) -> list[JoinRow]:
        """Everybody in a campaign, in order of joining."""

    def newest_signups(self, limit: int) -> list[ScoredRow]:
        """Assessments of the newest signups, in no order."""

    def account_keys(self, account_ids: Sequence[str]) -> dict[str, bytes]:
        """Their last known keys, packed."""

    def accounts_by_ref(self, refs: Sequence[int]) -> dict[int, str]: ...
