"""Network operators by address: a compact table of ranges, from text to bytes and back to a look-up.

Bytes, under one xz: a line of JSON (counts, source version), then for IPv4 (at /24) and IPv6 (at /48) the
differences of range starts in byte planes and the AS numbers, then AS numbers with a class and their classes.
"""

from __future__ import annotations

import json
import lzma
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sybilgate.core.enrichment import Operator, OperatorClass
from sybilgate.core.normalise.address import Address

Row = tuple[int, int, int]  # first address, last address, AS number
_WIDTH = {4: 3, 6: 6}  # bytes of a range start: a /24 and a /48
_SHIFT = {4: 8, 6: 80}


@dataclass(frozen=True)
class AsnTable:
    """Sorted range starts with their AS numbers (0 = nobody), per address family, and the class of an AS."""

    starts: Mapping[int, array[int]]
    numbers: Mapping[int, array[int]]
    classes: Mapping[int, OperatorClass]
    version: str

    def find(self, address: Address) -> Operator | None:
        """Operator of an address, None if nobody announces it."""
        family = address.version
        prefix = int.from_bytes(address.packed[: _WIDTH[family]], "big")
        place = bisect_right(self.starts[family], prefix) - 1
        number = self.numbers[family][place] if place >= 0 else 0
        return Operator(number, self.classes.get(number, OperatorClass.UNKNOWN)) if number else None


def ranges(rows: Iterable[Row], family: int) -> tuple[list[int], list[int]]:
    """Starts and AS numbers of sorted rows, cut to the table's granularity, neighbours joined, gaps as 0."""
    starts: list[int] = []
    numbers: list[int] = []
    after = 0
    for first, last, number in rows:
        begin, end = first >> _SHIFT[family], last >> _SHIFT[family]
        for start, value in ((after, 0), (begin, number)):
            if value == 0 and begin <= after:
                continue
            if starts and starts[-1] == start:
                numbers[-1] = value
            elif not numbers or numbers[-1] != value:
                starts.append(start)
                numbers.append(value)
        after = end + 1
    return [*starts, after], [*numbers, 0]


def encode(families: Mapping[int, Iterable[Row]], classes: Mapping[int, OperatorClass], version: str) -> bytes:
    """The table as bytes; the same rows give the same bytes."""
    parts: list[bytes] = []
    counts: dict[str, int] = {}
    for family, rows in families.items():
        starts, numbers = ranges(rows, family)
        counts[f"v{family}"] = len(starts)
        parts += [_planes(np.array(starts, np.uint64), _WIDTH[family]), np.array(numbers, "<u4").tobytes()]
    known = sorted(number for number, kind in classes.items() if kind)
    counts["classes"] = len(known)
    parts += [_planes(np.array(known, np.uint64), 4), bytes(classes[number] for number in known)]
    head = json.dumps({"version": version, **counts}, sort_keys=True).encode() + b"\n"
    return lzma.compress(head + b"".join(parts), preset=9 | lzma.PRESET_EXTREME)


def decode(data: bytes) -> AsnTable:
    """The table of ``encode``. Raises ValueError or LZMAError if the bytes are damaged."""
    head, _, body = lzma.decompress(data).partition(b"\n")
    counts = json.loads(head)
    view, at = memoryview(body), 0
    starts: dict[int, array[int]] = {}
    numbers: dict[int, array[int]] = {}
    for family, width in _WIDTH.items():
        size = counts[f"v{family}"]
        starts[family] = array("I" if family == 4 else "Q", _unplane(view[at : at + size * width], width).tolist())
        at += size * width
        numbers[family] = array("I", np.frombuffer(view[at : at + size * 4], "<u4").tolist())
        at += size * 4
    size = counts["classes"]
    known = _unplane(view[at : at + size * 4], 4).tolist()
    kinds = {kind.value: kind for kind in OperatorClass}
    classes = {n: kinds[c] for n, c in zip(known, view[at + size * 4 : at + size * 5], strict=True)}
    return AsnTable(starts, numbers, classes, str(counts["version"]))


def _planes(values: npt.NDArray[np.uint64], width: int) -> bytes:
    steps = np.diff(values, prepend=np.uint64(0))
    return b"".join((steps >> np.uint64(8 * i)).astype(np.uint8).tobytes() for i in range(width))


def _unplane(data: memoryview, width: int) -> npt.NDArray[np.uint64]:
    planes = np.frombuffer(data, np.uint8).reshape(width, -1).astype(np.uint64)
    steps = sum((planes[i] << np.uint64(8 * i) for i in range(width)), np.zeros(planes.shape[1], np.uint64))
    return np.cumsum(steps, dtype=np.uint64)
