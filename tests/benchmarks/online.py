"""The service against a bare echo and against the naive way, interleaved; prints JSON.

    python -m tests.benchmarks.online [--quick] [--databases sqlite,postgresql] [--arms echo,echo_aio,sybilgate,naive]

Arms: ``echo`` and ``echo_aio`` read the same requests and answer with a ready reply; ``sybilgate`` is the service;
``sybilgate_explained`` the service asked to explain every request; ``sybilgate_processes`` two processes of it on one
port, called on 16 connections (PostgreSQL only); ``naive`` does one transaction, one
Booster.predict and one shap.TreeExplainer call per request with the same features, tables and server kind.
Every number is the median over the rounds; every round visits every arm once. CPU is that of the server's process
alone: a database server's is not counted. Bounded by calls and by seconds per measurement.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.load import Sample, closed_loop, open_loop
from tests.benchmarks.process import ServerProcess, databases, machine
from tests.benchmarks.traffic import Feed, requests, signups

IN_FLIGHT = (1, 32, 128)
_ECHOES = ("echo", "echo_aio")
_ARMS = (*_ECHOES, "sybilgate", "sybilgate_explained", "sybilgate_processes", "naive")
_PROCESSES, _CONNECTIONS = 2, 16
#: Share of the measured capacity at which the open loop asks for the 99th percentile.
_LOAD = 0.6


@dataclass(frozen=True)
class Effort:
    """How much to measure: rounds, most calls and most seconds per measurement."""

    rounds: int
    calls: dict[int, int]
    open_calls: int
    seconds: float

    @property
    def needed(self) -> int:
        """Requests one server can be asked for."""
        return self.rounds * (sum(self.calls.values()) + self.open_calls) + 2 * _WARM


_WARM = 100
FULL = Effort(5, {1: 200, 32: 1200, 128: 1200}, 600, 1.5)
QUICK = Effort(1, {1: 100, 32: 400, 128: 400}, 300, 2.0)


@dataclass
class Arm:
    """A running server and the requests it has not seen yet."""

    name: str
    server: ServerProcess
    feed: Feed
    channels: int = 1


Numbers = dict[str, list[float]]


def measure(arm: Arm, in_flight: int, effort: Effort) -> tuple[Sample, dict[str, float]]:
    """One closed-loop measurement."""
    before = arm.server.cpu_seconds()
    sample = closed_loop(
        arm.server.port, arm.feed.take(effort.calls[in_flight]), in_flight, effort.seconds, arm.channels
    )
    return sample, _numbers(sample, arm.server.cpu_seconds() - before)


def _numbers(sample: Sample, cpu: float) -> dict[str, float]:
    return {
        "per_second": sample.throughput,
        "p50_ms": sample.quantile_ms(0.5),
        "p99_ms": sample.quantile_ms(0.99),
        "p999_ms": sample.quantile_ms(0.999),
        "server_cpu_us_per_call": cpu * 1e6 / max(1, len(sample.latencies)),
        "errors": float(sample.errors),
    }


def run_round(arms: list[Arm], effort: Effort, seed: int, out: dict[str, dict[str, Numbers]]) -> None:
    """Every arm once at every number of calls in flight, then the open loop of the service itself."""
    capacity: dict[str, float] = defaultdict(float)
    for in_flight in IN_FLIGHT:
        for arm in arms:
            sample, numbers = measure(arm, in_flight, effort)
            capacity[arm.name] = max(capacity[arm.name], sample.throughput)
            _note(out[arm.name][f"in_flight_{in_flight}"], numbers)
    for arm in arms:
        if arm.name in ("sybilgate", "sybilgate_processes") and capacity[arm.name] > 0:
            before = arm.server.cpu_seconds()
            rate = _LOAD * capacity[arm.name]
            sample = open_loop(arm.server.port, arm.feed.take(effort.open_calls), rate, seed, arm.channels)
            numbers = _numbers(sample, arm.server.cpu_seconds() - before) | {"rate": rate}
            _note(out[arm.name]["open_loop_60_percent"], numbers)


def _note(target: Numbers, numbers: dict[str, float]) -> None:
    for name, value in numbers.items():
        target[name].append(value)


def start(stack: ExitStack, name: str, url: str, plain: list[bytes], explained: list[bytes], workers: int) -> Arm:
    """A server with its first calls behind it: imports, compiled code and caches are warm."""
    kind = "sybilgate" if name == "sybilgate_explained" else name
    many = name == "sybilgate_processes"
    server = stack.enter_context(ServerProcess(kind, url, workers=_PROCESSES if many else workers))
    feed = Feed(explained if name == "sybilgate_explained" else plain, endless=name in _ECHOES)
    arm = Arm(name, server, feed, _CONNECTIONS if many else 1)
    closed_loop(server.port, feed.take(_WARM), 1, 30.0)
    closed_loop(server.port, feed.take(_WARM), 8, 30.0, arm.channels)
    return arm


def run(kind: str, names: list[str], effort: Effort, workers: int) -> dict[str, object]:
    """All rounds on one kind of database."""
    events = signups(effort.needed)
    plain, explained = requests(events), requests(events, explain=True)
    names = [name for name in names if name != "sybilgate_processes" or kind == "postgresql"]
    out: dict[str, dict[str, Numbers]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    with databases(kind) as made, ExitStack() as stack:
        arms = [start(stack, name, "" if name in _ECHOES else made.new(), plain, explained, workers) for name in names]
        for seed in range(effort.rounds):
            # The order turns, so that no arm always follows the same one.
            turned = arms[seed % len(arms) :] + arms[: seed % len(arms)]
            run_round(turned, effort, seed, out)
    return {
        name: {
            level: {key: round(median(values), 3) for key, values in numbers.items()} for level, numbers in by.items()
        }
        for name, by in out.items()
    }


def ratios(arms: dict[str, dict[str, dict[str, float]]]) -> dict[str, float]:
    """What the design aims at."""
    if not {"echo", "sybilgate", "naive"} <= arms.keys():
        return {}
    ours, naive, echo = arms["sybilgate"], arms["naive"], arms["echo"]
    return {
        "throughput_at_32_over_naive": ours["in_flight_32"]["per_second"] / naive["in_flight_32"]["per_second"],
        "cpu_at_32_over_echo": ours["in_flight_32"]["server_cpu_us_per_call"]
        / echo["in_flight_32"]["server_cpu_us_per_call"],
        "p50_at_1_over_naive": ours["in_flight_1"]["p50_ms"] / naive["in_flight_1"]["p50_ms"],
        "p99_ms_at_60_percent": ours["open_loop_60_percent"]["p99_ms"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--arms", default=",".join(_ARMS))
    parser.add_argument("--naive-workers", type=int, default=1, help="transactions the naive server runs at once")
    given = parser.parse_args()
    names = given.arms.split(",")
    if unknown := set(names) - set(_ARMS):
        parser.error(f"unknown arms: {', '.join(sorted(unknown))}")
    effort = QUICK if given.quick else FULL
    report: dict[str, object] = {"machine": machine(), "rounds": effort.rounds, "calls": effort.calls} | {
        "naive_workers": given.naive_workers
    }
    for kind in given.databases.split(","):
        arms = run(kind, names, effort, given.naive_workers)
        report[kind] = {"arms": arms, "ratios": ratios(arms)}  # type: ignore[arg-type]
    json.dump(report, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
