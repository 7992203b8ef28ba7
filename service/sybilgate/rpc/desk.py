"""The part of ReviewService that reviewers' pages are made of: queue, claims, pictures, readings, search."""

from __future__ import annotations

import math

import grpc

from sybilgate.app.campaigns import Campaigns
from sybilgate.app.picture import draw
from sybilgate.app.protect import Protections
from sybilgate.app.readings import reference_of
from sybilgate.app.traffic import MOST, traffic
from sybilgate.core.desk import ClaimRecord, Place, QueueFilter
from sybilgate.core.identifier import Kind
from sybilgate.core.policy import Decision
from sybilgate.core.state import unpack_states
from sybilgate.errors import AlreadyClaimed, InvalidInput, NotFound
from sybilgate.rpc import show_desk as show
from sybilgate.rpc.convert import identifier_event, seconds
from sybilgate.rpc.names import account_name, campaign_ref, parent_of
from sybilgate.rpc.origins import Origins
from sybilgate.rpc.pages import DEFAULT_PAGE, Pages
from sybilgate.rpc.ports import Backend
from sybilgate.rpc.render import render, timestamp
from sybilgate.rpc.validation import check
from sybilgate.v1 import desk_pb2 as pb
from sybilgate.v1 import review_service_pb2 as api

#: Seconds a claim lasts unless told otherwise.
LEASE = 900
_ASKING = (int(Decision.REVIEW), int(Decision.DENY))
_ORDERS = ("newest", "newest", "oldest", "risk")


