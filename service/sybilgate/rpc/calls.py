"""What the servicers share: from an admitted request to the batcher and back."""

from __future__ import annotations

import grpc
from google.protobuf.message import Message

from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.event import Event
from sybilgate.core.identifier import Keyring
from sybilgate.rpc.batching import Batcher
from sybilgate.rpc.validation import request_digest


def make_task(
    keyring: Keyring,
    request: Message,
    mode: Mode,
    *,
    request_id: str,
    events: tuple[Event, ...] = (),
    account_ids: tuple[str, ...] = (),
    explain: bool = False,
) -> Task:
    """The task of a validated request; its payload digest only where a request id makes it matter."""
    return Task(
        mode=mode,
        events=events,
        account_ids=account_ids,
        request_id=request_id or None,
        digest=request_digest(keyring, request) if request_id else b"",
        explain=explain,
    )


def run(batcher: Batcher, task: Task, context: grpc.ServicerContext) -> Result:
    """The task's result, within the caller's deadline."""
    return batcher.run(task, context.time_remaining())
