"""The process that loads a model nobody has vouched for: LightGBM aborts or hangs on many damaged files.

``python -m sybilgate.app.bundle_child CPU_SECONDS ADDRESS_BYTES FILE_BYTES`` reads an ``.npz`` from standard input
and writes what the model answers to standard output as ``.npy``. It is started afresh, never forked: a fork after
LightGBM has run dead-locks in OpenMP.
"""

from __future__ import annotations

import io
import json
import os
import resource
import sys
from typing import Any

import numpy as np

from sybilgate.core.scoring import Floats, LightGBMModels, Rows


def score_golden(models: LightGBMModels, rows: Rows) -> Floats:
    """One line per row: first risk, margin, risk, then the contributions with the base last."""
    margin = models.final(rows)
    first = models.first(rows[:, : models.first_width])
    return np.column_stack([first, margin, models.calibrate(margin), models.contributions(rows)])


def pack_question(first_text: str, final_text: str, meta: dict[str, object], rows: Rows) -> bytes:
    """What ``main`` reads: texts as UTF-8 bytes, so that nothing needs pickle."""
    texts = {"first": first_text, "final": final_text, "meta": json.dumps(meta)}
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {k: np.frombuffer(v.encode(), np.uint8) for k, v in texts.items()}
    np.savez(buffer, rows=rows, **arrays)
    return buffer.getvalue()


def _limit(kind: int, value: int, grace: int = 0) -> None:
    hard = resource.getrlimit(kind)[1]
    top = value + grace if hard == resource.RLIM_INFINITY else min(value + grace, hard)
    resource.setrlimit(kind, (min(value, top), top))


def main(arguments: list[str]) -> None:
    """Answer one question. Any failure ends the process; the parent reads how."""
    cpu_seconds, address_bytes, file_bytes = (int(a) for a in arguments)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_CPU, cpu_seconds, grace=2)
    _limit(resource.RLIMIT_AS, address_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    # LightGBM logs to standard output; send that to standard error and keep the real one for the answer.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as question:
        first, final, meta = (question[k].tobytes().decode() for k in ("first", "final", "meta"))
        rows = question["rows"]
    models = LightGBMModels("check", first, final, **json.loads(meta), tables=False)
    buffer = io.BytesIO()
    np.save(buffer, score_golden(models, rows), allow_pickle=False)
    with answer:
        answer.write(buffer.getvalue())


if __name__ == "__main__":
    main(sys.argv[1:])
