"""The log as a point-in-time feature matrix: replayed through the code that serves, so no row knows its future.

Truth comes from outside the log (a simulated world, a company's own column) or from later outcomes in it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sybilgate.app.mapping import Truth
from sybilgate.app.observing import observe_source
from sybilgate.app.source import Source
from sybilgate.core.campaign.joining import Suspects
from sybilgate.core.enrichment import Reference
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES, FIRST, Rows, fill_pooled, tails_of
from sybilgate.core.identifier import Keyring
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.pipeline import Outcome
from sybilgate.core.policy import Decision
from sybilgate.core.tail import Tails
from sybilgate.training.labels import Label, known_by

#: Events folded at a time. Any size gives the same numbers.
CHUNK = 2000
#: Days after which an account that nobody complained of counts as honest.
MATURITY_DAYS = 60.0
#: ``key_id`` and secret of a training run: its keys never meet a store.
TRAINING_KEYS = Keyring(0, b"keys of a training run, never stored")

_UNKNOWN = Truth(False)

Progress = Callable[[str, int, int], None]


class Folder(Protocol):
    """A replay (``app.replay.Replay``): an in-memory projection of the log."""

    def fold(
        self, obs: Observations, score: npt.NDArray[np.bool_] | None = None, first_risk: Floats | None = None
    ) -> Outcome: ...

    def forget(self, account_ids: Iterable[str]) -> None: ...

    def suspects(self, obs: Observations, flagged: npt.NDArray[np.bool_]) -> Suspects: ...


@dataclass
class Log:
    """Observed events in ingest order, in chunks, and what is known of accounts from outside it."""

    chunks: list[Observations] = field(default_factory=list)
    truths: dict[str, Truth] = field(default_factory=dict)
    #: Rows before this moment fill the state, and count as of unknown truth.
    begin: float = -math.inf

    def __len__(self) -> int:
        return sum(len(chunk) for chunk in self.chunks)

    def truth_from_outcomes(self, as_of: float, maturity_days: float = MATURITY_DAYS) -> None:
        """Truth from outcomes told until ``as_of``; silence makes honest only accounts old enough by then."""
        self.truths = known_by(as_of, self.outcomes(), self.signups(), maturity_days)

    def span(self) -> tuple[float, float]:
        """Time of the first and of the last event, of a log that holds any."""
        return min(float(c.time.min()) for c in self.chunks), max(float(c.time.max()) for c in self.chunks)

    def until(self, as_of: float) -> Log:
        """The events until then, of yet unknown truth."""
        parts = (chunk if (chunk.time <= as_of).all() else _until(chunk, as_of) for chunk in self.chunks)
        return Log([part for part in parts if len(part)])

    def signups(self) -> dict[str, float]:
        """When each account signed up."""
        return self._first(lambda chunk: chunk.type == EventType.SIGNUP)

    def seen(self) -> dict[str, float]:
        """When each account was heard of first."""
        return self._first(lambda chunk: np.ones(len(chunk), np.bool_))

    def outcomes(self) -> list[Label]:
        """What outcomes in the log tell of accounts."""
        return [
            Label(chunk.account_id[row], Truth(bool(chunk.label[row] > 0)), float(chunk.time[row]))
            for chunk in self.chunks
            for row in np.flatnonzero(chunk.label != 0).tolist()
        ]

    def _first(self, wanted: Callable[[Observations], npt.NDArray[np.bool_]]) -> dict[str, float]:
        found: dict[str, float] = {}
        for chunk in self.chunks:
            for row in np.flatnonzero(wanted(chunk)).tolist():
                found.setdefault(chunk.account_id[row], float(chunk.time[row]))
        return found


def _until(chunk: Observations, as_of: float) -> Observations:
    return chunk.take(np.flatnonzero(chunk.time <= as_of).tolist())


@dataclass(frozen=True)
class Dataset:
    """n feature rows. ``event`` is a row's position in the log; where truth is not ``known``, ``label`` is false."""

    x: Rows
    event: npt.NDArray[np.int64]
    account_id: list[str]
    time: Floats
    label: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    group: list[str]
    archetype: list[str]
    tails: Tails | None = None

    def __len__(self) -> int:
        return len(self.account_id)


@dataclass(frozen=True)
class Scored:
    """What a bundle said of the same kind of rows. ``pull``: see ``core.pipeline.Outcome``; ``flagged``: stopped by
    something else than a campaign."""

    dataset: Dataset
    risk: Floats
    decision: npt.NDArray[np.int8]
    pull: Floats
    flagged: npt.NDArray[np.bool_]


def read_log(
    source: Source,
    reference: Reference,
    keyring: Keyring = TRAINING_KEYS,
    tell: Progress | None = None,
    workers: int | None = None,
) -> Log:
    """Observe a history file, with ``workers`` processes (left out: by the cores and the size of the file)."""
    log, done = Log(), 0
    for obs, truths in observe_source(source, reference, keyring, CHUNK, workers):
        log.chunks.append(obs)
        log.truths.update(truths)
        done += len(obs)
        if tell:
            tell("read", done, len(source))
    return log


