"""The service beside what others would use, in one run; prints JSON.

    python -m tests.benchmarks.peers [--quick] [--environments FOLDER] [--arms echo,sybilgate,naive,fastapi,mlserver]

``fastapi`` is FastAPI + LightGBM + shap.TreeExplainer + SQLAlchemy on SQLite, ``mlserver`` is MLServer with its
LightGBM runtime over gRPC: it predicts, and neither explains nor stores. Both are sent ready-made feature rows of the
default model; ``sybilgate`` (``naive``, ``echo``: see ``tests.benchmarks.online``) is sent events and makes those rows
from what it has stored. ``fastapi`` and ``naive`` explain every call, ``sybilgate`` those that people will look at; all
store durably but MLServer and the echo. Each peer lives in an environment that this program makes (and keeps, if told
where); one that cannot be made is left out, with the reason. Arms are interleaved, numbers are medians of the rounds;
the open loop asks at 60 % of an arm's own capacity and counts from when a call was due.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from sybilgate.app.replay import Replay
from sybilgate.config import Config
from sybilgate.core.event import Event
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import load_policy
from sybilgate.core.scoring import Rows
from sybilgate.loading import load_model, model_dir, packaged_model
from sybilgate.reference import load_reference
from sybilgate.training.dataset import TRAINING_KEYS
from tests.benchmarks import http_load, load
from tests.benchmarks.load import Sample
from tests.benchmarks.process import ServerProcess, cpu_seconds, databases, machine
from tests.benchmarks.traffic import Feed, requests, signups

IN_FLIGHT = (1, 32, 128)
_OURS = ("echo", "sybilgate", "naive")
_PACKAGES = {
    "fastapi": ("fastapi", "uvicorn[standard]", "lightgbm", "shap", "sqlalchemy"),
    "mlserver": ("mlserver", "mlserver-lightgbm"),
}
_INFER = "/inference.GRPCInferenceService/ModelInfer"
_HERE = Path(__file__).parent
_LOAD = 0.6
_WARM = 100
_START_SECONDS = 90.0
#: Feature rows made for the peers; they keep nothing that a second call would meet again.
_ROWS = 400


@dataclass(frozen=True)
class Effort:
    """Rounds, most seconds a measurement, most calls of one."""

    rounds: int
    seconds: float
    calls: int


FULL, QUICK = Effort(5, 1.5, 1000), Effort(1, 1.5, 400)


@dataclass
class Arm:
    """A running server: how to call it, and the CPU seconds it has used."""

    name: str
    feed: Feed
    closed: Callable[[Sequence[bytes], int, float], Sample]
    opened: Callable[[Sequence[bytes], float, int], Sample]
    cpu: Callable[[], float]


def measured(arm: Arm, run: Callable[[], Sample]) -> tuple[Sample, dict[str, float]]:
    """One measurement and its numbers."""
    before = arm.cpu()
    sample = run()
    spent = arm.cpu() - before
    return sample, {
        "per_second": sample.throughput,
        **{f"p{name}_ms": sample.quantile_ms(q) for name, q in (("50", 0.5), ("99", 0.99), ("999", 0.999))},
        "server_cpu_us_per_call": spent * 1e6 / max(1, len(sample.latencies)),
        "errors": float(sample.errors),
    }


def run_round(arms: Sequence[Arm], effort: Effort, seed: int) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Every arm once at every number of calls in flight, then each at 60 % of what it just did at most."""
    most: dict[str, float] = defaultdict(float)
    for n in IN_FLIGHT:
        for arm in arms:
            given = arm.feed.take(effort.calls if n > 1 else effort.calls // 4)
            sample, numbers = measured(arm, lambda arm=arm, n=n, given=given: arm.closed(given, n, effort.seconds))  # type: ignore[misc]
            most[arm.name] = max(most[arm.name], sample.throughput)
            yield arm.name, f"in_flight_{n}", numbers
    for arm in arms:
        rate = _LOAD * most[arm.name]
        if rate > 0:
            given = arm.feed.take(min(effort.calls, int(rate * 2 * effort.seconds)))
            _, numbers = measured(arm, lambda arm=arm, given=given, rate=rate: arm.opened(given, rate, seed))  # type: ignore[misc]
            yield arm.name, "open_loop_60_percent", numbers | {"rate": rate}


def environment(folder: Path, name: str) -> Path:
    """Python of a peer's environment, made if it is not there. Raises RuntimeError with the reason if it cannot be."""
    python = folder / name / "bin" / "python"
    if not (folder / name / "ready").exists():
        uv = shutil.which("uv")
        make = [uv, "venv", "-q"] if uv else [sys.executable, "-m", "venv"]
        install = [uv, "pip", "install", "-q", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
        shutil.rmtree(folder / name, ignore_errors=True)
        for command in ([*make, str(folder / name)], [*install, *_PACKAGES[name]]):
            done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
            if done.returncode:
                raise RuntimeError(f"{' '.join(command[-3:])}: {done.stderr.strip().splitlines()[-1:]}")
        (folder / name / "ready").touch()
    return python


@contextmanager
def process(command: Sequence[str], port: int, cwd: Path) -> Iterator[int]:
    """A peer's server, once its port takes connections; its process id."""
    # One thread: several for one row cost a peer more than they bring, and the caller shares the cores.
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            command, cwd=cwd, stdout=said, stderr=said, env=os.environ | {"OMP_NUM_THREADS": "1"}
        ) as running,
    ):
        try:
            until = time.monotonic() + _START_SECONDS
            while not _listens(port):
                if running.poll() is not None or time.monotonic() > until:
                    said.seek(0)
                    raise RuntimeError(f"did not start: {said.read()[-500:].decode(errors='replace')}")
                time.sleep(0.2)
            yield running.pid
        finally:
            running.terminate()


