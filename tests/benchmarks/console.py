"""What a page of the console costs with many assessments and a large campaign: time at the server, and bytes.

    python -m tests.benchmarks.console --assessments 100000 --members 5000

Prints JSON. A campaign of accounts that share devices, addresses and cards signs up through the default model; the
other assessments are copies of theirs under other names. Times are those of a visitor on the same machine, one at a
time: the page, the gRPC calls it makes and their queries.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from argon2 import PasswordHasher

from sybilgate.app.task import Task
from sybilgate.client import Client
from sybilgate.config import Config, create_key
from sybilgate.console.gateway import Gateway
from sybilgate.console.serve import serving
from sybilgate.console.settings import Settings
from sybilgate.console.site import Site
from sybilgate.console.users import Users
from sybilgate.core.campaign.records import CampaignRecord, CampaignState, MemberRecord, Role, SharedValue
from sybilgate.core.event import Event
from sybilgate.core.identifier import KINDS, keys_of
from sybilgate.core.state import unpack_keys
from sybilgate.rpc.names import campaign_name
from sybilgate.store import migrate
from sybilgate.store.store import SqlStore
from sybilgate.wiring import Application, build, open_server
from tests.console_site import SECRET, Visitor
from tests.factories import START, signup, task

_BATCH, _ROUNDS = 250, 15
_EVIDENCE = json.dumps(
    [
        {"kind": kind, "axis": axis, "members": 40, "of": 90, "holders": 60.0, "rarity_bits": 7.5}
        for kind, axis in (("card", "payment"), ("device_id", "device"), ("ip", "network"))
    ]
)


def member(i: int) -> Event:
    return signup(
        f"member{i:05d}", at=2.0 * i, device_id=f"device-{i % 9}", ip=f"84.112.{i % 7}.9", card=f"card-{i % 11}"
    )


def sign_up(application: Application, members: int) -> None:
    for start in range(0, members, _BATCH):
        tasks: list[Task] = [task(member(i), request_id=f"r{i}") for i in range(start, min(start + _BATCH, members))]
        application.assessor.run(tasks)


def fill(store: SqlStore, members: int, assessments: int) -> None:
    """Copies of the members' assessments and accounts: one in fifty asks for attention, the others were let in."""
    models = [store.assessments(f"member{i:05d}", 1)[0] for i in range(min(members, 500))]
    known = store.accounts([row.account_id for row in models])
    for start in range(members, assessments, 2000):
        rows, accounts = [], []
        for i in range(start, min(start + 2000, assessments)):
            row = models[i % len(models)]
            decision, risk = (3, 0.8 + i % 199 / 1000) if i % 50 == 0 else (1, 0.01)
            name, number = f"other{i:06d}", f"{row.assessment_id[:10]}{i:016d}"
            rows.append(replace(row, account_id=name, assessment_id=number, decision=decision, risk=risk, campaign=0))
            accounts.append(replace(known[row.account_id], account_id=name, ref=10**12 + i, label=0))
        with store.unit() as unit:
            unit.write_assessments(rows)
            unit.write_accounts(accounts)


def gather(application: Application, members: int) -> str:
    """The members as one campaign, with every value that two of them share."""
    store, ref = application.store, application.keyring.account_ref("member00000")
    names = [f"member{i:05d}" for i in range(members)]
    held: Counter[bytes] = Counter()
    for start in range(0, members, 500):
        for record in store.accounts(names[start : start + 500]).values():
            held.update(key for key in keys_of(unpack_keys([record.keys])[0]) if key is not None)
    kinds = np.full(len(KINDS), members, "<i4").tobytes()
    end = START + 2.0 * members
    state = int(CampaignState.OPEN)
    record = CampaignRecord(ref, state, 0, members, 0, START, end, 9.0, 99.0, 999.0, kinds, 0.9 * members, 40.0)
    rows = [
        MemberRecord(name, ref, Role.FLAGGED, START + 2.0 * i, 0.5 + (i % 50) / 100, 2.0, _EVIDENCE)
        for i, name in enumerate(names)
    ]
    with store.unit() as unit:
        unit.write_campaigns([record])
        unit.add_shared_values([SharedValue(ref, key, n, START, end) for key, n in held.items() if n > 1])
        unit.write_members(rows)
    return campaign_name(ref)


def measure(visitor: Visitor, path: str) -> dict[str, Any]:
    times, size = [], 0
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        status, page = visitor.ask(path)
        times.append(1000 * (time.perf_counter() - began))
        assert status == 200, path
        size = len(page.encode())
    return {"median_ms": round(statistics.median(times), 1), "worst_ms": round(max(times), 1), "bytes": size}


def run(assessments: int, members: int, folder: Path) -> dict[str, Any]:
    create_key(folder / "key")
    url = f"sqlite:///{folder / 'store.db'}"
    migrate.upgrade(url)
    config = Config(database_url=url, key_file=folder / "key", address="127.0.0.1:0", auth="off", due_workers=0)
    with closing(build(config)) as application:
        sign_up(application, members)
        fill(application.store, members, assessments)
        name = gather(application, members)
        server = open_server(application, config)
        server.start()
        server.ready()
        settings = Settings(listen="127.0.0.1:0", users_file=folder / "users", audit_file=folder / "audit")
        with Client(f"127.0.0.1:{server.port}", timeout=60.0) as client:
            site = Site(lambda file: Gateway(client), settings)
            site.users = Users(settings.users_file, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
            site.users.put("ada", SECRET)
            with serving(site) as address:
                visitor = Visitor(address)
                visitor.login()
                middle = f"id=accounts/member{members // 2:05d}"
                pages = {
                    "queue": "/",
                    "accounts": "/accounts",
                    "accounts anywhere by time": "/accounts?place=any&order=newest",
                    "campaign": f"/campaign?id={name}",
                    "decision": f"/campaign/decide?id={name}",
                    "account": f"/account?{middle}",
                    "record": f"/account/record?{middle}",
                    "features": f"/account/features?{middle}",
                    "model": "/model?review=0.9",
                    "accounts by origin": "/accounts?place=any&country=ZZ",
                    "audit": "/audit",
                }
                told = {label: measure(visitor, path) for label, path in pages.items()}
        server.drain(5.0)
    return {"assessments": assessments, "members": members, "rounds": _ROUNDS, "pages": told}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assessments", type=int, default=100_000)
    parser.add_argument("--members", type=int, default=5_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sybilgate-console-") as folder:
        print(json.dumps(run(given.assessments, given.members, Path(folder)), indent=1))


if __name__ == "__main__":
    main()
