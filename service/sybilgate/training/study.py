"""The study: what is run to prove detection, in parts that are kept, so that an interrupted run goes on where it was.

A bundle is trained on one world and judged on others (another seed of the same attacker, and an attacker written
apart); on the training world itself whole kinds of campaign are left out, and parts of the detection.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sybilgate.app.bundle import FINAL, FIRST_PASS, Bundle, load_bundle
from sybilgate.app.replay import Replay
from sybilgate.core.feature import FEATURE_NAMES, FIRST
from sybilgate.core.observation import Floats
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import load_policy
from sybilgate.errors import ConfigurationError
from sybilgate.reference.bundle import load_reference
from sybilgate.training import leave_out
from sybilgate.training.ablation import ablation_report
from sybilgate.training.boost import FINAL_SHAPES, FIRST_SHAPES, Shape
from sybilgate.training.cold_start import cold_start_report
from sybilgate.training.commands import blank_replay
from sybilgate.training.dataset import TRAINING_KEYS, Dataset, Log, Progress, build_dataset, read_log
from sybilgate.training.evade import evade_report, evasions, pick_targets
from sybilgate.training.history import open_source
from sybilgate.training.leaks import read_usage
from sybilgate.training.scored_world import score_world
from sybilgate.training.trace import trace_report
from sybilgate.training.train import train_bundle
from sybilgate.training.world_report import campaign_rows, world_report

REPORT = "study.json"
#: What is left out of training to see what it is worth: half of the kinds of campaign, parts of detection, each kind.
PARTS = ("halves", "ablation", "each")
_TARGETS = {False: 40, True: 10}
_DIGITS = 6
#: Modules of these folders that no figure of the study depends on, by the beginning of their names.
_NO_MATTER = ("report_", "card", "audit", "artefact", "study", "assess", "backfill", "explain", "task", "ports")


@dataclass(frozen=True)
class Parts:
    """Finished parts as JSON files. A part made of something else (another file, seed or code) runs again."""

    folder: Path

    def get(self, name: str, made_of: dict[str, Any], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The part, from its file or made now; with the seconds it took."""
        path = self.folder / f"{name}.json"
        if path.exists():
            kept = json.loads(path.read_text(encoding="utf-8"))
            if kept["made_of"] == made_of:
                return dict(kept["result"])
        began = time.monotonic()
        result: dict[str, Any] = tidy(make()) | {"seconds": round(time.monotonic() - began, 1)}
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(path, {"made_of": made_of, "result": result})
        return result


def write_json(path: Path, value: dict[str, Any]) -> None:
    """The file appears only when it is whole."""
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(value, indent=1, allow_nan=False), encoding="utf-8")
    partial.replace(path)


