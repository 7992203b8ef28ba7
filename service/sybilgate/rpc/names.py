"""Resource names of accounts, campaigns and labels, and back."""

from __future__ import annotations

from sybilgate.core.crockford import decode_ref, encode_ref


def account_name(account_id: str) -> str:
    return f"accounts/{account_id}"


def campaign_name(ref: int) -> str:
    """Empty for 0, which is no campaign."""
    return f"campaigns/{encode_ref(ref)}" if ref else ""


def label_name(label_id: str) -> str:
    """Empty for an empty id."""
    return f"labels/{label_id}" if label_id else ""


def tail(name: str) -> str:
    """The id of a name of two parts."""
    return name.partition("/")[2]


def campaign_ref(name: str) -> int:
    """The reference in a validated name of a campaign."""
    return decode_ref(tail(name))


def parent_of(name: str) -> int | str:
    """The campaign's reference, or the account's id, in a validated name of either or of a part of it."""
    collection, name_id = name.split("/")[:2]
    return decode_ref(name_id) if collection == "campaigns" else name_id
