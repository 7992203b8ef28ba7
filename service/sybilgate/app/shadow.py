"""A shadow model: it scores what was assessed, beside the serving model, and nobody acts on what it says.

It reads the very rows that the serving model read. Carried risk in them comes from the *serving* model's first pass,
because what is carried on identifiers cannot be replayed for another model while serving: a shadow whose own first
pass differs much is judged on inputs that it would not have had. A backtest replays both for themselves.

A caller waits for none of it: once a batch is committed its assessments are handed over, and a thread of its own scores
and stores them, many at a time. Shadow scores are therefore not as durable as assessments: a crash loses those of the
last second, and when the thread cannot keep up, or the store does not answer, some are left out and the log says so.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Sequence

import numpy as np

from sybilgate.app.ports import Store
from sybilgate.core.records import AssessmentRecord, ShadowRecord
from sybilgate.core.scoring import Models

log = logging.getLogger(__name__)
#: Assessments that may wait, about 2 KiB each; and how many are scored and written at a time.
_WAITING, _CHUNK = 20_000, 1000
EVERY_SECONDS = 1.0


class Shadow:
    """``add`` is called by the thread that assesses, ``flush`` by the shadow's own, or by whoever has stopped it."""

    def __init__(self, models: Models, store: Store, every: float = EVERY_SECONDS) -> None:
        self._models, self._store, self._every = models, store, every
        self._waiting: deque[AssessmentRecord] = deque()
        self._told = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)

    @property
    def name(self) -> str:
        return self._models.name

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread, then score what still waits."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.flush()

    def add(self, made: Sequence[AssessmentRecord]) -> None:
        """Hand over what was committed."""
        if len(self._waiting) + len(made) > _WAITING:
            self._tell("cannot keep up; some assessments are left out")
            return
        self._waiting.extend(made)

    def flush(self) -> None:
        """Score and store everything that waits. Raises nothing: whatever goes wrong stays here."""
        while self._waiting:
            taken = [self._waiting.popleft() for _ in range(min(_CHUNK, len(self._waiting)))]
            try:
                scores = self._scores(taken)
                with self._store.unit() as unit:
                    unit.write_shadow_scores(scores)
                self._told = ""
            except Exception as error:
                self._tell(f"left assessments out: {type(error).__name__}: {error}")

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self.flush()

    def _scores(self, taken: list[AssessmentRecord]) -> list[ShadowRecord]:
        x = np.frombuffer(b"".join(record.features for record in taken), "<f4").reshape(len(taken), -1)
        margin = self._models.final(x)
        risk = self._models.calibrate(margin)
        if not (np.isfinite(margin).all() and np.isfinite(risk).all()):
            raise ValueError("a score is not a number")
        return [
            ShadowRecord(record.assessment_id, record.account_id, self.name, m, r, record.create_time)
            for record, m, r in zip(taken, margin.tolist(), risk.tolist(), strict=True)
        ]

    def _tell(self, what: str) -> None:
        """Once, until it goes well again."""
        if what != self._told:
            log.error("shadow model %s %s", self.name, what)
        self._told = what
