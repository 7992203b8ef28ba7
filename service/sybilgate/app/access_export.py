"""What is kept of one account, in plain words: for whoever has a right to be told."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sybilgate.app.protect import account_subject
from sybilgate.core.campaign.records import LabelRecord, MemberRecord, ProtectionRecord, Role, Verdict
from sybilgate.core.event import EventType
from sybilgate.core.identifier import KINDS
from sybilgate.core.own import OWN
from sybilgate.core.policy import Decision
from sybilgate.core.records import AccountRecord, AssessmentRecord, EventRecord
from sybilgate.core.state import unpack_keys, unpack_own
from sybilgate.errors import NotFound

_PAGE = 1000


class Exporting(Protocol):
    """What telling somebody of an account needs."""

    def account(self, account_id: str) -> AccountRecord | None: ...

    def assessments(self, account_id: str, limit: int, before: str | None = None) -> list[AssessmentRecord]: ...

    def events(self, after_seq: int, limit: int) -> list[EventRecord]: ...

    def member(self, account_id: str) -> MemberRecord | None: ...

    def labels_of(
        self, *, account_id: str = "", campaign: int = 0, limit: int = 1000, before: str | None = None
    ) -> list[LabelRecord]: ...

    def protections(self) -> list[ProtectionRecord]: ...


@dataclass(frozen=True)
class AccessExport:
    """Everything stored under an account's id, without what would tell of others: no neighbour, no campaign's name."""

    store: Exporting
    clock: Callable[[], float]

    def __call__(self, account_id: str) -> dict[str, Any]:
        """Sections by title. The whole log is read for the events. Raises NotFound."""
        account = self.store.account(account_id)
        if account is None:
            raise NotFound(f"no such account: {account_id}")
        return {
            "account": account_id,
            "told on": _day(self.clock()),
            "signed up": _day(account.signup_time),
            "last heard of": _day(account.last_time),
            "known to be": {1: "one of many of one operator", 0: "nothing special", -1: "honest"}[_sign(account.label)],
            "values it told, kept only as keyed hashes that nobody can read back": _kinds(account.keys),
            "worked out from what it told": _own(account.own),
            "what happened": [
                f"{_day(event.time)}: {EventType(event.type).name.lower()}" for event in self._of(account_id)
            ],
            "how it was judged": [_judged(record) for record in self._assessments(account_id)],
            "in a group of accounts that look like one operator's": _member(self.store.member(account_id)),
            "what people said": [_said(label) for label in self.store.labels_of(account_id=account_id)],
            "protected": self._protected(account_id),
        }

    def _of(self, account_id: str) -> Iterator[EventRecord]:
        after = 0
        while page := self.store.events(after, _PAGE):
            yield from (event for event in page if event.account_id == account_id)
            after = page[-1].seq

    def _assessments(self, account_id: str) -> Iterator[AssessmentRecord]:
        before = None
        while page := self.store.assessments(account_id, _PAGE, before):
            yield from page
            before = page[-1].assessment_id

    def _protected(self, account_id: str) -> str:
        subject, now = account_subject(account_id)[0], self.clock()
        mine = [line for line in self.store.protections() if line.subject == subject and line.end_time > now]
        return f"since {_day(mine[0].create_time)}, by {mine[0].author}: {mine[0].reason}" if mine else "no"


def in_words(found: Mapping[str, Any]) -> Iterator[str]:
    """The same as lines to read."""
    for title, value in found.items():
        if isinstance(value, str):
            yield f"{title}: {value}"
            continue
        yield f"{title}:" if value else f"{title}: nothing"
        lines = [f"{name}: {number:g}" for name, number in value.items()] if isinstance(value, Mapping) else value
        yield from (f"  {line}" for line in lines)


def _kinds(keys: bytes) -> list[str]:
    row = unpack_keys([keys])[0]
    return [kind.name.lower() for kind, words in zip(KINDS, row, strict=True) if words.any()]


def _own(data: bytes) -> dict[str, float]:
    row = unpack_own(data, len(OWN))
    return {column.name: value for column, value in zip(OWN, row.tolist(), strict=True) if not math.isnan(value)}


def _judged(record: AssessmentRecord) -> str:
    shared: Sequence[Mapping[str, Any]] = json.loads(record.evidence or "[]")
    because = ", ".join(f"{item['kind']} held by {item.get('holders', 0)}" for item in shared)
    text = f"{_day(record.create_time)}: risk {record.risk:.3f}, {Decision(record.decision).name}"
    return f"{text}, by model {record.model}, policy {record.policy}{f'; shared: {because}' if because else ''}"


def _member(record: MemberRecord | None) -> str:
    if record is None:
        return "no"
    return (
        f"since {_day(record.join_time)}, {'flagged by itself' if record.role == Role.FLAGGED else 'by what it shares'}"
    )


def _said(label: LabelRecord) -> str:
    who = f"{label.author} and {label.second}" if label.second else label.author
    return f"{_day(label.create_time)}: {Verdict(label.verdict).name}, from {label.source}, by {who}: {label.reason}"


def _sign(label: int) -> int:
    return (label > 0) - (label < 0)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC") if math.isfinite(seconds) else "never"
