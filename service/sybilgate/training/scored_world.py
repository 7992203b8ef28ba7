"""A world as a model saw it: every signup scored when it came, again a week later, and again at the world's end.

Columns only: one row per account with known truth, in order of signup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from string import ascii_uppercase

import numpy as np
import numpy.typing as npt

from sybilgate.app.log import blank_events
from sybilgate.app.mapping import DAY
from sybilgate.app.replay import Replay
from sybilgate.core.detector import GUARDS, guard_values
from sybilgate.core.event import EventType
from sybilgate.core.identifier import COLUMN, Keyring, Kind, to_keys
from sybilgate.core.observation import Floats, Observations
from sybilgate.core.own import OWN_COLUMN
from sybilgate.core.pipeline import Outcome
from sybilgate.core.tail import Tails
from sybilgate.training.dataset import Log, Progress, labelled_rows
from sybilgate.training.evaluate import Bools

#: Days from a signup to its re-score.
RESCORE_DAYS = 7
_SIGNUPS = (EventType.SIGNUP,)
_BATCH = 2000
#: Classes of mail provider and of network operator by own column, first match wins.
_PROVIDERS = {
    "email_disposable": "disposable", "email_relay": "relay", "email_education": "education",
    "email_freemail": "free",
}  # fmt: skip
_NETWORKS = {
    "network_tor": "tor", "network_vpn": "vpn", "network_hosting": "hosting", "network_mobile": "mobile",
    "network_education": "education", "network_business": "business", "network_residential": "residential",
}  # fmt: skip


@dataclass(frozen=True)
class ScoredWorld:
    """n accounts. Scores are margins (log-odds); ``week`` and ``end`` are NaN where the account was not re-scored.

    ``guards`` (at signup), ``guards_week`` and ``guards_end`` are [n, len(GUARDS)]: the detectors that need no labels;
    ``pull``, ``pull_week`` and ``pull_end`` are log-odds of belonging to a campaign, minus infinity for none.
    """

    account_id: list[str]
    time: Floats
    label: Bools
    group: list[str]
    archetype: list[str]
    margin: Floats
    risk: Floats
    decision: npt.NDArray[np.int8]
    week: Floats
    end: Floats
    guards: Floats
    guards_week: Floats
    guards_end: Floats
    pull: Floats
    pull_week: Floats
    pull_end: Floats
    country: list[str]
    provider: list[str]
    network: list[str]
    end_time: float

    def __len__(self) -> int:
        return len(self.account_id)


class _Columns:
    """Grows while the log is replayed."""

    def __init__(self, log: Log, keyring: Keyring) -> None:
        self.log, self.countries = log, _country_names(keyring)
        self.row_of: dict[str, int] = {}
        self.time: list[Floats] = []
        self.margin: list[Floats] = []
        self.risk: list[Floats] = []
        self.decision: list[npt.NDArray[np.int8]] = []
        self.guards: list[Floats] = [np.zeros((0, len(GUARDS)))]
        self.pull: list[Floats] = [np.zeros(0)]
        self.country: list[str] = []
        self.provider: list[str] = []
        self.network: list[str] = []

    def add(self, chunk: Observations, rows: npt.NDArray[np.intp], outcome: Outcome, tails: Tails | None) -> None:
        self.row_of.update((chunk.account_id[row], len(self.row_of) + i) for i, row in enumerate(rows.tolist()))
        self.time.append(chunk.time[rows])
        self.margin.append(outcome.margin[rows])
        self.risk.append(outcome.risk[rows])
        self.decision.append(outcome.decision[rows])
        self.guards.append(guard_values(outcome.features[rows], tails))
        self.pull.append(outcome.pull[rows])
        column = COLUMN[Kind.COUNTRY]
        self.country += [self.countries.get(key, "unknown") for key in to_keys(chunk.keys[rows, column])]
        own = chunk.own[rows]
        self.provider += _classes(own, _PROVIDERS, "own domain", OWN_COLUMN["email_missing"])
        self.network += _classes(own, _NETWORKS, "unknown", OWN_COLUMN["ip_missing"])


def score_world(log: Log, replay: Replay, keyring: Keyring, tell: Progress | None = None) -> ScoredWorld:
    """Replay the log under a model. A week's re-score happens at the end of the chunk in which it falls due."""
    columns, done = _Columns(log, keyring), 0
    due: list[tuple[float, str]] = []
    week: dict[str, int] = {}
    looks = [rescore(replay, [], 0.0)]
    for chunk in log.chunks:
        rows = _first_signups(log, chunk, columns.row_of)
        score = np.zeros(len(chunk), np.bool_)
        score[rows] = True
        columns.add(chunk, rows, replay.fold(chunk, score), replay.pipeline.tails)
        due += [(float(chunk.time[row]) + RESCORE_DAYS * DAY, chunk.account_id[row]) for row in rows.tolist()]
        now = float(chunk.time[-1])
        ripe = sum(moment <= now for moment, _ in due)  # signups come in time order, so these are the first
        names = [account for _, account in due[:ripe]]
        week |= {name: len(week) + i for i, name in enumerate(names)}
        looks.append(rescore(replay, names, now))
        del due[:ripe]
        done += len(chunk)
        if tell:
            tell("score", done, len(log))
    names, now = list(columns.row_of), max((float(chunk.time.max()) for chunk in log.chunks), default=0.0)
    later = _concatenated(looks).at([week.get(name, -1) for name in names])
    return _assemble(log, columns, later, rescore(replay, names, now), now)


