"""What ``doctor`` says beyond what a server needs to start."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sybilgate import checklist
from sybilgate.checklist import FAIL, OK, WARN
from sybilgate.config import Config

NOW = datetime(2026, 11, 21, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key and a certificate of it, good for ten days."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "10",
         "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)
    return key, certificate


def states(items: object) -> list[str]:
    return [item[1] for item in items]  # type: ignore[attr-defined]


def test_plaintext_is_named() -> None:
    assert states(checklist.tls(Config(), NOW)) == [WARN]


def test_expiring_certificate_is_named(pair: tuple[Path, Path]) -> None:
    config = Config(tls_key_file=pair[0], tls_certificate_file=pair[1])
    assert states(checklist.tls(config, time.time())) == [WARN]
    assert states(checklist.tls(config, time.time() - 60 * 86400)) == [OK]
    assert states(checklist.tls(config, time.time() + 60 * 86400)) == [FAIL]


def test_foreign_key_is_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    config = Config(tls_key_file=pair[1], tls_certificate_file=pair[1])
    assert states(checklist.tls(config, NOW)) == [FAIL]


def test_old_data_are_named() -> None:
    told = list(checklist.data_age({"a": "2.3.2026061719", "b": "2.3.2025010100", "c": "9.0.43", "d": "202410"}, NOW))
    assert [text.partition(" ")[0] for _, _, text in told] == ["b", "d"]


def test_unwatched_and_sandboxed_are_named() -> None:
    names = {name for name, state, _ in checklist.watched(Config(sandbox=1)) if state == WARN}
    assert {"metrics", "sandbox"} <= names
    assert ("metrics", OK) in {item[:2] for item in checklist.watched(Config(metrics_address="127.0.0.1:9464"))}
