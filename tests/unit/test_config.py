"""The configuration: where values come from, and that every fault is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from sybilgate.config import Config, ConfigurationFaults, access_faults, create_key, is_loopback, load_config
from sybilgate.errors import ConfigurationError


def _faults(environ: dict[str, str], *, serving: bool = False) -> str:
    with pytest.raises(ConfigurationFaults) as caught:
        load_config(environ, serving=serving)
    return "\n".join(caught.value.faults)


def test_defaults_need_nothing() -> None:
    config = load_config({}, serving=False)
    assert config.address == "127.0.0.1:50051"
    assert config.key_id == 1


def test_variable_beats_file(tmp_path: Path) -> None:
    file = tmp_path / "sybilgate.toml"
    file.write_text('address = "127.0.0.1:1"\nkey_id = 7\n')
    config = load_config({"SYBILGATE_CONFIG": str(file), "SYBILGATE_ADDRESS": "127.0.0.1:2"}, serving=False)
    assert (config.address, config.key_id) == ("127.0.0.1:2", 7)


def test_every_fault_is_listed(tmp_path: Path) -> None:
    file = tmp_path / "sybilgate.toml"
    file.write_text('colour = "red"\nqueued_tasks = "many"\n')
    faults = _faults(
        {
            "SYBILGATE_CONFIG": str(file),
            "SYBILGATE_ADRESS": "127.0.0.1:1",
            "SYBILGATE_KEY_ID": "0",
            "SYBILGATE_DATABASE_URL": "mysql://x/y",
            "SYBILGATE_TLS_KEY_FILE": "key.pem",
            "SYBILGATE_POLICY_FILE": str(tmp_path / "absent.toml"),
        },
        serving=True,
    )
    for word in (
        "colour",
        "queued_tasks",
        "SYBILGATE_ADRESS",
        "key_id",
        "database_url",
        "go together",
        "key_file",
        "policy_file",
    ):
        assert word in faults


def test_broken_toml_is_fault(tmp_path: Path) -> None:
    file = tmp_path / "sybilgate.toml"
    file.write_text("address = ")
    assert "not TOML" in _faults({"SYBILGATE_CONFIG": str(file)})


@pytest.mark.parametrize("address", ["0.0.0.0:50051", "[::]:50051", "scoring.internal:50051", "10.0.0.1:1"])
def test_plaintext_needs_loopback(address: str) -> None:
    assert "loopback only" in _faults({"SYBILGATE_ADDRESS": address})


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:50051", "localhost:1"])
def test_loopback_is_recognised(address: str) -> None:
    assert is_loopback(address)
    assert load_config({"SYBILGATE_ADDRESS": address}, serving=False).address == address


def test_tls_may_listen_anywhere() -> None:
    config = load_config(
        {
            "SYBILGATE_ADDRESS": "0.0.0.0:50051",
            "SYBILGATE_TLS_KEY_FILE": "k.pem",
            "SYBILGATE_TLS_CERTIFICATE_FILE": "c.pem",
        },
        serving=False,
    )
    assert not config.plaintext


def test_short_key_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("short\n")
    assert "5 bytes, at least 32" in _faults({"SYBILGATE_KEY_FILE": str(key)}, serving=True)


def test_created_key_is_private(tmp_path: Path) -> None:
    key = tmp_path / "key"
    create_key(key)
    assert key.stat().st_mode & 0o777 == 0o600
    ring = load_config({"SYBILGATE_KEY_FILE": str(key)}).keyring()
    assert (len(ring.secret), len(ring.newest.secret)) == (32, 32)


def test_key_is_never_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "key"
    create_key(key)
    before = key.read_bytes()
    with pytest.raises(ConfigurationError, match="never overwritten"):
        create_key(key)
    assert key.read_bytes() == before


def test_password_is_masked() -> None:
    config = load_config({"SYBILGATE_DATABASE_URL": "postgresql+psycopg://me:hush@db/x"}, serving=False)
    assert config.masked()["database_url"] == "postgresql+psycopg://me:***@db/x"


def test_plaintext_needs_to_be_asked_for() -> None:
    assert "AUTH=loopback" in access_faults(Config())[0]
    assert access_faults(Config(auth="loopback")) == access_faults(Config(auth="off")) == []


@pytest.mark.parametrize("auth", ["off", "loopback", "none"])
def test_strangers_come_by_tls_only(auth: str) -> None:
    assert "auth" in _faults({"SYBILGATE_ADDRESS": "0.0.0.0:50051", "SYBILGATE_AUTH": auth})


def test_unknown_role_is_fault(tmp_path: Path) -> None:
    roles = tmp_path / "roles.toml"
    roles.write_text('"signup.internal" = "king"\n')
    config = Config(auth="loopback", certificate_roles_file=roles)
    assert ["tls_client_ca_file" in fault or "king" in fault for fault in access_faults(config)] == [True, True]


def test_spool_lies_beside_database() -> None:
    assert Config(database_url="sqlite:////var/lib/x/accounts.db?a=b").spool_folder == Path("/var/lib/x/accounts.spool")
    assert Config().spool_folder == Config(database_url="postgresql+psycopg://me@db/x").spool_folder
    assert Config(spool_dir=Path("/spool")).masked()["spool_dir"] == "/spool"
