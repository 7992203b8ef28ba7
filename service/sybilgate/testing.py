"""For the unit tests of those who call the service: a server inside the test's own process, which answers as told.

>>> with FakeServer() as server, Client(server.address) as client:
...     server.force("acct-7", "deny")
...     assert client.create_assessment(signup).decision == DECISION_DENY

It speaks the real contract through the real gRPC surface: what it refuses, the service would refuse. Accounts get ALLOW
unless ``force`` or a sandbox identity (``deny@sybilgate.test``) says otherwise. It stores and learns nothing.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from sybilgate.app.explain import Explanation
from sybilgate.app.sandbox import Sandbox, error_named
from sybilgate.app.task import Result, Task
from sybilgate.core.event import Event
from sybilgate.core.identifier import Keyring
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import SybilgateError
from sybilgate.rpc.ports import Backend, ReviewParts
from sybilgate.rpc.server import Server

__all__ = ["FakeServer"]
_KEYRING = Keyring(1, b"no secret: it guards nothing here")


class _Nothing:
    """Where nothing is stored."""

    def run(self, tasks: Sequence[Task]) -> Sequence[Result | SybilgateError]:
        raise AssertionError("every account is answered by the sandbox")

    def assessment(self, account_id: str, assessment_id: str) -> AssessmentRecord | None:
        return None

    def assessments(self, account_id: str, limit: int, before: str | None) -> Sequence[AssessmentRecord]:
        return ()

    def placements(self, account_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        return {}

    def explain(self, record: AssessmentRecord) -> Explanation:
        raise AssertionError("only the sandbox makes assessments")

    def first_look(self, record: AssessmentRecord) -> Sequence[tuple[str, str, str, float]]:
        raise AssertionError("only the sandbox makes assessments")


class FakeServer:
    """Answers from ``with`` until its end. ``events`` are those it was sent, ``delay`` how many seconds it takes."""

    def __init__(self) -> None:
        ids = itertools.count(1)
        self.events: list[Event] = []
        self.delay = 0.0
        self._failures: list[SybilgateError] = []
        self._known: set[str] = set()
        nothing: Any = _Nothing()
        self._sandbox = Sandbox(nothing, nothing, nothing, time.time, lambda: f"{next(ids):026d}")
        parts = ReviewParts(nothing, time.time, str, nothing, nothing, nothing)
        self._server = Server(Backend(self, self._sandbox, self._sandbox, _KEYRING, parts), "127.0.0.1:0")

    def __enter__(self) -> Self:
        self._server.start()
        self._server.ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.drain(0.5)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.port}"

    def force(self, account_id: str, name: str) -> None:
        """Answer an account as a name of the sandbox says: allow, challenge, review, deny, campaign, degraded, or
        ``error-`` and a reason. Raises KeyError if there is none of that name."""
        self._known.add(account_id)
        self._sandbox.force(account_id, name)

    def fail(self, reason: str, times: int = 1) -> None:
        """Fail the next calls with a reason of the contract, such as ``unavailable``."""
        self._failures += [error_named(reason) for _ in range(times)]

    def run(self, tasks: Sequence[Task]) -> list[Result | SybilgateError]:
        """What the server asks; not for tests to call."""
        time.sleep(self.delay)
        for task in tasks:
            self.events += task.events
            for account in (*(event.account_id for event in task.events), *task.account_ids):
                if account not in self._known:
                    self.force(account, "allow")
        return [self._failures.pop(0) if self._failures else self._sandbox.run([task])[0] for task in tasks]
