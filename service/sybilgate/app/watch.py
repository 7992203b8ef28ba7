"""Follow the pointer: a thread that notices another active version and lets it serve, without a restart."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from sybilgate.app.bundle import ModelHolder
from sybilgate.errors import SybilgateError

log = logging.getLogger(__name__)
#: Seconds between two looks, and before a version that was refused is tried again.
LOOK_SECONDS = 2.0
RETRY_SECONDS = 60.0


class Watcher:
    """``target`` gives the folder that should serve, or raises. The one that serves stays on any failure;
    a failure is logged once, and tried again now and then, for a disk that was late."""

    def __init__(
        self, target: Callable[[], Path], serving: Path, holder: ModelHolder, every: float = LOOK_SECONDS
    ) -> None:
        self._target, self._serving, self._holder, self._every = target, serving, holder, every
        self._refused: tuple[Path | None, str, float] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="model-watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a load that is under way may take a few seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.look()

    def look(self) -> None:
        """One look: swap if another version should serve."""
        folder: Path | None = None
        try:
            folder = self._target()
            if folder == self._serving:
                self._refused = None
            elif not self._waiting(folder):
                self._swap(folder)
        except Exception as error:
            # Whatever it is, the thread goes on and the old model serves.
            self._tell(folder, str(error) if isinstance(error, SybilgateError) else f"{type(error).__name__}: {error}")

    def _swap(self, folder: Path) -> None:
        old = self._holder.current.manifest.title
        bundle = self._holder.swap(folder)
        self._serving, self._refused = folder, None
        log.info("model %s serves from now on, instead of %s", bundle.manifest.title, old)

    def _waiting(self, folder: Path) -> bool:
        return self._refused is not None and self._refused[0] == folder and time.monotonic() < self._refused[2]

    def _tell(self, folder: Path | None, why: str) -> None:
        if self._refused is None or self._refused[:2] != (folder, why):
            log.error("model %s serves on: %s", self._holder.current.manifest.title, why)
        self._refused = (folder, why, time.monotonic() + RETRY_SECONDS)
