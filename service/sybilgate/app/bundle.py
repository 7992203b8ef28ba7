"""Model bundles on disk: written whole, and loaded only after a process of its own has proved them.

A damaged LightGBM file can abort or hang the process, or score wrongly in silence. So: read the bytes once, compare
them with the manifest, let a limited child score golden rows, compare those too, and only then build the models here.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.bundle_child import pack_question, score_golden
from sybilgate.app.manifest import Manifest, check_name, parse_manifest
from sybilgate.core.campaign.resemblance import mates_from_json
from sybilgate.core.feature import FEATURE_NAMES, FIRST
from sybilgate.core.scoring import Floats, LightGBMModels, Rows
from sybilgate.errors import ModelRejected

MANIFEST = "manifest.json"
FINAL, FIRST_PASS, POLICY, CARD = "model.txt", "first.txt", "policy.toml", "MODEL_CARD.md"
GOLDEN, ANSWERS = "golden.npy", "golden_answers.npy"
_MIB = 1 << 20
# Largest size read, in bytes. A bundle lists exactly these files.
CAPS = {
    FINAL: 64 * _MIB, FIRST_PASS: 64 * _MIB, GOLDEN: 16 * _MIB, ANSWERS: 32 * _MIB, POLICY: _MIB, CARD: _MIB
}  # fmt: skip
_MANIFEST_CAP = 4 * _MIB
_TOLERANCE = 1e-9
_ADDITIVITY = 1e-8
#: Bundles a holder keeps: the one that serves and those before it.
_KEPT = 4
# The child gets what it needs to start, and none of the service's secrets.
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "LANG")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the child may use; ``cpu_seconds`` counts its imports (about 1 s)."""

    cpu_seconds: int = 30
    wall_seconds: float = 60.0
    address_bytes: int = 4 << 30


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified model version, ready to serve."""

    models: LightGBMModels
    policy_text: str
    manifest: Manifest


def write_bundle(
    directory: Path, name: str, version: str, *, first_text: str, final_text: str,
    calibration: Sequence[tuple[float, float]], guards: Mapping[str, Sequence[float]], features: Sequence[str],
    tails: Mapping[str, Sequence[Sequence[float]]], golden_rows: Rows, policy_text: str, card_text: str,
    notes: Any = None, mates: Mapping[str, float] = MappingProxyType({}),
) -> Path:  # fmt: skip
    """Write ``directory/name/version`` in one step and return it; a failure leaves nothing behind.

    Raises ``FileExistsError`` when the version exists: assessments name it, so it may not change.
    """
    target = bundle_path(directory, name, version)
    if target.exists():
        raise FileExistsError(f"{target} exists; a model version never changes")
    models = LightGBMModels(f"{name}@{version}", first_text, final_text, calibration, guards, features, tails, mates)
    rows = np.ascontiguousarray(golden_rows, dtype=np.float32)
    contents = {
        FINAL: final_text.encode(), FIRST_PASS: first_text.encode(), POLICY: policy_text.encode(),
        CARD: card_text.encode(), GOLDEN: _to_npy(rows), ANSWERS: _to_npy(score_golden(models, rows)),
    }  # fmt: skip
    manifest = Manifest(
        name=name, version=version, features=tuple(features), first=models.first_width,
        calibration=tuple((float(m), float(r)) for m, r in calibration),
        guards={k: tuple(float(q) for q in v) for k, v in guards.items()},
        tails={k: tuple((float(x), float(y)) for x, y in v) for k, v in tails.items()},
        files={k: hashlib.sha256(v).hexdigest() for k, v in contents.items()}, notes=notes, mates=dict(mates),
    )  # fmt: skip
    contents[MANIFEST] = manifest.to_json().encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=target.parent))
    try:
        for file, data in contents.items():
            _write(scratch / file, data)
        scratch.chmod(0o755)
        scratch.rename(target)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return target


def bundle_path(root: Path, name: str, version: str) -> Path:
    """Folder of a version under ``root``; raises ``ModelRejected`` for a name that could lead elsewhere."""
    return Path(root) / check_name(name) / check_name(version)


def load_bundle(
    directory: Path, features: Sequence[str] = FEATURE_NAMES, first: int = FIRST, limits: Limits = DEFAULT_LIMITS
) -> Bundle:
    """Verify and build. ``features`` and ``first`` are what this code computes. Raises ``ModelRejected``."""
    directory = Path(directory)
    manifest = parse_manifest(_read(directory / MANIFEST, _MANIFEST_CAP))
    if set(manifest.files) != set(CAPS):
        raise ModelRejected(f"manifest must list exactly {', '.join(sorted(CAPS))}")
    contents = {file: _read(directory / file, cap) for file, cap in CAPS.items()}
    for file, data in contents.items():
        if hashlib.sha256(data).hexdigest() != manifest.files[file]:
            raise ModelRejected(f"{file} does not match the SHA-256 in the manifest")
    _check_features(manifest, tuple(features), first)
    rows = _from_npy(contents, GOLDEN, np.dtype(np.float32), len(features))
    answers = _from_npy(contents, ANSWERS, np.dtype(np.float64), len(features) + 4)
    try:
        mates_from_json(manifest.mates) if manifest.mates else None
    except KeyError as error:
        raise ModelRejected(f"its campaigns need {error.args[0]}") from error
    try:
        first_text, final_text, policy_text = (contents[f].decode() for f in (FIRST_PASS, FINAL, POLICY))
    except UnicodeDecodeError as error:
        raise ModelRejected(f"a text file is not UTF-8: {error}") from error
    meta: dict[str, Any] = {
        "calibration": manifest.calibration, "guards": manifest.guards, "feature_names": manifest.features,
        "tails": manifest.tails, "mates": manifest.mates,
    }  # fmt: skip
    _compare(_ask_child(pack_question(first_text, final_text, meta, rows), limits), answers)
    models = LightGBMModels(manifest.title, first_text, final_text, **meta)
    if models.first_width != first:
        raise ModelRejected(f"the first-pass model reads {models.first_width} features, not {first}")
    return Bundle(models, policy_text, manifest)


class ModelHolder:
    """The bundle that serves. Reading it takes no lock; a batch should read it once."""

    def __init__(self, bundle: Bundle, load: Callable[[Path], Bundle] = load_bundle) -> None:
        self._bundle = bundle
        self._load = load
        self._swap = threading.Lock()
        self._served: tuple[Bundle, ...] = (bundle,)

    @property
    def current(self) -> Bundle:
        """The bundle to use now."""
        return self._bundle

    def models(self, name: str) -> LightGBMModels | None:
        """The models of that name if they serve, or did lately: what they scored can then still be explained."""
        found = self.bundle(name)
        return found.models if found is not None else None

    def bundle(self, name: str) -> Bundle | None:
        """The bundle of that name if it serves, or did lately."""
        return next((bundle for bundle in self._served if bundle.models.name == name), None)

    def swap(self, directory: Path) -> Bundle:
        """Load another bundle and serve it from now on. On any failure raise ``ModelRejected`` and keep the old one."""
        with self._swap:
            bundle, old = self._load(directory), self._bundle
            if bundle.manifest.title == old.manifest.title and bundle.manifest.digest != old.manifest.digest:
                raise ModelRejected(f"another {bundle.manifest.title} is serving; give a changed model a new version")
            others = (one for one in self._served if one.manifest.title != bundle.manifest.title)
            self._served = (bundle, *others)[:_KEPT]
            self._bundle = bundle
            return bundle


def _check_features(manifest: Manifest, features: tuple[str, ...], first: int) -> None:
    if manifest.features != features:
        different = sorted(set(manifest.features) ^ set(features))
        raise ModelRejected(f"features differ from the code's: {', '.join(different[:8]) or 'same names, other order'}")
    if manifest.first != first:
        raise ModelRejected(f"the first-pass model reads {manifest.first} features, the code computes {first}")


def _ask_child(question: bytes, limits: Limits) -> Floats:
    """Answers of the child process. Its outputs go to files that it cannot grow without end."""
    command = [sys.executable, "-P", "-m", "sybilgate.app.bundle_child"]
    command += [str(n) for n in (limits.cpu_seconds, limits.address_bytes, CAPS[ANSWERS])]
    environment = {k: os.environ[k] for k in _ENVIRONMENT if k in os.environ}
    environment |= {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as complaint:
        try:
            done = subprocess.run(
                command, input=question, stdout=answer, stderr=complaint, env=environment,
                timeout=limits.wall_seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ModelRejected(f"the model did not score its golden rows in {limits.wall_seconds:g} s") from error
        except OSError as error:
            raise ModelRejected(f"cannot start the process that checks models: {error}") from error
        if done.returncode:
            complaint.seek(0)
            raise ModelRejected(_describe(done.returncode, complaint.read(_MIB)))
        answer.seek(0)
        return _from_npy({ANSWERS: answer.read()}, ANSWERS, np.dtype(np.float64), None)


def _describe(returncode: int, complaint: bytes) -> str:
    if returncode < 0:
        try:
            name = signal.Signals(-returncode).name
        except ValueError:
            name = f"signal {-returncode}"
        return f"the process that checked the model died of {name}"
    lines = complaint.decode(errors="replace").strip().splitlines() or ["no message"]
    text = "".join(c if c.isprintable() else "?" for c in lines[-1])
    return f"the model cannot be loaded: {text[:300]}"


def _compare(scored: Floats, answers: Floats) -> None:
    if scored.shape != answers.shape:
        raise ModelRejected(f"golden answers have shape {answers.shape}, the model gives {scored.shape}")
    if not np.isfinite(scored).all():
        raise ModelRejected("the model scores golden rows as infinite or not a number")
    worst = float(np.abs(scored - answers).max())
    if not worst <= _TOLERANCE:
        raise ModelRejected(f"golden rows score differently, by up to {worst:.3g}")
    gap = float(np.abs(scored[:, 3:].sum(axis=1) - scored[:, 1]).max())
    if gap > _ADDITIVITY:
        raise ModelRejected(f"contributions miss the margin by up to {gap:.3g}")


def _read(path: Path, cap: int) -> bytes:
    try:
        if not path.is_file():
            raise ModelRejected(f"{path.name} is missing")
        with path.open("rb") as file:
            data = file.read(cap + 1)
    except OSError as error:
        raise ModelRejected(f"{path.name} cannot be read: {error.strerror}") from error
    if len(data) > cap:
        raise ModelRejected(f"{path.name} is larger than {cap} bytes")
    return data


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _to_npy(array: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _from_npy(contents: Mapping[str, bytes], file: str, dtype: np.dtype[Any], width: int | None) -> npt.NDArray[Any]:
    try:
        array = np.load(io.BytesIO(contents[file]), allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError) as error:
        raise ModelRejected(f"{file} is not an array: {error}") from error
    if array.dtype != dtype or array.ndim != 2 or len(array) == 0 or (width and array.shape[1] != width):
        raise ModelRejected(f"{file} holds {array.dtype}{array.shape}, not {dtype} rows of {width}")
    return np.asarray(array)
