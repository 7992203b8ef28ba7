"""Facts about room for compiled code: it is found everywhere, and made only where there is none."""

from __future__ import annotations

from pathlib import Path

from sybilgate.compiled import find_room

_NOWHERE = Path("/proc/nowhere")


def test_writable_package_keeps_its_own(tmp_path: Path) -> None:
    environ: dict[str, str] = {}
    find_room(tmp_path, environ)
    assert environ == {}


def test_writable_home_is_enough(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    find_room(_NOWHERE, environ)
    assert environ == {"HOME": str(tmp_path)}


def test_operators_choice_stands() -> None:
    environ = {"NUMBA_CACHE_DIR": "/somewhere", "HOME": str(_NOWHERE)}
    find_room(_NOWHERE, environ)
    assert environ["NUMBA_CACHE_DIR"] == "/somewhere"


def test_read_only_install_gets_room() -> None:
    environ = {"HOME": str(_NOWHERE)}
    find_room(_NOWHERE, environ)
    room = Path(environ["NUMBA_CACHE_DIR"])
    assert room.is_dir()
    assert room.stat().st_mode & 0o077 == 0
