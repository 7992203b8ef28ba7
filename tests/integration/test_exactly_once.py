"""One effect per request, whoever asks how often, and whichever storage call fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from random import Random
from typing import Any

import numpy as np
import pytest
from sqlalchemy import make_url

from sybilgate.app.assess import Assessor
from sybilgate.app.task import Result, Task
from sybilgate.core.state import STATE
from sybilgate.errors import Unavailable
from sybilgate.rpc.batching import Batcher
from sybilgate.store.store import SqlStore
from tests.factories import assessor, signup, task
from tests.integration.cutting import CuttingProxy

Opener = Callable[[str], SqlStore]

#: SYBILGATE_LONG=1 plays what the figures are measured by; otherwise a few rounds.
LONG = bool(os.environ.get("SYBILGATE_LONG"))
ROUNDS = 200 if LONG else 4
CUTS = 1000 if LONG else 20


def _retried(serving: Assessor, given: Task, tries: int = 6) -> Result:
    for _ in range(tries):
        try:
            answer = serving.run([given])[0]
        except Unavailable:
            continue
        assert isinstance(answer, Result)
        return answer
    raise AssertionError("never answered")


def test_same_request_at_two_replicas(postgres_url: str, open_on: Opener) -> None:
    """64 callers at once, half at either replica, round after round."""
    replicas = [Batcher(assessor(open_on(postgres_url), ids=f"r{n}")) for n in range(2)]
    with ThreadPoolExecutor(64) as pool:
        for turn in range(ROUNDS):
            asked = task(signup(f"a{turn}", at=turn, device_id="one"), request_id=f"q{turn}")
            told = list(pool.map(Batcher.run, replicas * 32, [asked] * 64, [30.0] * 64))
            assert len({answer.assessments[0].assessment_id for answer in told}) == 1
            assert sum(not answer.replayed for answer in told) == 1
    for batcher in replicas:
        batcher.close()
    assert len(open_on(postgres_url).events(0, 2 * ROUNDS)) == ROUNDS


def test_cut_commits_count_once(postgres_url: str, open_on: Opener) -> None:
    """The connection ends when COMMIT has been sent and before its answer is read."""
    with CuttingProxy(make_url(postgres_url)) as proxy:
        serving = assessor(open_on(proxy.url))
        _retried(serving, task(signup("warm", device_id="one"), request_id="warm"))
        for turn in range(CUTS):
            proxy.cut_next_commit()
            _retried(serving, task(signup(f"a{turn}", at=turn, device_id="one"), request_id=f"q{turn}"))
        assert proxy.cuts == CUTS
    assert len(open_on(postgres_url).events(0, 2 * CUTS)) == CUTS + 1


def test_dropped_replies_make_no_duplicates(store: SqlStore) -> None:
    serving, rng, sent = assessor(store), Random(3), 0
    for turn in range(40):
        asked = task(signup(f"a{turn}", at=turn), request_id=f"q{turn}")
        told = set()
        for _ in range(6):
            sent += 1
            told.add(_retried(serving, asked).assessments[0].assessment_id)
            if rng.random() > 0.3:
                break
        assert len(told) == 1
    assert sent > 40
    assert len(store.events(0, 100)) == 40


@pytest.mark.parametrize("replicas", [2, 4])
def test_counters_under_common_values(replicas: int, postgres_url: str, open_on: Opener) -> None:
    """Replicas that fight for the same few values count as a plain dict does."""
    rng = Random(replicas)
    events = [signup(f"a{n}", at=n, device_id=f"d{int(rng.paretovariate(1.0)) % 6}") for n in range(96)]
    parts = [events[n::replicas] for n in range(replicas)]
    serving = [assessor(open_on(postgres_url), ids=f"r{n}") for n in range(replicas)]

    def work(n: int) -> None:
        for at in range(0, len(parts[n]), 4):
            serving[n].run([task(event) for event in parts[n][at : at + 4]])

    with ThreadPoolExecutor(replicas) as pool:
        list(pool.map(work, range(replicas)))
    store = open_on(postgres_url)
    holders: dict[bytes, set[str]] = {}
    for row in store.events(0, 1000):
        for key in _keys(row.keys):
            holders.setdefault(key, set()).add(row.account_id)
    with store.unit() as unit:
        found = unit.identifiers(list(holders))
    assert {key: _accounts(state) for key, (_, state) in found.items()} == {k: len(v) for k, v in holders.items()}


def _keys(packed: bytes) -> list[bytes]:
    return [key for at in range(0, len(packed), 16) if any(key := packed[at : at + 16])]


def _accounts(state: bytes) -> int:
    return int(np.frombuffer(state, STATE)["accounts"][0])


class Failing:
    """A store whose units fail at their ``at``-th call, before or after it was made, or when they commit."""

    def __init__(self, store: SqlStore, at: int, after: bool) -> None:
        self._store, self._left, self._after = store, at, after
        self.calls: list[str] = []
        self.assessment = store.assessment

    def unit(self) -> AbstractContextManager[Any]:
        return _FailingUnit(self._store.unit(), self)

    def step(self, name: str, call: Callable[[], Any]) -> Any:
        self.calls.append(name)
        self._left -= 1
        if self._left == -1 and not self._after:
            raise Unavailable(name)
        made = call()
        if self._left == -1:
            raise Unavailable(name)
        return made


class _FailingUnit:
    def __init__(self, inner: AbstractContextManager[Any], store: Failing) -> None:
        self._inner, self._store, self._done = inner, store, False

    def __enter__(self) -> Any:
        self._unit = self._inner.__enter__()
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._unit, name)
        return lambda *given: self._store.step(name, lambda: method(*given))

    def __exit__(self, *error: Any) -> Any:
        if error[0] is not None:
            return self._inner.__exit__(*error)
        try:
            return self._store.step("commit", self._commit)
        except Unavailable as failed:
            if not self._done:
                self._inner.__exit__(Unavailable, failed, None)
            raise

    def _commit(self) -> None:
        self._done = True
        self._inner.__exit__(None, None, None)


def test_every_storage_call_fails_once(store: SqlStore) -> None:
    """UNAVAILABLE, nothing half done, and the retry counts once."""
    at, names = 0, set()
    while True:
        for after in (False, True):
            failing = Failing(store, at, after)
            serving = assessor(failing, ids=f"f{at}{after}")  # type: ignore[arg-type]
            asked = task(signup(f"a{at}{after}", at=at, card="c1"), request_id=f"q{at}{after}")
            before = len(store.events(0, 1000))
            try:
                serving.run([asked])
            except Unavailable:
                committed = after and failing.calls[-1] == "commit"
                assert len(store.events(0, 1000)) == before + committed
            _retried(serving, asked)
            assert len(store.events(0, 1000)) == before + 1
            names |= set(failing.calls)
        if len(failing.calls) <= at:
            break
        at += 1
    assert {"append_events", "write_identifiers", "write_requests", "commit"} <= names
    assert at > 10
