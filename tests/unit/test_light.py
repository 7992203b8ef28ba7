"""A server starts without what only other commands need."""

from __future__ import annotations

import subprocess
import sys

_HEAVY = (
    "alembic", "duckdb", "jinja2", "matplotlib.pyplot", "opentelemetry", "optuna", "prometheus_client", "pyspark",
    "shap", "sybilgate.simulate", "sybilgate.training",
)  # fmt: skip


def test_serving_imports_nothing_heavy() -> None:
    look = f"import sys, sybilgate.wiring; print([name for name in {_HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
