"""Who may call, and what is kept of them: roles, callers and tokens. Times: unix seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(str, Enum):
    """What a caller is. A caller has one role; what it opens is said in ``rpc/access.py``."""

    SIGNUP = "signup"
    BILLING = "billing"
    REVIEWER_READ = "reviewer-read"
    REVIEWER_ANNOTATE = "reviewer-annotate"
    ADMIN = "admin"
    HEALTH = "health"


#: Roles of people, whose name is kept with what they say.
PEOPLE = frozenset({Role.REVIEWER_READ, Role.REVIEWER_ANNOTATE, Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. ``subject`` is a person's or a program's name, empty where nobody was asked for one; ``id`` tells
    the token or the certificate."""

    role: Role
    subject: str
    id: str


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A bearer token without itself: ``digest`` is SHA-256 of its text, which has 256 random bits. ``end_time`` is when
    it expires, ``revoke_time`` infinite until it is revoked."""

    token_id: str
    digest: bytes
    role: str
    subject: str
    create_time: float
    end_time: float
    revoke_time: float
