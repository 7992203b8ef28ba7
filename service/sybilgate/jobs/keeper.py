"""Keeping jobs running beside a server: each in a process of its own, behind the signups.

A process, not a thread, because a thread would share the interpreter with the requests; it is given a share of the time
and the lowest claim on the processor. It ends with its job. Whoever dies, the job is taken up again by any server.
"""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence

from sybilgate.app.ports import Jobs
from sybilgate.errors import SybilgateError
from sybilgate.jobs.rescore import LEASE

log = logging.getLogger(__name__)
#: Seconds between two looks for a job, after one that could not be run, and that a process is given to stop.
LOOK_SECONDS, PAUSE_SECONDS, GRACE_SECONDS = 1.0, 30.0, 20.0


class JobKeeper:
    """A thread of the server. ``command`` runs the job whose id is appended, in ``environment``."""

    def __init__(
        self, store: Jobs, clock: Callable[[], float], command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        self._store, self._clock, self._command, self._environment = store, clock, list(command), dict(environment)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and the process; its job is queued again for others."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        pause = LOOK_SECONDS
        while not self._stop.wait(pause):
            pause = LOOK_SECONDS if self._look() else PAUSE_SECONDS

    def _look(self) -> bool:
        """Run the job that waits, if one does; whether all went well."""
        try:
            job = self._store.waiting_job(self._clock() - LEASE)
        except SybilgateError as error:
            log.error("jobs wait: %s", error)
            return False
        if job is None:
            return True
        log.info("assessing accounts again: job %s", job.job_id)
        code = self._ended(job.job_id)
        if code:
            log.error("job %s waits: its process ended with %d", job.job_id, code)
        return not code

    def _ended(self, job_id: str) -> int:
        """The exit code of the process that runs a job, 0 if it was stopped because the server stops."""
        with subprocess.Popen(
            [*self._command, job_id], env=self._environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ) as process:
            while not self._stop.is_set():
                try:
                    return process.wait(LOOK_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
            process.terminate()
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            return 0
