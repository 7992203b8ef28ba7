"""Who is let in to the console, for how long, and how often he may guess."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from sybilgate.console.sessions import ABSOLUTE, FREE, IDLE, LONGEST_WAIT, Brake, Sessions, fits
from sybilgate.console.settings import Settings
from sybilgate.console.trail import Trail
from sybilgate.console.users import Users
from sybilgate.errors import ConfigurationError

SECRET = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def users(tmp_path: Path) -> Users:
    users = Users(tmp_path / "users.json", QUICK)
    users.put("ada", SECRET)
    return users


def test_password_is_checked(users: Users) -> None:
    assert users.check("ada", SECRET)
    assert not users.check("ada", SECRET + "!") and not users.check("eve", SECRET) and not users.check("ada", "")


def test_file_holds_no_password(users: Users) -> None:
    assert users.path.stat().st_mode & 0o777 == 0o600
    assert SECRET not in users.path.read_text() and "$argon2id$" in users.path.read_text()


def test_open_file_is_refused(users: Users) -> None:
    users.path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        users.check("ada", SECRET)


@pytest.mark.parametrize(("name", "password"), [("a b", SECRET), ("", SECRET), ("../x", SECRET), ("bob", "short")])
def test_poor_accounts_are_refused(users: Users, name: str, password: str) -> None:
    with pytest.raises(ConfigurationError):
        users.put(name, password)


def test_removed_reviewer_is_gone(users: Users) -> None:
    users.put("bob", SECRET, Path("token"))
    assert users.token_file("bob").endswith("/token") and users.token_file("ada") == ""
    users.remove("ada")
    assert users.names() == ["bob"] and not users.check("ada", SECRET)


def test_idle_session_ends() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token = sessions.begin("ada")
    clock.now += IDLE - 1
    assert sessions.find(token) is not None
    clock.now += IDLE + 1
    assert sessions.find(token) is None


def test_busy_session_ends_too() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    token = sessions.begin("ada")
    for _ in range(int(ABSOLUTE // 600)):
        clock.now += 600
        assert sessions.find(token) is not None
    clock.now += 600
    assert sessions.find(token) is None


def test_logged_out_token_is_dead() -> None:
    sessions = Sessions(Clock())
    token = sessions.begin("ada")
    session = sessions.find(token)
    assert session is not None and fits(session, session.csrf) and not fits(session, "") and token not in repr(sessions)
    sessions.end(token)
    assert sessions.find(token) is None and sessions.find("") is None


def test_last_visit_is_remembered() -> None:
    clock = Clock()
    sessions = Sessions(clock)
    sessions.begin("ada")
    clock.now += 5000
    again = sessions.find(sessions.begin("ada"))
    assert again is not None and again.last_visit == 1e9


def test_guesses_wait_longer() -> None:
    clock = Clock()
    brake = Brake(clock)
    waits = []
    for _ in range(FREE + 12):
        waits.append(brake.wait("ada", "address"))
        clock.now += waits[-1]
        brake.failed("ada", "address")
    assert waits[: FREE + 1] == [0.0] * (FREE + 1) and waits[FREE + 1 : FREE + 4] == [2.0, 4.0, 8.0]
    assert max(waits) <= LONGEST_WAIT and brake.wait("bob") == 0 < brake.wait("bob", "address")
    brake.passed("ada")
    assert brake.wait("ada") == 0


def test_trail_keeps_who_saw_what(tmp_path: Path) -> None:
    trail = Trail(tmp_path / "trail", Clock())
    trail.add("ada", "view account", "accounts/a1")
    trail.add("bob", "label", "accounts/a1", reason='x\n{"user": "eve"}')
    assert trail.path.stat().st_mode & 0o777 == 0o600
    assert [entry["user"] for entry in trail.newest(9)] == ["bob", "ada"]
    assert [entry["action"] for entry in trail.newest(9, user="ada")] == ["view account"]
    assert [json.loads(line)["user"] for line in trail.path.read_text().splitlines()] == ["ada", "bob"]


def test_plaintext_stays_on_loopback(tmp_path: Path) -> None:
    files = {"users_file": tmp_path / "u", "audit_file": tmp_path / "a"}
    with pytest.raises(ConfigurationError, match="loopback only"):
        Settings(listen="0.0.0.0:8080", **files).check()
    Settings(listen="127.0.0.1:8080", **files).check()
    behind = Settings(listen="127.0.0.1:8080", public_host="console.example", **files)
    assert behind.secure and behind.hosts == ["console.example"]
