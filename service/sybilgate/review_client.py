"""A client of the reviewers' service, over the channel of ``Client``.

>>> with Client("127.0.0.1:50051") as client:
...     for campaign in ReviewClient(client).campaigns():
...         print(campaign.name, campaign.member_count)
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc

from sybilgate.client import Client, service_error
from sybilgate.v1 import campaign_pb2, desk_pb2, label_pb2, protection_pb2
from sybilgate.v1 import review_service_pb2 as api
from sybilgate.v1.campaign_state_pb2 import CampaignState
from sybilgate.v1.review_service_pb2_grpc import ReviewServiceStub


class ReviewClient:
    """Names are resource names: ``campaigns/…``, ``accounts/…``. Mutations take ``request_id`` like ``Client``'s, and
    any other field of their request by name."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._stub = ReviewServiceStub(client.channel)

    def campaigns(
        self, states: Sequence[CampaignState] = (), order: api.CampaignOrder = api.CAMPAIGN_ORDER_UNSPECIFIED
    ) -> Iterator[campaign_pb2.Campaign]:
        """Campaigns in these states (none: OPEN), without links and history."""
        return self._pages(self._stub.ListCampaigns, api.ListCampaignsRequest(states=states, order=order), "campaigns")

    def campaign(self, name: str) -> campaign_pb2.Campaign:
        return self._client.call(self._stub.GetCampaign, api.GetCampaignRequest(name=name))  # type: ignore[no-any-return]

    def members(self, campaign: str) -> Iterator[campaign_pb2.CampaignMember]:
        """In order of joining."""
        request = api.ListCampaignMembersRequest(parent=campaign)
        return self._pages(self._stub.ListCampaignMembers, request, "members")

    def links(self, parent: str) -> Iterator[campaign_pb2.Link]:
        """Of a campaign or of an account."""
        return self._pages(self._stub.ListLinks, api.ListLinksRequest(parent=parent), "links")

    def find(self, account: str) -> api.FindCampaignResponse:
        """The campaign an account is in."""
        request = api.FindCampaignRequest(account=account)
        return self._client.call(self._stub.FindCampaign, request)  # type: ignore[no-any-return]

    def watch(self, after_sequence: int = 0) -> Iterator[campaign_pb2.CampaignChange]:
        """Changes of all campaigns as they happen; ends when the server stops."""
        try:
            request = api.WatchCampaignsRequest(after_sequence=after_sequence)
            for answer in self._stub.WatchCampaigns(request, metadata=self._client.metadata):
                yield answer.change
        except grpc.RpcError as error:
            raise service_error(error) from None

    def confirm(self, name: str, reviewer: str, reason: str, **fields: Any) -> campaign_pb2.Campaign:
        request = api.ConfirmCampaignRequest(name=name, reviewer=reviewer, reason=reason, **_once(fields))
        return self._client.call(self._stub.ConfirmCampaign, request)  # type: ignore[no-any-return]

    def dismiss(self, name: str, reviewer: str, reason: str, **fields: Any) -> campaign_pb2.Campaign:
        request = api.DismissCampaignRequest(name=name, reviewer=reviewer, reason=reason, **_once(fields))
        return self._client.call(self._stub.DismissCampaign, request)  # type: ignore[no-any-return]

    def split(self, link: str, reviewer: str, reason: str, *, preview: bool = False) -> api.SplitCampaignResponse:
        """Give the holders of one value of a campaign a campaign of their own, or tell what that would do."""
        request = api.SplitCampaignRequest(link=link, reviewer=reviewer, reason=reason, validate_only=preview)
        return self._client.call(self._stub.SplitCampaign, request)  # type: ignore[no-any-return]

    def label(
        self, account: str, verdict: label_pb2.LabelVerdict, reviewer: str, reason: str, **fields: Any
    ) -> label_pb2.Label:
        request = api.CreateLabelRequest(
            account=account, verdict=verdict, reviewer=reviewer, reason=reason, **_once(fields)
        )
        return self._client.call(self._stub.CreateLabel, request)  # type: ignore[no-any-return]

    def labels(self, parent: str) -> Iterator[label_pb2.Label]:
        """Of an account, or of a campaign as such; newest first."""
        return self._pages(self._stub.ListLabels, api.ListLabelsRequest(parent=parent), "labels")

    def protect(self, reviewer: str, reason: str, **fields: Any) -> protection_pb2.Protection:
        """One of ``account``, ``link`` and ``identifier`` says what."""
        request = api.ProtectSubjectRequest(reviewer=reviewer, reason=reason, **_once(fields))
        return self._client.call(self._stub.ProtectSubject, request)  # type: ignore[no-any-return]

    def unprotect(self, name: str, reviewer: str, reason: str, **fields: Any) -> protection_pb2.Protection:
        request = api.UnprotectSubjectRequest(name=name, reviewer=reviewer, reason=reason, **_once(fields))
        return self._client.call(self._stub.UnprotectSubject, request)  # type: ignore[no-any-return]

    def protections(self, *, history: bool = False) -> Iterator[protection_pb2.Protection]:
        """What holds now; with ``history`` everything ever said, newest first."""
        request = api.ListProtectionsRequest(history=history)
        return self._pages(self._stub.ListProtections, request, "protections")

    def items(
        self, wanted: desk_pb2.ReviewFilter | None = None, order: api.ReviewOrder = api.REVIEW_ORDER_UNSPECIFIED
    ) -> Iterator[desk_pb2.ReviewItem]:
        """Accounts whose newest assessment asks for attention."""
        return self._pages(self._stub.ListReviewItems, api.ListReviewItemsRequest(filter=wanted, order=order), "items")

    def counts(self, wanted: desk_pb2.ReviewFilter | None = None) -> Sequence[desk_pb2.ReviewCount]:
        request = api.CountReviewItemsRequest(filter=wanted)
        return self._client.call(self._stub.CountReviewItems, request).counts  # type: ignore[no-any-return]

    def claims(self) -> Sequence[desk_pb2.Claim]:
        """Those in force, the latest first."""
        return self._client.call(self._stub.ListClaims, api.ListClaimsRequest()).claims  # type: ignore[no-any-return]

    def claim(self, subject: str, reviewer: str, lease_seconds: int = 0) -> desk_pb2.Claim:
        request = api.ClaimSubjectRequest(subject=subject, reviewer=reviewer, lease_seconds=lease_seconds)
        return self._client.call(self._stub.ClaimSubject, request)  # type: ignore[no-any-return]

    def release(self, subject: str, reviewer: str) -> None:
        self._client.call(self._stub.ReleaseSubject, api.ReleaseSubjectRequest(subject=subject, reviewer=reviewer))

    def picture(self, campaign: str) -> desk_pb2.CampaignPicture:
        request = api.GetCampaignPictureRequest(name=campaign)
        return self._client.call(self._stub.GetCampaignPicture, request)  # type: ignore[no-any-return]

    def readings(self, assessment: str) -> Sequence[desk_pb2.FeatureReading]:
        """Every feature of an assessment, in the order of the feature row."""
        request = api.ListFeatureReadingsRequest(parent=assessment)
        return self._client.call(self._stub.ListFeatureReadings, request).readings  # type: ignore[no-any-return]

    def holders(self, identifier: api.SharedIdentifier) -> api.FindAccountsResponse:
        """Who lately held a value."""
        request = api.FindAccountsRequest(identifier=identifier)
        return self._client.call(self._stub.FindAccounts, request)  # type: ignore[no-any-return]

    def model(self) -> desk_pb2.ServingModel:
        return self._client.call(self._stub.GetServingModel, api.GetServingModelRequest())  # type: ignore[no-any-return]

    def traffic(self) -> desk_pb2.RecentTraffic:
        """What came lately, and how far it lies from what the model was trained on."""
        return self._client.call(self._stub.GetRecentTraffic, api.GetRecentTrafficRequest())  # type: ignore[no-any-return]

    def _pages(self, method: Callable[..., Any], request: Any, field: str) -> Iterator[Any]:
        while True:
            page = self._client.call(method, request)
            yield from getattr(page, field)
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def _once(fields: dict[str, Any]) -> dict[str, Any]:
    return {"request_id": uuid.uuid4().hex} | fields
