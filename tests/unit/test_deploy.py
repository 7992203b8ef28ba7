"""Files for operators: they parse, and ask only for what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from sybilgate.telemetry.metrics import Metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
_METRIC = re.compile(r"\b(sybilgate_[a-z0-9_]+|process_[a-z_]+)\b")


def served() -> set[str]:
    """Names of all samples the service can make."""
    metrics = Metrics()
    for name in ("queue_tasks", "queue_events"):
        metrics.serve_gauge(name, name, lambda: 0.0)
    names = {sample.name for family in metrics.registry.collect() for sample in family.samples}
    for family in metrics.registry.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        names |= {family.name + suffix for suffix in suffixes}
    return names


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def test_alerts_ask_for_known_metrics() -> None:
    asked = {name for rule in rules() for name in _METRIC.findall(rule["expr"])}
    assert asked
    assert asked <= served()


def test_alerts_use_recorded_names() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    used = {name for rule in rules() for name in re.findall(r"\bsybilgate:[a-z0-9_:]+", rule["expr"])}
    assert used == recorded


def test_every_alert_says_what_and_how_bad() -> None:
    alerts = [rule for rule in rules() if "alert" in rule]
    assert {rule["labels"]["severity"] for rule in alerts} == {"page", "ticket"}
    assert all(rule["annotations"]["summary"] for rule in alerts)
    assert all(rule["expr"].count("(") == rule["expr"].count(")") for rule in alerts)


def test_dashboard_asks_for_known_metrics() -> None:
    board = json.loads((DEPLOY / "grafana" / "sybilgate.json").read_text())
    text = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    assert set(_METRIC.findall(text)) <= served()
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
