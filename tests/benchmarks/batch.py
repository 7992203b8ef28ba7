"""A whole base assessed again, end to end; prints JSON.

    python -m tests.benchmarks.batch [--accounts 20000] [--database sqlite|postgresql] [--only STAGE ...]

Stages: ``rescore`` (a job from its order to its last commit, the first over a base that nobody assessed and the second,
as billing runs it every period), ``sweep`` (over the same), ``predict`` (the model by the block against one call of
LightGBM's predict), ``equal`` (features against those of an online assessment at the same moment), ``kill`` (a job
whose process is killed five times), ``beside`` (p99 of signups with and without a job beside them), ``fleet`` (a
snapshot, assessed and grouped by DuckDB and, with ``--spark``, by Spark on this machine, with what they differ by).

Every job is a process of its own, as an operator would start it; ``peak_rss_gb`` is the most it held, ``seconds`` hold
its start. Other work on the machine lengthens ``seconds`` and ``work_seconds``; ``cpu_seconds`` hardly change. A world
of ``--world`` signups is simulated and copied until the base has ``--accounts``; see ``base``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from sybilgate.app.ordering import Orders, Wanted
from sybilgate.app.rescoring import Rescorer
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.identifier import Keyring
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.rescoring import Choice, JobRecord, JobState
from sybilgate.ids import SortableIds
from sybilgate.jobs.rescore import BLOCK
from sybilgate.store.store import open_store
from sybilgate.wiring import Application
from tests.benchmarks.application import application, configuration
from tests.benchmarks.base import count, load, megabytes, replayed
from tests.benchmarks.load import open_loop
from tests.benchmarks.million import staged
from tests.benchmarks.process import ServerProcess, databases, machine
from tests.benchmarks.traffic import requests, signups

_SYBILGATE = [sys.executable, "-m", "sybilgate"]


class Base:
    """A database of existing accounts, its jobs, and the environment of commands over it."""

    def __init__(self, url: str, environment: dict[str, str]) -> None:
        self.url, self.environment, self.store = url, environment, open_store(url)
        ids = SortableIds(time.time)
        self.orders = Orders(self.store, Keyring(1, bytes(32)), time.time, ids)

    def order(self) -> str:
        """A new job over everybody; its id."""
        return self.orders.create(Wanted(Choice.ALL)).job_id

    def job(self, job_id: str) -> JobRecord:
        return self.orders.get(job_id)


def rescore(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """Two jobs over everybody."""
    found: dict[str, Any] = {}
    loaded = ["--load"] if options.workers else []
    for name in ("first", "again"):
        job_id = base.order()
        took = staged([*_SYBILGATE, "rescore", "--resume", job_id, "--workers", str(options.workers), *loaded])
        job = base.job(job_id)
        rows = count(base.url, f"SELECT count(*) FROM rescore_result WHERE job_id = '{job_id}'")
        assert (job.state, rows) == (JobState.SUCCEEDED, job.total), "a whole job"
        found[name] = took | {
            "accounts": job.done, "raised": job.raised, "lowered": job.lowered,
            "work_seconds": round(job.seconds, 1), "accounts_per_second": round(job.done / job.seconds),
            "database_mb": megabytes(base.url),
        }  # fmt: skip
    return found


def sweep(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """What the sweep over the campaigns that the jobs found takes."""
    return staged([*_SYBILGATE, "sweep", "--dry-run"]) | {
        "campaigns": count(base.url, "SELECT count(*) FROM campaign"),
        "members": count(base.url, "SELECT count(*) FROM member"),
    }


def predict(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """Rows a second of the final model by the block, as jobs call it, and of one call over the same matrix."""
    with application(base.url) as app:
        booster = app.holder.current.models._final
        models, rows = app.holder.current.models, _features(app, options.predicted)
        ways: dict[str, Callable[[], object]] = {
            "job": lambda: [models.final(rows[i : i + BLOCK]) for i in range(0, len(rows), BLOCK)],
            "booster": lambda: booster.predict(rows, raw_score=True, num_threads=1),
        }
        rate = {name: round(len(rows) / _fastest(way)) for name, way in ways.items()}
    return {"rows": len(rows)} | {f"{name}_rows_per_second": value for name, value in rate.items()} | {
        "share": round(rate["job"] / rate["booster"], 3)
    }  # fmt: skip


def equal(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """The largest difference between features of a job's block and of the service, over the same accounts."""
    now, worst, accounts, decisions = time.time(), 0.0, 0, 0
    with application(base.url) as app:
        serving = replace(app.assessor, clock=lambda: now)
        for names in _names(app, options.compared):
            with app.store.view() as view:
                block = Rescorer(serving).score(view, names)
            answers = [serving.run([Task(mode=Mode.RESCORE, account_ids=(name,))])[0] for name in block.known]
            for answer, mine, decision in zip(answers, block.found.features, block.found.decision, strict=True):
                assert isinstance(answer, Result) and isinstance(answer.assessments[0], AssessmentRecord)
                theirs = np.frombuffer(answer.assessments[0].features, "<f4")
                assert (np.isnan(theirs) == np.isnan(mine)).all()
                worst = max(worst, float(np.nanmax(np.abs(theirs - mine))))
                decisions += int(answer.assessments[0].decision != decision)
                accounts += 1
    return {"accounts": accounts, "largest_difference": worst, "decisions_raised_by_a_campaign": decisions}


