"""Facts about room for compiled code: it is found everywhere, and made only where there is none."""

from __future__ import annotations

import subprocess
import sys
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


_KERNELS = """
from sybilgate.config import Config
from sybilgate.core import decades, layout
from sybilgate.core.campaign import resemblance
from sybilgate.loading import warm
warm(Config())
print(*(len(kernel.signatures) for kernel in (decades.look_up, layout.absent_combinations, resemblance._features)))
"""


def test_warming_reaches_late_kernels() -> None:
    """What only several events, a known account or a campaign need; compiled later, it would look like a lost store."""
    done = subprocess.run([sys.executable, "-c", _KERNELS], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "1", "1"]
