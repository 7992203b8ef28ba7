"""The audit log on real databases: written side by side, checked from a shell, and written before anything is done."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from sybilgate.app.auditing import AuditLog
from sybilgate.cli import app
from sybilgate.config import create_key
from sybilgate.core.identifier import Keyring
from sybilgate.core.trust import Caller, Role
from sybilgate.rpc.auditing import Scribe
from sybilgate.store.store import SqlStore
from sybilgate.v1 import label_pb2
from sybilgate.v1 import review_service_pb2 as api

KEYRING = Keyring(1, b"test secret of thirty-two bytes!")
ADA = Caller(Role.REVIEWER_ANNOTATE, "ada", "t1")
_REVIEW = "/sybilgate.v1.ReviewService/"


@pytest.fixture
def log(store: SqlStore) -> AuditLog:
    return AuditLog(store, KEYRING, lambda: 1.7e9)


@pytest.fixture
def environment(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    create_key(tmp_path / "key")
    return {"SYBILGATE_DATABASE_URL": sqlite_url, "SYBILGATE_KEY_FILE": str(tmp_path / "key")}


def told(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), env=environment)


def test_many_writers_make_one_chain(log: AuditLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: log.write("ada", "id", "look", str(number)), range(40)))
    found = log.verify()
    assert (found.lines, found.fault) == (40, "")


def asked(log: AuditLog, method: str, request: Any, who: Caller = ADA) -> list[tuple[str, ...]]:
    Scribe(log)(who, _REVIEW + method, request)
    return [(line.actor, line.action, line.resource, line.detail) for line in log.lines()]


def test_label_is_written_without_account(log: AuditLog) -> None:
    request = api.CreateLabelRequest(account="accounts/dana-77", verdict=label_pb2.LABEL_VERDICT_SYBIL)
    lines = asked(log, "CreateLabel", request)
    assert lines == [("ada", "CreateLabel", log.hidden("accounts/dana-77"), "SYBIL")]
    assert "dana" not in str(lines)


@pytest.mark.parametrize("parent", ["dana@example.com", "accounts/dana@example.com", "a\0b", "x" * 10_000])
def test_unchecked_words_are_not_kept(log: AuditLog, parent: str) -> None:
    assert asked(log, "ListLinks", api.ListLinksRequest(parent=parent)) == [("ada", "ListLinks", "", "")]


def test_searched_value_is_not_kept(log: AuditLog) -> None:
    request = api.FindAccountsRequest(identifier=api.SharedIdentifier(email="dana@example.com"))
    assert asked(log, "FindAccounts", request) == [("ada", "FindAccounts", "identifier/email", "")]


def test_lists_and_programs_leave_no_line(log: AuditLog) -> None:
    assert asked(log, "ListCampaigns", api.ListCampaignsRequest()) == []
    assert asked(log, "ListLinks", api.ListLinksRequest(), Caller(Role.SIGNUP, "flow", "t2")) == []


def test_shell_finds_tampering(environment: dict[str, str], tmp_path: Path) -> None:
    assert told(environment, "token", "create", "admin", "--for", "root").exit_code == 0
    assert told(environment, "token", "create", "health").exit_code == 0
    head = told(environment, "audit-log", "verify").stdout.split()[-1]
    assert "CreateToken" in told(environment, "audit-log", "show").stdout
    with sqlite3.connect(tmp_path / "store.db") as database:
        database.execute("DELETE FROM audit WHERE seq = 2")
    database.close()
    assert told(environment, "audit-log", "verify").exit_code == 0
    assert told(environment, "audit-log", "verify", "--head", head).exit_code == 1
    with sqlite3.connect(tmp_path / "store.db") as database:
        database.execute("UPDATE audit SET detail = 'health for nobody'")
    database.close()
    assert told(environment, "audit-log", "verify").exit_code == 1
