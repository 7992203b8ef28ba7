"""Ordering jobs that assess existing accounts again: made, read, cancelled. Running them is others' work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sybilgate.app.once import Asked, answered, remember
from sybilgate.app.ports import Jobs
from sybilgate.core.identifier import Keyring
from sybilgate.core.rescoring import Choice, JobRecord, JobState
from sybilgate.errors import InvalidInput, NotFound

_NOT_ASKED = Asked("", b"", "")


@dataclass(frozen=True)
class Wanted:
    """Which accounts, by which model (empty: the one that serves when it starts), and whether anything is written."""

    choice: Choice
    due_by: float = 0.0
    campaign: int = 0
    accounts: Sequence[str] = ()
    model: str = ""
    dry_run: bool = False


@dataclass(frozen=True)
class Orders:
    """``clock``: unix seconds; ``new_id``: sortable ids."""

    store: Jobs
    keyring: Keyring
    clock: Callable[[], float]
    new_id: Callable[[], str]

    def create(self, wanted: Wanted, asked: Asked = _NOT_ASKED) -> JobRecord:
        """A new job, queued; the one made before if ``asked`` was answered already."""
        now = self.clock()
        job = JobRecord(
            self.new_id(), wanted.choice.value, wanted.due_by, wanted.campaign, wanted.model, int(wanted.dry_run),
            int(JobState.QUEUED), now,
        )  # fmt: skip
        if wanted.choice is Choice.LISTED and not wanted.accounts:
            raise InvalidInput([("accounts", "names nobody")])
        with self.store.unit() as unit:
            if answered(unit, self.keyring, asked):
                made = unit.requests([asked.request_id])[asked.request_id].result
            else:
                unit.add_job(job, wanted.accounts)
                remember(unit, asked, now, job.job_id)
                return job
        return self.get(made)

    def get(self, job_id: str) -> JobRecord:
        """Raises NotFound."""
        job = self.store.job(job_id)
        if job is None:
            raise NotFound("no such job")
        return job

    def cancel(self, job_id: str) -> JobRecord:
        """End a job; one that has ended stays as it is. A block that is being written is not. Raises NotFound."""
        with self.store.unit() as unit:
            unit.cancel_job(job_id, self.clock())
        return self.get(job_id)
