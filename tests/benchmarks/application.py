"""The service's parts over one database, put together for measuring: as it is, and the naive way."""

from __future__ import annotations

import os
import queue
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import lightgbm
import numpy as np

from sybilgate import loading, wiring
from sybilgate.app.assess import Assessor
from sybilgate.app.explain import Explainer
from sybilgate.app.task import Result, Task
from sybilgate.config import Config
from sybilgate.core.event import Event
from sybilgate.core.identifier import Key, keys_of
from sybilgate.core.observe import observe
from sybilgate.core.scoring import Floats, LightGBMModels, Rows
from sybilgate.errors import SybilgateError
from sybilgate.rpc.assessments import AssessmentServicer
from sybilgate.rpc.interceptors import ErrorInterceptor
from sybilgate.v1.assessment_service_pb2_grpc import add_AssessmentServiceServicer_to_server


@contextmanager
def configuration(url: str) -> Iterator[Config]:
    """Settings for one database. The key is always the same; SYBILGATE_MODEL_DIR names another model."""
    with tempfile.TemporaryDirectory(prefix="sybilgate-key-") as folder:
        key = Path(folder) / "key"
        key.write_bytes(b"a secret for measurements only!!")
        model = os.environ.get("SYBILGATE_MODEL_DIR")
        address = "127.0.0.1:0"
        spool, bundle = Path(os.environ.get("SYBILGATE_SPOOL_DIR", folder)), Path(model) if model else None
        yield Config(
            database_url=url, address=address, key_file=key, model_dir=bundle, auth="off", spool_dir=spool
        )  # fmt: skip


@contextmanager
def application(url: str) -> Iterator[wiring.Application]:
    """The service without its server."""
    with configuration(url) as config:
        app = wiring.build(config)
        try:
            yield app
        finally:
            app.close()


def identifiers_of(app: wiring.Application, event: Event) -> list[Key]:
    """The identifiers an event names."""
    return [key for key in keys_of(observe([event], app.reference, app.keyring).keys[0]) if key]


class ShapModels:
    """The same models, explained by shap.TreeExplainer, as most people would."""

    def __init__(self, models: LightGBMModels, text: str) -> None:
        import shap  # slow to import, and only the naive way needs it

        self._inner = models
        self._explain = shap.TreeExplainer(lightgbm.Booster(model_str=text))
        self.name, self.guards, self.tails, self.mates = models.name, models.guards, models.tails, models.mates

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

    def first_contributions(self, x: Rows) -> Floats:
        return self._inner.first_contributions(x)


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


@contextmanager
def naive_server(url: str, workers: int, threads: int) -> Iterator[tuple[grpc.Server, int]]:
    """A server of the same kind whose every request is a transaction, a prediction and a shap call of its own."""
    with configuration(url) as config, application(url) as app:
        text = (loading.model_dir(config) / "model.txt").read_text(encoding="utf-8")
        models = ShapModels(app.holder.current.models, text)
        pipeline = replace(app.assessor.pipeline(), models=models)
        direct = Direct([replace(app.assessor, pipeline=lambda: pipeline) for _ in range(workers)])
        served = replace(app.backend, explainer=Explainer(lambda name: models))
        server = grpc.server(
            ThreadPoolExecutor(threads), interceptors=(ErrorInterceptor(),), maximum_concurrent_rpcs=threads
        )
        add_AssessmentServiceServicer_to_server(AssessmentServicer(served, direct), server)  # type: ignore[arg-type]
        yield server, server.add_insecure_port("127.0.0.1:0")