def tidy(value: Any) -> Any:
    """Plain JSON: numbers rounded, what is not finite as null."""
    if isinstance(value, dict):
        return {str(name): tidy(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [tidy(item) for item in value]
    if isinstance(value, bool | str | None):
        return value
    if isinstance(value, int):
        return value
    number = float(value)
    return round(number, _DIGITS) if math.isfinite(number) else None


def code_digest() -> str:
    """Of the code that figures depend on: a part made by other code is made again. Pages may change freely."""
    package = Path(__file__).parent.parent
    files = [file for folder in ("app", "core", "reference", "training") for file in (package / folder).rglob("*.py")]
    digest = hashlib.sha256()
    for file in sorted(file for file in files if not file.name.startswith(_NO_MATTER)):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


@dataclass
class _Training:
    """The training world, read and replayed only as far as a part needs it."""

    history: Path
    seed: int
    tell: Progress | None
    #: Sizes of both models: what training chose, also where kinds are left out.
    shape: Shape = FINAL_SHAPES[0]
    first_shape: Shape = FIRST_SHAPES[0]

    @cached_property
    def log(self) -> Log:
        return read_log(open_source(self.history, None), load_reference(), tell=self.tell)

    @cached_property
    def first(self) -> Dataset:
        return build_dataset(self.log, blank_replay(), first_only=True, tell=self.tell)

    @cached_property
    def sizes(self) -> dict[str, int]:
        return leave_out.archetype_sizes(self.log)

    @cached_property
    def half_rows(self) -> list[leave_out.BlockRows]:
        return [self.rows(block) for block in leave_out.halves(self.sizes)]

    def rows(self, block: leave_out.Block) -> leave_out.BlockRows:
        shape = self.first_shape
        return leave_out.block_rows(self.log, self.first, block, blank_replay, self.seed, shape, self.tell)

    def halves(self) -> dict[str, Any]:
        found = zip(self.half_rows, leave_out.halves(self.sizes), strict=True)
        return leave_out.leave_out_report([self.part(*one) for one in found], trace_report(self.log))

    def part(self, rows: leave_out.BlockRows, block: leave_out.Block) -> dict[str, Any]:
        return leave_out.block_part(rows, block, self.shape, self.pulls, self.seed)

    def pulls(self, rows: leave_out.BlockRows, block: leave_out.Block, score: Floats) -> Floats:
        return leave_out.pulls_without(self.log, rows, block, score, blank_replay, self.seed, self.tell)

    def ablation(self) -> dict[str, Any]:
        blocks = leave_out.halves(self.sizes)
        return ablation_report(self.half_rows, blocks, self.shape, self.pulls, self.seed, self.tell)

    def each(self, parts: Parts, made: dict[str, Any]) -> dict[str, Any]:
        """One kind at a time; every kind is a part of its own, for each takes as long as a training."""
        blocks, found = leave_out.one_each(self.sizes), []
        for i, block in enumerate(blocks):
            make = partial(self._one, block)
            found.append(parts.get(f"left_out_{block[0]}", made | {"block": list(block)}, make))
            if self.tell:
                self.tell("kinds left out", i + 1, len(blocks))
        seconds = sum(part["seconds"] for part in found)
        return leave_out.leave_out_report(found, trace_report(self.log)) | {"seconds_of_parts": seconds}

    def _one(self, block: leave_out.Block) -> dict[str, Any]:
        return self.part(self.rows(block), block)


def run_study(
    history: Path,
    evals: Sequence[Path],
    out: Path,
    quick: bool = False,
    seed: int = 1,
    tell: Progress | None = None,
    model: Path | None = None,
    wanted: Sequence[str] = (),
) -> dict[str, Any]:
    """Run or finish the study of a training world; returns what ``study.json`` holds.

    ``model``: a bundle to judge on ``evals`` instead of one trained on ``history``; what is left out, is left out of
    ``history`` all the same. ``wanted``: which of ``PARTS`` to play; none named: all, a quick study without ``each``.
    """
    parts, source = Parts(out / "parts"), open_source(history, None)
    made = {"world": source.digest(), "seed": seed, "code": code_digest()}
    training = _Training(history, seed, tell)
    bundle, trained = _bundle(training, parts, made, out) if model is None else _given(model)
    made_by = model or out / trained["model"]
    training.shape = leave_out.shape_of((made_by / FINAL).read_text(encoding="utf-8"))
    training.first_shape = leave_out.shape_of((made_by / FIRST_PASS).read_text(encoding="utf-8"), FIRST_SHAPES)
    wanted = wanted or (PARTS[:2] if quick else PARTS)
    study: dict[str, Any] = {
        "quick": quick, "seed": seed, "train": {"world": history.name, "sha256": made["world"]} | trained,
    }  # fmt: skip
    if "halves" in wanted:
        study["left_out_halves"] = parts.get("left_out_halves", made, training.halves)
    if "ablation" in wanted:
        study["ablation"] = parts.get("ablation", made, training.ablation)
    training.__dict__.pop("half_rows", None)  # the largest arrays; nothing reads them from here on
    if "each" in wanted:
        study["left_out_each"] = parts.get("left_out_each", made, lambda: training.each(parts, made))
    study["worlds"] = [
        _world(path, f"{i + 1}_{path.stem}", bundle, parts, made, quick, tell) for i, path in enumerate(evals)
    ]
    write_json(out / REPORT, tidy(study))
    return dict(tidy(study))


def _bundle(training: _Training, parts: Parts, made: dict[str, Any], out: Path) -> tuple[Bundle, dict[str, Any]]:
    """The model of the study, trained as any is, and what training reported of it."""
    version = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:12]
    folder = out / "model" / "study" / version

    def make() -> dict[str, Any]:
        if folder.exists():  # stopped between the bundle and its part
            return {"report": dict(load_bundle(folder, FEATURE_NAMES, FIRST).manifest.notes["report"])}
        notes = {"history": training.history.name, "history_sha256": made["world"]}
        return {
            "report": train_bundle(
                training.log, blank_replay, out / "model", "study", version, training.seed, notes=notes,
                tell=training.tell,
            )[1]
        }  # fmt: skip

    report = parts.get("training", made, make)
    told = {"model": str(folder.relative_to(out)), "trained": "A model was trained"}
    return load_bundle(folder, FEATURE_NAMES, FIRST), report | told


def _given(model: Path) -> tuple[Bundle, dict[str, Any]]:
    """A model that was trained before, and what training reported of it. Raises ``ConfigurationError`` if it is none
    that training made."""
    bundle = load_bundle(model, FEATURE_NAMES, FIRST)
    notes = bundle.manifest.notes
    if "report" not in notes:
        raise ConfigurationError(f"{model}: no report of its training")
    told = {"report": notes["report"], "model": bundle.manifest.title, "seconds": 0.0}
    return bundle, told | {"trained": f"{bundle.manifest.title} was trained"}


def _world(
    path: Path, name: str, bundle: Bundle, parts: Parts, made: dict[str, Any], quick: bool, tell: Progress | None
) -> dict[str, Any]:
    """Both parts of one evaluated world; its log is read once, and only if a part is missing."""
    digest = open_source(path, None).digest()
    made_of = {"train": made, "model": bundle.manifest.digest, "world": digest}

    def replay() -> Replay:
        return Replay(Pipeline(bundle.models, load_policy(bundle.policy_text), TRAINING_KEYS, evidence=False))

    def told(stage: str, done: int, total: int) -> None:
        if tell:
            tell(f"{path.stem}: {stage}", done, total)

    def make() -> dict[str, Any]:
        log = read_log(open_source(path, None), load_reference(), tell=told)
        world = score_world(log, replay(), TRAINING_KEYS, told)
        report = world_report(world, read_usage(path))
        report |= {
            "cold_start": cold_start_report(world),
            "campaign_rows": campaign_rows(world),
            "events": len(log),
            "trace": trace_report(log),
        }
        cut = report["thresholds"]["1.0%"]
        targets = pick_targets(world, cut, _TARGETS[quick])
        return report | {"evade": evade_report(evasions(log, replay(), targets, cut, told), targets)}

    part = parts.get(f"world_{name}", made_of | {"targets": _TARGETS[quick]}, make)
    return {"world": path.name, "name": path.stem, "sha256": digest} | part
