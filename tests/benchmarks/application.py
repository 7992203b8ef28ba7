"""The service's parts over one database, put together for measuring: as it is, and the naive way."""

from __future__ import annotations

import itertools
import os
import queue
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import numpy as np
from sybilgate.app.assess import Assessor
from sybilgate.app.bundle import Bundle, load_bundle
from sybilgate.app.explain import Explainer
from sybilgate.app.task import Result, Task
from sybilgate.core.event import Event
from sybilgate.core.feature import FEATURE_NAMES, FIRST
from sybilgate.core.identifier import Key, Keyring
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import load_policy
from sybilgate.core.scoring import Floats, LightGBMModels, Rows
from sybilgate.errors import SybilgateError
from sybilgate.reference import load_reference
from sybilgate.rpc.assessments import AssessmentServicer
from sybilgate.rpc.interceptors import ErrorInterceptor
from sybilgate.rpc.ports import Backend
from sybilgate.store.store import SqlStore
from sybilgate.v1.assessment_service_pb2_grpc import add_AssessmentServiceServicer_to_server

KEYRING = Keyring(1, b"a secret for measurements only!!")
_DEFAULT = Path(__file__).parents[2] / "models" / "default" / "1"


def bundle() -> Bundle:
    """The default model, or that of SYBILGATE_MODEL_DIR."""
    return load_bundle(Path(os.environ.get("SYBILGATE_MODEL_DIR") or _DEFAULT), FEATURE_NAMES, FIRST)


@dataclass(frozen=True)
class Application:
    """One service over one database."""

    store: SqlStore
    pipeline: Pipeline
    assessor: Assessor

    def keys(self, event: Event) -> list[Key]:
        """The identifiers of an event."""
        return [key for key in observe([event], self.assessor.reference, KEYRING).keys[0] if key]


def assemble(url: str, loaded: Bundle) -> Application:
    """Raises SchemaOutdated unless the database was migrated."""
    store = SqlStore(url)
    store.check()
    pipeline = Pipeline(loaded.models, load_policy(loaded.policy_text), KEYRING)
    number = itertools.count(time.time_ns())
    assessor = Assessor(store, lambda: pipeline, load_reference(), KEYRING, time.time, lambda: f"{next(number):020x}")
    return Application(store, pipeline, assessor)


@contextmanager
def application(url: str) -> Iterator[Application]:
    app = assemble(url, bundle())
    try:
        yield app
    finally:
        app.store.close()


def backend(url: str) -> Backend:
    """What the server stands on."""
    app = assemble(url, bundle())
    return Backend(app.assessor, app.store, Explainer(lambda name: app.pipeline.models), KEYRING)


class ShapModels:
    """The same models, explained by shap.TreeExplainer, as most people would."""

    def __init__(self, loaded: Bundle, model_text: str) -> None:
        import lightgbm
        import shap

        self._inner: LightGBMModels = loaded.models
        self._explain = shap.TreeExplainer(lightgbm.Booster(model_str=model_text))
        self.name, self.guards = self._inner.name, self._inner.guards

    def first(self, x: Rows) -> Floats:
        return self._inner.first(x)

    def final(self, x: Rows) -> Floats:
        return self._inner.final(x)

    def calibrate(self, margin: Floats) -> Floats:
        return self._inner.calibrate(margin)

    def contributions(self, x: Rows) -> Floats:
        values = np.asarray(self._explain.shap_values(x), dtype=np.float64)
        base = np.broadcast_to(np.asarray(self._explain.expected_value, dtype=np.float64), (len(x),))
        return np.column_stack([values, base])


class Direct:
    """In place of the batcher: each request alone, explained, on one of a few assessors that share the store."""

    def __init__(self, assessors: list[Assessor]) -> None:
        self._idle: queue.SimpleQueue[Assessor] = queue.SimpleQueue()
        for assessor in assessors:
            self._idle.put(assessor)

    def run(self, task: Task, timeout: float | None = None) -> Result:
        """As Batcher.run."""
        assessor = self._idle.get(timeout=timeout)
        try:
            answer = assessor.run([replace(task, explain=True)])[0]
        finally:
            self._idle.put(assessor)
        if isinstance(answer, SybilgateError):
            raise answer
        return answer


def naive_server(url: str, workers: int, threads: int) -> tuple[grpc.Server, int]:
    """A server of the same kind whose every request is a transaction, a prediction and a shap call of its own."""
    loaded = bundle()
    app = assemble(url, loaded)
    folder = Path(os.environ.get("SYBILGATE_MODEL_DIR") or _DEFAULT)
    models = ShapModels(loaded, (folder / "model.txt").read_text(encoding="utf-8"))
    pipeline = replace(app.pipeline, models=models)
    direct = Direct([replace(app.assessor, pipeline=lambda: pipeline) for _ in range(workers)])
    served = Backend(app.assessor, app.store, Explainer(lambda name: models), KEYRING)
    server = grpc.server(
        ThreadPoolExecutor(threads), interceptors=(ErrorInterceptor(),), maximum_concurrent_rpcs=threads
    )
    add_AssessmentServiceServicer_to_server(AssessmentServicer(served, direct), server)  # type: ignore[arg-type]
    return server, server.add_insecure_port("127.0.0.1:0")
