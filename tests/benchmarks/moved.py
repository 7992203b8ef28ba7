"""A model on traffic of another size, as it came and calibrated without labels; prints JSON.

    sybilgate simulate dense.parquet --seed 501 --days 12 --honest-per-day 25000 --campaigns 60 --no-usage
    python -m tests.benchmarks.moved dense.parquet --bundle models/default/5 --days 6 --burn-in-days 2

Calibrated on the first days, labels hidden; both then score the whole world. ``stopped``: share of honest signups that
the bundle's own policy does not allow, day by day. ``recall``: macro over campaigns, at thresholds of honest accounts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sybilgate.app.bundle import load_bundle
from sybilgate.app.mapping import DAY
from sybilgate.app.replay import Replay
from sybilgate.cli.bars import bars
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import load_policy
from sybilgate.reference.bundle import load_reference
from sybilgate.training.calibrate import calibrate_bundle
from sybilgate.training.dataset import TRAINING_KEYS, Log, Progress, read_log, score_log
from sybilgate.training.evaluate import threshold_at
from sybilgate.training.history import open_source
from tests.benchmarks.process import machine

RATES = (0.001, 0.01)


def arm(log: Log, folder: Path, tell: Progress) -> dict[str, Any]:
    """What a bundle makes of every signup."""
    bundle = load_bundle(folder)
    replay = Replay(Pipeline(bundle.models, load_policy(bundle.policy_text), TRAINING_KEYS, evidence=False))
    scored = score_log(log, replay, tell=tell)
    data, stopped = scored.dataset, scored.decision > 1
    day = ((data.time - data.time.min()) // DAY).astype(int)
    honest = [~data.label & (day == d) for d in range(int(day.max()) + 1)]
    groups = np.array(data.group)
    members = [data.label & (groups == group) for group in np.unique(groups[data.label])]
    return {
        "stopped": [round(float(stopped[rows].mean()), 4) for rows in honest if rows.any()],
        "recall_by_policy": round(float(np.mean([stopped[rows].mean() for rows in members])), 3),
        "recall": {
            f"{rate:.1%}": round(float(np.mean([(scored.risk[rows] > cut).mean() for rows in members])), 3)
            for rate in RATES
            for cut in [threshold_at(scored.risk[~data.label], rate)]
        },
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("world", type=Path)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--days", type=float, default=6.0, help="of history to calibrate on")
    parser.add_argument("--burn-in-days", type=float, default=2.0, help="first days of it that only fill the counters")
    options = parser.parse_args(arguments)
    with bars() as tell, tempfile.TemporaryDirectory(prefix="sybilgate-moved-") as folder:
        log = read_log(open_source(options.world, None), load_reference(), tell=tell)
        begin, _ = log.span()
        early = log.until(begin + options.days * DAY)
        early.begin = begin + options.burn_in_days * DAY
        moved, report = calibrate_bundle(early, options.bundle, Path(folder), "moved", "1", tell=tell)
        found = {
            "machine": machine(),
            "events": len(log),
            "calibration": report,
            "arms": {"as it came": arm(log, options.bundle, tell), "calibrated": arm(log, moved, tell)},
        }
    json.dump(found, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
