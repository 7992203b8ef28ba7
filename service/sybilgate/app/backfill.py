"""Reading a company's own history into the store, so that no event is ever counted twice.

Events go in blocks of fixed size, each a request of its own whose id names the file (by its bytes) and the
block. A second run, or a run resumed after a crash between commit and checkpoint, sends requests the store
has answered already: they change nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from sybilgate.app.source import Source
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.event import Event
from sybilgate.errors import InvalidInput, RequestIdReused, SybilgateError

#: Events a request. Part of the request ids: another size would count a file again.
BLOCK = 500


class Runner(Protocol):
    """The assessor, or anything that runs tasks like it."""

    def run(self, tasks: Sequence[Task]) -> list[Result | SybilgateError]: ...


@dataclass
class Report:
    """What a backfill did. ``replayed`` counts events an earlier run had recorded; ``reasons`` tells of bad rows."""

    events: int = 0
    recorded: int = 0
    replayed: int = 0
    resumed: int = 0
    bad: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    first_bad: list[str] = field(default_factory=list)


def backfill(
    source: Source,
    runner: Runner,
    digest: Callable[[bytes], bytes],
    progress: Callable[[int, int], None] | None = None,
    checkpoint: Path | None = None,
) -> Report:
    """Record every event of ``source`` in time order; ``digest`` is the keyed digest of a payload.

    ``progress`` is told (events done, events in all). ``checkpoint`` is a file that lets a later run start
    where this one stopped. Raises what the runner answered for a block it could not record.
    """
    name = source.digest()
    done = _resume(checkpoint, name)
    report = Report(events=len(source), resumed=done)
    events = (mapped.event for mapped in source.events())
    block = 0
    while batch := tuple(islice(events, BLOCK)):
        block += 1
        if block * BLOCK <= done:
            continue
        _record(runner, batch, _request_id(name, block), digest, report)
        if checkpoint:
            _save(checkpoint, name, block * BLOCK)
        if progress:
            progress(min(block * BLOCK, len(source)), len(source))
    report.bad, report.reasons = source.bad.count, dict(source.bad.reasons)
    report.first_bad = list(source.bad.first)
    return report


def _record(
    runner: Runner, batch: tuple[Event, ...], request_id: str, digest: Callable[[bytes], bytes], report: Report
) -> None:
    payload = digest(repr(batch).encode())
    result = runner.run([Task(mode=Mode.RECORD, events=batch, request_id=request_id, digest=payload, spread=False)])[0]
    if isinstance(result, RequestIdReused):
        raise InvalidInput([("file", "was backfilled before under another mapping; its events are in the log")])
    if isinstance(result, SybilgateError):
        raise result
    if result.replayed:
        report.replayed += len(batch)
    else:
        report.recorded += len(batch)


def _request_id(name: str, block: int) -> str:
    """A UUID-shaped id, the same for the same file and block."""
    raw = hashlib.sha256(f"backfill/{name}/{BLOCK}/{block}".encode()).hexdigest()
    return f"{raw[:8]}-{raw[8:12]}-5{raw[13:16]}-8{raw[17:20]}-{raw[20:32]}"


def _resume(checkpoint: Path | None, name: str) -> int:
    """Events that an earlier run recorded; 0 if there is no checkpoint or it is of another file."""
    if checkpoint is None or not checkpoint.exists():
        return 0
    try:
        saved = json.loads(checkpoint.read_text())
        return int(saved["events"]) if saved["file"] == name and saved["block"] == BLOCK else 0
    except (ValueError, KeyError, TypeError):
        return 0


def _save(checkpoint: Path, name: str, events: int) -> None:
    partial = checkpoint.with_name(checkpoint.name + ".part")
    partial.write_text(json.dumps({"file": name, "block": BLOCK, "events": events}))
    partial.replace(checkpoint)