def build_dataset(
    log: Log,
    replay: Folder,
    types: Sequence[EventType] = (EventType.SIGNUP,),
    first_risk: Floats | None = None,
    first_only: bool = False,
    tell: Progress | None = None,
) -> Dataset:
    """Replay the log and keep the rows of ``types``. ``first_risk``: one first-pass risk per event of the log.

    With ``first_only`` rows hold the first stage alone, and those without truth are kept too. The pooled surprises come
    from the tails of the rows of ``types`` that are known and not known as Sybils, the same in either way.
    """
    picked = [np.arange(len(chunk)) if first_only else labelled_rows(log, chunk, types) for chunk in log.chunks]
    x = np.empty((sum(map(len, picked)), FIRST if first_only else len(FEATURE_NAMES)), np.float32)
    done = filled = 0
    for chunk, rows, leaving in zip(log.chunks, picked, departures(log), strict=True):
        part = None if first_risk is None else first_risk[done : done + len(chunk)]
        outcome = replay.fold(chunk, np.zeros(len(chunk), np.bool_), part)
        replay.forget(leaving)
        x[filled : filled + len(rows)] = outcome.features[rows, : x.shape[1]]
        filled += len(rows)
        done += len(chunk)
        if tell:
            tell("replay", done, len(log))
    data = _dataset(log, picked, x)
    kinds = np.concatenate([np.zeros(0, np.int8), *(chunk.type for chunk in log.chunks)])[data.event]
    ordinary = data.known & ~data.label & np.isin(kinds, [int(kind) for kind in types])
    tails = tails_of(data.x, ordinary)
    fill_pooled(data.x, tails)
    return replace(data, tails=tails)


def score_log(
    log: Log, replay: Folder, types: Sequence[EventType] = (EventType.SIGNUP,), tell: Progress | None = None
) -> Scored:
    """Replay the log with models in place: what serving would have answered at each row."""
    picked = [labelled_rows(log, chunk, types) for chunk in log.chunks]
    x = np.empty((sum(map(len, picked)), len(FEATURE_NAMES)), np.float32)
    risk, decision, pull = np.zeros(len(x)), np.zeros(len(x), np.int8), np.zeros(len(x))
    flagged = np.zeros(len(x), np.bool_)
    done = filled = 0
    for chunk, rows, leaving in zip(log.chunks, picked, departures(log), strict=True):
        score = np.zeros(len(chunk), np.bool_)
        score[rows] = True
        outcome = replay.fold(chunk, score)
        replay.forget(leaving)
        to = slice(filled, filled + len(rows))
        x[to], risk[to], decision[to] = outcome.features[rows], outcome.risk[rows], outcome.decision[rows]
        pull[to] = outcome.pull[rows]
        flagged[to] = (outcome.decision[rows] >= Decision.CHALLENGE) & ~outcome.raised[rows]
        filled += len(rows)
        done += len(chunk)
        if tell:
            tell("score", done, len(log))
    return Scored(_dataset(log, picked, x), risk, decision, pull, flagged)


def departures(log: Log) -> list[list[str]]:
    """For each chunk, the accounts of which no later one tells: most of a long history, and most of its memory."""
    met: set[str] = set()
    out = []
    for chunk in reversed(log.chunks):
        last = set(chunk.account_id) - met
        met |= last
        out.append(list(last))
    return out[::-1]


def labelled_rows(log: Log, chunk: Observations, types: Sequence[EventType]) -> npt.NDArray[np.intp]:
    """Rows of ``types``, since the log's beginning, whose account's truth is known."""
    wanted = np.isin(chunk.type, [int(kind) for kind in types])
    rows = np.flatnonzero(wanted & (chunk.time >= log.begin))
    return np.array([row for row in rows if chunk.account_id[row] in log.truths], np.intp)


def _dataset(log: Log, picked: Sequence[npt.NDArray[np.intp]], x: Rows) -> Dataset:
    begin = np.cumsum([0, *map(len, log.chunks)])
    event = np.concatenate([np.zeros(0, np.int64), *(rows + at for rows, at in zip(picked, begin[:-1], strict=True))])
    accounts = [account for chunk in log.chunks for account in chunk.account_id]
    times = np.concatenate([np.zeros(0), *(chunk.time for chunk in log.chunks)])
    names = [accounts[i] for i in event]
    begun = times[event] >= log.begin
    truths = [log.truths.get(name, _UNKNOWN) for name in names]
    return Dataset(
        x=x,
        event=event,
        account_id=names,
        time=times[event],
        label=np.array([truth.is_sybil for truth in truths], bool) & begun,
        known=np.array([name in log.truths for name in names], bool) & begun,
        group=[truth.group for truth in truths],
        archetype=[truth.archetype for truth in truths],
    )
