"""The size of a model in a file of its own, as ``sybilgate tune`` writes it and ``train --shape`` reads it."""

from __future__ import annotations

import math
import tomllib
from dataclasses import asdict, fields
from pathlib import Path

from sybilgate.errors import InvalidInput
from sybilgate.training.boost import FINAL_SHAPE, Shape

#: Least and greatest value of each field: beyond them a model is of no use, or takes hours.
_LIMITS = {
    "trees": (1, 2000), "leaves": (2, 255), "max_depth": (1, 12), "learning_rate": (1e-4, 1.0), "l2": (0.0, 1e4),
    "feature_fraction": (0.01, 1.0), "habit": (0.0, 1.0),
}  # fmt: skip


def read_shape(path: Path) -> Shape:
    """The shape in a file; what is left out is as by default. Raises ``InvalidInput`` with everything wrong in it."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput([("shape", f"cannot be read: {error}")]) from error
    wrong = [(f"shape.{name}", "is not known") for name in found if name not in _LIMITS]
    whole = {field.name for field in fields(Shape) if isinstance(getattr(FINAL_SHAPE, field.name), int)}
    for name, value in found.items():
        low, high = _LIMITS.get(name, (-math.inf, math.inf))
        kind = int if name in whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kind) or not low <= value <= high:
            wrong.append((f"shape.{name}", f"is no {'whole ' * (name in whole)}number from {low:g} to {high:g}"))
    if wrong:
        raise InvalidInput(wrong)
    return Shape(**(asdict(FINAL_SHAPE) | found))


def shape_toml(shape: Shape, told: str) -> str:
    """The file, ``told`` as a comment above."""
    lines = [f"# {line}" for line in told.splitlines()]
    return "\n".join([*lines, *(f"{name} = {value!r}" for name, value in asdict(shape).items())]) + "\n"
