"""What the pages ask of the service: every question goes through here, by gRPC, as a reviewer may ask it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import grpc

from sybilgate.client import Client, ServiceError
from sybilgate.review_client import ReviewClient
from sybilgate.v1 import assessment_pb2, assessment_service_pb2, campaign_pb2, desk_pb2, label_pb2
from sybilgate.v1 import review_service_pb2 as api
from sybilgate.v1.assessment_service_pb2_grpc import AssessmentServiceStub
from sybilgate.v1.campaign_state_pb2 import CampaignState
from sybilgate.v1.review_service_pb2_grpc import ReviewServiceStub

#: Lines of a list on one page.
PAGE = 50


@dataclass(frozen=True)
class Page:
    """Lines, and the token of the page after them; empty on the last."""

    lines: Sequence[Any]
    more: str = ""


@dataclass
class Gateway:
    """Safe to share between threads."""

    client: Client
    review: ReviewClient = field(init=False)

    def __post_init__(self) -> None:
        self.review = ReviewClient(self.client)
        self._stub = ReviewServiceStub(self.client.channel)
        self._assessments = AssessmentServiceStub(self.client.channel)

    def items(self, wanted: desk_pb2.ReviewFilter, order: api.ReviewOrder, token: str, size: int = PAGE) -> Page:
        request = api.ListReviewItemsRequest(filter=wanted, order=order, page_size=size, page_token=token)
        answer = self.client.call(self._stub.ListReviewItems, request)
        return Page(answer.items, answer.next_page_token)

    def campaigns(
        self, states: Sequence[CampaignState], order: api.CampaignOrder, token: str, size: int = PAGE
    ) -> Page:
        request = api.ListCampaignsRequest(states=states, order=order, page_size=size, page_token=token)
        answer = self.client.call(self._stub.ListCampaigns, request)
        return Page(answer.campaigns, answer.next_page_token)

    def members(self, campaign: str, token: str, size: int = PAGE) -> Page:
        request = api.ListCampaignMembersRequest(parent=campaign, page_size=size, page_token=token)
        answer = self.client.call(self._stub.ListCampaignMembers, request)
        return Page(answer.members, answer.next_page_token)

    def assessments(self, account: str, size: int = PAGE) -> Sequence[assessment_pb2.Assessment]:
        """The newest first, not explained."""
        request = assessment_service_pb2.ListAssessmentsRequest(parent=account, page_size=size)
        return self.client.call(self._assessments.ListAssessments, request).assessments  # type: ignore[no-any-return]

    def assessment(self, name: str) -> assessment_pb2.Assessment:
        """In full."""
        return self.client.get_assessment(name)

    def member(self, account: str) -> api.FindCampaignResponse | None:
        """The campaign an account is in, and its place there; None if it is in none."""
        try:
            return self.review.find(account)
        except ServiceError as error:
            if error.code is grpc.StatusCode.NOT_FOUND:
                return None
            raise

    def links(self, parent: str) -> list[campaign_pb2.Link]:
        return list(islice(self.review.links(parent), 200))

    def labels(self, parent: str) -> list[label_pb2.Label]:
        return list(islice(self.review.labels(parent), 200))

    def claims(self) -> dict[str, desk_pb2.Claim]:
        """By subject."""
        return {claim.subject: claim for claim in self.review.claims()}
