from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class CampaignState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CAMPAIGN_STATE_UNSPECIFIED: _ClassVar[CampaignState]
    CAMPAIGN_STATE_OPEN: _ClassVar[CampaignState]
    CAMPAIGN_STATE_CONFIRMED: _ClassVar[CampaignState]
    CAMPAIGN_STATE_DISMISSED: _ClassVar[CampaignState]
    CAMPAIGN_STATE_MERGED: _ClassVar[CampaignState]
CAMPAIGN_STATE_UNSPECIFIED: CampaignState
CAMPAIGN_STATE_OPEN: CampaignState
CAMPAIGN_STATE_CONFIRMED: CampaignState
CAMPAIGN_STATE_DISMISSED: CampaignState
CAMPAIGN_STATE_MERGED: CampaignState