def ours(stack: ExitStack, name: str, url: str, given: list[bytes]) -> Arm:
    """The service, the naive way or the echo."""
    server = stack.enter_context(ServerProcess(name, url))
    feed = Feed(given, endless=name == "echo")
    return Arm(
        name, feed, lambda given, n, seconds: load.closed_loop(server.port, given, n, seconds),
        lambda given, rate, seed: load.open_loop(server.port, given, rate, seed), server.cpu_seconds,
    )  # fmt: skip


def fastapi(stack: ExitStack, python: Path, folder: Path, model: Path, rows: Rows) -> Arm:
    """FastAPI on SQLite."""
    port = _free_port()
    command = [str(python), str(_HERE / "peer_fastapi.py"), str(model), f"sqlite:///{folder / 'peer.db'}", str(port)]
    pid = stack.enter_context(process(command, port, folder))
    bodies = [
        json.dumps({"account_id": f"a{n}", "features": [None if v != v else v for v in row]}).encode()
        for n, row in enumerate(rows.astype(float).tolist())
    ]
    return Arm(
        "fastapi", Feed(bodies, endless=True), lambda given, n, s: http_load.closed_loop(port, given, n, s),
        lambda given, rate, seed: http_load.open_loop(port, given, rate, seed), lambda: cpu_seconds(pid),
    )  # fmt: skip


def mlserver(stack: ExitStack, python: Path, folder: Path, model: Path, rows: Rows) -> Arm:
    """MLServer in one process, which is its fastest way for a model this small."""
    ports = [_free_port() for _ in range(3)]
    names = ("grpc_port", "http_port", "metrics_port")
    settings = dict(zip(names, ports, strict=True)) | {"host": "127.0.0.1", "parallel_workers": 0, "debug": False}
    (folder / "risk").mkdir()
    (folder / "settings.json").write_text(json.dumps(settings))
    shutil.copy(model, folder / "risk" / "model.bst")
    chosen = {"name": "risk", "implementation": "mlserver_lightgbm.LightGBMModel"}
    parameters = {"parameters": {"uri": "./model.bst", "version": "1"}}
    (folder / "risk" / "model-settings.json").write_text(json.dumps(chosen | parameters))
    np.save(folder / "rows.npy", rows)
    made = [str(python), str(_HERE / "peer_mlserver.py"), str(folder / "rows.npy"), str(folder / "requests")]
    subprocess.run(made, check=True, capture_output=True, timeout=120)
    command = [str(python.parent / "mlserver"), "start", str(folder)]
    pid = stack.enter_context(process(command, ports[0], folder))
    return Arm(
        "mlserver", Feed(list(parted((folder / "requests").read_bytes())), endless=True),
        lambda given, n, seconds: load.closed_loop(ports[0], given, n, seconds, method=_INFER),
        lambda given, rate, seed: load.open_loop(ports[0], given, rate, seed, method=_INFER),
        lambda: cpu_seconds(pid),
    )  # fmt: skip


