"""The tables, as SQLAlchemy Core metadata. Times are unix seconds (double precision), blobs are opaque here.

SQLite tables are STRICT: a numpy integer, which the driver would silently keep as a blob, is refused instead.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

NAMING = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}

metadata = MetaData(naming_convention=NAMING)

INTEGER = BigInteger().with_variant(Integer(), "sqlite")
DOUBLE: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
# Ids compare byte by byte on both databases; a locale's collation would page assessments in another order.
ID = Text().with_variant(Text(collation="C"), "postgresql")
TEXT = Text()
BLOB = LargeBinary()


def _column(name: str, kind: Any, nullable: bool = False) -> Column[Any]:
    return Column(name, kind, nullable=nullable)


identifier = Table(
    "identifier",
    metadata,
    _column("key", BLOB),
    _column("version", INTEGER),
    _column("state", BLOB),
    _column("accounts", INTEGER),
    _column("last_time", DOUBLE),
    PrimaryKeyConstraint("key"),
    # Keys are random. SQLite: states lie in order of arrival, so that only the small key index is written all over
    # (a table clustered by key dirtied a page per row and cost twice the time). PostgreSQL: sixteen parts, each with
    # room for in-page updates (revision 0011 makes them).
    sqlite_strict=True,
    postgresql_partition_by="HASH (key)",
)

account = Table(
    "account",
    metadata,
    _column("account_id", ID),
    _column("ref", INTEGER),
    _column("signup_time", DOUBLE),
    _column("last_time", DOUBLE),
    _column("label", INTEGER),
    _column("own", BLOB),
    _column("keys", BLOB),
    _column("held", BLOB),
    _column("version", INTEGER),
    PrimaryKeyConstraint("account_id"),
    Index(None, "ref"),
    sqlite_strict=True,
    postgresql_partition_by="HASH (account_id)",
)

event = Table(
    "event",
    metadata,
    Column("seq", INTEGER, Identity(always=True), nullable=False),
    _column("account_id", ID),
    _column("type", INTEGER),
    _column("time", DOUBLE),
    _column("received_time", DOUBLE),
    _column("label", INTEGER),
    _column("own", BLOB),
    _column("keys", BLOB),
    _column("degraded", TEXT),
    PrimaryKeyConstraint("seq"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

assessment = Table(
    "assessment",
    metadata,
    _column("account_id", ID),
    _column("assessment_id", ID),
    _column("cause", TEXT),
    _column("event_time", DOUBLE),
    _column("create_time", DOUBLE),
    _column("risk", DOUBLE),
    _column("margin", DOUBLE),
    _column("first_risk", DOUBLE),
    _column("decision", INTEGER),
    _column("axes", TEXT),
    _column("model", TEXT),
    _column("policy", TEXT),
    _column("features", BLOB),
    _column("contributions", BLOB, nullable=True),
    _column("evidence", TEXT),
    _column("tails", TEXT),
    _column("degraded", TEXT),
    Column("campaign", INTEGER, nullable=False, server_default="0"),
    PrimaryKeyConstraint("account_id", "assessment_id"),
    sqlite_strict=True,
)
# What asks for attention is a small part of everything: the queue is read from two orders of it alone.
FLAGGED = text("decision > 1")
_OF_QUEUE = ("account_id", "decision", "create_time")
Index(
    "ix_assessment_newest_flagged",
    *(assessment.c[name] for name in ("assessment_id", *_OF_QUEUE, "risk")),
    sqlite_where=FLAGGED,
    postgresql_where=FLAGGED,
)
Index(
    "ix_assessment_riskiest_flagged",
    *(assessment.c[name] for name in ("risk", "assessment_id", *_OF_QUEUE)),
    sqlite_where=FLAGGED,
    postgresql_where=FLAGGED,
)

shadow_score = Table(
    "shadow_score",
    metadata,
    _column("account_id", ID),
    _column("assessment_id", ID),
    _column("model", TEXT),
    _column("margin", DOUBLE),
    _column("risk", DOUBLE),
    _column("create_time", DOUBLE),
    PrimaryKeyConstraint("account_id", "assessment_id", "model"),
    sqlite_strict=True,
)

request = Table(
    "request",
    metadata,
    _column("request_id", ID),
    _column("digest", BLOB),
    _column("method", TEXT),
    _column("result", TEXT),
    _column("create_time", DOUBLE),
    PrimaryKeyConstraint("request_id"),
    sqlite_strict=True,
)

token = Table(
    "token",
    metadata,
    _column("token_id", ID),
    _column("digest", BLOB),
    _column("role", TEXT),
    _column("subject", TEXT),
    _column("create_time", DOUBLE),
    _column("end_time", DOUBLE),
    _column("revoke_time", DOUBLE),
    PrimaryKeyConstraint("token_id"),
    sqlite_strict=True,
)

key_check = Table(
    "key_check",
    metadata,
    Column("key_id", INTEGER, autoincrement=False, nullable=False),
    _column("digest", BLOB),
    PrimaryKeyConstraint("key_id"),
    sqlite_strict=True,
)

# The name under which a value is stored, by its hash under the newest key; empty while there is one key.
value_name = Table(
    "value_name",
    metadata,
    _column("hash", BLOB),
    _column("name", BLOB),
    _column("key_id", INTEGER),
    PrimaryKeyConstraint("hash"),
    sqlite_strict=True,
)

# The numbers are the writer's own: the primary key keeps two lines from following the same one.
audit = Table(
    "audit",
    metadata,
    Column("seq", INTEGER, autoincrement=False, nullable=False),
    _column("time", DOUBLE),
    _column("actor", TEXT),
    _column("actor_id", TEXT),
    _column("action", TEXT),
    _column("resource", TEXT),
    _column("detail", TEXT),
    _column("digest", BLOB),
    PrimaryKeyConstraint("seq"),
    sqlite_strict=True,
)

campaign = Table(
    "campaign",
    metadata,
    _column("ref", INTEGER),
    _column("state", INTEGER),
    _column("merged_into", INTEGER),
    _column("members", INTEGER),
    _column("linked", INTEGER),
    _column("first_time", DOUBLE),
    _column("last_time", DOUBLE),
    _column("hour", DOUBLE),
    _column("day", DOUBLE),
    _column("month", DOUBLE),
    _column("kinds", BLOB),
    _column("risk", DOUBLE),
    _column("significance", DOUBLE),
    _column("variety", BLOB, nullable=True),
    PrimaryKeyConstraint("ref"),
    Index(None, "state", "last_time"),
    sqlite_strict=True,
    postgresql_with={"fillfactor": 70},
)

shared_value = Table(
    "shared_value",
    metadata,
    _column("campaign", INTEGER),
    _column("key", BLOB),
    _column("members", INTEGER),
    _column("first_time", DOUBLE),
    _column("last_time", DOUBLE),
    PrimaryKeyConstraint("campaign", "key"),
    sqlite_strict=True,
    postgresql_with={"fillfactor": 70},
)

member = Table(
    "member",
    metadata,
    _column("account_id", ID),
    _column("campaign", INTEGER),
    _column("role", INTEGER),
    _column("join_time", DOUBLE),
    _column("risk", DOUBLE),
    _column("margin", DOUBLE, nullable=True),
    _column("evidence", TEXT),
    PrimaryKeyConstraint("account_id"),
    Index(None, "campaign", "join_time", "account_id"),
    sqlite_strict=True,
)

campaign_change = Table(
    "campaign_change",
    metadata,
    Column("seq", INTEGER, Identity(always=True), nullable=False),
    _column("campaign", INTEGER),
    _column("time", DOUBLE),
    _column("kind", INTEGER),
    _column("other", INTEGER),
    _column("members", INTEGER),
    _column("actor", TEXT),
    _column("detail", TEXT),
    PrimaryKeyConstraint("seq"),
    Index(None, "campaign", "seq"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

label = Table(
    "label",
    metadata,
    _column("label_id", ID),
    _column("account_id", ID),
    _column("campaign", INTEGER),
    _column("verdict", INTEGER),
    _column("source", TEXT),
    _column("author", TEXT),
    _column("second", TEXT),
    _column("evidence_time", DOUBLE),
    _column("create_time", DOUBLE),
    _column("reason", TEXT),
    _column("revokes", ID),
    PrimaryKeyConstraint("label_id"),
    Index(None, "account_id", "label_id"),
    Index(None, "campaign", "account_id", "label_id"),
    sqlite_strict=True,
)

# One line an account: what happens twice before anybody looked is one reason to look.
due = Table(
    "due",
    metadata,
    Column("seq", INTEGER, Identity(always=True), nullable=False),
    _column("account_id", ID),
    _column("cause", TEXT),
    _column("time", DOUBLE),
    PrimaryKeyConstraint("seq"),
    Index(None, "account_id", unique=True),
    Index(None, "time", "seq"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

tombstone = Table(
    "tombstone",
    metadata,
    _column("ref", INTEGER),
    _column("erase_time", DOUBLE),
    _column("label", INTEGER),
    _column("campaign", INTEGER),
    PrimaryKeyConstraint("ref"),
    sqlite_strict=True,
)

# Append-only, so that it is its own audit: the newest line of a subject is what holds.
protection = Table(
    "protection",
    metadata,
    Column("seq", INTEGER, Identity(always=True), nullable=False),
    _column("subject", ID),
    _column("kind", TEXT),
    _column("author", TEXT),
    _column("reason", TEXT),
    _column("create_time", DOUBLE),
    _column("end_time", DOUBLE),
    PrimaryKeyConstraint("seq"),
    Index(None, "subject", "seq"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

claim = Table(
    "claim",
    metadata,
    _column("subject", ID),
    _column("reviewer", TEXT),
    _column("create_time", DOUBLE),
    _column("lease_time", DOUBLE),
    PrimaryKeyConstraint("subject"),
    sqlite_strict=True,
)

# Small and often rewritten; the assessment that it names is never touched.
standing = Table(
    "standing",
    metadata,
    _column("account_id", ID),
    _column("assessment_id", ID),
    _column("risk", DOUBLE),
    _column("decision", INTEGER),
    _column("due_time", DOUBLE),
    PrimaryKeyConstraint("account_id"),
    sqlite_strict=True,
    postgresql_with={"fillfactor": 70},
)

standing_change = Table(
    "standing_change",
    metadata,
    Column("seq", INTEGER, Identity(always=True), nullable=False),
    _column("account_id", ID),
    _column("assessment_id", ID),
    _column("time", DOUBLE),
    _column("cause", TEXT),
    _column("risk", DOUBLE),
    _column("decision", INTEGER),
    _column("previous_risk", DOUBLE),
    _column("previous_decision", INTEGER),
    PrimaryKeyConstraint("seq"),
    sqlite_autoincrement=True,
    sqlite_strict=True,
)

rescore_job = Table(
    "rescore_job",
    metadata,
    _column("job_id", ID),
    _column("choice", TEXT),
    _column("due_by", DOUBLE),
    _column("campaign", INTEGER),
    _column("model", TEXT),
    _column("dry_run", INTEGER),
    _column("state", INTEGER),
    _column("create_time", DOUBLE),
    _column("start_time", DOUBLE),
    _column("end_time", DOUBLE),
    _column("update_time", DOUBLE),
    _column("owner", TEXT),
    _column("cursor", ID),
    _column("watermark", INTEGER),
    _column("total", INTEGER),
    _column("done", INTEGER),
    _column("missing", INTEGER),
    _column("raised", INTEGER),
    _column("lowered", INTEGER),
    _column("seconds", DOUBLE),
    _column("error", TEXT),
    PrimaryKeyConstraint("job_id"),
    sqlite_strict=True,
)

rescore_listed = Table(
    "rescore_listed",
    metadata,
    _column("job_id", ID),
    _column("account_id", ID),
    PrimaryKeyConstraint("job_id", "account_id"),
    sqlite_strict=True,
)

rescore_result = Table(
    "rescore_result",
    metadata,
    _column("job_id", ID),
    _column("number", INTEGER),
    _column("account_id", ID),
    _column("assessment_id", ID),
    _column("risk", DOUBLE),
    _column("decision", INTEGER),
    _column("previous", ID),
    _column("previous_risk", DOUBLE),
    _column("previous_decision", INTEGER),
    PrimaryKeyConstraint("job_id", "number"),
    sqlite_strict=True,
)
