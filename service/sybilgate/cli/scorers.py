"""Processes that score blocks of accounts, while the one that started them writes those before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sybilgate.app.rescoring import Block, Rescorer
    from sybilgate.config import Config
    from sybilgate.jobs.rescore import Runner

_runner: Runner | None = None
_open = ExitStack()
_load, _rescorers = False, dict[str, "Rescorer"]()


def _begin(config: Config, load: bool) -> None:
    global _runner, _load
    import atexit
    import signal

    from sybilgate.cli.stopping import end_with_parent
    from sybilgate.wiring import open_runner, settle

    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one that writes says when to stop
    _runner, _load = _open.enter_context(open_runner(config)), load
    atexit.register(_open.close)  # while there are still modules to close it with
    settle()


def _score(model: str, names: list[str]) -> Block:
    assert _runner is not None, "the process was begun"
    if model not in _rescorers:
        _rescorers[model] = _rescorer(_runner, model)
    with _runner.store.view() as view:
        return _rescorers[model].score(view, names)


def _rescorer(runner: Runner, model: str) -> Rescorer:
    from sybilgate.app.rescoring import Loaded

    found = runner.rescorer(model)
    if not _load:
        return found
    with runner.store.view() as view:
        return replace(found, loaded=Loaded(view))


@contextmanager
def scorers(config: Config, workers: int, load: bool) -> Iterator[Callable[[str, list[str]], Future[Block]] | None]:
    """What has a block scored by one of ``workers`` processes; None without any. ``load``: each of them reads all
    identifiers first."""
    if not workers:
        yield None
        return
    # Never a fork: threads of libraries may be about.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _begin, (config, load))
    try:
        yield lambda model, names: pool.submit(_score, model, names)
    finally:
        pool.shutdown(cancel_futures=True)
