"""What a campaign can say for itself: which shared values join an account to it, and how surprising they are."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

from sybilgate.core.feature import LINKS
from sybilgate.core.identifier import COLUMN, KINDS, SPECS, Axis
from sybilgate.core.observation import Floats

#: A value is shown, and speaks for its axis, from this log ratio (twenty times as common among members as elsewhere)
#: and this many members on.
_TELLING, _FEWEST = 3.0, 2
#: What strangers would share so often by chance proves nothing to a reader: a second account behind one carrier's
#: address is not evidence because the first was there too.
_CHANCE = 0.01
_MOST_ITEMS = 8
#: Columns of the kinds that link.
LINK_COLUMNS = np.array([COLUMN[kind] for kind in LINKS])
_AXIS_OF = {COLUMN[kind]: SPECS[kind].axis for kind in LINKS}
#: [kinds that link, axes]: 1 where the kind is of the axis.
_ON_AXIS = np.array([[int(SPECS[kind].axis is axis) for axis in Axis] for kind in LINKS])


def telling_axes(ratios: Floats) -> npt.NDArray[np.int64]:
    """[n] independent axes on which an account and each of n campaigns share a telling value; restatements count once.
    ``ratios`` is [n, kinds]."""
    return np.asarray((telling_links(ratios) @ _ON_AXIS > 0).sum(axis=1))


def telling_links(ratios: Floats) -> npt.NDArray[np.bool_]:
    """[n, kinds that link] whether each of an account's values tells. ``ratios`` is [n, kinds]."""
    return np.asarray(ratios[:, LINK_COLUMNS] >= _TELLING)


def chance_of(sharing: int, having: int, share: float) -> float:
    """Probability that, one of ``having`` members holding a value, ``sharing`` or more of them do by chance (binomial
    tail over the others), when ``share`` of the whole population holds it."""
    others = having - 1
    agreeing = min(sharing - 1, others)  # counts kept apart may be one ahead of each other
    return float(betainc(agreeing, others - agreeing + 1, share)) if agreeing > 0 else 1.0


def evidence_of(ratios: Floats, held: Sequence[int], members: int, share: Floats, month: Floats) -> str:
    """The values that tell most, as stored and shown. Counts are of the moment before the account joined."""
    order = np.argsort(-ratios[LINK_COLUMNS], kind="stable")
    ranked = [k for k in LINK_COLUMNS[order].tolist() if ratios[k] >= _TELLING]
    chances = [chance_of(held[k] + 1, members + 1, float(share[k])) for k in ranked]
    telling = [(k, chance) for k, chance in zip(ranked, chances, strict=True) if chance <= _CHANCE]
    return json.dumps([
        {
            "kind": KINDS[k].name.lower(),
            "axis": _AXIS_OF[k].value,
            "members": held[k],
            "of": members,
            "holders": round(float(month[k]), 1),
            "rarity_bits": round(-math.log2(max(float(share[k]), 1e-12)), 2),
            "chance_probability": float(f"{chance:.3g}"),
        }
        for k, chance in telling[:_MOST_ITEMS]
    ])  # fmt: skip


def significance(held: Floats, having: np.ndarray[tuple[int], np.dtype[np.int32]], share: Floats) -> float:
    """Decades of surprise of what a member shares with its campaign: the most surprising value of each axis, added up,
    less what looking at so many kinds makes likely anyway."""
    best: dict[Axis, float] = {}
    looked = math.log10(len(LINK_COLUMNS))
    for k in LINK_COLUMNS.tolist():
        if held[k] >= _FEWEST and not math.isnan(share[k]):
            tail = chance_of(int(held[k]), int(having[k]), float(share[k]))
            decades = -math.log10(max(tail, 1e-300)) - looked
            best[_AXIS_OF[k]] = max(best.get(_AXIS_OF[k], 0.0), decades)
    return round(sum(best.values()), 3)
