"""What reviewers decide: campaigns confirmed and dismissed, accounts labelled.

A label is an event in the log like any other truth, in one transaction with its line in the table of labels. A campaign
may have more members than one transaction should hold: they are labelled in batches that each count once, and only then
is the campaign CONFIRMED, so that a call that broke off half-way is simply made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sybilgate.app.campaigns import Campaigns
from sybilgate.app.once import Asked, answered, remember
from sybilgate.app.ports import Reviews, Unit
from sybilgate.app.reviewers import check_agreement, check_share
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.campaign.records import (
    CampaignRecord,
    CampaignState,
    Change,
    ChangeRecord,
    DueRecord,
    LabelRecord,
    Role,
    Verdict,
)
from sybilgate.core.crockford import encode_ref
from sybilgate.core.event import Event, EventType, Outcome, OutcomeKind
from sybilgate.core.identifier import Keyring
from sybilgate.errors import CampaignClosed, InvalidInput, NotFound, SecondReviewerNeeded

#: Members labelled in one transaction.
BATCH = 500
REVIEW = "review"
_OTHER = {Verdict.SYBIL: Verdict.HONEST, Verdict.HONEST: Verdict.SYBIL}

Run = Callable[[Task], Result]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a reviewer says. ``evidence_time`` None: now."""

    reviewer: str
    reason: str
    source: str = REVIEW
    evidence_time: float | None = None

    def known_at(self, now: float) -> float:
        return now if self.evidence_time is None else min(self.evidence_time, now)


