"""What each stage of a request costs, at several sizes of batch; prints JSON, or a table for a page.

    python -m tests.benchmarks.stages [--databases sqlite,postgresql] [--batches 1,32,128] [--events 1600] [--explain]
                                      [--table]

The parts of the service without its server: requests are decoded, checked and converted one by one, run through the
assessor in batches, and the answers rendered and encoded. Microseconds an event of CPU time of this process and by the
clock, medians over the batches: what the clock shows beyond CPU is waiting, for a disk or for PostgreSQL. The cost of
gRPC itself is that of the echo in ``tests.benchmarks.online``. ``--explain`` asks to explain every
signup. ``assemble`` is what the assessor does between stages.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from statistics import median
from typing import Any

from sybilgate import wiring
from sybilgate.app.task import Mode, Result, Task
from sybilgate.core.identifier import Key
from sybilgate.core.ledger import Plan
from sybilgate.core.observation import Observations
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Judged, Outcome, Pipeline
from sybilgate.rpc import calls
from sybilgate.rpc.convert import event_from
from sybilgate.rpc.render import render
from sybilgate.rpc.validation import check
from sybilgate.v1.assessment_service_pb2 import CreateAssessmentRequest
from tests.benchmarks.application import application
from tests.benchmarks.process import databases, machine
from tests.benchmarks.traffic import requests, signups

Numbers = dict[str, tuple[float, float]]
#: Batches that are run before any is measured: compiled code, caches, prepared statements.
_WARM = 8


@dataclass
class Watch:
    """CPU and clock seconds by stage; a stage inside another is taken off the outer one."""

    spent: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    inner: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0]])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self.inner.append([0.0, 0.0])
        cpu, clock = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            whole = [time.process_time() - cpu, time.perf_counter() - clock]
            within = self.inner.pop()
            for i in (0, 1):
                self.spent[name][i] += whole[i] - within[i]
                self.inner[-1][i] += whole[i]

    def around(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """``call``, timed under ``name``."""

        def timed(*given: Any, **named: Any) -> Any:
            with self.stage(name):
                return call(*given, **named)

        return timed

    def reset(self) -> Numbers:
        """What was spent since the last time."""
        found = {name: (cpu, clock) for name, (cpu, clock) in self.spent.items()}
        self.spent.clear()
        return found


class TimedUnit:
    """Every method of a unit is a stage of its name."""

    def __init__(self, unit: Any, watch: Watch) -> None:
        self._unit, self._watch = unit, watch

    def __getattr__(self, name: str) -> Any:
        return self._watch.around(name, getattr(self._unit, name))


class TimedStore:
    """A store whose units are timed, from taking the lock to the commit."""

    def __init__(self, store: Any, watch: Watch) -> None:
        self._store, self._watch = store, watch

    @contextmanager
    def unit(self) -> Iterator[TimedUnit]:
        unit = self._store.unit()
        with self._watch.stage("begin"):
            opened = unit.__enter__()
        yield TimedUnit(opened, self._watch)
        with self._watch.stage("commit"):
            unit.__exit__(None, None, None)


@dataclass(frozen=True)
class TimedPipeline(Pipeline):
    """A pipeline whose three steps are stages."""

    watch: Watch = field(default_factory=Watch)

    def plan(self, obs: Observations, *rest: Any) -> Plan:
        with self.watch.stage("plan"):
            return super().plan(obs, *rest)

    def run(self, plan: Plan, known: Mapping[Key, Any], score: Any) -> Judged:
        with self.watch.stage("fold and score"):
            return super().run(plan, known, score)

    def settle(self, *given: Any) -> Outcome:
        with self.watch.stage("place and pack"):
            return super().settle(*given)


def timed(app: wiring.Application, watch: Watch) -> Any:
    """The application's assessor, timed."""
    found = app.assessor.pipeline()
    pipeline = TimedPipeline(**{f.name: getattr(found, f.name) for f in fields(Pipeline)}, watch=watch)
    return replace(app.assessor, store=TimedStore(app.assessor.store, watch), pipeline=lambda: pipeline)


