"""AssessmentService."""

from __future__ import annotations

import base64
import binascii
import hmac

import grpc

from sybilgate.app.task import Mode
from sybilgate.errors import InvalidInput, NotFound, SybilgateError
from sybilgate.rpc import calls
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.convert import event_from
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.render import render
from sybilgate.rpc.validation import check
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import assessment_service_pb2 as api
from sybilgate.v1 import assessment_service_pb2_grpc as stubs

DEFAULT_PAGE = 50
_MAC_BYTES = 16


class AssessmentServicer(stubs.AssessmentServiceServicer):
    def __init__(self, backend: Backend, batcher: Batcher) -> None:
        self._backend = backend
        self._batcher = batcher

    def CreateAssessment(self, request: api.CreateAssessmentRequest, context: grpc.ServicerContext) -> pb.Assessment:
        check(request)
        explain = request.explain or request.view == pb.ASSESSMENT_VIEW_FULL
        task = calls.make_task(
            self._backend.keyring,
            request,
            Mode.ASSESS,
            request_id=request.request_id,
            events=(event_from(request.event),),
            explain=explain,
        )
        result = calls.run(self._batcher, task, context)
        record = result.assessments[0]
        if isinstance(record, SybilgateError):
            raise record
        return render(record, self._backend.explainer, view=request.view, explain=explain, replayed=result.replayed)

    def GetAssessment(self, request: api.GetAssessmentRequest, context: grpc.ServicerContext) -> pb.Assessment:
        check(request)
        _, account_id, _, assessment_id = request.name.split("/")
        record = self._backend.reader.assessment(account_id, assessment_id)
        if record is None:
            raise NotFound("no such assessment")
        return render(record, self._backend.explainer, view=request.view)

    def ListAssessments(
        self, request: api.ListAssessmentsRequest, context: grpc.ServicerContext
    ) -> api.ListAssessmentsResponse:
        check(request)
        _, account_id = request.parent.split("/")
        size = request.page_size or DEFAULT_PAGE
        before = self._open_token(request.parent, request.page_token) if request.page_token else None
        records = self._backend.reader.assessments(account_id, size + 1, before)
        page = records[:size]
        return api.ListAssessmentsResponse(
            assessments=[render(record, self._backend.explainer, view=request.view) for record in page],
            next_page_token=self._token(request.parent, page[-1].assessment_id) if len(records) > size else "",
        )

    def _token(self, parent: str, before: str) -> str:
        return base64.urlsafe_b64encode(self._mac(parent, before) + before.encode()).decode().rstrip("=")

    def _open_token(self, parent: str, token: str) -> str:
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            before = raw[_MAC_BYTES:].decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _foreign_token() from None
        if not hmac.compare_digest(raw[:_MAC_BYTES], self._mac(parent, before)):
            raise _foreign_token()
        return before

    def _mac(self, parent: str, before: str) -> bytes:
        return self._backend.keyring.digest(f"page\0{parent}\0{before}".encode())[:_MAC_BYTES]


def _foreign_token() -> InvalidInput:
    return InvalidInput([("page_token", "is not a page token of this query")])
