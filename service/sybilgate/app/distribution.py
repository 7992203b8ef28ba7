"""Reference distributions: how each feature, and the risk, lay among training rows.

They go into the bundle, so that drift can be told later without the training data. Bins end at the deciles of the
training rows; a bin holds its upper end. Missing values have a bin of their own, the last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.core.event import EventType
from sybilgate.core.feature import Rows
from sybilgate.core.observation import Floats
from sybilgate.errors import ModelRejected

_DECILES = np.linspace(0.1, 0.9, 9)
#: Rows that every bin is given beforehand, so that an empty one does not make the index infinite.
_PRIOR = 0.5


@dataclass(frozen=True)
class Bins:
    """``edges`` rise strictly; ``shares`` of the rows, in [0, 1]: one per bin, then the missing."""

    edges: npt.NDArray[np.float32]
    shares: Floats

    def count(self, values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
        """How many of ``values`` are in each bin, the missing last."""
        narrow = np.asarray(values, np.float32)
        missing = np.isnan(narrow)
        place = np.searchsorted(self.edges, narrow[~missing], "left")
        return np.append(np.bincount(place, minlength=len(self.edges) + 1), missing.sum()).astype(np.int64)

    def text(self) -> str:
        """``edges | shares``: one line of the manifest."""
        return f"{' '.join(map(str, self.edges))} | {' '.join(f'{share:.4g}' for share in self.shares)}"


@dataclass(frozen=True)
class Reference:
    """``rows`` training rows, of events named in ``causes`` (as assessments name them)."""

    rows: int
    causes: tuple[str, ...]
    risk: Bins
    features: Mapping[str, Bins]

    def to_json(self) -> dict[str, Any]:
        """What the manifest's notes keep."""
        features = {name: bins.text() for name, bins in self.features.items()}
        return {"rows": self.rows, "causes": list(self.causes), "risk": self.risk.text(), "features": features}


def bins_of(values: npt.NDArray[Any]) -> Bins:
    """Bins that end at the deciles. Equal deciles make one bin, so its share may be more than a tenth."""
    known = np.asarray(values, np.float32)
    known = known[~np.isnan(known)]
    # A decile is one of the values, never between two: a bin that ends on a frequent value holds all of it.
    edges = np.unique(np.quantile(known, _DECILES, method="inverted_cdf")) if len(known) else known
    counts = Bins(edges, np.zeros(0)).count(values)
    return Bins(edges, counts / max(len(values), 1))


def make_reference(x: Rows, risk: Floats, names: Sequence[str], types: Sequence[EventType]) -> Reference:
    """From the feature rows a model was trained on and their out-of-fold risk."""
    causes = tuple(EventType(kind).name.lower() for kind in types)
    return Reference(len(x), causes, bins_of(risk), {name: bins_of(x[:, i]) for i, name in enumerate(names)})


def psi(then: Floats, now: npt.NDArray[np.int64], rows: int) -> float:
    """Population stability index. ``then``: shares of ``rows`` training rows per bin; ``now``: counts per bin."""
    before = (then * rows + _PRIOR) / (then * rows + _PRIOR).sum()
    after = (now + _PRIOR) / (now + _PRIOR).sum()
    return float(((after - before) * np.log(after / before)).sum())


def index(bins: Bins, values: npt.NDArray[Any], rows: int) -> float:
    """The index of ``values`` against ``bins`` of ``rows`` training rows. What was empty then and is now is no bin."""
    found = bins.count(values)
    held = (bins.shares > 0) | (found > 0)
    return psi(bins.shares[held], found[held], rows) if held.sum() > 1 else 0.0


def parse_reference(notes: Any) -> Reference:
    """The reference in a manifest's notes. Raises ModelRejected if there is none, or none that can be read."""
    found = notes.get("reference") if isinstance(notes, Mapping) else None
    if found is None:
        raise ModelRejected("the bundle keeps no reference distributions; train it again with this version")
    try:
        features = {str(name): _bins(text) for name, text in found["features"].items()}
        causes = tuple(str(cause) for cause in found["causes"])
        return Reference(int(found["rows"]), causes, _bins(found["risk"]), features)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelRejected(f"the bundle's reference distributions cannot be read: {error}") from error


def _bins(text: str) -> Bins:
    edges, shares = (np.array(part.split(), np.float64) for part in text.split("|"))
    if len(shares) != len(edges) + 2 or not (np.diff(edges) > 0).all() or not np.isfinite(shares).all():
        raise ValueError(f"not bins: {text[:60]!r}")
    return Bins(edges.astype(np.float32), shares)
