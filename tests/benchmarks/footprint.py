"""What an installation weighs and how fast it starts: ``python -m tests.benchmarks.footprint``. Prints JSON.

Makes a fresh virtual environment with the package and nothing else (no extras), then starts ``sybilgate serve`` in it
on an empty SQLite store: seconds until it says that it serves, and resident memory some seconds later, nobody asking.
The first start compiles the folds (``sybilgate warm`` does so beforehand, and is run before); CPU seconds are told
beside the clock's, because machines are shared.
``--trim`` leaves out of the fresh environment what the container's image leaves out (``deploy/container/trim``), and
starts the server from what is left. ``--wheels`` also downloads the wheels and adds their sizes up: what a container
image has to carry, packed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
_READY = "sybilgate: serving on "
_SETTLE_SECONDS = 3.0
_MB = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--environment", type=Path, help="a virtual environment to take instead of a fresh one")
    parser.add_argument("--wheels", action="store_true")
    parser.add_argument("--trim", action="store_true", help="of a fresh environment only")
    options = parser.parse_args()
    if options.trim and options.environment:
        parser.error("--trim takes files away: it works on a fresh environment only")
    with tempfile.TemporaryDirectory(prefix="footprint-") as folder:
        work = Path(folder)
        where = options.environment or fresh(work / "venv")
        told = packed(where, work) if options.wheels else {}
        if options.trim:
            told |= trimmed(where)
        print(json.dumps(measured(where, work, options.starts) | told))


def fresh(where: Path) -> Path:
    """A virtual environment with the package in it."""
    venv.create(where, with_pip=True)
    subprocess.run([where / "bin" / "pip", "install", "--quiet", str(ROOT)], check=True)
    return where


def trimmed(where: Path) -> dict[str, object]:
    """Take away what the image does not carry; what was there before."""
    before = sum(installed(where).values())
    subprocess.run([ROOT / "deploy" / "container" / "trim", packages(where)], check=True)
    return {"untrimmed_mb": round(before / _MB, 1)}


def measured(where: Path, work: Path, starts: int) -> dict[str, object]:
    sizes = installed(where)
    environment = settings(where, work)
    runs = [start(where, environment) for _ in range(starts)]
    return {
        "installed_mb": round(sum(sizes.values()) / _MB, 1),
        "files": sum(1 for path in packages(where).rglob("*") if path.is_file()),
        "largest_mb": {name: round(size / _MB, 1) for name, size in sorted(sizes.items(), key=lambda i: -i[1])[:12]},
        "ready_seconds": [round(seconds, 2) for seconds, _, _ in runs],
        "ready_seconds_median": round(statistics.median(seconds for seconds, _, _ in runs), 2),
        "ready_cpu_seconds_median": round(statistics.median(cpu for _, cpu, _ in runs), 2),
        "idle_rss_mb": round(statistics.median(rss for _, _, rss in runs) / _MB, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def packages(where: Path) -> Path:
    return next((where / "lib").glob("python*")) / "site-packages"


def installed(where: Path) -> dict[str, int]:
    """Bytes per entry of site-packages, pip and what came with it left out; a package's libraries are its own."""
    sizes: dict[str, int] = {}
    for entry in packages(where).iterdir():
        name = entry.name.removesuffix(".libs").partition("-")[0]
        if name in ("pip", "setuptools", "_distutils_hack", "__pycache__"):
            continue
        found = [entry] if entry.is_file() else [path for path in entry.rglob("*") if path.is_file()]
        sizes[name] = sizes.get(name, 0) + sum(path.stat().st_size for path in found)
    return sizes


def settings(where: Path, work: Path) -> dict[str, str]:
    environment = os.environ | {
        "SYBILGATE_KEY_FILE": str(work / "key"),
        "SYBILGATE_DATABASE_URL": f"sqlite:///{work / 'store.db'}",
        "SYBILGATE_ADDRESS": "127.0.0.1:0",
        "SYBILGATE_AUTH": "off",
    }
    for command in (["config", "init-key", str(work / "key")], ["db", "upgrade"], ["warm"]):
        subprocess.run([where / "bin" / "sybilgate", *command], env=environment, check=True, stdout=sys.stderr)
    return environment


def start(where: Path, environment: dict[str, str]) -> tuple[float, float, int]:
    """Seconds until a server serves, CPU seconds of it and its children, its resident bytes when it came to rest."""
    began = time.monotonic()
    command = [where / "bin" / "sybilgate", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(_READY)
            seconds = time.monotonic() - began
            spent = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:15]
            cpu = sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")
            time.sleep(_SETTLE_SECONDS)
            status = Path(f"/proc/{process.pid}/status").read_text()
            return seconds, cpu, int(status.split("VmRSS:")[1].split()[0]) * 1024
        finally:
            process.terminate()


def packed(where: Path, work: Path) -> dict[str, object]:
    """Wheels of the package and all it needs."""
    target = work / "wheels"
    subprocess.run([where / "bin" / "pip", "wheel", "--quiet", "--wheel-dir", str(target), str(ROOT)], check=True)
    wheels = list(target.glob("*.whl"))
    return {"wheels": len(wheels), "wheels_mb": round(sum(wheel.stat().st_size for wheel in wheels) / _MB, 1)}


if __name__ == "__main__":
    main()
