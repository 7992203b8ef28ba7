"""Training on a company's own files, as an operator does it: events in one, labels in another."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sybilgate.simulate import WorldConfig, rows

WORLD = WorldConfig(seed=5, days=3, honest_per_day=150, campaigns=6, campaign_size=(10, 40), campaign_window=0.5)
MAPPING = """
[[event]]
type = "SIGNUP"
account_id = "user"
time = "joined"
[event.columns]
"network.ip_address" = "ip"
"contact.email" = "mail"
"device.device_id" = "device"
"""
COLUMNS = {
    "user": "account_id",
    "ip": "network.ip_address",
    "mail": "contact.email",
    "device": "device.device_id",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop's sign-ups, and the labels its staff gave two days after each."""
    path = tmp_path_factory.mktemp("own")
    (path / "shop.toml").write_text(MAPPING)
    with (path / "shop.csv").open("w", newline="") as events, (path / "labels.csv").open("w", newline="") as labels:
        event, label = csv.writer(events), csv.writer(labels)
        event.writerow([*COLUMNS, "joined"])
        label.writerow(["account_id", "label", "time", "group"])
        for row in rows(WORLD):
            if row["type"] == 1:
                event.writerow([*(row.get(name) for name in COLUMNS.values()), iso(row["time"])])
                if row["truth.is_sybil"]:
                    label.writerow([row["account_id"], "sybil", iso(row["time"] + 2 * 86_400), row["truth.group"]])
    return path


def iso(moment: object) -> str:
    return datetime.fromtimestamp(float(str(moment)), UTC).isoformat()


def train(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `sybilgate train`."""
    command = [sys.executable, "-m", "sybilgate", "train", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400, check=False)


OWN = ("models", "--events", "shop.csv", "--labels", "labels.csv", "--mapping", "shop.toml")


def test_own_files_make_model(folder: Path) -> None:
    done = train(folder, *OWN, "--name", "ours", "--maturity-days", "0.5")
    assert done.returncode == 0, done.stderr
    card = (folder / "models" / "ours" / "1" / "MODEL_CARD.md").read_text()
    assert "labels: labels.csv" in card and "labels_without_events: 0" in card
    assert "campaigns; never caught" in card


def test_labels_told_later_are_unknown(folder: Path) -> None:
    done = train(folder, *OWN, "--name", "early", "--maturity-days", "0.5", "--as-of", iso(WORLD.start_time + 86_400))
    assert done.returncode == 2
    assert "at least 50 Sybil" in done.stderr


def test_every_fault_is_told(folder: Path) -> None:
    done = train(folder, "models", "--events", "none.csv", "--labels", "no.csv", "--as-of", "soon")
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert all(word in done.stderr for word in ("events: none.csv", "labels: no.csv", "as_of: is no date"))
    (folder / "bad.csv").write_text("account_id,label,time\na,maybe,soon\n")
    done = train(folder, "shop.csv", "models", "--mapping", "shop.toml", "--labels", "bad.csv")
    assert "labels.label" in done.stderr and "labels.time" in done.stderr
