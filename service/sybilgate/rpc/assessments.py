"""AssessmentService."""

from __future__ import annotations

import grpc

from sybilgate.app.assess import STORE
from sybilgate.app.task import Mode
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.trust import Role
from sybilgate.errors import NotFound, SybilgateError, Unavailable
from sybilgate.rpc import calls
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.convert import event_from
from sybilgate.rpc.pages import DEFAULT_PAGE, Pages
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.probing import Probing
from sybilgate.rpc.render import render
from sybilgate.rpc.rights import caller
from sybilgate.rpc.validation import check
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import assessment_service_pb2 as api
from sybilgate.v1 import assessment_service_pb2_grpc as stubs


class AssessmentServicer(stubs.AssessmentServiceServicer):
    def __init__(self, backend: Backend, batcher: Batcher, probing: Probing | None = None) -> None:
        self._backend = backend
        self._batcher = batcher
        self._probing = probing
        self._pages = Pages(backend.keyring)

    def CreateAssessment(self, request: api.CreateAssessmentRequest, context: grpc.ServicerContext) -> pb.Assessment:
        check(request)
        if self._probing is None or caller().role is not Role.SIGNUP:
            return self._assess(request, context)
        answer = self._probing.known(request.event, request.request_id)
        if answer is not None:
            return self._again(request, answer, context)
        answer = self._assess(request, context)
        if STORE not in answer.degraded:
            # Made without links, it is not what the same question is to be told later.
            self._probing.remember(request.event, answer)
        return answer

    def _again(
        self, request: api.CreateAssessmentRequest, answer: pb.Assessment, context: grpc.ServicerContext
    ) -> pb.Assessment:
        """What was told before. What is new in the event is recorded all the same, under no request id: it is the
        answer's, and this one is not kept."""
        task = calls.make_task(
            self._backend.keyring, request, Mode.RECORD, request_id="", events=(event_from(request.event),)
        )
        calls.run(self._batcher, task, context)
        told = pb.Assessment()
        told.CopyFrom(answer)
        told.replayed = True
        return told

    def _assess(self, request: api.CreateAssessmentRequest, context: grpc.ServicerContext) -> pb.Assessment:
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
        placed = record.campaign or (result.replayed and _stored(record))
        return render(
            record, self._backend.explainer, view=request.view, explain=explain, replayed=result.replayed,
            placement=self._placement(record.account_id) if placed else None,
        )  # fmt: skip

    def GetAssessment(self, request: api.GetAssessmentRequest, context: grpc.ServicerContext) -> pb.Assessment:
        check(request)
        _, account_id, _, assessment_id = request.name.split("/")
        record = self._backend.reader.assessment(account_id, assessment_id)
        if record is None and self._backend.spooled():
            raise Unavailable("it may wait in the spool until the store is back: ask again")
        if record is None:
            raise NotFound("no such assessment")
        return render(record, self._backend.explainer, view=request.view, placement=self._placement(record.account_id))

    def ListAssessments(
        self, request: api.ListAssessmentsRequest, context: grpc.ServicerContext
    ) -> api.ListAssessmentsResponse:
        check(request)
        _, account_id = request.parent.split("/")
        size = request.page_size or DEFAULT_PAGE
        before = self._pages.open(request.parent, request.page_token)
        records = self._backend.reader.assessments(account_id, size + 1, before)
        page, placement = records[:size], self._placement(account_id)
        return api.ListAssessmentsResponse(
            assessments=[
                render(record, self._backend.explainer, view=request.view, placement=placement) for record in page
            ],
            next_page_token=self._pages.seal(request.parent, page[-1].assessment_id) if len(records) > size else "",
        )

    def _placement(self, account_id: str) -> tuple[int, int] | None:
        return self._backend.reader.placements([account_id]).get(account_id)


def _stored(record: AssessmentRecord) -> bool:
    """Whether the store answered when the assessment was made; while it is away it is not asked for more."""
    return STORE not in record.degraded.split(",")
