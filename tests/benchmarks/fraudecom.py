"""The public set `fraudecom` through the whole service; prints JSON. The data is not part of the project.

    python -m tests.benchmarks.fraudecom --data fraudecom.parquet

Time split of the Fraud Dataset Benchmark: sort by purchase_time, first 80 % train, last 20 % judge. The linkage
baseline (own fields plus earlier accounts per device and address) is computed in the same run. Then the last
20 % of events go one by one over gRPC to a server that holds the first 80 %, and the stored feature rows are compared
with an offline replay of everything: the largest difference must be 0.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow.parquet as pq

from sybilgate.app.mapping import Truth, load_mapping
from sybilgate.app.replay import Replay
from sybilgate.app.source import Source
from sybilgate.core.event import EventType
from sybilgate.core.feature import FEATURE_NAMES
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, load_policy
from sybilgate.core.scoring import LightGBMModels
from sybilgate.reference.bundle import load_reference
from sybilgate.training.commands import blank_replay
from sybilgate.training.dataset import TRAINING_KEYS, Log, Scored, read_log, score_log
from sybilgate.training.evaluate import admitted_before_caught, auc, average_precision, threshold_at
from sybilgate.training.train import Trained, train
from tests.benchmarks.fraudecom_online import online_difference

MAPPING = Path(__file__).with_name("fraudecom.toml")
JANUARY_END = 1_422_748_800.0  # 2015-02-01
TRAIN_SHARE = 0.8
FOLDS = 4
BURST_FPRS = (0.01, 0.02, 0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--online", type=int, default=0, help="events sent over gRPC; 0 sends all of the last 20 %%")
    parser.add_argument("--parts", default="online,bursts", help="what to measure beside the time split")
    options = parser.parse_args()
    source = Source(options.data, load_mapping(MAPPING.read_text()))
    log = read_log(source, load_reference())
    table = pq.read_table(options.data).sort_by("purchase_time")
    cut = purchase_cut(table)
    trained = train(before(log, cut), blank_replay, "fraudecom@1", options.seed, (EventType.PAYMENT,), None)
    models = build(trained)
    scored = score_log(
        log, Replay(Pipeline(models, load_policy(trained.policy_text), TRAINING_KEYS)), (EventType.PAYMENT,)
    )
    test = scored.dataset.time >= cut
    result: dict[str, Any] = {
        "accounts": len(scored.dataset), "judged": int(test.sum()), "fraud_share": float(scored.dataset.label.mean()),
        "sybilgate": figures(scored.risk[test], scored.dataset.label[test]),
        "linkage_baseline": figures(*baseline(table, options.seed)),
    }  # fmt: skip
    for name, part in (
        ("online", lambda: online_difference(source, trained, cut, options.online)),
        ("bursts", lambda: bursts(log, options.data, options.seed)),
    ):
        if name in options.parts.split(","):
            print(f"{name} …", json.dumps(result), file=sys.stderr)
            result[name] = part()
    json.dump(result, sys.stdout, indent=1)
    print()


def purchase_cut(table: Any) -> float:
    """Time of the first purchase that is judged."""
    times = table["purchase_time"].to_pylist()
    return float(times[int(TRAIN_SHARE * len(times))].timestamp())


def before(log: Log, cut: float) -> Log:
    """The log as it stood at ``cut``, and truth of the purchases made by then."""
    part = Log()
    known: set[str] = set()
    for chunk in log.chunks:
        rows = np.flatnonzero(chunk.time < cut)
        if len(rows):
            part.chunks.append(chunk.take(rows.tolist()))
        known |= {chunk.account_id[row] for row in rows if chunk.type[row] == EventType.PAYMENT}
    part.truths = {account: truth for account, truth in log.truths.items() if account in known}
    return part


def build(trained: Trained) -> LightGBMModels:
    return LightGBMModels(
        "fraudecom@1",
        trained.first_text,
        trained.final_text,
        trained.calibration,
        trained.guards,
        FEATURE_NAMES,
        trained.tails.to_json(),
    )


def figures(score: Any, label: Any) -> dict[str, Any]:
    """AUC, average precision and recall at 1 % false positives."""
    recall = float((score[label] > threshold_at(score[~label], 0.01)).mean())
    return {"auc": auc(score, label), "average_precision": average_precision(score, label), "recall_at_1%_fpr": recall}


def baseline(table: Any, seed: int) -> tuple[Any, Any]:
    """Own fields plus the number of earlier accounts on the device and on the address, LightGBM, the same split."""
    rows = table.to_pylist()
    devices: dict[str, int] = {}
    addresses: dict[str, int] = {}
    names: dict[str, dict[str, int]] = {"source": {}, "browser": {}, "sex": {}}
    x = []
    for row in rows:
        x.append([
            row["purchase_value"], row["age"], (row["purchase_time"] - row["signup_time"]).total_seconds(),
            row["signup_time"].hour, row["purchase_time"].hour,
            devices.get(row["device_id"], 0), addresses.get(row["ip_address"], 0),
            *(values.setdefault(row[name], len(values)) for name, values in names.items()),
        ])  # fmt: skip
        devices[row["device_id"]] = devices.get(row["device_id"], 0) + 1
        addresses[row["ip_address"]] = addresses.get(row["ip_address"], 0) + 1
    features, label = np.array(x, np.float64), np.array([row["is_fraud"] for row in rows], bool)
    cut = int(TRAIN_SHARE * len(rows))
    parameters = {"objective": "binary", "num_leaves": 31, "verbosity": -1, "num_threads": 2, "seed": seed}
    model = lightgbm.train(parameters, lightgbm.Dataset(features[:cut], label[:cut].astype(float)), 100)
    return np.asarray(model.predict(features[cut:])), label[cut:]


def bursts(log: Log, data: Path, seed: int) -> dict[str, Any]:
    """Accounts admitted per device burst in January, each judged by a model that had not seen its device.

    Devices are dealt to folds; the model of a fold is trained on January without the fold's devices, then all of
    January is replayed under it. What catches is a threshold from the fold's honest accounts, at several
    false-positive rates (some accounts in the bursts are labelled honest), or the policy's own decision.
    """
    table = pq.read_table(data, columns=["user_id", "device_id"]).to_pylist()
    device = {str(row["user_id"]): str(row["device_id"]) for row in table}
    january = before(log, JANUARY_END)
    # Labels of purchases made later too: by Feb 1 hardly any honest account had bought.
    january.truths = {account: Truth(truth.is_sybil, device[account]) for account, truth in log.truths.items()}
    groups = device_bursts(january, device)
    part_of = {name: i % FOLDS for i, name in enumerate(sorted(set(device.values())))}
    counts: dict[str, list[tuple[int, int]]] = {}
    alarms: dict[str, list[float]] = {}
    for fold in range(FOLDS):
        held = {account for account, name in device.items() if part_of[name] == fold}
        learn = Log(
            [chunk.take([i for i, a in enumerate(chunk.account_id) if a not in held]) for chunk in january.chunks],
            {account: truth for account, truth in january.truths.items() if account not in held},
        )
        learn.chunks = [chunk for chunk in learn.chunks if len(chunk)]
        trained = train(learn, blank_replay, "fold@1", seed, (EventType.SIGNUP,))
        replay = Replay(Pipeline(build(trained), load_policy(trained.policy_text), TRAINING_KEYS))
        scored = score_log(january, replay, (EventType.SIGNUP,))
        for name, caught in catches(scored, held).items():
            names = [groups.get(a, "") if a in held else "" for a in scored.dataset.account_id]
            counts.setdefault(name, []).extend(admitted_before_caught(caught, names, scored.dataset.time).values())
            honest = np.array([a in held for a in scored.dataset.account_id]) & ~scored.dataset.label
            alarms.setdefault(name, []).append(float(caught[honest].mean()))
    return {name: burst_figures(found, alarms[name]) for name, found in counts.items()}


def catches(scored: Scored, held: set[str]) -> dict[str, Any]:
    """Who is caught, by each way of catching."""
    mine = np.array([account in held for account in scored.dataset.account_id])
    honest = scored.risk[mine & ~scored.dataset.label]
    found = {f"at_{rate:.0%}_fpr": scored.risk > threshold_at(honest, rate) for rate in BURST_FPRS}
    return found | {"by_policy": scored.decision >= Decision.CHALLENGE}


def burst_figures(found: list[tuple[int, int]], alarms: list[float]) -> dict[str, Any]:
    admitted = np.array([count for count, _ in found])
    return {
        "bursts": len(found), "median_admitted": float(np.median(admitted)), "mean_admitted": float(admitted.mean()),
        "never_caught": sum(count == size for count, size in found),
        "false_positive_rate": float(np.mean(alarms)),
    }  # fmt: skip


def device_bursts(log: Log, device: dict[str, str]) -> dict[str, str]:
    """Account -> device for the accounts of devices on which 3 to 20 signed up within an hour."""
    members: dict[str, list[tuple[float, str]]] = {}
    for chunk in log.chunks:
        for row in np.flatnonzero(chunk.type == EventType.SIGNUP):
            account = chunk.account_id[row]
            members.setdefault(device[account], []).append((float(chunk.time[row]), account))
    return {
        account: name
        for name, rows in members.items()
        if 3 <= len(rows) <= 20 and max(rows)[0] - min(rows)[0] <= 3600
        for _, account in rows
    }


if __name__ == "__main__":
    main()