_PEERS = {"fastapi": fastapi, "mlserver": mlserver}


def feature_rows(events: Sequence[Event]) -> Rows:
    """The rows that the default model reads for these signups, one after another."""
    bundle = load_model(packaged_model())
    replay = Replay(Pipeline(bundle.models, load_policy(bundle.policy_text), TRAINING_KEYS))
    return replay.fold(observe(events, load_reference(), TRAINING_KEYS)).features


def compared(names: Sequence[str], effort: Effort, environments: Path) -> dict[str, Any]:
    """All rounds."""
    needed = (effort.rounds + 1) * 4 * effort.calls
    events = signups(needed if set(names) & set(_OURS) else _ROWS)
    given, rows = requests(events), cache(lambda: feature_rows(events[:_ROWS]))
    out: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    left_out: dict[str, str] = {}
    model = model_dir(Config()) / "model.txt"
    with (
        databases("sqlite") as made,
        tempfile.TemporaryDirectory(prefix="sybilgate-peers-") as folder,
        ExitStack() as s,
    ):
        arms: list[Arm] = []
        for name in names:
            try:
                if name in _OURS:
                    arms.append(ours(s, name, "" if name == "echo" else made.new(), given))
                else:
                    home = Path(folder) / name
                    home.mkdir()
                    arms.append(_PEERS[name](s, environment(environments, name), home, model, rows()))
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                left_out[name] = str(error)
        for arm in arms:
            arm.closed(arm.feed.take(_WARM), 1, 20.0)
            arm.closed(arm.feed.take(_WARM), 8, 20.0)
        for seed in range(effort.rounds):
            first = seed % max(1, len(arms))
            turned = arms[first:] + arms[:first]
            for name, level, numbers in run_round(turned, effort, seed):
                for key, value in numbers.items():
                    out[name][level][key].append(value)
    medians = {
        name: {level: {k: round(median(v), 3) for k, v in numbers.items()} for level, numbers in by.items()}
        for name, by in out.items()
    }
    return {"arms": medians, "left_out": left_out, "sybilgate_over": _ratios(medians)}


def _ratios(arms: dict[str, dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Our throughput, and our CPU a call, over each other arm's, at 32 in flight."""
    if "sybilgate" not in arms:
        return {}
    mine = arms["sybilgate"]["in_flight_32"]
    keys = ("per_second", "server_cpu_us_per_call")
    return {
        name: {key: round(mine[key] / by["in_flight_32"][key], 2) for key in keys if by["in_flight_32"][key]}
        for name, by in arms.items()
        if name != "sybilgate"
    }


def parted(data: bytes) -> Iterator[bytes]:
    """Requests out of a file in which each follows its length."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + size]
        at += 4 + size


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--environments", type=Path, help="where the peers' environments are kept; else made anew")
    parser.add_argument("--arms", default=",".join((*_OURS, *_PEERS)))
    given = parser.parse_args()
    names = given.arms.split(",")
    if unknown := set(names) - {*_OURS, *_PEERS}:
        parser.error(f"unknown arms: {', '.join(sorted(unknown))}")
    effort = QUICK if given.quick else FULL
    with tempfile.TemporaryDirectory(prefix="sybilgate-environments-") as made:
        found = compared(names, effort, given.environments or Path(made))
    json.dump({"machine": machine(), "rounds": effort.rounds, **found}, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
