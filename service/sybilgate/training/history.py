"""A history to learn from, and how much of its truth may be known: as it was at a date, not as it came out.

Truth comes from a file of labels if there is one, else from the history's own columns, else from outcomes in it. With
a date, events and labels after it are gone, and silence makes an account honest only once it is old enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sybilgate.app.mapping import DAY, IDENTITY, Mapping, Truth, load_mapping
from sybilgate.app.source import Source
from sybilgate.errors import InvalidInput
from sybilgate.reference.bundle import load_reference
from sybilgate.training.dataset import MATURITY_DAYS, Log, Progress, read_log
from sybilgate.training.label_file import read_labels
from sybilgate.training.labels import Label, known_by, late_and_wrong, turned

T = TypeVar("T")


@dataclass(frozen=True)
class Knowledge:
    """How much of the truth training may know.

    ``as_of`` (unix seconds): nothing after it is known; None: the last event or label. ``maturity_days``: silence for
    so long makes an account honest; None: 60 for labels and outcomes, 0 for truth columns, which name everybody.
    ``burn_in_days``: rows of the first days fill the state, and are neither learnt from nor judged.
    ``label_delay_days`` (mean) and ``label_noise`` (share) simulate late and wrong labels.
    """

    as_of: float | None = None
    maturity_days: float | None = None
    burn_in_days: float = 0.0
    label_delay_days: float = 0.0
    label_noise: float = 0.0

    def notes(self) -> dict[str, Any]:
        """What differs from knowing everything, for the bundle."""
        plain = asdict(Knowledge())
        found = {name: value for name, value in asdict(self).items() if value != plain[name]}
        if self.as_of is not None:
            found["as_of"] = datetime.fromtimestamp(self.as_of, UTC).isoformat()
        return found

    @property
    def whole(self) -> bool:
        """Whether labels are taken as they stand."""
        return self.as_of is None and self.maturity_days is None and not (self.label_delay_days or self.label_noise)


def read_history(
    history: Path,
    mapping: Path | None = None,
    labels: Path | None = None,
    knowledge: Knowledge | None = None,
    seed: int = 1,
    tell: Progress | None = None,
) -> tuple[Log, dict[str, Any]]:
    """The log with what may be known of its accounts, and notes on where it came from.

    Raises ``InvalidInput`` with every fault of both files.
    """
    faults: list[tuple[str, str]] = []
    source = _gather(faults, lambda: open_source(history, mapping))
    told = None if labels is None else _gather(faults, lambda: read_labels(labels))
    if faults or source is None:
        raise InvalidInput(faults)
    log = read_log(source, load_reference(), tell=tell)
    notes = {"history": history.name, "history_sha256": source.digest(), "events": len(log), "bad": source.bad.count}
    if labels is not None and told is not None:
        known = log.seen()
        missing = sum(label.account_id not in known for label in told)
        if missing == len(told):
            raise InvalidInput([("labels.account_id", "no account of the labels is in the events")])
        notes |= {"labels": labels.name, "labels_told": len(told), "labels_without_events": missing}
    knowledge = knowledge or Knowledge()
    truth = source.mapping.truth
    log = know(log, knowledge, told, (truth.delay or 0.0) if truth else 0.0, seed)
    return log, notes | knowledge.notes()


def know(log: Log, knowledge: Knowledge, told: list[Label] | None, delay: float = 0.0, seed: int = 1) -> Log:
    """The log as it was known. ``delay``: seconds after which its own truth columns say a truth is told."""
    if not len(log):
        return log
    first, last = log.span()
    # Labels are often younger than the last event; what was told by then is known.
    as_of = max([last, *(label.time for label in told or ())]) if knowledge.as_of is None else knowledge.as_of
    if as_of <= first:
        raise InvalidInput([("as_of", "is before the history begins")])
    truths = log.truths
    log = log.until(as_of)
    if told is not None or not truths:
        log.truths = _from_labels(log, knowledge, log.outcomes() if told is None else told, as_of, seed)
    elif knowledge.whole:
        log.truths = truths
    else:
        log.truths = _from_columns(log, knowledge, truths, delay, as_of, seed)
    log.begin = first + knowledge.burn_in_days * DAY
    return log


def _from_labels(log: Log, knowledge: Knowledge, told: list[Label], as_of: float, seed: int) -> dict[str, Truth]:
    """Whoever signed up, is old enough and was not named, is honest."""
    labels = late_and_wrong(told, knowledge.label_delay_days, knowledge.label_noise, seed)
    days = MATURITY_DAYS if knowledge.maturity_days is None else knowledge.maturity_days
    return known_by(as_of, labels, log.signups(), days)


def _from_columns(
    log: Log, knowledge: Knowledge, truths: dict[str, Truth], delay: float, as_of: float, seed: int
) -> dict[str, Truth]:
    """Columns that name everybody: only Sybils are told of, the others are honest by silence.

    Those who are honest in truth keep their crowd, so that folds keep it whole.
    """
    seen = {account: time for account, time in log.seen().items() if account in truths}
    plain = [Label(account, truths[account], time + delay) for account, time in seen.items()]
    labels = late_and_wrong(plain, knowledge.label_delay_days, knowledge.label_noise, seed)
    silent = {account: turned(truths[account]) if truths[account].is_sybil else truths[account] for account in seen}
    named = [label for label in labels if label.truth.is_sybil]
    return known_by(as_of, named, seen, knowledge.maturity_days or 0.0, silent)


def _gather(faults: list[tuple[str, str]], read: Callable[[], T]) -> T | None:
    """What is read, or its faults added to the others."""
    try:
        return read()
    except InvalidInput as error:
        faults.extend(error.violations)
        return None


def open_source(history: Path, mapping: Path | None) -> Source:
    """A history file; without a mapping its columns are event paths."""
    return Source(history, read_mapping(mapping))


def read_mapping(path: Path | None) -> Mapping:
    return IDENTITY if path is None else load_mapping(path.read_text(encoding="utf-8"))
