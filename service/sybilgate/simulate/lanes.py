"""The same world by several processes.

A world is always made of ``LANES`` lanes, each a part of the days and of the campaigns with dice of their own, so
that how many processes share them changes nothing. Lanes are merged by time; equal times come in order of lanes.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

import numpy as np
import pyarrow as pa

from sybilgate.simulate.columns import SCHEMA, to_batch
from sybilgate.simulate.person import Row

LANES = 4
BATCH_ROWS = 8192
Config = TypeVar("Config")
LaneRows = Callable[[Config, int], Iterator[Row]]


@contextmanager
def no_collector() -> Iterator[None]:
    """Rows and streams hold no cycles; to look for some among so many costs a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def by_processes(
    config: Config, lane_rows: LaneRows[Config], ends: list[float], workers: int
) -> Iterator[pa.RecordBatch]:
    """Batches of all lanes, made by ``workers`` processes window by window; ``ends`` are the ends of the windows."""
    context = get_context("spawn")  # never a fork: threads of libraries may be about
    pipes: list[Connection] = []
    processes = []
    try:
        for number in range(workers):
            mine, theirs = context.Pipe(duplex=False)
            lanes = list(range(number, LANES, workers))
            process = context.Process(target=_work, args=(config, lane_rows, ends, lanes, theirs), daemon=True)
            process.start()
            theirs.close()
            pipes.append(mine)
            processes.append(process)
        yield from _batches(_windows(pipes, len(ends)))
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.terminate()
            process.join()


def _work(config: Config, lane_rows: LaneRows[Config], ends: list[float], lanes: list[int], pipe: Connection) -> None:
    streams = [_Until(lane_rows(config, lane)) for lane in lanes]
    with no_collector():
        for end in ends:
            for stream in streams:
                pipe.send_bytes(_pack(stream.rows(end)))


class _Until:
    """Rows of one lane, up to one moment after another."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows, self._next = rows, next(rows, None)

    def rows(self, end: float) -> Iterator[Row]:
        while self._next is not None and float(self._next["time"]) < end:  # type: ignore[arg-type]
            yield self._next
            self._next = next(self._rows, None)


def _pack(rows: Iterator[Row]) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        while batch := list(islice(rows, BATCH_ROWS)):
            writer.write_batch(to_batch(batch))
    return sink.getvalue()


def _windows(pipes: list[Connection], count: int) -> Iterator[pa.Table]:
    """The rows of each window in time order."""
    for _ in range(count):
        try:
            parts = [pa.ipc.open_stream(pipes[lane % len(pipes)].recv_bytes()).read_all() for lane in range(LANES)]
        except EOFError as error:
            raise RuntimeError("a process of the simulation ended early") from error
        table = pa.concat_tables(parts)
        yield table.take(np.argsort(table.column("time").to_numpy(), kind="stable"))


def _batches(tables: Iterator[pa.Table]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of one size."""
    rest = SCHEMA.empty_table()
    for table in tables:
        rest = pa.concat_tables([rest, table])
        while rest.num_rows >= BATCH_ROWS:
            yield _one(rest.slice(0, BATCH_ROWS))
            rest = rest.slice(BATCH_ROWS)
        rest = rest.combine_chunks()
    if rest.num_rows:
        yield _one(rest)


def _one(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]
