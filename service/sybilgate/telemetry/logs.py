"""Logs: text for people, or one JSON object a line for machines. Both name the call a line belongs to.

A line holds what the code says and nothing that a caller sent: errors are told by type and place (see
``rpc.interceptors``), and the id of a call is the caller's ``x-request-id`` only if it looks like an id, else one made
here.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
import secrets
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

#: Metadata by which a caller names a call, and finds it again in the logs.
CALL_ID_KEY = "x-request-id"
#: Id of the call that this thread works on; empty beside calls.
call_id: contextvars.ContextVar[str] = contextvars.ContextVar("call_id", default="")
_ID = re.compile(r"[0-9a-f-]{8,64}")
#: Attributes of a record that are told as fields of their own, when the code gave them by ``extra``.
_FIELDS = ("method", "code", "reason", "seconds")


def id_of(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    """The id a caller gave a call (hexadecimal digits and dashes, as a UUID has), else a new one."""
    for key, value in metadata:
        if key == CALL_ID_KEY and isinstance(value, str) and _ID.fullmatch(value):
            return value
    return secrets.token_hex(8)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, the call's id, and what the code added by name."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if call := call_id.get():
            line["request_id"] = call
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=True)


class TextFormatter(logging.Formatter):
    """A line for people, the call's id at its end."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        line, call = super().format(record), call_id.get()
        return f"{line} [{call}]" if call else line


def set_up(kind: str, stream: TextIO | None = None) -> None:
    """Send everything from INFO on to ``stream`` (standard error), as ``text`` or ``json``."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if kind == "json" else TextFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it would tell of every look at the schema
