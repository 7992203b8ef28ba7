"""Facts about comparing with peers: what is sent is well-formed; a peer that cannot be made is named, not hidden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks.http_load import request
from tests.benchmarks.peers import QUICK, compared, parted


def test_http_request_states_length() -> None:
    body = json.dumps({"account_id": "ä"}).encode()
    head, _, rest = request(body).partition(b"\r\n\r\n")
    assert rest == body
    assert f"Content-Length: {len(body)}".encode() in head


def test_joined_requests_come_apart() -> None:
    given = [b"one", b"", b"three" * 100]
    assert list(parted(b"".join(len(data).to_bytes(4, "big") + data for data in given))) == given


def test_missing_peer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    (tmp_path / "fastapi").write_text("in the way of a folder")
    found = compared(["fastapi"], QUICK, tmp_path)
    assert found["arms"] == {}
    assert list(found["left_out"]) == ["fastapi"]