@dataclass(frozen=True)
class Looks:
    """What re-scores said of n accounts; columns as in ``ScoredWorld``."""

    margin: Floats
    guards: Floats
    pull: Floats
    decision: npt.NDArray[np.int8]

    def at(self, rows: Sequence[int]) -> Looks:
        """Some of them; NaN, nothing, and no decision for -1."""
        margin, pull = np.append(self.margin, np.nan), np.append(self.pull, -np.inf)
        guards, decision = np.vstack([self.guards, np.zeros(len(GUARDS))]), np.append(self.decision, np.int8(0))
        at = np.array(rows, np.intp)
        return Looks(margin[at], guards[at], pull[at], decision[at])


def _concatenated(parts: Sequence[Looks]) -> Looks:
    names = ("margin", "guards", "pull", "decision")
    return Looks(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def rescore(replay: Replay, accounts: Sequence[str], now: float) -> Looks:
    """Accounts as a re-score at ``now`` finds them: empty observations that only read."""
    parts = [Looks(np.zeros(0), np.zeros((0, len(GUARDS))), np.zeros(0), np.zeros(0, np.int8))]
    for start in range(0, len(accounts), _BATCH):
        blank = blank_events(accounts[start : start + _BATCH], now)
        outcome = replay.fold(blank, update=np.zeros(len(blank), np.bool_))
        parts.append(
            Looks(outcome.margin, guard_values(outcome.features, replay.pipeline.tails), outcome.pull, outcome.decision)
        )
    return _concatenated(parts)


def _first_signups(log: Log, chunk: Observations, known: dict[str, int]) -> npt.NDArray[np.intp]:
    """Labelled signups of accounts not met before, each account once."""
    met: set[str] = set()
    rows = []
    for row in labelled_rows(log, chunk, _SIGNUPS).tolist():
        name = chunk.account_id[row]
        if name not in known and name not in met:
            met.add(name)
            rows.append(row)
    return np.array(rows, np.intp)


def _country_names(keyring: Keyring) -> dict[bytes, str]:
    """Keys of country codes back to their two letters: the log itself holds hashes only."""
    codes = ["".join(pair) for pair in product(ascii_uppercase, repeat=2)]
    return {key: code for code in codes for key in keyring.keys(Kind.COUNTRY, code.encode())}


def _classes(own: Floats, classes: dict[str, str], otherwise: str, missing: int) -> list[str]:
    names = np.full(len(own), otherwise, dtype=object)
    for column, name in reversed(classes.items()):
        names[own[:, OWN_COLUMN[column]] == 1.0] = name
    names[own[:, missing] == 1.0] = "missing"
    return [str(name) for name in names]


def _assemble(log: Log, columns: _Columns, week: Looks, end: Looks, now: float) -> ScoredWorld:
    names = list(columns.row_of)
    truths = [log.truths[name] for name in names]
    return ScoredWorld(
        names, np.concatenate([np.zeros(0), *columns.time]), np.array([t.is_sybil for t in truths], bool),
        [t.group for t in truths], [t.archetype for t in truths],
        np.concatenate([np.zeros(0), *columns.margin]), np.concatenate([np.zeros(0), *columns.risk]),
        np.concatenate([np.zeros(0, np.int8), *columns.decision]), week.margin, end.margin,
        np.concatenate(columns.guards), week.guards, end.guards,
        np.concatenate(columns.pull), week.pull, end.pull,
        columns.country, columns.provider, columns.network, now,
    )  # fmt: skip
