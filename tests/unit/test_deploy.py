"""Files for operators: they parse, and ask only for what there is."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import typer
import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from typer.testing import CliRunner

from sybilgate.cli import app
from sybilgate.config import Config
from sybilgate.rpc.server import SERVICES
from sybilgate.telemetry.metrics import Metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
_METRIC = re.compile(r"\b(sybilgate_[a-z0-9_]+|process_[a-z_]+)\b")


def served() -> set[str]:
    """Names of all samples the service can make."""
    metrics = Metrics()
    for name in ("queue_tasks", "queue_events", "spool_requests", "store_away", "drift_features", "drift_risk_psi"):
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


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def test_every_setting_named_exists() -> None:
    known = {f"SYBILGATE_{field.name.upper()}" for field in fields(Config)} | {"SYBILGATE_CONFIG"}
    texts = [path.read_text() for path in DEPLOY.rglob("*") if path.is_file()]
    named = {name for text in texts for name in re.findall(r"\bSYBILGATE_[A-Z_]+\b", text)}
    assert named - known == set()
    assert "SYBILGATE_ADDRESS" in named


def test_commands_of_containers_exist() -> None:
    root = typer.main.get_command(app)
    services = documents("compose.yaml")[0]["services"].values()
    given = [service["command"] for service in services if "command" in service]
    given += [one["args"] for doc in documents("kubernetes/sybilgate.yaml") for one in containers(doc)]
    for words in given:
        command: Any = root
        for word in words:
            if word.startswith("-"):
                assert command.make_context("sybilgate", words[words.index(word) :])
                break
            command = command.commands[word]


def containers(document: dict[str, Any]) -> list[dict[str, Any]]:
    spec = document["spec"].get("template", {}).get("spec", {})
    return spec.get("containers", [])  # type: ignore[no-any-return]


def test_compose_refers_to_what_it_has() -> None:
    (whole,) = documents("compose.yaml")
    for service in whole["services"].values():
        assert set(service.get("secrets", ())) <= set(whole["secrets"])
        assert set(service.get("depends_on", ())) <= set(whole["services"])
        assert {line.partition(":")[0] for line in service.get("volumes", ())} <= set(whole["volumes"])
    replicas = [service for service in whole["services"].values() if service.get("command") == ["serve"]]
    assert len(replicas) == 2
    assert all(service["read_only"] and service["cap_drop"] == ["ALL"] for service in replicas)


def test_kubernetes_labels_and_mounts_agree() -> None:
    whole = documents("kubernetes/sybilgate.yaml")
    assert [one["kind"] for one in whole] == [
        "Job", "StatefulSet", "Service", "PodDisruptionBudget", "HorizontalPodAutoscaler"
    ]  # fmt: skip
    labels = whole[1]["spec"]["template"]["metadata"]["labels"]
    for one in (whole[1], whole[3]):
        assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()
    assert whole[2]["spec"]["selector"].items() <= labels.items()
    for one in whole[:2]:
        pod = one["spec"]["template"]["spec"]
        claims = [claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", ())]
        held = {volume["name"] for volume in pod["volumes"]} | set(claims)
        assert {mount["name"] for one in pod["containers"] for mount in one["volumeMounts"]} <= held
        assert pod["securityContext"]["runAsNonRoot"]
        assert all(one["securityContext"]["readOnlyRootFilesystem"] for one in pod["containers"])


def test_probes_ask_known_ports() -> None:
    (server,) = containers(documents("kubernetes/sybilgate.yaml")[1])
    ports = {port["name"] for port in server["ports"]}
    probes = [server[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert {probe["port"] for probe in probes} <= ports
    assert [probe["path"] for probe in probes] == ["/ready", "/ready", "/metrics"]


def test_unit_file_is_locked_down() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "systemd" / "sybilgate.service")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/sybilgate serve")
    assert (service["DynamicUser"], service["ProtectSystem"], service["NoNewPrivileges"]) == ("yes", "strict", "yes")


def test_container_runs_as_nobody_special() -> None:
    text = (DEPLOY / "container" / "Containerfile").read_text()
    assert re.search(r"^USER 10001:10001$", text, re.MULTILINE)
    for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in line.split())
    subprocess.run(["sh", "-n", DEPLOY / "container" / "start"], check=True)


def test_descriptors_hold_what_envoy_serves(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["config", "descriptors", str(tmp_path / "set")])
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString((tmp_path / "set").read_bytes()).file:
        pool.Add(file)  # type: ignore[no-untyped-call]
    (whole,) = documents("envoy/envoy.yaml")
    manager = whole["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    asked = manager["http_filters"][0]["typed_config"]["services"]
    assert done.exit_code == 0
    assert asked == list(SERVICES)
    assert all(pool.FindServiceByName(name) for name in asked)
