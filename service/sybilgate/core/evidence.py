"""Evidence: which shared values hold an account to others, and how surprising that is.

Evidence explains and groups; it does not accuse. The chance probability of a value is the Poisson tail of the
accounts newly seen on it, given the rate it had before and the whole flow of its kind: a carrier's address that
always brings forty signups a day is no surprise, a card range that brings its first forty is. A service that has
just been started knows no rates, so nothing surprises it: evidence needs some days of history.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

from sybilgate.core import linking as l
from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, SPECS, Axis, Role, kinds_with
from sybilgate.core.observation import Floats

#: A value speaks for its axis from this many other accounts and below this probability of chance.
MIN_HOLDERS, MAX_CHANCE = 2, 1e-3
MAX_ITEMS = 8
#: Kinds that may be evidence.
SPEAKING = (*LINKS, *kinds_with(Role.SHOWN))
_COLUMNS = np.array([COLUMN[k] for k in SPEAKING], dtype=np.intp)
_AXIS_OF = [SPECS[k].axis for k in SPEAKING]
_HEADS = [f'{{"kind": "{k.name.lower()}", "axis": "{SPECS[k].axis.value}", ' for k in SPEAKING]


def chance(stats: Floats) -> Floats:
    """[n, SPEAKING]: probability that so many other accounts came by chance, over a day and a week; NaN if absent."""
    links = stats[:, _COLUMNS]
    month, flow = links[:, :, l.W_MONTH], links[:, :, l.N_MONTH]
    out = np.full(month.shape, np.nan)
    for value, kind in ((l.W_DAY, l.N_DAY), (l.W_WEEK, l.N_WEEK)):
        recent, window = links[:, :, value], links[:, :, kind]
        before = np.maximum(month - recent, 0.0) + 0.5
        rate = before / (np.maximum(flow - window, 0.0) + 1.0)
        tail = np.where(recent > 0.05, gammainc(np.maximum(recent, 1e-9), np.maximum(rate * window, 1e-9)), 1.0)
        out = np.fmin(out, tail)
    return np.minimum(np.asarray(2.0 * out), 1.0)


def speaking(stats: Floats, probability: Floats) -> npt.NDArray[np.bool_]:
    """[n, SPEAKING]: which values are held by enough others, surprisingly enough, to speak for their axis."""
    accounts = stats[:, _COLUMNS, l.ACCOUNTS]
    with np.errstate(invalid="ignore"):
        return np.asarray((accounts >= MIN_HOLDERS) & (probability < MAX_CHANCE))


def axes_of(row: npt.NDArray[np.bool_]) -> tuple[Axis, ...]:
    """The distinct axes that speak; restatements within one axis count once."""
    return tuple(sorted({_AXIS_OF[k] for k in np.flatnonzero(row)}))


def evidence_json(stats: Floats, probability: Floats, time: Floats) -> list[str]:
    """The most telling shared values of accounts ([n, kind, STATS], [n, SPEAKING], [n]), as stored and shown."""
    links = stats[:, _COLUMNS]
    accounts = links[:, :, l.ACCOUNTS]
    order = np.lexsort((-accounts, probability), axis=-1)
    texts = []
    for ranked, held, rows, chances, now in zip(
        order.tolist(), accounts.tolist(), links, probability, time.tolist(), strict=True
    ):
        shared = [k for k in ranked if held[k] >= 1][:MAX_ITEMS]
        told = zip(shared, rows[shared].tolist(), chances[shared].tolist(), strict=True)
        texts.append(f"[{', '.join([_item(k, row, chance, now) for k, row, chance in told])}]")
    return texts


def _item(k: int, row: list[float], probability: float, time: float) -> str:
    """One shared value as JSON, written out by hand: it runs some times for every event."""
    bits = round(-math.log2(min(1.0, (row[l.W_MONTH] + 0.5) / (row[l.N_MONTH] + 30.0))), 2)
    return (
        f'{_HEADS[k]}"holders": {int(row[l.ACCOUNTS])}, "rarity_bits": {bits!r}, '
        f'"chance_probability": {float(f"{probability:.3g}")!r}, '
        f'"first_seen_time": {row[l.SINCE]!r}, "last_seen_time": {time - row[l.IDLE]!r}}}'
    )
