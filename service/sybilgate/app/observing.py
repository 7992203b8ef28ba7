"""A history file observed by several processes, with the same result as by one.

Each block of rows is converted and observed somewhere and comes back in its turn; the reference is loaded by every
process for itself.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context

import numpy as np

from sybilgate.app.mapping import Truth
from sybilgate.app.source import Bad, Block, Conversion, Mapped, Source
from sybilgate.core.enrichment import Reference
from sybilgate.core.identifier import Keyring
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe

#: Fewer events than this are done before other processes have started.
FEW = 100_000
MOST_WORKERS = 4
_AHEAD = 2  #: blocks in flight for each process: enough that none waits, few enough to hold in memory

Truths = list[tuple[str, Truth]]
Observed = tuple[Observations, Truths]


@dataclass(frozen=True)
class _Work:
    """What a process needs to observe any block."""

    conversion: Conversion
    reference: Reference
    keyring: Keyring

    def run(self, block: Block) -> tuple[Observations, Truths, list[Bad]]:
        items = list(self.conversion.events(block))
        good = [item for item in items if isinstance(item, Mapped)]
        bad = [item for item in items if isinstance(item, Bad)]
        return *_observed(good, self.reference, self.keyring), bad


_work: _Work | None = None


def _begin(work: _Work) -> None:
    global _work
    gc.disable()  # nothing here makes cycles, and the process ends with the file
    _work = work


def _run(block: Block) -> tuple[Observations, Truths, list[Bad]]:
    assert _work is not None, "the process was begun"
    return _work.run(block)


def observe_source(
    source: Source, reference: Reference, keyring: Keyring, size: int, workers: int | None = None
) -> Iterator[Observed]:
    """Observations of all events in time order, ``size`` at a time, each with the truths its rows tell.

    ``workers``: processes; left out, one a core, and this one alone for a small file. More than one need a program
    that may be imported (``if __name__ == "__main__"``) and a reference that can be pickled.
    """
    if workers is None:
        workers = min(os.cpu_count() or 1, MOST_WORKERS) if len(source) >= FEW else 1
    if workers == 1:
        events = source.events()
        while batch := list(islice(events, size)):
            yield _observed(batch, reference, keyring)
        return
    with closing(_by_processes(source, _Work(source.conversion, reference, keyring), workers)) as parts:
        yield from _of_size(parts, size)


def _observed(batch: list[Mapped], reference: Reference, keyring: Keyring) -> Observed:
    truths = [(mapped.event.account_id, mapped.truth) for mapped in batch if mapped.truth]
    return observe([mapped.event for mapped in batch], reference, keyring), truths


def _by_processes(source: Source, work: _Work, workers: int) -> Generator[Observed, None, None]:
    """Blocks in order, each as it came back; bad rows are counted here."""
    context = get_context("spawn")  # never a fork: threads of libraries may be about
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(work,))
    waiting: deque[Future[tuple[Observations, Truths, list[Bad]]]] = deque()
    try:
        for block in source.blocks():
            waiting.append(pool.submit(_run, block))
            if len(waiting) >= _AHEAD * workers:
                yield _counted(waiting.popleft(), source)
        while waiting:
            yield _counted(waiting.popleft(), source)
    finally:
        pool.shutdown(cancel_futures=True)


def _counted(future: Future[tuple[Observations, Truths, list[Bad]]], source: Source) -> Observed:
    obs, truths, bad = future.result()
    for item in bad:
        source.bad.add(item.row, item.reason)
    return obs, truths


def _of_size(parts: Iterable[Observed], size: int) -> Iterator[Observed]:
    """The same rows, ``size`` at a time, the last ones fewer."""
    rest: Observations | None = None
    truths: Truths = []
    for obs, told in parts:
        rest = obs if rest is None else _joined(rest, obs)
        truths += told
        while len(rest) >= size:
            yield rest.take(range(size)), truths
            rest, truths = rest.take(range(size, len(rest))), []
    if rest is not None and len(rest):
        yield rest, truths


def _joined(a: Observations, b: Observations) -> Observations:
    return replace(
        b,
        account_id=a.account_id + b.account_id,
        type=np.concatenate([a.type, b.type]),
        time=np.concatenate([a.time, b.time]),
        label=np.concatenate([a.label, b.label]),
        own=np.concatenate([a.own, b.own]),
        keys=np.concatenate([a.keys, b.keys]),
    )