class DeskMethods:
    """Methods of the servicer; named as the contract names them."""

    def __init__(self, backend: Backend) -> None:
        self._desk, self._of = backend.reviews, backend
        self._sealed = Pages(backend.keyring)
        self._origins = Origins(backend.keyring, lambda accounts: backend.reviews.store.account_keys(accounts))
        self._shielded = Protections(backend.reviews.store, backend.keyring, backend.reviews.clock)

    def ListReviewItems(
        self, request: api.ListReviewItemsRequest, context: grpc.ServicerContext
    ) -> api.ListReviewItemsResponse:
        check(request)
        wanted, order, size = _wanted(request.filter), _ORDERS[request.order], request.page_size or DEFAULT_PAGE
        query = f"items {wanted} {order}"
        cursor = self._sealed.open(query, request.page_token)
        after = (float(cursor.split()[0]), cursor.split()[1]) if cursor else None
        store = self._desk.store
        page, end = self._origins.page(lambda n, at: store.queue_page(wanted, order, n, at), wanted, size, after)
        more = self._sealed.seal(query, f"{end[0]!r} {end[1]}") if end else ""
        placed = store.placements([item.record.account_id for item in page])
        shown = [
            pb.ReviewItem(
                assessment=render(item.record, self._of.explainer, placement=placed.get(item.record.account_id)),
                network=item.network,
                country=item.country,
            )
            for item in page
        ]
        return api.ListReviewItemsResponse(items=shown, next_page_token=more)

    def CountReviewItems(
        self, request: api.CountReviewItemsRequest, context: grpc.ServicerContext
    ) -> api.CountReviewItemsResponse:
        check(request)
        wanted = _wanted(request.filter)
        store = self._desk.store
        read = lambda n, at: store.queue_page(wanted, "newest", n, at)  # noqa: E731
        found = self._origins.counts(read, wanted) if wanted.origin else store.queue_counts(wanted)
        counts = [pb.ReviewCount(decision=one, count=found.get(one, 0)) for one in wanted.decisions]  # type: ignore[arg-type]
        return api.CountReviewItemsResponse(counts=counts)

    def ListClaims(self, request: api.ListClaimsRequest, context: grpc.ServicerContext) -> api.ListClaimsResponse:
        check(request)
        return api.ListClaimsResponse(claims=map(show.claim, self._desk.store.claims(self._desk.clock())))

    def ClaimSubject(self, request: api.ClaimSubjectRequest, context: grpc.ServicerContext) -> pb.Claim:
        check(request)
        self._known(request.subject)
        now = self._desk.clock()
        wanted = ClaimRecord(request.subject, request.reviewer, now, now + (request.lease_seconds or LEASE))
        with self._desk.store.unit() as unit:
            found = unit.claim(wanted)
        if found.reviewer != request.reviewer:
            raise AlreadyClaimed(f"another reviewer has it for {math.ceil((found.lease_time - now) / 60)} more minutes")
        return show.claim(found)

    def ReleaseSubject(
        self, request: api.ReleaseSubjectRequest, context: grpc.ServicerContext
    ) -> api.ReleaseSubjectResponse:
        check(request)
        with self._desk.store.unit() as unit:
            unit.release(request.subject, request.reviewer)
        return api.ReleaseSubjectResponse()

    def GetCampaignPicture(
        self, request: api.GetCampaignPictureRequest, context: grpc.ServicerContext
    ) -> pb.CampaignPicture:
        check(request)
        record = Campaigns(self._desk.store).get(campaign_ref(request.name))
        return show.picture(draw(self._desk.store, record), request.name, self._shielded.keys())

    def ListFeatureReadings(
        self, request: api.ListFeatureReadingsRequest, context: grpc.ServicerContext
    ) -> api.ListFeatureReadingsResponse:
        check(request)
        _, account_id, _, assessment_id = request.parent.split("/")
        record = self._of.reader.assessment(account_id, assessment_id)
        if record is None:
            raise NotFound("no such assessment")
        told = show.contributions(record, self._of.explainer)
        readings = [show.reading(one, told.get(one.spec.name)) for one in self._desk.readings.of(record)]
        return api.ListFeatureReadingsResponse(readings=readings)

    def FindAccounts(self, request: api.FindAccountsRequest, context: grpc.ServicerContext) -> api.FindAccountsResponse:
        check(request)
        kind, event = identifier_event(request.identifier)
        key = self._desk.identify(event)[kind]
        if key is None:
            raise InvalidInput([("identifier", "is not a value that accounts are told apart by")])
        found = self._desk.store.identifier_states([key]).get(key)
        if found is None:
            raise NotFound("no account is known to hold it")
        (state,) = unpack_states([found[1]])
        refs = [ref for ref in state["ring"].tolist() if ref]
        names = self._desk.store.accounts_by_ref(refs)
        return api.FindAccountsResponse(
            kind=Kind(key[0]).name.lower(),
            accounts=[account_name(names[ref]) for ref in refs if ref in names],
            holders=int(state["accounts"]),
            first_seen_time=timestamp(float(state["first"])),
            last_seen_time=timestamp(float(state["seen"])),
            under_protection=key in self._shielded.all().keys,
        )

    def GetServingModel(self, request: api.GetServingModelRequest, context: grpc.ServicerContext) -> pb.ServingModel:
        check(request)
        return show.serving(*self._desk.serving())

    def GetRecentTraffic(self, request: api.GetRecentTrafficRequest, context: grpc.ServicerContext) -> pb.RecentTraffic:
        check(request)
        bundle, _ = self._desk.serving()
        found = traffic(self._desk.store.newest_signups(MOST), bundle.manifest.title, reference_of(bundle))
        return show.traffic(found, bundle.manifest.title)

    def _known(self, subject: str) -> None:
        parent = parent_of(subject)
        if isinstance(parent, int):
            Campaigns(self._desk.store).get(parent)
        elif not self._desk.store.truths([parent]):
            raise NotFound("no such account")


def _wanted(given: pb.ReviewFilter) -> QueueFilter:
    return QueueFilter(
        decisions=tuple(sorted(given.decisions)) or _ASKING,
        min_risk=given.min_risk,
        max_risk=given.max_risk if given.HasField("max_risk") else 1.0,
        place=Place(given.place),
        start=seconds(given.start_time) if given.HasField("start_time") else 0.0,
        end=seconds(given.end_time) if given.HasField("end_time") else math.inf,
        network=given.network,
        country=given.country,
    )
