"""The manifest of a model bundle: what it is, what it reads, and the SHA-256 of every other file.

The manifest carries a digest of itself, so a damaged calibration is refused like a damaged model. Neither is a
signature: whoever may write to the bundle's folder is trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sybilgate.errors import ModelRejected

FORMAT = 2
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def check_name(name: str) -> str:
    """Return ``name``, or raise ``ModelRejected``: it becomes part of a path."""
    if not _NAME.fullmatch(name):
        raise ModelRejected(f"not a model name or version: {name[:80]!r}")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``features`` are in column order and the first ``first`` of them feed the first-pass model; ``calibration`` are
    (margin, risk) break-points; ``guards`` honest quantiles per feature, ``tails`` (value, surprise)
    break-points per feature; ``mates`` weights that say who belongs to a campaign; ``files`` maps a file to its
    SHA-256; ``notes`` is any JSON about how the model came to be."""

    name: str
    version: str
    features: tuple[str, ...]
    first: int
    calibration: tuple[tuple[float, float], ...]
    guards: Mapping[str, tuple[float, ...]]
    tails: Mapping[str, tuple[tuple[float, float], ...]]
    files: Mapping[str, str]
    notes: Any = None
    format: int = FORMAT
    mates: Mapping[str, float] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Name and version, as in ``default@1``."""
        return f"{self.name}@{self.version}"

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal; it covers every file through ``files``."""
        content = {k: v for k, v in asdict(self).items() if k != "mates" or v}
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> str:
        """The manifest with its digest. Raises ``ValueError`` for a number that is not finite."""
        return json.dumps({**asdict(self), "digest": self.digest}, indent=1, sort_keys=True, allow_nan=False) + "\n"


def parse_manifest(data: bytes) -> Manifest:
    """Raise ``ModelRejected`` unless ``data`` is a whole manifest of a format this code reads."""
    try:
        fields = json.loads(data)
        digest = fields.pop("digest")
        if fields["format"] != FORMAT:
            raise ModelRejected(f"manifest format {fields['format']!r} is not {FORMAT}")
        fields["features"] = tuple(str(name) for name in fields["features"])
        fields["calibration"] = tuple((float(margin), float(risk)) for margin, risk in fields["calibration"])
        fields["guards"] = {str(k): tuple(float(q) for q in v) for k, v in fields["guards"].items()}
        fields["tails"] = {str(k): tuple((float(x), float(y)) for x, y in v) for k, v in fields["tails"].items()}
        fields["mates"] = {str(k): float(v) for k, v in fields.get("mates", {}).items()}
        fields["files"] = {str(k): str(v) for k, v in fields["files"].items()}
        manifest = Manifest(**fields)
        intact = manifest.digest == digest
        check_name(manifest.name), check_name(manifest.version)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ModelRejected(f"manifest.json is not a manifest: {type(error).__name__}: {error}") from error
    if not intact:
        raise ModelRejected("manifest.json does not match its digest")
    return manifest
