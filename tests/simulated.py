"""Callers, two replicas and a store in one thread, on a virtual clock, with everything going wrong that dice decide.

``simulate(seed)`` plays one world through and returns what happened, line by line; the same seed plays the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar, cast

import numpy as np

from sybilgate.app.attempt import GaveUp
from sybilgate.app.log import from_records
from sybilgate.app.ports import Store
from sybilgate.app.replay import Replay
from sybilgate.app.standby import Standby
from sybilgate.app.task import Result, Task
from sybilgate.core.event import Device, Event, EventType
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.state import STATE
from sybilgate.errors import Unavailable
from tests.benchmarks.projection import same_state
from tests.factories import START, CountingModels, assessor, pipeline, task
from tests.memory_store import Crash, MemorySpool, MemoryStore

_T = TypeVar("_T")
_REPLICAS, _REQUESTS, _TRIES = 2, 5, 6


class Loners(CountingModels):
    """Builds no campaigns."""

    mates = None  # type: ignore[assignment]


SCORING = pipeline(Loners())


@dataclass
class Dice:
    """What goes wrong, and when. While ``calm`` nothing does."""

    rng: Random
    trace: list[str] = field(default_factory=list)
    calm: bool = False
    #: Outages: the store refuses everything.
    down: bool = False

    def chance(self, share: float, what: str) -> bool:
        hit = not self.calm and self.rng.random() < share
        if hit:
            self.trace.append(what)
        return hit

    def store(self, step: str) -> None:
        if self.down and not self.calm:
            raise Unavailable(f"down at {step}")
        if self.chance(0.006, f"store fails at {step}"):
            raise Unavailable(step)
        if self.chance(0.003, f"crash at {step}"):
            raise Crash

    def spool(self, step: str) -> None:
        if step == "append" and self.chance(0.1, "spool is full"):
            raise OSError("full")
        if self.chance(0.03, f"crash at {step}"):
            raise Crash


@dataclass
class Fates:
    """In place of the thread: a call comes back, or is given up and then never runs, runs at once or runs later."""

    dice: Dice
    late: list[Callable[[], Any]] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return bool(self.late)

    def run(self, call: Callable[[], _T], patience: float) -> _T:
        if self.late or self.dice.chance(0.02, "given up, never ran"):
            raise GaveUp
        if self.dice.chance(0.03, "given up, came through"):
            _quietly(call)
            raise GaveUp
        if self.dice.chance(0.03, "given up, comes through late"):
            self.late.append(call)
            raise GaveUp
        return call()

    def go_on(self) -> None:
        while self.late:
            _quietly(self.late.pop(0))

    def close(self) -> None:
        pass


def _quietly(call: Callable[[], Any]) -> None:
    with suppress(Unavailable):
        call()


@dataclass
class World:
    """Two replicas over one store, and what callers were told."""

    seed: int
    kind: type[MemoryStore]
    dice: Dice = field(init=False)
    store: MemoryStore = field(init=False)
    now: float = START + 1e6
    ids: int = 0
    replicas: list[tuple[Standby, Fates, MemorySpool]] = field(default_factory=list)
    received: dict[str, list[AssessmentRecord]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = Dice(Random(self.seed))
        self.store = self.kind(fault=self.dice.store)
        for _ in range(_REPLICAS):
            self.replicas.append(self._start(MemorySpool(self.dice.spool)))

    def _start(self, spool: MemorySpool) -> tuple[Standby, Fates, MemorySpool]:
        fates = Fates(self.dice)
        self.ids += 1
        serving = assessor(cast(Store, self.store), SCORING.models, lambda: self.now, ids=f"p{self.ids}")
        return Standby(serving, spool, lambda: SCORING, attempts=fates), fates, spool

    def play(self) -> list[str]:
        rng = self.dice.rng
        requests = [task(event, request_id=f"r{n}") for n, event in enumerate(_events(rng))]
        for request in requests:
            self.dice.down = rng.random() < (0.7 if self.dice.down else 0.25)
            self._send(request, once=False)
            for n in range(_REPLICAS):
                if rng.random() < 0.7:
                    self._beside(n)
        self._settle(requests)
        return self.dice.trace

    def _send(self, request: Task, once: bool) -> None:
        """A caller: tries again until it hears something, now and then although it did."""
        for _ in range(1 if once else _TRIES):
            self.now += self.dice.rng.random() * 5
            answer = self._alive(
                n := self.dice.rng.randrange(_REPLICAS), lambda n=n: self.replicas[n][0].run([request])
            )
            heard = answer is not None and isinstance(answer[0], Result) and not self.dice.chance(0.3, "reply is lost")
            if heard:
                self._hear(request, answer[0])
                if not self.dice.chance(0.2, "asked again"):
                    return

    def _hear(self, request: Task, answer: Result) -> None:
        made = [item for item in answer.assessments if isinstance(item, AssessmentRecord)]
        assert len(made) == 1, f"{len(made)} assessments"
        self.dice.trace.append(f"{request.request_id}: {made[0].assessment_id} {made[0].degraded} {answer.replayed}")
        self.received.setdefault(request.request_id or "", []).append(made[0])

    def _beside(self, n: int) -> None:
        """What goes on without being asked: calls that were given up end, the spool is emptied."""

        def step() -> None:
            standby, fates, _ = self.replicas[n]
            fates.go_on()
            with suppress(Unavailable, GaveUp):
                standby.recover()

        self._alive(n, step)

    def _alive(self, n: int, call: Callable[[], _T]) -> _T | None:
        """What the replica does; if it dies doing it, another process takes over its spool."""
        try:
            return call()
        except Crash:
            self.replicas[n] = self._start(self.replicas[n][2])
            return None

    def _settle(self, requests: list[Task]) -> None:
        """Calm: everything is answered, stored and counted; then what was promised is checked."""
        self.dice.calm, self.dice.down = True, False
        for _ in range(4):
            for n in range(_REPLICAS):
                self._beside(n)
        assert not any(len(spool) for _, _, spool in self.replicas), "the spool is not empty"
        for request in requests:
            self._send(request, once=True)
        self._check(requests)

    def _check(self, requests: list[Task]) -> None:
        tables = self.store.tables
        counted = [row.account_id for row in tables.events]
        assert sorted(counted) == sorted(r.events[0].account_id for r in requests), "an event is lost or counts twice"
        for told in self.received.values():
            assert all(tables.assessments[made.assessment_id] == made for made in told), "told and not kept"
            assert len({made.assessment_id for made in told if not made.degraded}) <= 1, "two answers with the store"
        linked = {made.account_id for made in tables.assessments.values() if not made.degraded} | tables.due.keys()
        assert tables.accounts.keys() <= linked, "scored alone and never again"
        self._check_counters()

    def _check_counters(self) -> None:
        tables = self.store.tables
        holders: dict[bytes, set[str]] = {}
        replay = Replay(SCORING)
        replay.fold(from_records(tables.events))
        for row in tables.accounts.values():
            for at in range(0, len(row.keys), 16):
                holders.setdefault(row.keys[at : at + 16], set()).add(row.account_id)
        holders = {key: held for key, held in holders.items() if any(key)}
        for key, held in holders.items():
            state = np.frombuffer(tables.identifiers[key][1], STATE)
            assert state["accounts"][0] == len(held), "a holder is missing or counts twice"
            assert same_state(state, cast(Any, replay.identifier(key))), "the counters are not those of the log"


def _events(rng: Random) -> Iterator[Event]:
    """Accounts on few devices, some of them on many accounts; clocks of callers are off, some by a day."""
    for n in range(_REQUESTS):
        off = rng.choice((0.0, 0.0, -86_400.0, 86_400.0)) + rng.random() * 100
        device = f"device-{int(rng.paretovariate(1.0)) % 4}"
        yield Event(
            account_id=f"a{n}", time=START + 60 * n + off, type=EventType.SIGNUP, device=Device(device_id=device)
        )


def simulate(seed: int, kind: type[MemoryStore] = MemoryStore) -> list[str]:
    """Play one world; what went wrong in it and what callers heard. AssertionError, with the seed, for a broken
    promise."""
    world = World(seed, kind)
    try:
        return world.play()
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}\n" + "\n".join(world.dice.trace)) from error
