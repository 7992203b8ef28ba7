"""Which version of a model serves: a pointer file, replaced in one step, that remembers how it came to be.

``ROOT/NAME/ACTIVE`` is JSON: the stack of activated versions, the last of which serves, and a history of every change
with its time, reason and the gates that were overridden. An empty version stands for the model that came along.
Writers take turns on a lock file; readers need none.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sybilgate.app.bundle import MANIFEST, bundle_path
from sybilgate.app.manifest import Manifest, check_name, parse_manifest
from sybilgate.errors import ModelRejected

ACTIVE = "ACTIVE"
_LOCK = ".lock"
_FORMAT = 1
#: Changes kept, newest last.
_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Choice:
    """A version and the digest its manifest had when it was chosen; both empty for the model that came along."""

    version: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history. ``action`` is ``activate`` or ``rollback``; ``failed`` names the gates overridden."""

    time: float
    action: str
    version: str
    reason: str = ""
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pointer:
    """Activated versions, the one that serves last, and how they came to be."""

    stack: tuple[Choice, ...] = ()
    history: tuple[Change, ...] = ()

    @property
    def active(self) -> Choice:
        return self.stack[-1] if self.stack else Choice()


def read_pointer(root: Path, name: str) -> Pointer:
    """The pointer, empty before the first activation. Raises ModelRejected if it cannot be read."""
    path = _home(root, name) / ACTIVE
    try:
        found = json.loads(path.read_bytes())
        if found["format"] != _FORMAT:
            raise ModelRejected(f"{path}: format {found['format']!r} is not {_FORMAT}")
        stack = tuple(Choice(str(one["version"]), str(one["digest"])) for one in found["stack"])
        changes = (Change(**one | {"failed": tuple(one["failed"])}) for one in found["history"])
        return Pointer(stack, tuple(changes))
    except FileNotFoundError:
        return Pointer()
    except OSError as error:
        raise ModelRejected(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRejected(f"{path} is not a pointer to a model: {type(error).__name__}: {error}") from error


def active_folder(root: Path, name: str) -> Path | None:
    """Folder of the version that serves, None if that is the model that came along. The folder is not looked into.

    Raises ModelRejected if the pointer cannot be read."""
    chosen = read_pointer(root, name).active
    return bundle_path(root, name, chosen.version) if chosen.version else None


def check_unchanged(root: Path, name: str, manifest: Manifest) -> None:
    """Raise ModelRejected if this is the active version, but not the bytes that were activated."""
    chosen = read_pointer(root, name).active
    if (manifest.name, manifest.version) == (name, chosen.version) and manifest.digest != chosen.digest:
        raise ModelRejected(f"{manifest.title} was changed since it was activated")


def read_manifest(folder: Path) -> Manifest:
    """The manifest alone; nothing is said of the files it lists. Raises ModelRejected."""
    try:
        return parse_manifest((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise ModelRejected(f"{folder / MANIFEST}: {error.strerror}") from error


def activate(
    root: Path, name: str, choice: Choice, instead_of: Choice, time: float, reason: str = "",
    failed: tuple[str, ...] = (),
) -> Pointer:  # fmt: skip
    """Let ``choice`` serve. ``instead_of`` is the one it was judged against; raises ModelRejected if another
    serves by now, because then nobody compared the two."""

    def edit(pointer: Pointer) -> Pointer:
        if pointer.active != instead_of:
            raise ModelRejected(f"{_said(pointer.active)} was activated in the meantime; look again")
        change = Change(time, "activate", choice.version, reason, failed)
        return Pointer((*pointer.stack, choice), (*pointer.history, change))

    return _replace(root, name, edit)


def rollback(root: Path, name: str, time: float, reason: str = "") -> Pointer:
    """Let the version before serve again. Raises ModelRejected when there is none."""

    def edit(pointer: Pointer) -> Pointer:
        if not pointer.stack:
            raise ModelRejected(f"no version of {name} was activated in {root}: there is nothing to go back to")
        left = replace(pointer, stack=pointer.stack[:-1])
        return replace(left, history=(*left.history, Change(time, "rollback", left.active.version, reason)))

    return _replace(root, name, edit)


def _replace(root: Path, name: str, edit: Callable[[Pointer], Pointer]) -> Pointer:
    home = _home(root, name)
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _locked(home):
            pointer = edit(read_pointer(root, name))
            pointer = replace(pointer, history=pointer.history[-_KEPT:])
            _write(home, json.dumps({"format": _FORMAT, **asdict(pointer)}, indent=1) + "\n")
    except OSError as error:
        raise ModelRejected(f"{home / ACTIVE} cannot be written: {error.strerror}") from error
    return pointer


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    with (home / _LOCK).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(home: Path, text: str) -> None:
    """Readers see the old file or the new one, also after a power cut."""
    handle, scratch = tempfile.mkstemp(prefix=f".{ACTIVE}-", dir=home)
    try:
        with os.fdopen(handle, "w") as file:
            os.fchmod(handle, 0o644)
            file.write(text)
            file.flush()
            os.fsync(handle)
        os.replace(scratch, home / ACTIVE)  # noqa: PTH105
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise
    folder = os.open(home, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _home(root: Path, name: str) -> Path:
    return Path(root) / check_name(name)


def _said(choice: Choice) -> str:
    return f"version {choice.version}" if choice.version else "the model that came along"