def received(app: wiring.Application, watch: Watch, data: bytes) -> Task:
    """A request as the servicer takes it in."""
    with watch.stage("decode"):
        request = CreateAssessmentRequest.FromString(data)
    with watch.stage("validate"):
        check(request)
    with watch.stage("convert"):
        events = (event_from(request.event),)
        return calls.make_task(
            app.keyring, request, Mode.ASSESS, request_id=request.request_id, events=events, explain=request.explain
        )


def answered(app: wiring.Application, watch: Watch, answer: Any, explain: bool) -> bytes:
    """A reply as the servicer gives it."""
    assert isinstance(answer, Result)
    (record,) = answer.assessments
    with watch.stage("render"):
        message = render(record, app.explainer, view=0, explain=explain, replayed=False, placement=None)  # type: ignore[arg-type]
    with watch.stage("encode"):
        return message.SerializeToString()


def run(app: wiring.Application, given: Sequence[bytes], size: int, watch: Watch) -> list[Numbers]:
    """Seconds by stage of each batch."""
    assessor, found = timed(app, watch), []
    for start in range(0, len(given), size):
        tasks = [received(app, watch, data) for data in given[start : start + size]]
        with watch.stage("observe"):
            observe([event for task in tasks for event in task.events], app.reference, app.keyring)
        with watch.stage("assemble"):
            answers = assessor.run(tasks)
        for task, answer in zip(tasks, answers, strict=True):
            answered(app, watch, answer, task.explain)
        found.append(_parted(watch.reset()))
    return found[_WARM:]


def _parted(numbers: Numbers) -> Numbers:
    """The assessor observes for itself, too: what was measured apart is taken off it."""
    (cpu, clock), (cpu_apart, clock_apart) = numbers["assemble"], numbers["observe"]
    return numbers | {"assemble": (cpu - cpu_apart, clock - clock_apart)}


def summary(found: Sequence[Numbers], size: int) -> dict[str, dict[str, float]]:
    """Microseconds an event: medians over the batches, stages that cost anything only."""
    out: dict[str, dict[str, float]] = {}
    for name in {name for numbers in found for name in numbers}:
        of = [numbers.get(name, (0.0, 0.0)) for numbers in found]
        cpu, clock = (1e6 * median(values) / size for values in zip(*of, strict=True))
        if max(cpu, clock) >= 0.5:
            out[name] = {"cpu_us": round(cpu, 1), "clock_us": round(clock, 1)}
    whole = {unit: round(sum(numbers[unit] for numbers in out.values()), 1) for unit in ("cpu_us", "clock_us")}
    return {**dict(sorted(out.items(), key=lambda item: -item[1]["clock_us"])), "all": whole}


def table(report: dict[str, Any]) -> str:
    """Clock microseconds (CPU in brackets) by stage, a column for each database and size of batch."""
    columns = [(kind, size) for kind, sizes in report["stages"].items() for size in sizes]
    names = dict.fromkeys(name for kind, size in columns for name in report["stages"][kind][size])
    head = " | ".join(f"{kind}, {size}" for kind, size in columns)
    lines = [f"| stage | {head} |", "|---" * (len(columns) + 1) + "|"]
    for name in sorted(names, key=lambda name: name == "all"):
        cells = [report["stages"][kind][size].get(name) for kind, size in columns]
        texts = [f"{cell['clock_us']:.0f} ({cell['cpu_us']:.0f})" if cell else "–" for cell in cells]
        lines.append(f"| {name} | {' | '.join(texts)} |")
    return "\n".join(lines)


def measured(kinds: Sequence[str], sizes: Sequence[int], events: int, explain: bool) -> dict[str, Any]:
    """Every database at every size of batch, each on a store of its own with some accounts in it."""
    out: dict[str, dict[str, Any]] = {}
    for kind in kinds:
        out[kind] = {}
        for size in sizes:
            count = min(events, 200 * size)
            given = requests(signups(count + (_WARM + 10) * size), explain=explain)
            with databases(kind) as made, application(made.new()) as app:
                out[kind][str(size)] = summary(run(app, given, size, Watch()), size)
    return out


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--batches", default="1,32,128")
    parser.add_argument("--events", type=int, default=1600)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args(arguments)
    sizes = [int(size) for size in given.batches.split(",")]
    stages = measured(given.databases.split(","), sizes, given.events, given.explain)
    report = {"machine": machine(), "stages": stages}
    if given.table:
        print(table(report))
        return
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