@dataclass(frozen=True)
class Review:
    """``run`` in the methods takes a task through the batcher, within the caller's deadline."""

    store: Reviews
    keyring: Keyring
    clock: Callable[[], float]
    new_id: Callable[[], str]

    @property
    def campaigns(self) -> Campaigns:
        return Campaigns(self.store)

    def label(
        self, account_id: str, verdict: Verdict, said: Said, revokes: str, asked: Asked, run: Run
    ) -> tuple[LabelRecord, bool]:
        """Label an account; the label and whether the request had been answered before. The account itself becomes due,
        and by spreading its campaign and its neighbours. Raises NotFound, InvalidInput or QuotaExceeded."""
        if self.store.account(account_id) is None:
            raise NotFound("no such account")
        if revokes:
            self._check_revoked(account_id, verdict, revokes)
        now = self.clock()
        with self.store.unit() as unit:
            repeated = answered(unit, self.keyring, asked)
        if not repeated:
            check_agreement(self.store, account_id, verdict, said.reviewer, revokes)
            check_share(self.store, said.reviewer, now)
        label = LabelRecord(
            self.new_id(), account_id, 0, int(verdict), said.source, said.reviewer, "", said.known_at(now), now,
            said.reason, revokes,
        )  # fmt: skip
        task = self._task([label], [account_id], asked.request_id or None, asked.digest)
        result = run(task)
        return self.store.labels(result.labels)[result.labels[0]], result.replayed

    def confirm(self, ref: int, said: Said, include_linked: bool, asked: Asked, run: Run) -> None:
        """Say that a campaign is one operator. The second reviewer's word takes effect. Raises NotFound,
        CampaignClosed or SecondReviewerNeeded."""
        with self.store.unit() as unit:
            if answered(unit, self.keyring, asked):
                return
            self._open(unit, ref)
            agreed = self._agreed(unit, ref, said)
            if agreed is None:
                remember(unit, asked, self.clock())
                return
        self._label_members(agreed, include_linked, run)
        with self.store.unit() as unit:
            if not answered(unit, self.keyring, asked):
                self._close(unit, ref, CampaignState.CONFIRMED, Change.CONFIRMED, said)
                remember(unit, asked, self.clock())

    def dismiss(self, ref: int, said: Said, asked: Asked) -> None:
        """Say that a campaign is no operator. Raises NotFound or CampaignClosed."""
        with self.store.unit() as unit:
            if answered(unit, self.keyring, asked):
                return
            self._open(unit, ref)
            self._close(unit, ref, CampaignState.DISMISSED, Change.DISMISSED, said)
            remember(unit, asked, self.clock())

    def _check_revoked(self, account_id: str, verdict: Verdict, label_id: str) -> None:
        old = self.store.labels([label_id]).get(label_id)
        if old is None or old.account_id != account_id:
            raise InvalidInput([("revokes", "is not a label of this account")])
        if old.verdict != _OTHER[verdict]:
            raise InvalidInput([("revokes", "says the same as this label")])

    def _open(self, unit: Unit, ref: int) -> CampaignRecord:
        """The campaign, held until the unit ends: of two reviewers who speak at once, the later sees the earlier."""
        record = unit.campaigns([ref]).get(ref)
        if record is None or record.state == CampaignState.CANDIDATE:
            raise NotFound("no such campaign")
        if record.state != CampaignState.OPEN:
            raise CampaignClosed(f"the campaign is {CampaignState(record.state).name}, not OPEN")
        return record

    def _agreed(self, unit: Unit, ref: int, said: Said) -> LabelRecord | None:
        """The label two reviewers stand behind; None if this one is the first. Raises SecondReviewerNeeded."""
        standing = self.campaigns.standing(ref)
        if standing.agreed is not None:
            return standing.agreed
        now, first = self.clock(), standing.first
        if first is not None and _same(first.author, said.reviewer):
            raise SecondReviewerNeeded("another reviewer must confirm the campaign")
        label = LabelRecord(
            self.new_id(), "", ref, int(Verdict.SYBIL), said.source, said.reviewer, "", said.known_at(now), now,
            said.reason, "",
        )  # fmt: skip
        if first is not None:
            label = replace(label, author=first.author, second=said.reviewer)
        unit.write_labels([label])
        return label if first is not None else None

    def _label_members(self, agreed: LabelRecord, include_linked: bool, run: Run) -> None:
        after: tuple[float, str] | None = None
        while page := self.store.members_page(agreed.campaign, BATCH, after):
            after = page[-1].join_time, page[-1].account_id
            # Who was found honest by himself stays so, and who left no trace in the log cannot be labelled.
            truths = self.store.truths([row.account_id for row in page])
            chosen = [row for row in page if row.role == Role.FLAGGED or include_linked]
            labels = [self._of_member(agreed, row.account_id) for row in chosen if truths.get(row.account_id, -1) >= 0]
            there = self.store.labels([label.label_id for label in labels])
            labels = [label for label in labels if label.label_id not in there]
            if labels:
                names = [label.account_id for label in labels]
                digest = self.keyring.digest("\0".join([agreed.label_id, *names]).encode())
                run(self._task(labels, names, f"confirm-{digest.hex()[:32]}", digest))

    def _of_member(self, agreed: LabelRecord, account_id: str) -> LabelRecord:
        """Named after its account, so that a member is labelled once however often the call is made."""
        label_id = f"{agreed.label_id}-{encode_ref(self.keyring.account_ref(account_id))}"
        return replace(agreed, label_id=label_id, account_id=account_id)

    def _close(self, unit: Unit, ref: int, state: CampaignState, change: Change, said: Said) -> None:
        record = unit.campaigns([ref])[ref]
        if record.state != CampaignState.OPEN:
            return  # somebody else's call did it while ours was labelling members
        unit.write_campaigns([replace(record, state=int(state))])
        line = ChangeRecord(ref, self.clock(), int(change), 0, record.members, said.reviewer, said.reason)
        unit.append_changes([line])

    def _task(self, labels: Sequence[LabelRecord], due: Sequence[str], request_id: str | None, digest: bytes) -> Task:
        now = self.clock()
        return Task(
            mode=Mode.RECORD,
            events=tuple(map(_event, labels)),
            labels=tuple(labels),
            due=tuple(DueRecord(name, "label", now) for name in due),
            request_id=request_id,
            digest=digest,
        )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _event(label: LabelRecord) -> Event:
    """The truth as the log tells it."""
    kind = OutcomeKind.CONFIRMED_SYBIL
    if label.verdict == Verdict.HONEST:
        kind = OutcomeKind.REINSTATED if label.revokes else OutcomeKind.CONFIRMED_HONEST
    outcome = Outcome(kind=kind, source=label.source)
    return Event(account_id=label.account_id, time=label.evidence_time, type=EventType.OUTCOME, outcome=outcome)
