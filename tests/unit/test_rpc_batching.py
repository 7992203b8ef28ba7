import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from sybilgate.app.task import Mode, Task
from sybilgate.errors import DeadlineExceeded, NotFound, Overloaded, Unavailable
from sybilgate.rpc.batching import Batcher, Limits
from tests.rpc_fakes import FakeAssessor, until


def task(*accounts):
    return Task(mode=Mode.RESCORE, account_ids=accounts or ("a",))


@pytest.fixture
def pool():
    with ThreadPoolExecutor(32) as pool:
        yield pool


@pytest.fixture
def assessor():
    return FakeAssessor(gate=threading.Event())


def held(batcher, assessor, pool):
    """A batcher whose worker is held inside its first batch."""
    first = pool.submit(batcher.run, task())
    until(lambda: assessor.batches)
    return first


def test_idle_task_runs_alone():
    assessor = FakeAssessor()
    batcher = Batcher(assessor)
    assert batcher.run(task("x")).assessments[0].account_id == "x"
    assert [len(batch) for batch in assessor.batches] == [1]
    batcher.close()


def test_waiting_tasks_share_a_batch(pool, assessor):
    batcher = Batcher(assessor)
    held(batcher, assessor, pool)
    waiting = [pool.submit(batcher.run, task(str(i))) for i in range(5)]
    until(lambda: len(batcher._queue) == 5)
    assessor.gate.set()
    assert {future.result(5).assessments[0].account_id for future in waiting} == set("01234")
    assert [len(batch) for batch in assessor.batches] == [1, 5]
    batcher.close()


def test_batch_stops_at_its_cap(pool, assessor):
    batcher = Batcher(assessor, Limits(batch_events=3))
    held(batcher, assessor, pool)
    waiting = [pool.submit(batcher.run, task("x", "y")) for _ in range(3)]
    until(lambda: len(batcher._queue) == 3)
    assessor.gate.set()
    assert all(len(future.result(5).assessments) == 2 for future in waiting)
    assert [len(batch) for batch in assessor.batches] == [1, 1, 1, 1]
    batcher.close()


def test_large_task_still_runs():
    batcher = Batcher(FakeAssessor(), Limits(batch_events=2, queued_events=2))
    assert len(batcher.run(task(*"abcde")).assessments) == 5
    batcher.close()


@pytest.mark.parametrize("limits", [Limits(queued_tasks=1), Limits(queued_events=1)])
def test_full_queue_refuses(pool, assessor, limits):
    batcher = Batcher(assessor, limits)
    held(batcher, assessor, pool)
    pool.submit(batcher.run, task())
    until(lambda: batcher._queue)
    with pytest.raises(Overloaded) as caught:
        batcher.run(task())
    assert 0.05 <= caught.value.retry_after <= 30
    assessor.gate.set()
    batcher.close()


def test_late_task_is_dropped(pool, assessor):
    batcher = Batcher(assessor)
    held(batcher, assessor, pool)
    with pytest.raises(DeadlineExceeded):
        batcher.run(task("late"), timeout=0.01)
    assessor.gate.set()
    batcher.run(task("next"), timeout=5)
    assert "late" not in {name for batch in assessor.batches for one in batch for name in one.account_ids}
    batcher.close()


def test_closing_answers_what_waits(pool, assessor):
    batcher = Batcher(assessor)
    held(batcher, assessor, pool)
    waiting = pool.submit(batcher.run, task("w"))
    until(lambda: batcher._queue)
    batcher.close(timeout=0)
    with pytest.raises(Unavailable):
        batcher.run(task())
    assessor.gate.set()
    assert waiting.result(5).assessments[0].account_id == "w"


def test_item_error_stays_with_item():
    batcher = Batcher(FakeAssessor())
    answers = batcher.run(task("a", "missing")).assessments
    assert isinstance(answers[1], NotFound)
    assert answers[0].account_id == "a"
    batcher.close()


def test_bad_task_fails_alone(pool):
    class Picky(FakeAssessor):
        def _assess(self, account_id):
            if account_id == "bad":
                raise RuntimeError("bad")
            return super()._assess(account_id)

    assessor = Picky(gate=threading.Event())
    batcher = Batcher(assessor)
    held(batcher, assessor, pool)
    bad, good = pool.submit(batcher.run, task("bad")), pool.submit(batcher.run, task("good"))
    until(lambda: len(batcher._queue) == 2)
    assessor.gate.set()
    assert good.result(5).assessments[0].account_id == "good"
    with pytest.raises(RuntimeError):
        bad.result(5)
    batcher.close()


def test_close_ends_the_worker():
    batcher = Batcher(FakeAssessor())
    began = time.monotonic()
    batcher.close(5)
    assert not batcher._worker.is_alive()
    assert time.monotonic() - began < 1
