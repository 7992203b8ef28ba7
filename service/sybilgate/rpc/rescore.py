"""RescoreService."""

from __future__ import annotations

import threading

import grpc

from sybilgate.app.task import Mode
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import SybilgateError
from sybilgate.rpc import calls
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.render import render
from sybilgate.rpc.rescore_jobs import JobServicer
from sybilgate.rpc.status import status_of
from sybilgate.rpc.validation import check
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import rescore_service_pb2 as api
from sybilgate.v1 import rescore_service_pb2_grpc as stubs


class RescoreServicer(JobServicer, stubs.RescoreServiceServicer):
    def __init__(self, backend: Backend, batcher: Batcher, stopping: threading.Event) -> None:
        super().__init__(backend, stopping)
        self._batcher = batcher

    def AssessAccounts(
        self, request: api.AssessAccountsRequest, context: grpc.ServicerContext
    ) -> api.AssessAccountsResponse:
        check(request)
        task = calls.make_task(
            self._backend.keyring,
            request,
            Mode.RESCORE,
            request_id=request.request_id,
            account_ids=tuple(request.account_ids),
            explain=request.explain or request.view == pb.ASSESSMENT_VIEW_FULL,
        )
        result = calls.run(self._batcher, task, context)
        items = zip(task.account_ids, result.assessments, strict=True)
        placed = self._backend.reader.placements(task.account_ids)
        return api.AssessAccountsResponse(
            results=[
                self._item(request, task.explain, account_id, answer, placed.get(account_id))
                for account_id, answer in items
            ],
            replayed=result.replayed,
        )

    def _item(
        self,
        request: api.AssessAccountsRequest,
        explain: bool,
        account_id: str,
        answer: AssessmentRecord | SybilgateError,
        placement: tuple[int, int] | None,
    ) -> api.AccountResult:
        if isinstance(answer, SybilgateError):
            return api.AccountResult(account_id=account_id, error=status_of(answer))
        message = render(answer, self._backend.explainer, view=request.view, explain=explain, placement=placement)
        return api.AccountResult(account_id=account_id, assessment=message)