def kill(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """A job whose process is killed five times."""
    rng, before, kills = Random(3), count(base.url, "SELECT count(*) FROM assessment"), 0
    job_id, done = base.order(), []
    for _ in range(5):
        command = [*_SYBILGATE, "rescore", "--resume", job_id, "--share", "0.5"]
        with subprocess.Popen(command, env=base.environment, stdout=sys.stderr) as process:
            start = base.job(job_id).done
            while base.job(job_id).done == start and process.poll() is None:
                time.sleep(0.02)
            time.sleep(rng.random())
            process.send_signal(signal.SIGKILL)
        kills += process.returncode == -signal.SIGKILL
        done.append(base.job(job_id).done)
        _forget(base, job_id)
    staged([*_SYBILGATE, "rescore", "--resume", job_id])
    job = base.job(job_id)
    named = f"SELECT count(DISTINCT account_id) FROM rescore_result WHERE job_id = '{job_id}'"
    return {
        "kills": kills, "done_when_killed": done, "accounts": job.total, "done": job.done,
        "accounts_named": count(base.url, named),
        "assessments": count(base.url, "SELECT count(*) FROM assessment") - before,
    }  # fmt: skip


def beside(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """Signups at a fixed rate, in turn without and with a job beside them, through one server."""
    rounds, calls = options.rounds, int(options.rate * options.seconds)
    given = requests(signups(2 * rounds * calls + 400, seed=21), prefix=f"b{os.getpid()}")
    p99: dict[str, list[float]] = {"alone": [], "beside": []}
    p50: dict[str, list[float]] = {"alone": [], "beside": []}
    rate, used = 0.0, 400
    with ServerProcess("sybilgate", base.url) as server:
        open_loop(server.port, given[:400], options.rate)
        for _ in range(rounds):
            for name in ("alone", "beside"):
                job_id = base.order() if name == "beside" else ""
                while job_id and base.job(job_id).done == 0:
                    time.sleep(0.2)
                before = base.job(job_id).done if job_id else 0
                sample = open_loop(server.port, given[used : used + calls], options.rate, seed=used)
                used += calls
                p99[name].append(sample.quantile_ms(0.99))
                p50[name].append(sample.quantile_ms(0.5))
                if job_id:
                    rate = (base.job(job_id).done - before) / sample.seconds
                    base.orders.cancel(job_id)
                    time.sleep(3.0)
    both = {name: round(median(values), 2) for name, values in p99.items()}
    return {
        "signups_per_second": options.rate, "job_accounts_per_second": round(rate), "p99_ms": both,
        "p50_ms": {name: round(median(values), 2) for name, values in p50.items()},
        "p99_rounds_ms": {name: [round(value, 2) for value in values] for name, values in p99.items()},
        "ratio": round(both["beside"] / both["alone"], 3),
    }  # fmt: skip


def fleet(base: Base, options: argparse.Namespace) -> dict[str, Any]:
    """A snapshot and what each engine makes of it; ``seconds`` of an engine hold its start."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="sybilgate-fleet-") as name:
        folder = Path(name)
        snap = folder / "snap"
        command = [*_SYBILGATE, "fleet"]
        found["snapshot"] = staged([*command, "snapshot", str(snap)]) | {"mb": round(_size(snap) / 2**20, 1)}
        for engine in ("duckdb", "spark") if options.spark else ("duckdb",):
            out, chosen = folder / engine, ["--engine", engine, "--master", "local[2]"]
            took = staged([*command, "assess", str(snap), str(out), *chosen])
            grouped = staged([*command, "group", str(snap), str(out), str(folder / f"{engine}-groups"), *chosen])
            groups = pq.read_table(folder / f"{engine}-groups")
            found[engine] = {
                "assess": took, "group": grouped, "mb": round(_size(out) / 2**20, 1), "grouped": groups.num_rows,
                "groups": len(groups["group_id"].unique()), "largest": max(groups["size"].to_pylist(), default=0),
            }  # fmt: skip
        if options.spark:
            found["difference"] = _difference(folder / "duckdb", folder / "spark")
    return found


def _difference(one: Path, other: Path) -> dict[str, float]:
    """Accounts, and the largest difference of their risks between two assessed snapshots."""
    left, right = (pq.read_table(path).sort_by("account_id") for path in (one, other))
    assert left["account_id"].equals(right["account_id"]), "the same accounts"
    risks = (table["risk"].to_numpy() for table in (left, right))
    return {"accounts": left.num_rows, "largest": float(np.abs(np.subtract(*risks)).max())}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


def _names(app: Application, most: int) -> list[list[str]]:
    """The ids of at most ``most`` accounts, by the block."""
    job = JobRecord("", Choice.ALL.value, 0.0, 0, "", 1, 1, 0.0)
    with app.store.view() as view:
        names = view.names(job, "", most)
    return [names[i : i + BLOCK] for i in range(0, len(names), BLOCK)]


def _features(app: Application, most: int) -> np.ndarray:
    parts = []
    for names in _names(app, most):
        with app.store.view() as view:
            parts.append(Rescorer(app.assessor).score(view, names).found.features)
    return np.ascontiguousarray(np.concatenate(parts))


def _fastest(way: Callable[[], object]) -> float:
    """Seconds of the fastest of three."""
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        way()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _forget(base: Base, job_id: str) -> None:
    """Take the dead for dead at once, instead of waiting for their lease to end."""
    job = base.job(job_id)
    with base.store.unit() as unit:
        unit.set_job(replace(job, update_time=0.0), job.owner, job.cursor)


STAGES: dict[str, Callable[[Base, argparse.Namespace], dict[str, Any]]] = {
    "rescore": rescore, "sweep": sweep, "predict": predict, "equal": equal, "kill": kill, "beside": beside,
    "fleet": fleet,
}  # fmt: skip


def run(options: argparse.Namespace, url: str, folder: Path) -> dict[str, Any]:
    """The chosen stages over one base."""
    with configuration(url) as config:
        own = {"SYBILGATE_DATABASE_URL": url, "SYBILGATE_KEY_FILE": str(config.key_file)}
        os.environ.update(own)
        began = time.perf_counter()
        with application(url) as app:
            world = min(options.world, options.accounts)
            state = replayed(folder, world, options.days, app.keyring, replace(app.assessor.pipeline(), evidence=False))
        made = load(url, state, max(1, round(options.accounts / len(state.accounts))))
        found: dict[str, Any] = {"base": made | {"load_seconds": round(time.perf_counter() - began, 1)}}
        found["base"]["database_mb"] = megabytes(url)
        del state
        base = Base(url, os.environ | own)
        for name in options.only or STAGES:
            print(f"{name} …", file=sys.stderr)
            found[name] = STAGES[name](base, options)
            print(json.dumps(found[name]), file=sys.stderr, flush=True)
        base.store.close()
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000, help="about so many; 1000000 for the whole measurement")
    parser.add_argument("--world", type=int, default=20_000, help="signups simulated; the base is copies of them")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--only", action="append", default=[], choices=sorted(STAGES))
    parser.add_argument("--workers", type=int, default=1, help="processes that score; 0: one does everything")
    parser.add_argument("--spark", action="store_true", help="in `fleet`, by Spark, too; needs Java")
    parser.add_argument("--compared", type=int, default=10_000, help="accounts in `equal`")
    parser.add_argument("--predicted", type=int, default=20_000, help="rows in `predict`")
    parser.add_argument("--rate", type=float, default=50.0, help="signups a second in `beside`")
    parser.add_argument("--seconds", type=float, default=10.0, help="of a measurement in `beside`")
    parser.add_argument("--rounds", type=int, default=3, help="of `beside`")
    options = parser.parse_args(arguments)
    with databases(options.database) as made, tempfile.TemporaryDirectory(prefix="sybilgate-batch-") as folder:
        found = run(options, made.new(), Path(folder))
    json.dump({"machine": machine(), "database": options.database, **found}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
