"""ReviewService."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import grpc

from sybilgate.app.campaigns import Campaigns
from sybilgate.app.once import Asked
from sybilgate.app.protect import Protections, account_subject, key_subject
from sybilgate.app.review import REVIEW, Review, Run, Said
from sybilgate.app.splitting import Splitter
from sybilgate.core.campaign.records import CampaignState, Verdict
from sybilgate.errors import InvalidInput, NotFound, Overloaded
from sybilgate.rpc import calls, show
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.convert import identifier_event, seconds
from sybilgate.rpc.desk import DeskMethods
from sybilgate.rpc.names import campaign_ref, parent_of, tail
from sybilgate.rpc.pages import DEFAULT_PAGE, Pages
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.validation import check, request_digest
from sybilgate.v1 import campaign_pb2, label_pb2, protection_pb2
from sybilgate.v1 import review_service_pb2 as api
from sybilgate.v1 import review_service_pb2_grpc as stubs

#: Watchers at a time, each holding a thread; seconds between two looks, and lines per look.
MAX_WATCHERS = 16
LOOK_SECONDS = 0.5
_LOOK = 500
_HISTORY = 20
_ORDERS = ("last_time", "last_time", "significance", "members")


class ReviewServicer(DeskMethods, stubs.ReviewServiceServicer):
    """``stopping`` ends the streams, so that a server that drains does not wait for those who watch."""

    def __init__(self, backend: Backend, batcher: Batcher, stopping: threading.Event) -> None:
        super().__init__(backend)
        parts = backend.reviews
        self._keyring = backend.keyring
        self._store, self._clock, self._identify = parts.store, parts.clock, parts.identify
        self._campaigns = Campaigns(parts.store)
        self._review = Review(parts.store, backend.keyring, parts.clock, parts.new_id)
        self._protections = Protections(parts.store, backend.keyring, parts.clock)
        self._pages = Pages(backend.keyring)
        self._batcher = batcher
        self._stopping = stopping
        self._watchers = threading.BoundedSemaphore(MAX_WATCHERS)

    def ListCampaigns(
        self, request: api.ListCampaignsRequest, context: grpc.ServicerContext
    ) -> api.ListCampaignsResponse:
        check(request)
        states = sorted(request.states) or [int(CampaignState.OPEN)]
        order, size = _ORDERS[request.order], request.page_size or DEFAULT_PAGE
        query = f"campaigns {states} {order}"
        cursor = self._pages.open(query, request.page_token)
        after = (float(cursor.split()[0]), int(cursor.split()[1])) if cursor else None
        records = self._store.campaigns_page(states, order, size + 1, after)
        page, now = records[:size], self._clock()
        axes = self._campaigns.axes(page)
        more = self._pages.seal(query, f"{getattr(page[-1], order)!r} {page[-1].ref}") if len(records) > size else ""
        shown = [show.campaign(record, axes[record.ref], now) for record in page]
        return api.ListCampaignsResponse(campaigns=shown, next_page_token=more)

    def GetCampaign(self, request: api.GetCampaignRequest, context: grpc.ServicerContext) -> campaign_pb2.Campaign:
        check(request)
        return self._shown(campaign_ref(request.name))

    def ListCampaignMembers(
        self, request: api.ListCampaignMembersRequest, context: grpc.ServicerContext
    ) -> api.ListCampaignMembersResponse:
        check(request)
        record = self._campaigns.get(campaign_ref(request.parent))
        size = request.page_size or DEFAULT_PAGE
        cursor = self._pages.open(f"members {request.parent}", request.page_token)
        after = (float(cursor.split()[0]), cursor.split()[1]) if cursor else None
        rows = self._store.members_page(record.ref, size + 1, after)
        page, more = rows[:size], ""
        if len(rows) > size:
            more = self._pages.seal(f"members {request.parent}", f"{page[-1].join_time!r} {page[-1].account_id}")
        return api.ListCampaignMembersResponse(members=map(show.member, page), next_page_token=more)

    def WatchCampaigns(
        self, request: api.WatchCampaignsRequest, context: grpc.ServicerContext
    ) -> Iterator[api.WatchCampaignsResponse]:
        check(request)
        if not self._watchers.acquire(blocking=False):
            raise Overloaded("too many are watching", LOOK_SECONDS)
        try:
            last = request.after_sequence
            while context.is_active() and not self._stopping.is_set():
                rows = self._store.changes_after(last, _LOOK)
                for row in rows:
                    yield api.WatchCampaignsResponse(change=show.change(row))
                    last = row.seq
                if len(rows) < _LOOK:
                    self._stopping.wait(LOOK_SECONDS)
        finally:
            self._watchers.release()

    def ListLinks(self, request: api.ListLinksRequest, context: grpc.ServicerContext) -> api.ListLinksResponse:
        check(request)
        parent = parent_of(request.parent)
        query = f"links {request.parent}"
        offset = int(self._pages.open(query, request.page_token) or 0)
        if isinstance(parent, str):
            links, more = self._campaigns.account_links(parent), ""
        else:
            size = request.page_size or DEFAULT_PAGE
            links = self._campaigns.links(self._campaigns.get(parent), size + 1, offset)
            more = self._pages.seal(query, str(offset + size)) if len(links) > size else ""
            links = links[:size]
        protected = self._protections.keys()
        shown = [show.link(link, request.parent, protected) for link in links]
        return api.ListLinksResponse(links=shown, next_page_token=more)

    def FindCampaign(self, request: api.FindCampaignRequest, context: grpc.ServicerContext) -> api.FindCampaignResponse:
        check(request)
        record, member = self._campaigns.find(tail(request.account))
        return api.FindCampaignResponse(campaign=self._shown(record.ref), member=show.member(member))

    def ConfirmCampaign(
        self, request: api.ConfirmCampaignRequest, context: grpc.ServicerContext
    ) -> campaign_pb2.Campaign:
        check(request)
        ref = campaign_ref(request.name)
        self._review.confirm(ref, _said(request), request.include_linked, self._asked(request), self._run(context))
        return self._shown(ref)

    def DismissCampaign(
        self, request: api.DismissCampaignRequest, context: grpc.ServicerContext
    ) -> campaign_pb2.Campaign:
        check(request)
        ref = campaign_ref(request.name)
        self._review.dismiss(ref, Said(reviewer=request.reviewer, reason=request.reason), self._asked(request))
        return self._shown(ref)

    def SplitCampaign(
        self, request: api.SplitCampaignRequest, context: grpc.ServicerContext
    ) -> api.SplitCampaignResponse:
        check(request)
        ref, handle = campaign_ref(request.link.rpartition("/links/")[0]), request.link.rpartition("/")[2]
        _, policy = self._desk.serving()
        splitter = Splitter(self._store, policy.campaign, self._protections.keys(), self._clock)
        key = self._campaigns.key_of(ref, handle)
        if request.validate_only:
            parts = splitter.preview(ref, key)
        else:
            parts = splitter.split(ref, key, request.reviewer, request.reason)
        answer = api.SplitCampaignResponse(moved_count=parts.moving, staying_count=parts.staying)
        with suppress(NotFound):
            if parts.ref:
                answer.campaign.CopyFrom(self._shown(parts.ref))
        return answer

    def CreateLabel(self, request: api.CreateLabelRequest, context: grpc.ServicerContext) -> label_pb2.Label:
        check(request)
        said = _said(request, request.source or REVIEW)
        record, replayed = self._review.label(
            tail(request.account), Verdict(request.verdict), said, tail(request.revokes), self._asked(request),
            self._run(context),
        )  # fmt: skip
        return show.label(record, replayed=replayed)

    def ListLabels(self, request: api.ListLabelsRequest, context: grpc.ServicerContext) -> api.ListLabelsResponse:
        check(request)
        parent, size = parent_of(request.parent), request.page_size or DEFAULT_PAGE
        query = f"labels {request.parent}"
        before = self._pages.open(query, request.page_token)
        if isinstance(parent, str):
            rows = self._store.labels_of(account_id=parent, limit=size + 1, before=before)
        else:
            rows = self._store.labels_of(campaign=parent, limit=size + 1, before=before)
        more = self._pages.seal(query, rows[size - 1].label_id) if len(rows) > size else ""
        return api.ListLabelsResponse(labels=map(show.label, rows[:size]), next_page_token=more)

    def ProtectSubject(
        self, request: api.ProtectSubjectRequest, context: grpc.ServicerContext
    ) -> protection_pb2.Protection:
        check(request)
        end = seconds(request.end_time) if request.HasField("end_time") else None
        subject = self._subject(request)
        record = self._protections.protect(subject, request.reviewer, request.reason, end, self._asked(request))
        return show.protection(record, self._protections.name(record))

    def UnprotectSubject(
        self, request: api.UnprotectSubjectRequest, context: grpc.ServicerContext
    ) -> protection_pb2.Protection:
        check(request)
        name = tail(request.name)
        record = self._protections.take_back(name, request.reviewer, request.reason, self._asked(request))
        return show.protection(record, name)

    def ListProtections(
        self, request: api.ListProtectionsRequest, context: grpc.ServicerContext
    ) -> api.ListProtectionsResponse:
        check(request)
        size = request.page_size or DEFAULT_PAGE
        before, more = self._pages.open("protections", request.page_token), ""
        if request.history:
            rows = self._store.protection_lines(size + 1, int(before) if before else None)
            more = self._pages.seal("protections", str(rows[size - 1].seq)) if len(rows) > size else ""
            rows = rows[:size]
        else:
            rows = self._protections.current()
        shown = [show.protection(row, self._protections.name(row)) for row in rows]
        return api.ListProtectionsResponse(protections=shown, next_page_token=more)

    def _shown(self, ref: int) -> campaign_pb2.Campaign:
        """One campaign with everything that lists leave out."""
        record = self._campaigns.get(ref)
        message = show.campaign(record, self._campaigns.axes([record])[ref], self._clock())
        protected = self._protections.keys()
        message.top_links.extend(show.link(link, message.name, protected) for link in self._campaigns.links(record))
        message.history.extend(map(show.change, self._store.changes(ref, _HISTORY)))
        first = self._campaigns.standing(ref).first if record.state == CampaignState.OPEN else None
        message.confirmed_first_by = first.author if first else ""
        return message

    def _subject(self, request: api.ProtectSubjectRequest) -> tuple[str, str]:
        which = request.WhichOneof("subject")
        if which == "account":
            return account_subject(tail(request.account))
        if which == "link":
            return key_subject(self._campaigns.key_of(parent_of(request.link), request.link.rpartition("/")[2]))
        if which == "account_value":
            return key_subject(
                self._campaigns.key_of_kind(tail(request.account_value.account), request.account_value.kind)
            )
        kind, event = identifier_event(request.identifier)
        key = self._identify(event)[kind]
        if key is None:
            raise InvalidInput([("identifier", "is not a value that accounts are told apart by")])
        return key_subject(key)

    def _asked(self, request: Any) -> Asked:
        return Asked(request.request_id, request_digest(self._keyring, request), type(request).__name__)

    def _run(self, context: grpc.ServicerContext) -> Run:
        return lambda task: calls.run(self._batcher, task, context)


def _said(request: api.ConfirmCampaignRequest | api.CreateLabelRequest, source: str = REVIEW) -> Said:
    time = seconds(request.evidence_time) if request.HasField("evidence_time") else None
    return Said(reviewer=request.reviewer, reason=request.reason, source=source, evidence_time=time)
