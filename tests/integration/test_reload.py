"""Models that change, and files that are no models, while accounts are assessed."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import numpy as np
import pytest

from sybilgate.app.assess import Assessor
from sybilgate.app.bundle import ModelHolder
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.records import AssessmentRecord
from sybilgate.errors import ModelRejected
from sybilgate.loading import load_model
from sybilgate.store.store import SqlStore
from tests import bundles
from tests.factories import KEYRING, POLICY, REFERENCE, START, signup, task

LONG = bool(os.environ.get("SYBILGATE_LONG"))
RELOADS = 100 if LONG else 2
MUTATIONS = 1000 if LONG else 60


@contextmanager
def load(store: SqlStore, holder: ModelHolder) -> Iterator[list[AssessmentRecord]]:
    """Accounts are assessed one after another inside the block; their assessments, or what went wrong is raised."""
    made, errors, stop = list[AssessmentRecord](), list[BaseException](), threading.Event()
    ids = iter(range(10**9))
    serving = Assessor(
        store, lambda: Pipeline(holder.current.models, POLICY, KEYRING), REFERENCE, KEYRING, lambda: START + 1e6,
        lambda: f"as-{next(ids):08d}",
    )  # fmt: skip

    def work() -> None:
        try:
            while not stop.is_set():
                n = len(made)
                answer = serving.run([task(signup(f"a{n}", at=n, device_id=f"d{n % 3}"))])[0]
                made.extend(answer.assessments)  # type: ignore[union-attr, arg-type]
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        stop.set()
        thread.join()
    assert errors == []


def _consistent(made: list[AssessmentRecord], holder: ModelHolder) -> set[str]:
    """Names of the models that scored; every score is the one its model gives to the stored row."""
    for record in made:
        models = holder.models(record.model)
        assert models is not None
        row = np.frombuffer(record.features, "<f4")[None, :]
        assert models.final(row)[0] == record.margin
    return {record.model for record in made}


def test_reloads_keep_scores_consistent(sqlite_store: SqlStore, tmp_path: Path) -> None:
    folders = [bundles.write(tmp_path, "1"), bundles.write(tmp_path, "2", leaves=12)]
    holder = ModelHolder(load_model(folders[0]), load_model)
    with load(sqlite_store, holder) as made:
        for n in range(RELOADS):
            before = len(made)
            holder.swap(folders[(n + 1) % 2])
            while len(made) < before + 5:
                threading.Event().wait(0.005)
    assert _consistent(made, holder) == {"default@1", "default@2"}


def test_mutated_files_never_serve(sqlite_store: SqlStore, tmp_path: Path) -> None:
    rng = Random(5)
    holder = ModelHolder(load_model(bundles.write(tmp_path, "1")), load_model)
    whole = bundles.write(tmp_path, "2", leaves=12)
    with load(sqlite_store, holder) as made:
        for n in range(MUTATIONS):
            broken = shutil.copytree(whole, tmp_path / f"broken{n}" / "default" / "2")
            file = rng.choice(sorted(path for path in broken.iterdir() if path.suffix in (".txt", ".npy")))
            data = bytearray(file.read_bytes())
            for _ in range(rng.randrange(1, 4)):
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            file.write_bytes(data[: rng.randrange(len(data))] if rng.random() < 0.3 else data)
            with pytest.raises(ModelRejected):
                holder.swap(broken)
            shutil.rmtree(tmp_path / f"broken{n}")
    assert len(made) > 10
    assert _consistent(made, holder) == {"default@1"}
