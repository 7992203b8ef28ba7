"""Jobs of the RescoreService: ordered, looked after, and read from while they run."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import grpc

from sybilgate.app.difference import Difference, difference
from sybilgate.app.once import Asked
from sybilgate.app.ordering import Orders, Wanted
from sybilgate.app.ports import Jobs
from sybilgate.core.rescoring import ENDED, Choice, ResultRecord
from sybilgate.errors import ModelRejected, Overloaded, Unavailable
from sybilgate.rpc import show_rescore as show
from sybilgate.rpc.convert import seconds
from sybilgate.rpc.names import campaign_ref, tail
from sybilgate.rpc.pages import DEFAULT_PAGE, Pages
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.rights import rights
from sybilgate.rpc.validation import check, request_digest
from sybilgate.v1 import rescore_job_pb2 as pb
from sybilgate.v1 import rescore_service_pb2 as api

#: Streams at a time, each holding a thread; seconds between two looks; results in a block and changes in a look.
MAX_STREAMS = 16
LOOK_SECONDS = 0.5
_BLOCK, _LOOK = 500, 500


class JobServicer:
    """``stopping`` ends the streams, so that a server that drains does not wait for those who read."""

    def __init__(self, backend: Backend, stopping: threading.Event) -> None:
        self._backend, self._stopping = backend, stopping
        self._pages = Pages(backend.keyring)
        self._streams = threading.BoundedSemaphore(MAX_STREAMS)

    def CreateRescoreJob(self, request: api.CreateRescoreJobRequest, context: grpc.ServicerContext) -> pb.RescoreJob:
        check(request)
        asked = Asked(request.request_id, request_digest(self._backend.keyring, request), "CreateRescoreJob")
        return show.job(self._orders.create(_wanted(request), asked))

    def GetRescoreJob(self, request: api.GetRescoreJobRequest, context: grpc.ServicerContext) -> pb.RescoreJob:
        check(request)
        return show.job(self._orders.get(tail(request.name)))

    def ListRescoreJobs(
        self, request: api.ListRescoreJobsRequest, context: grpc.ServicerContext
    ) -> api.ListRescoreJobsResponse:
        check(request)
        size = request.page_size or DEFAULT_PAGE
        rows = self._jobs.jobs(size + 1, self._pages.open("rescoreJobs", request.page_token))
        more = self._pages.seal("rescoreJobs", rows[size - 1].job_id) if len(rows) > size else ""
        return api.ListRescoreJobsResponse(jobs=map(show.job, rows[:size]), next_page_token=more)

    def CancelRescoreJob(self, request: api.CancelRescoreJobRequest, context: grpc.ServicerContext) -> pb.RescoreJob:
        check(request)
        return show.job(self._orders.cancel(tail(request.name)))

    def StreamRescoreResults(
        self, request: api.StreamRescoreResultsRequest, context: grpc.ServicerContext
    ) -> Iterator[api.StreamRescoreResultsResponse]:
        check(request)
        job_id, number, size = tail(request.name), request.after_number, request.block_size or _BLOCK
        self._orders.get(job_id)
        full = rights().full
        with _Place(self._streams):
            while context.is_active() and not self._stopping.is_set():
                # Asked first: what was written before a job ended is then seen.
                ended = self._orders.get(job_id).state in ENDED
                rows = self._jobs.results(job_id, number, size, request.changed_only)
                if rows:
                    number = rows[-1].number
                    yield api.StreamRescoreResultsResponse(
                        results=[show.result(row, self._why(row) if request.explain else None, full) for row in rows]
                    )
                if len(rows) < size:
                    if ended:
                        return
                    self._stopping.wait(LOOK_SECONDS)

    def WatchAssessments(
        self, request: api.WatchAssessmentsRequest, context: grpc.ServicerContext
    ) -> Iterator[api.WatchAssessmentsResponse]:
        check(request)
        last, jobs = request.after_sequence, self._jobs
        with _Place(self._streams):
            while context.is_active() and not self._stopping.is_set():
                rows = jobs.standing_changes(last, _LOOK)
                for row in rows:
                    yield api.WatchAssessmentsResponse(change=show.change(row))
                    last = row.seq
                if len(rows) < _LOOK:
                    self._stopping.wait(LOOK_SECONDS)

    @property
    def _jobs(self) -> Jobs:
        if self._backend.jobs is None:
            raise Unavailable("this server keeps no jobs")
        return self._backend.jobs

    @property
    def _orders(self) -> Orders:
        parts = self._backend.reviews
        return Orders(self._jobs, self._backend.keyring, parts.clock, parts.new_id)

    def _why(self, row: ResultRecord) -> Difference | None:
        """Why a decision changed; None if it did not, or if nobody can say any more."""
        if row.decision == row.previous_decision or not row.previous or not row.assessment_id:
            return None
        now = self._jobs.assessment(row.account_id, row.assessment_id)
        before = self._jobs.assessment(row.account_id, row.previous)
        if now is None or before is None:
            return None
        try:
            return difference(self._backend.explainer.explain, now, before)
        except (Unavailable, ModelRejected):
            return None


class _Place:
    """One of the places for streams, for as long as the block lasts. Raises Overloaded when all are taken."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places

    def __enter__(self) -> None:
        if not self._places.acquire(blocking=False):
            raise Overloaded("too many are reading", LOOK_SECONDS)

    def __exit__(self, *_: object) -> None:
        self._places.release()


def _wanted(request: api.CreateRescoreJobRequest) -> Wanted:
    which, given = request.filter.WhichOneof("filter"), request.filter
    model, dry_run = request.model_version, request.dry_run
    if which == "due_by":
        return Wanted(Choice.DUE, due_by=seconds(given.due_by), model=model, dry_run=dry_run)
    if which == "campaign":
        return Wanted(Choice.CAMPAIGN, campaign=campaign_ref(given.campaign), model=model, dry_run=dry_run)
    if which == "accounts":
        return Wanted(Choice.LISTED, accounts=tuple(given.accounts.account_ids), model=model, dry_run=dry_run)
    return Wanted(Choice.ALL, model=model, dry_run=dry_run)
