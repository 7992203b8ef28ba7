"""The command line, as far as it needs no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sybilgate.cli import app
from sybilgate.cli.asking import flatten, parse_setting
from sybilgate.client import event_message


def _run(*arguments: str, **environ: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env=environ)
    return result.exit_code, result.output + str(result.exception or "")


def test_help_names_commands() -> None:
    code, output = _run("--help")
    assert code == 0
    for command in ("db", "simulate", "score", "explain", "config"):
        assert command in output


def test_config_prints_masked() -> None:
    code, output = _run("config", SYBILGATE_DATABASE_URL="postgresql+psycopg://me:hush@db/x")
    assert code == 0
    assert "SYBILGATE_ADDRESS=127.0.0.1:50051" in output
    assert "hush" not in output


def test_upgrade_brings_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    assert _run("db", "current", SYBILGATE_DATABASE_URL=url)[0] == 1
    assert _run("db", "upgrade", SYBILGATE_DATABASE_URL=url)[0] == 0
    assert _run("db", "current", SYBILGATE_DATABASE_URL=url)[0] == 0


def test_simulate_writes_world(tmp_path: Path) -> None:
    out = tmp_path / "world.parquet"
    code, output = _run("simulate", str(out), "--days", "1", "--honest-per-day", "20", "--campaigns", "0")
    assert code == 0
    assert out.exists()
    assert "events" in output


def test_unknown_kind_is_told(tmp_path: Path) -> None:
    code, output = _run("simulate", str(tmp_path / "w"), "--kind", "martians")
    assert code == 2
    assert "martians" in output


def test_settings_become_event() -> None:
    pairs = [
        parse_setting(text)
        for text in (
            "account_id=a1",
            "time=2026-01-02T03:04:05Z",
            "payment.bin=411111",
            "device.automation_detected=false",
            "device.languages=de,en",
            "signup.captcha_score=0.5",
        )
    ]
    event = event_message(dict(pairs))
    assert event.payment.bin == "411111"
    assert event.device.HasField("automation_detected")
    assert not event.device.automation_detected
    assert list(event.device.languages) == ["de", "en"]
    assert event.event_time.seconds == 1767323045


@pytest.mark.parametrize("text", ["colour=red", "account_id", "device.cpu_cores=many"])
def test_bad_setting_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition("=")[0]):
        parse_setting(text)


def test_nested_json_flattens() -> None:
    text = '{"account_id": "a", "time": 5, "network": {"ip_address": "192.0.2.1"}, "usage": {"model_mix": {"m": 1.0}}}'
    assert flatten(json.loads(text)) == {
        "account_id": "a",
        "event_time": 5,
        "network.ip_address": "192.0.2.1",
        "usage.model_mix": {"m": 1.0},
    }
