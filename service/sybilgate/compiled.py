"""Room for compiled code. Numba keeps it beside the source or in the user's cache folder, and refuses to work at all
where it may write to neither: an image whose root is read-only, a service without a home.

`sybilgate warm` compiles ahead, into whatever folder this finds or ``NUMBA_CACHE_DIR`` names.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import MutableMapping
from pathlib import Path

_SETTING = "NUMBA_CACHE_DIR"


def find_room(package: Path, environ: MutableMapping[str, str]) -> None:
    """Name a folder of this process's own, gone with it, where there is no other. It costs a compilation (some seconds)
    at every start, in a folder that nobody else could have put code into."""
    if environ.get(_SETTING) or os.access(package, os.W_OK) or _writable(_user_cache(environ)):
        return
    folder = tempfile.mkdtemp(prefix="sybilgate-compiled-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    environ[_SETTING] = folder


def _user_cache(environ: MutableMapping[str, str]) -> Path:
    """Where numba looks next."""
    home = environ.get("XDG_CACHE_HOME") or os.path.join(environ.get("HOME") or "/", ".cache")  # noqa: PTH118
    return Path(home) / "numba"


def _writable(folder: Path) -> bool:
    """Tried, not asked: who may do everything is told yes even where nothing can be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
