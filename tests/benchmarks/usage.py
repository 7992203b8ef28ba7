"""Usage summaries by the million, from a Parquet file and by calls; prints JSON.

    python -m tests.benchmarks.usage [--accounts 20000] [--events 100000] [--database sqlite|postgresql]

A base of existing accounts (see ``base``) is told of a week's use: ``file`` imports one half of the summaries by
``sybilgate backfill``, as an operator would start it, ``calls`` tells the other half by ``BatchCreateEvents``, a
thousand in a call, from ``--callers`` threads. ``told`` counts, of the first accounts (``asked``), those whose row
holds their use afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sybilgate.app.rows import event_from_row
from sybilgate.client import Client
from sybilgate.core.own import OWN, OWN_COLUMN
from sybilgate.simulate.columns import SCHEMA
from sybilgate.store.store import open_store
from tests.benchmarks.application import application, configuration
from tests.benchmarks.base import count, load, replayed
from tests.benchmarks.million import staged
from tests.benchmarks.process import ServerProcess, databases, machine

_CALL = 1000
_WEEK = 7 * 86400.0
_SKETCH, _ADDRESSES = 16, 3
_NAMES = [field.name for field in SCHEMA if field.name.startswith(("usage.", "account_id", "time", "type"))]


def summaries(accounts: Sequence[str], events: int, seed: int) -> pa.Table:
    """So many summaries of the week that ends now, in order of time, of accounts in turn."""
    rng, now = np.random.default_rng(seed), time.time()
    times = np.sort(now - 600.0 * rng.random(events))
    hours = rng.integers(0, 256, (events, 21), np.uint8)
    shares = rng.random(events).round(3)
    address = rng.integers(1, 255, (events, _ADDRESSES, 4))
    sketch = rng.integers(0, 2**32, (events, _SKETCH), np.uint64)
    columns: dict[str, Any] = {
        "account_id": [accounts[i % len(accounts)] for i in range(events)],
        "time": times,
        "type": [5] * events,
        "usage.period_start_time": times - _WEEK,
        "usage.period_end_time": times,
        "usage.requests": rng.integers(1, 5000, events),
        "usage.tokens": rng.integers(1, 10**7, events),
        "usage.active_hours": [row.tobytes() for row in hours],
        "usage.model_mix": [[("large", share), ("small", 1.0 - share)] for share in shares.tolist()],
        "usage.prompt_template_minhash": list(sketch),
        "usage.distinct_ips": rng.integers(1, 40, events),
        "usage.sample_ips": [[".".join(map(str, ip)) for ip in row] for row in address.tolist()],
    }
    fields = [SCHEMA.field(name) for name in _NAMES]
    return pa.table([pa.array(columns[field.name], field.type) for field in fields], schema=pa.schema(fields))


def from_file(table: pa.Table, folder: Path) -> dict[str, Any]:
    """Import the table as a file."""
    path = folder / "usage.parquet"
    pq.write_table(table, path)
    command = [sys.executable, "-m", "sybilgate", "backfill", str(path), f"--checkpoint={folder / 'place.json'}"]
    took = staged(command)
    return took | {
        "events": table.num_rows,
        "file_mb": round(path.stat().st_size / 2**20, 1),
        "events_per_second": round(table.num_rows / took["seconds"]),
    }


def by_calls(table: pa.Table, url: str, callers: int) -> dict[str, Any]:
    """Tell the table by calls of a thousand events."""
    rows = [event_from_row(row) for row in table.to_pylist()]
    parts = [rows[i : i + _CALL] for i in range(0, len(rows), _CALL)]
    with ServerProcess("sybilgate", url) as server, Client(f"127.0.0.1:{server.port}", timeout=120.0) as client:
        client.create_events(parts[0][:1])
        began, used = time.perf_counter(), server.cpu_seconds()
        with ThreadPoolExecutor(callers) as pool:
            told = sum(len(answer.sequences) for answer in pool.map(client.create_events, parts))
        seconds = time.perf_counter() - began
        assert told == len(rows), "every event has a number"
        return {
            "events": told, "seconds": round(seconds, 1), "events_per_second": round(told / seconds),
            "server_cpu_ms_per_event": round(1e3 * (server.cpu_seconds() - used) / told, 3),
        }  # fmt: skip


def _told(url: str, names: Sequence[str]) -> int:
    """Accounts whose row holds their use."""
    store = open_store(url)
    with store.view() as view:
        rows = np.frombuffer(b"".join(one.own for one in view.accounts(list(names)).values()), "<f8")
    store.close()
    return int(np.isfinite(rows.reshape(-1, len(OWN))[:, OWN_COLUMN["usage_requests_per_day_log"]]).sum())


def run(options: argparse.Namespace, url: str, folder: Path) -> dict[str, Any]:
    with configuration(url) as config:
        os.environ.update({"SYBILGATE_DATABASE_URL": url, "SYBILGATE_KEY_FILE": str(config.key_file)})
        with application(url) as app:
            pipeline = replace(app.assessor.pipeline(), evidence=False)
            state = replayed(folder, min(options.accounts, 20_000), 30, app.keyring, pipeline)
        copies = max(1, round(options.accounts / len(state.accounts)))
        base = load(url, state, copies)
        names = [f"{name}-{copy:03d}" for copy in range(copies) for name in sorted(state.accounts)]
        half = options.events // 2
        return {
            "base": base,
            "file": from_file(summaries(names, half, 1), folder),
            "calls": by_calls(summaries(names[::-1], options.events - half, 2), url, options.callers),
            "asked": len(names[:2000]),
            "told": _told(url, names[:2000]),
            "events": count(url, "SELECT count(*) FROM event WHERE type = 5"),
        }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--database", default="sqlite", choices=("sqlite", "postgresql"))
    parser.add_argument("--callers", type=int, default=4)
    options = parser.parse_args(arguments)
    with databases(options.database) as made, tempfile.TemporaryDirectory(prefix="sybilgate-usage-") as folder:
        found = run(options, made.new(), Path(folder))
    json.dump({"machine": machine(), "database": options.database, **found}, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
