"""Features: one float32 row per event, named and typed, the same in serving, replay and training.

Own signals come first, then what other accounts did on the identifiers (first stage), then carried risk (second
stage). The first-pass model reads only the first stage, a prefix. Nothing here grows with the calendar: shares,
ratios, differences and decayed counts of rare values only. A value float32 can hold exactly is what is stored
with the assessment, so explaining later from the stored row gives the very same numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core import linking as l
from sybilgate.core.identifier import COLUMN, SPECS, Axis, Kind, Role, kinds_with
from sybilgate.core.observation import Floats
from sybilgate.core.own import OWN
from sybilgate.core.tail import Tails, fit_tails, pool, surprise

Rows = npt.NDArray[np.float32]

#: Values that few honest people share: their decayed counts are features as they stand.
_COMMON = {
    Kind.MAIL_DOMAIN, Kind.BIN, Kind.UA_BUILD, Kind.JA4, Kind.REFERRER, Kind.CAMPAIGN_TAG,
    Kind.ASN_UA_BUILD, Kind.BIN_ASN,
}  # fmt: skip
RARE = tuple(k for k in kinds_with(Role.LINK) if k not in _COMMON)
LINKS = kinds_with(Role.LINK)
PAIRS = kinds_with(Role.PAIR)
RARITIES = kinds_with(Role.RARITY)
HOURLY = (Kind.IP, Kind.NET, Kind.DEVICE_ID, Kind.DEVICE_PROFILE, Kind.CARD, Kind.MAIL_TEMPLATE, Kind.PHONE_RANGE)
DIVERSE = (Kind.IP, Kind.NET, Kind.DEVICE_ID, Kind.CARD, Kind.BIN_UA_BUILD, Kind.MAIL_TEMPLATE, Kind.POSTCODE)
#: Pseudo-counts that keep a ratio of small counts near one.
_SHRINK, _PRIOR = 0.5, 3.0
#: A value with so many accounts a month is a place, not a link. What it says changes slowly and smoothly with all
#: traffic: left as it is, a tree reads the date off its last digits. So counts stop here, and bursts below _CALM,
#: pairs that go together better than by chance, and values commoner than _COMMON_BITS say nothing.
_HUB, _CALM, _COMMON_BITS = 50.0, 0.2, 5.0
_AXES = (Axis.NETWORK, Axis.DEVICE, Axis.EMAIL, Axis.PHONE, Axis.PAYMENT, Axis.BEHAVIOUR)

SHARED_REASON = {
    Axis.NETWORK: "SHARED_NETWORK", Axis.DEVICE: "SHARED_DEVICE", Axis.EMAIL: "SHARED_EMAIL",
    Axis.PHONE: "SHARED_PHONE", Axis.PAYMENT: "SHARED_PAYMENT",
    Axis.BEHAVIOUR: "SHARED_PROFILE", Axis.USAGE: "SHARED_USAGE",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """One column of the feature row. ``stage`` is ``first`` or ``carried``; ``reason`` its stable reason code."""

    name: str
    axis: Axis
    reason: str
    stage: str
    monotone: int
    description: str


def _first_stage() -> list[FeatureSpec]:
    out = [FeatureSpec(c.name, c.axis, c.reason, "first", c.monotone, c.description) for c in OWN]

    def add(kind: Kind, suffix: str, text: str, reason: str | None = None, monotone: int = 0) -> None:
        axis = SPECS[kind].axis
        name = f"{kind.name.lower()}.{suffix}"
        out.append(FeatureSpec(name, axis, reason or SHARED_REASON[axis], "first", monotone, text))

    for kind in HOURLY:
        add(kind, "hour", "log count of other accounts, 1 h decay")
    for kind in RARE:
        add(kind, "day", "log count of other accounts, 1 d decay")
    for kind in RARE:
        add(kind, "month", "log count of other accounts, 30 d decay")
    for kind in LINKS:
        add(kind, "burst", "log ratio of the accounts of a day to those expected from its share of the month")
    for kind in RARE:
        add(kind, "bad", "share of other holders labelled bad, shrunk", "LABELLED_NEIGHBOURS", 1)
    for kind in PAIRS:
        add(kind, "lift", "log observed over expected count of the two values together, if negative", "CONTRADICTION")
    for kind in RARITIES:
        add(kind, "rarity", "bits of surprise of the value, given its country or over all, whichever is commoner")
    for kind in DIVERSE:
        add(kind, "devices", "log number of distinct devices per account seen on the value")
        add(kind, "mail_domains", "log number of distinct mail domains per account seen on the value")
    out += [
        FeatureSpec("contradiction.sum", Axis.DEVICE, "CONTRADICTION", "first", 0, "all negative lifts added up"),
        FeatureSpec("contradiction.max", Axis.DEVICE, "CONTRADICTION", "first", 0, "the most negative lift"),
        FeatureSpec(
            "contradiction.left", Axis.DEVICE, "CONTRADICTION", "first", 0, "what no one value explains of them"
        ),
        FeatureSpec("chain.size", Axis.BEHAVIOUR, "CHAIN", "first", 0, "log size of the chain of exclusive pairs"),
        FeatureSpec("chain.score", Axis.BEHAVIOUR, "CHAIN", "first", 0, "that, times the entropy of its kinds of link"),
    ]
    return out + _pooled()


def _pooled() -> list[FeatureSpec]:
    texts = {
        "max": "decades of surprise of the most surprising count",
        "top3": "mean surprise of the three most surprising counts",
        "second": "surprise on the second most surprising axis",
        "two": "surprise of the two most surprising axes, added",
        "axes": "axes with a count that one account in a hundred has",
    }
    out = [FeatureSpec(f"crowd.{name}", Axis.BEHAVIOUR, "CROWD", "first", 1, text) for name, text in texts.items()]
    out += [
        FeatureSpec(f"crowd.{axis.value}", axis, SHARED_REASON[axis], "first", 1, "its most surprising count")
        for axis in _AXES
    ]
    text = {"burst.max": "the most surprising burst", "burst.top3": "mean surprise of the three most surprising bursts"}
    return out + [FeatureSpec(name, Axis.BEHAVIOUR, "BURST", "first", 1, text[name]) for name in text]


def _carried_stage() -> list[FeatureSpec]:
    texts = {
        "max": "largest shrunk mean risk of earlier holders over kinds",
        "top3": "mean of the three largest shrunk mean risks",
        "sum": "sum of shrunk mean risks over kinds",
        "strength": "largest risk sum over the square root of its weight",
    }

    def carried(name: str, axis: Axis, text: str, reason: str = "RISKY_COMPANY") -> FeatureSpec:
        return FeatureSpec(f"carried.{name}", axis, reason, "carried", 0, text)

    out = [carried(name, Axis.BEHAVIOUR, text) for name, text in texts.items()]
    out += [carried(axis.value, axis, "largest shrunk mean risk on the axis") for axis in _AXES]
    return [*out, carried("first", Axis.BEHAVIOUR, "first-pass risk of the account itself", "FIRST_LOOK")]


_FIRST_STAGE = _first_stage()
FIRST = len(_FIRST_STAGE)
FEATURES: tuple[FeatureSpec, ...] = tuple(_FIRST_STAGE + _carried_stage())
FEATURE_NAMES: tuple[str, ...] = tuple(spec.name for spec in FEATURES)
FEATURE_COLUMN = {name: i for i, name in enumerate(FEATURE_NAMES)}


def _columns(kinds: tuple[Kind, ...]) -> npt.NDArray[np.intp]:
    return np.array([COLUMN[k] for k in kinds], dtype=np.intp)


def _named(*suffixes: str) -> npt.NDArray[np.intp]:
    return np.array([i for i, name in enumerate(FEATURE_NAMES[:FIRST]) if name.endswith(suffixes)], dtype=np.intp)


#: Columns whose surprise is pooled: counts, detectors and bursts.
WATCHED = np.sort(_named(".hour", ".day", ".month", ".burst", "chain.score", "contradiction.left"))
WATCHED_NAMES: tuple[str, ...] = tuple(FEATURE_NAMES[i] for i in WATCHED)
BURSTS = np.array([name.endswith(".burst") for name in WATCHED_NAMES])
_AXIS_OF_CROWD = np.array([_AXES.index(FEATURES[i].axis) for i in WATCHED[~BURSTS]], dtype=np.intp)
_N_POOLED = len(_pooled())
POOLED = slice(FIRST - _N_POOLED, FIRST)
#: Rows whose surprises are pooled at a time: bounds memory, changes nothing.
_BLOCK = 1 << 14


_C_HOURLY, _C_RARE, _C_LINKS, _C_PAIRS, _C_RARITIES, _C_DIVERSE = (
    _columns(kinds) for kinds in (HOURLY, RARE, LINKS, PAIRS, RARITIES, DIVERSE)
)


def _parts(kinds: tuple[Kind, ...], which: int) -> npt.NDArray[np.intp]:
    return np.array([COLUMN[parts[which]] for k in kinds if (parts := SPECS[k].parts)], dtype=np.intp)


_PAIR_A, _PAIR_B = _parts(PAIRS, 0), _parts(PAIRS, 1)
#: Pairs that do without a value, for every value. A traveller contradicts himself by the country of the network alone;
#: without it all agrees.
_WITHOUT = [np.flatnonzero((atom != _PAIR_A) & (atom != _PAIR_B)) for atom in np.union1d(_PAIR_A, _PAIR_B)]
_RARE_VALUE, _RARE_COUNTRY = _parts(RARITIES, 0), _parts(RARITIES, 1)
_CARRY_AXIS = [np.flatnonzero([SPECS[k].axis is axis for k in RARE]) for axis in _AXES]


def first_features(own: Floats, stats: Floats, chains: Floats, tails: Tails | None) -> Rows:
    """[n, FIRST] from own signals, fold statistics [n, kind, STATS] (NaN where the account has no such kind) and
    [n, 2] size and score of chains. Without ``tails`` the pooled surprises stay NaN (``fill_pooled`` adds them)."""
    day, month = stats[:, :, l.W_DAY], stats[:, :, l.W_MONTH]
    links, rare = stats[:, _C_LINKS], stats[:, _C_RARE]
    # Against the share of the kind's month that its day is, not against a thirtieth: while a store is young, every
    # month is short, and the ratio would tell how old the store is.
    usual = links[:, :, l.W_MONTH] * links[:, :, l.N_DAY] / np.maximum(links[:, :, l.N_MONTH], 1.0)
    burst = np.maximum(np.log((links[:, :, l.W_DAY] + _SHRINK) / (usual + _SHRINK)), _CALM)
    bad = np.where(month[:, _C_RARE] < _HUB, rare[:, :, l.BAD] / (rare[:, :, l.ACCOUNTS] + _PRIOR), 0.0)
    diverse = stats[:, _C_DIVERSE]
    accounts = np.minimum(diverse[:, :, l.ACCOUNTS], 64.0) + 1.0
    spread = np.log((diverse[:, :, [l.D_DEVICE, l.D_MAIL]] + 1.0) / accounts[:, :, None])
    lift = _lift(stats)
    against = np.maximum(-np.nan_to_num(lift), 0.0)
    blocks = (
        own,
        np.log1p(np.minimum(stats[:, _C_HOURLY, l.W_HOUR], _HUB)),
        np.log1p(np.minimum(day[:, _C_RARE], _HUB)),
        np.log1p(np.minimum(month[:, _C_RARE], _HUB)),
        burst,
        bad,
        np.minimum(lift, 0.0),
        _rarity(stats),
        spread.reshape(len(own), 2 * len(DIVERSE)),
        against.sum(axis=1, keepdims=True),
        against.max(axis=1, keepdims=True),
        np.column_stack([against[:, pairs].sum(axis=1) for pairs in _WITHOUT]).min(axis=1, keepdims=True),
        np.log(chains[:, :1]),
        chains[:, 1:],
        np.full((len(own), _N_POOLED), np.nan),
    )
    rows = np.concatenate(blocks, axis=1).astype(np.float32)
    if tails is not None:
        fill_pooled(rows, tails)
    return rows


def fill_pooled(rows: Rows, tails: Tails) -> None:
    """Write the pooled surprises into first-stage (or complete) rows."""
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        decades = surprise(tails, block[:, WATCHED])
        block[:, POOLED] = pool(decades[:, ~BURSTS], decades[:, BURSTS], _AXIS_OF_CROWD, len(_AXES))


def tails_of(rows: Rows, ordinary: npt.NDArray[np.bool_]) -> Tails:
    """Tails of the watched features among the rows of ordinary accounts."""
    return fit_tails(WATCHED_NAMES, rows[np.ix_(np.flatnonzero(ordinary), WATCHED)])


def _lift(stats: Floats) -> Floats:
    """log((observed + a) / (expected + a)) of a pair of values that one cause should determine."""
    together = stats[:, _C_PAIRS, l.W_MONTH]
    a, b = stats[:, _PAIR_A, l.W_MONTH], stats[:, _PAIR_B, l.W_MONTH]
    expected = a * b / np.maximum(stats[:, _C_PAIRS, l.N_MONTH], 1.0)
    return np.log((together + _SHRINK) / (expected + _SHRINK))


def _rarity(stats: Floats) -> Floats:
    """-log2 of the larger of the value's share within its country and over all."""
    within = (stats[:, _C_RARITIES, l.W_MONTH] + _SHRINK) / (stats[:, _RARE_COUNTRY, l.W_MONTH] + 30.0)
    overall = (stats[:, _RARE_VALUE, l.W_MONTH] + _SHRINK) / (stats[:, _RARE_VALUE, l.N_MONTH] + 30.0)
    return np.maximum(np.round(-np.log2(np.minimum(np.fmax(within, overall), 1.0))), _COMMON_BITS)


def all_features(first: Rows, stats: Floats, carried: Floats, first_risk: Floats) -> Rows:
    """[n, F]: the first stage, then what earlier holders' risk says. ``carried`` is [n, kind], NaN where absent."""
    # Not over common values: their mean is everybody's, and its noise the date.
    weight = stats[:, _C_RARE, l.W_MONTH]
    total = carried[:, _C_RARE]
    total = np.where(weight < _HUB, total, 0.0)
    mean = np.nan_to_num(total / (weight + _PRIOR))
    ranked = -np.sort(-mean, axis=1)
    strength = np.nan_to_num(total / np.sqrt(weight + _PRIOR)).max(axis=1)
    aggregates = np.column_stack([ranked[:, 0], ranked[:, :3].mean(axis=1), mean.sum(axis=1), strength])
    axes = np.column_stack([mean[:, columns].max(axis=1) for columns in _CARRY_AXIS])
    return np.concatenate([first, aggregates, axes, first_risk[:, None]], axis=1).astype(np.float32)
