"""Answered request ids."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from sybilgate.core.records import RequestRecord
from sybilgate.errors import Unavailable
from sybilgate.store import bulk
from sybilgate.store.tables import request

_COLUMNS = bulk.columns(RequestRecord)
_REPLACE = bulk.replacing(*_COLUMNS)


def read(connection: Connection, ids: Sequence[str]) -> dict[str, RequestRecord]:
    """The requests among ``ids`` that were answered."""
    return {row[0]: RequestRecord(*row) for row in bulk.read(connection, request, _COLUMNS, "request_id", ids)}


def write(connection: Connection, rows: Sequence[RequestRecord]) -> None:
    """Remember answers. Raises Unavailable if another replica answered one of the ids since this unit looked.

    The unit must then end in rollback; run again, it finds the other replica's answer and returns that.
    """
    ordered = sorted(rows, key=lambda row: row.request_id)
    try:
        bulk.write(connection, request, _COLUMNS, list(map(bulk.values(RequestRecord), ordered)))
    except IntegrityError as error:
        raise Unavailable("a request id was answered elsewhere in the meantime; try again") from error


def rewrite(connection: Connection, rows: Sequence[RequestRecord]) -> None:
    """Give answered requests another answer."""
    ordered = sorted(rows, key=lambda row: row.request_id)
    bulk.write(connection, request, _COLUMNS, list(map(bulk.values(RequestRecord), ordered)), _REPLACE)
