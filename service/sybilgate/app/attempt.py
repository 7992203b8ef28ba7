"""A thread for calls that may never come back, so that whoever asks does not hang with them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

_T = TypeVar("_T")
_Call = tuple[Callable[[], Any], Future[Any]]


class Caller(Protocol):
    """Calls what may hang. ``Attempts`` does it on a thread; simulations decide what becomes of each call."""

    @property
    def busy(self) -> bool: ...

    def run(self, call: Callable[[], _T], patience: float) -> _T: ...

    def close(self) -> None: ...


class Attempts:
    """Runs calls one after another on a thread of its own, which does not keep the process alive."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[_Call | None] = SimpleQueue()
        self._last: Future[Any] | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._work, name="store", daemon=True).start()

    @property
    def busy(self) -> bool:
        """Whether a call that was given up has still not come back."""
        last = self._last
        return last is not None and not last.done()

    def run(self, call: Callable[[], _T], patience: float) -> _T:
        """What ``call`` returns or raises. Raises GaveUp after ``patience`` seconds; the call goes on by itself."""
        future: Future[_T] = Future()
        with self._lock:
            self._queue.put((call, future))
            self._last = future
        try:
            return future.result(patience)
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise GaveUp from None

    def close(self) -> None:
        """End the thread once it is free."""
        self._queue.put(None)

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            call, future = item
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:
                future.set_exception(error)


class GaveUp(Exception):
    """The call took longer than it was given. Whether it had an effect is not known yet."""
