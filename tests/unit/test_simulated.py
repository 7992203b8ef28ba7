"""A thousand worlds in which stores fail, processes die, replies are lost and calls come through late."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.memory_store import MemoryStore, MemoryUnit
from tests.simulated import simulate

_BLOCK = 125


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("block", range(8))
def test_promises_hold_in_every_world(block: int) -> None:
    for seed in range(block * _BLOCK, (block + 1) * _BLOCK):
        simulate(seed)


def test_seed_replays_identically() -> None:
    assert [simulate(seed) for seed in range(10)] == [simulate(seed) for seed in range(10)]


class TornStore(MemoryStore):
    """Commits although the unit failed."""

    @contextmanager
    def unit(self) -> Iterator[MemoryUnit]:
        self.fault("begin")
        yield MemoryUnit(self.tables, self.fault)
        self.fault("committed")


def test_torn_store_is_found_out() -> None:
    with pytest.raises(AssertionError, match="seed"):
        for seed in range(50):
            simulate(seed, TornStore)
