import datetime

from sybilgate.v1 import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from sybilgate.v1 import campaign_pb2 as _campaign_pb2
from sybilgate.v1 import campaign_state_pb2 as _campaign_state_pb2
from sybilgate.v1 import desk_pb2 as _desk_pb2
from sybilgate.v1 import label_pb2 as _label_pb2
from sybilgate.v1 import protection_pb2 as _protection_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CampaignOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_ORDER_UNSPECIFIED: _ClassVar[CampaignOrder]
    CAMPAIGN_ORDER_UPDATE_TIME: _ClassVar[CampaignOrder]
    CAMPAIGN_ORDER_SIGNIFICANCE: _ClassVar[CampaignOrder]
    CAMPAIGN_ORDER_MEMBER_COUNT: _ClassVar[CampaignOrder]

class ReviewOrder(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REVIEW_ORDER_UNSPECIFIED: _ClassVar[ReviewOrder]
    REVIEW_ORDER_NEWEST: _ClassVar[ReviewOrder]
    REVIEW_ORDER_OLDEST: _ClassVar[ReviewOrder]
    REVIEW_ORDER_RISK: _ClassVar[ReviewOrder]
CAMPAIGN_ORDER_UNSPECIFIED: CampaignOrder
CAMPAIGN_ORDER_UPDATE_TIME: CampaignOrder
CAMPAIGN_ORDER_SIGNIFICANCE: CampaignOrder
CAMPAIGN_ORDER_MEMBER_COUNT: CampaignOrder
REVIEW_ORDER_UNSPECIFIED: ReviewOrder
REVIEW_ORDER_NEWEST: ReviewOrder
REVIEW_ORDER_OLDEST: ReviewOrder
REVIEW_ORDER_RISK: ReviewOrder

class ListCampaignsRequest(_message.Message):
    __slots__ = ("states", "order", "page_size", "page_token")
    STATES_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    states: _containers.RepeatedScalarFieldContainer[_campaign_state_pb2.CampaignState]
    order: CampaignOrder
    page_size: int
    page_token: str
    def __init__(self, states: _Optional[_Iterable[_Union[_campaign_state_pb2.CampaignState, str]]] = ..., order: _Optional[_Union[CampaignOrder, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCampaignsResponse(_message.Message):
    __slots__ = ("campaigns", "next_page_token")
    CAMPAIGNS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    campaigns: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Campaign]
    next_page_token: str
    def __init__(self, campaigns: _Optional[_Iterable[_Union[_campaign_pb2.Campaign, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetCampaignRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListCampaignMembersRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCampaignMembersResponse(_message.Message):
    __slots__ = ("members", "next_page_token")
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    members: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.CampaignMember]
    next_page_token: str
    def __init__(self, members: _Optional[_Iterable[_Union[_campaign_pb2.CampaignMember, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class WatchCampaignsRequest(_message.Message):
    __slots__ = ("after_sequence",)
    AFTER_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    after_sequence: int
    def __init__(self, after_sequence: _Optional[int] = ...) -> None: ...

class WatchCampaignsResponse(_message.Message):
    __slots__ = ("change",)
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    change: _campaign_pb2.CampaignChange
    def __init__(self, change: _Optional[_Union[_campaign_pb2.CampaignChange, _Mapping]] = ...) -> None: ...

class ListLinksRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLinksResponse(_message.Message):
    __slots__ = ("links", "next_page_token")
    LINKS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    links: _containers.RepeatedCompositeFieldContainer[_campaign_pb2.Link]
    next_page_token: str
    def __init__(self, links: _Optional[_Iterable[_Union[_campaign_pb2.Link, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class FindCampaignRequest(_message.Message):
    __slots__ = ("account",)
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    account: str
    def __init__(self, account: _Optional[str] = ...) -> None: ...

class FindCampaignResponse(_message.Message):
    __slots__ = ("campaign", "member")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    member: _campaign_pb2.CampaignMember
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., member: _Optional[_Union[_campaign_pb2.CampaignMember, _Mapping]] = ...) -> None: ...

class ConfirmCampaignRequest(_message.Message):
    __slots__ = ("name", "reviewer", "reason", "evidence_time", "include_linked", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_TIME_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_LINKED_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    reviewer: str
    reason: str
    evidence_time: _timestamp_pb2.Timestamp
    include_linked: bool
    request_id: str
    def __init__(self, name: _Optional[str] = ..., reviewer: _Optional[str] = ..., reason: _Optional[str] = ..., evidence_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., include_linked: _Optional[bool] = ..., request_id: _Optional[str] = ...) -> None: ...

class SplitCampaignRequest(_message.Message):
    __slots__ = ("link", "reviewer", "reason", "validate_only")
    LINK_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    link: str
    reviewer: str
    reason: str
    validate_only: bool
    def __init__(self, link: _Optional[str] = ..., reviewer: _Optional[str] = ..., reason: _Optional[str] = ..., validate_only: _Optional[bool] = ...) -> None: ...

class SplitCampaignResponse(_message.Message):
    __slots__ = ("campaign", "moved_count", "staying_count")
    CAMPAIGN_FIELD_NUMBER: _ClassVar[int]
    MOVED_COUNT_FIELD_NUMBER: _ClassVar[int]
    STAYING_COUNT_FIELD_NUMBER: _ClassVar[int]
    campaign: _campaign_pb2.Campaign
    moved_count: int
    staying_count: int
    def __init__(self, campaign: _Optional[_Union[_campaign_pb2.Campaign, _Mapping]] = ..., moved_count: _Optional[int] = ..., staying_count: _Optional[int] = ...) -> None: ...

class DismissCampaignRequest(_message.Message):
    __slots__ = ("name", "reviewer", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    reviewer: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., reviewer: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateLabelRequest(_message.Message):
    __slots__ = ("account", "verdict", "source", "reviewer", "reason", "evidence_time", "revokes", "request_id")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_TIME_FIELD_NUMBER: _ClassVar[int]
    REVOKES_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    account: str
    verdict: _label_pb2.LabelVerdict
    source: str
    reviewer: str
    reason: str
    evidence_time: _timestamp_pb2.Timestamp
    revokes: str
    request_id: str
    def __init__(self, account: _Optional[str] = ..., verdict: _Optional[_Union[_label_pb2.LabelVerdict, str]] = ..., source: _Optional[str] = ..., reviewer: _Optional[str] = ..., reason: _Optional[str] = ..., evidence_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., revokes: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ListLabelsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListLabelsResponse(_message.Message):
    __slots__ = ("labels", "next_page_token")
    LABELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    labels: _containers.RepeatedCompositeFieldContainer[_label_pb2.Label]
    next_page_token: str
    def __init__(self, labels: _Optional[_Iterable[_Union[_label_pb2.Label, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ProtectSubjectRequest(_message.Message):
    __slots__ = ("account", "link", "identifier", "account_value", "reviewer", "reason", "end_time", "request_id")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_VALUE_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    account: str
    link: str
    identifier: SharedIdentifier
    account_value: AccountValue
    reviewer: str
    reason: str
    end_time: _timestamp_pb2.Timestamp
    request_id: str
    def __init__(self, account: _Optional[str] = ..., link: _Optional[str] = ..., identifier: _Optional[_Union[SharedIdentifier, _Mapping]] = ..., account_value: _Optional[_Union[AccountValue, _Mapping]] = ..., reviewer: _Optional[str] = ..., reason: _Optional[str] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class AccountValue(_message.Message):
    __slots__ = ("account", "kind")
    ACCOUNT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    account: str
    kind: str
    def __init__(self, account: _Optional[str] = ..., kind: _Optional[str] = ...) -> None: ...

class SharedIdentifier(_message.Message):
    __slots__ = ("card", "device_id", "ip_address", "email", "email_domain", "phone", "organization", "invite_code")
    CARD_FIELD_NUMBER: _ClassVar[int]
    DEVICE_ID_FIELD_NUMBER: _ClassVar[int]
    IP_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    EMAIL_DOMAIN_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    ORGANIZATION_FIELD_NUMBER: _ClassVar[int]
    INVITE_CODE_FIELD_NUMBER: _ClassVar[int]
    card: str
    device_id: str
    ip_address: str
    email: str
    email_domain: str
    phone: str
    organization: str
    invite_code: str
    def __init__(self, card: _Optional[str] = ..., device_id: _Optional[str] = ..., ip_address: _Optional[str] = ..., email: _Optional[str] = ..., email_domain: _Optional[str] = ..., phone: _Optional[str] = ..., organization: _Optional[str] = ..., invite_code: _Optional[str] = ...) -> None: ...

class UnprotectSubjectRequest(_message.Message):
    __slots__ = ("name", "reviewer", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    reviewer: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., reviewer: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class ListProtectionsRequest(_message.Message):
    __slots__ = ("history", "page_size", "page_token")
    HISTORY_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    history: bool
    page_size: int
    page_token: str
    def __init__(self, history: _Optional[bool] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListProtectionsResponse(_message.Message):
    __slots__ = ("protections", "next_page_token")
    PROTECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    protections: _containers.RepeatedCompositeFieldContainer[_protection_pb2.Protection]
    next_page_token: str
    def __init__(self, protections: _Optional[_Iterable[_Union[_protection_pb2.Protection, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListReviewItemsRequest(_message.Message):
    __slots__ = ("filter", "order", "page_size", "page_token")
    FILTER_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    filter: _desk_pb2.ReviewFilter
    order: ReviewOrder
    page_size: int
    page_token: str
    def __init__(self, filter: _Optional[_Union[_desk_pb2.ReviewFilter, _Mapping]] = ..., order: _Optional[_Union[ReviewOrder, str]] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListReviewItemsResponse(_message.Message):
    __slots__ = ("items", "next_page_token")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[_desk_pb2.ReviewItem]
    next_page_token: str
    def __init__(self, items: _Optional[_Iterable[_Union[_desk_pb2.ReviewItem, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class CountReviewItemsRequest(_message.Message):
    __slots__ = ("filter",)
    FILTER_FIELD_NUMBER: _ClassVar[int]
    filter: _desk_pb2.ReviewFilter
    def __init__(self, filter: _Optional[_Union[_desk_pb2.ReviewFilter, _Mapping]] = ...) -> None: ...

class CountReviewItemsResponse(_message.Message):
    __slots__ = ("counts",)
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    counts: _containers.RepeatedCompositeFieldContainer[_desk_pb2.ReviewCount]
    def __init__(self, counts: _Optional[_Iterable[_Union[_desk_pb2.ReviewCount, _Mapping]]] = ...) -> None: ...

class ListClaimsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListClaimsResponse(_message.Message):
    __slots__ = ("claims",)
    CLAIMS_FIELD_NUMBER: _ClassVar[int]
    claims: _containers.RepeatedCompositeFieldContainer[_desk_pb2.Claim]
    def __init__(self, claims: _Optional[_Iterable[_Union[_desk_pb2.Claim, _Mapping]]] = ...) -> None: ...

class ClaimSubjectRequest(_message.Message):
    __slots__ = ("subject", "reviewer", "lease_seconds")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    LEASE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    subject: str
    reviewer: str
    lease_seconds: int
    def __init__(self, subject: _Optional[str] = ..., reviewer: _Optional[str] = ..., lease_seconds: _Optional[int] = ...) -> None: ...

class ReleaseSubjectRequest(_message.Message):
    __slots__ = ("subject", "reviewer")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    subject: str
    reviewer: str
    def __init__(self, subject: _Optional[str] = ..., reviewer: _Optional[str] = ...) -> None: ...

class ReleaseSubjectResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetCampaignPictureRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListFeatureReadingsRequest(_message.Message):
    __slots__ = ("parent",)
    PARENT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    def __init__(self, parent: _Optional[str] = ...) -> None: ...

class ListFeatureReadingsResponse(_message.Message):
    __slots__ = ("readings",)
    READINGS_FIELD_NUMBER: _ClassVar[int]
    readings: _containers.RepeatedCompositeFieldContainer[_desk_pb2.FeatureReading]
    def __init__(self, readings: _Optional[_Iterable[_Union[_desk_pb2.FeatureReading, _Mapping]]] = ...) -> None: ...

class FindAccountsRequest(_message.Message):
    __slots__ = ("identifier",)
    IDENTIFIER_FIELD_NUMBER: _ClassVar[int]
    identifier: SharedIdentifier
    def __init__(self, identifier: _Optional[_Union[SharedIdentifier, _Mapping]] = ...) -> None: ...

class FindAccountsResponse(_message.Message):
    __slots__ = ("kind", "accounts", "holders", "first_seen_time", "last_seen_time", "under_protection")
    KIND_FIELD_NUMBER: _ClassVar[int]
    ACCOUNTS_FIELD_NUMBER: _ClassVar[int]
    HOLDERS_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_SEEN_TIME_FIELD_NUMBER: _ClassVar[int]
    UNDER_PROTECTION_FIELD_NUMBER: _ClassVar[int]
    kind: str
    accounts: _containers.RepeatedScalarFieldContainer[str]
    holders: int
    first_seen_time: _timestamp_pb2.Timestamp
    last_seen_time: _timestamp_pb2.Timestamp
    under_protection: bool
    def __init__(self, kind: _Optional[str] = ..., accounts: _Optional[_Iterable[str]] = ..., holders: _Optional[int] = ..., first_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_seen_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., under_protection: _Optional[bool] = ...) -> None: ...

class GetServingModelRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetRecentTrafficRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
