"""The bill of materials: everything that is locked, with its hashes, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def made() -> str:
    return subprocess.run([sys.executable, ROOT / ".ci" / "sbom"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made())
    return found


def test_bill_lists_the_lock(bill: dict[str, Any]) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pins = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock, re.M)
    assert [(part["name"], part["version"]) for part in bill["components"]] == pins
    assert sum(len(part["hashes"]) for part in bill["components"]) == lock.count("--hash=sha256:")
    assert all(part["hashes"] for part in bill["components"])


def test_every_part_was_asked_for(bill: dict[str, Any]) -> None:
    known = {part["bom-ref"] for part in bill["components"]}
    asked = {ref for line in bill["dependencies"] for ref in line["dependsOn"]}
    assert asked == known
    assert bill["metadata"]["component"]["name"] == "sybilgate"


def test_bill_is_the_same_again(bill: dict[str, Any]) -> None:
    assert json.loads(made()) == bill
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")


def test_no_code_is_made_of_data() -> None:
    forbidden = re.compile(
        r"\b(import (pickle|marshal|shelve)|from (pickle|marshal|shelve)|yaml\.load\(|(?<![.\w])(eval|exec)\()"
    )
    sources = [path for path in (ROOT / "service").rglob("*.py") if "v1" not in path.parts]
    assert [path for path in sources if forbidden.search(path.read_text())] == []
