"""What can be asked of a world: sizes, spans, pace, parts left out, processes."""

import re
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sybilgate.cli import app
from sybilgate.core.event import EventType
from sybilgate.simulate import WorldConfig, rows, write_world
from sybilgate.simulate.tables import RECORDED_DAY
from sybilgate.simulate.world import some_people

SMALL = WorldConfig(seed=6, days=12, honest_per_day=60, campaigns=3, campaign_size=(20, 40))


def world(**asked: object) -> list[dict[str, object]]:
    return list(rows(WorldConfig(**{"seed": 6, "days": 12, "honest_per_day": 40, "campaigns": 1, **asked})))  # type: ignore[arg-type]


def sybil_times(found: list[dict[str, object]]) -> list[float]:
    return [float(str(r["time"])) for r in found if r["truth.is_sybil"] and r["type"] == EventType.SIGNUP]


def test_size_and_days_are_kept() -> None:
    times = sybil_times(world(kinds=("slow_drip",), campaign_size=(300, 300), campaign_days=12.0))
    assert len(times) == 300 and 11 * 86400 < max(times) - min(times) <= 12 * 86400


def test_pace_sets_the_span() -> None:
    times = sybil_times(world(kinds=("slow_drip",), campaign_size=(230, 230), per_hour=23.0))
    assert len(times) == 230 and 23 / 3 < (max(times) - min(times)) / 3600 < 11


def test_use_adds_up() -> None:
    found = world(days=40, honest_per_day=2, kinds=("slow_drip",), campaign_size=(600, 600), campaign_days=30.0,
                  requests_per_day=25.6)  # fmt: skip
    start = {r["account_id"]: float(str(r["time"])) for r in found if r["type"] == EventType.SIGNUP}
    used: Counter[object] = Counter()
    until: dict[object, float] = {}
    for row in found:
        if row["type"] == EventType.USAGE and row["truth.is_sybil"]:
            used[row["account_id"]] += int(str(row["usage.requests"]))
            until[row["account_id"]] = float(str(row["usage.period_end_time"]))
    days = sum(end - start[account] for account, end in until.items()) / 86400
    assert sum(used.values()) / days == pytest.approx(25.6, rel=0.15)


def test_signups_stay_without_later_events() -> None:
    whole = [row for row in rows(SMALL) if row["type"] == EventType.SIGNUP]
    bare = list(rows(WorldConfig(**{**vars(SMALL), "signups_only": True})))
    assert bare == whole


def test_usage_can_be_left_out() -> None:
    without = list(rows(WorldConfig(**{**vars(SMALL), "usage": False})))
    assert without == [row for row in rows(SMALL) if row["type"] != EventType.USAGE]


def test_workers_write_same_bytes(tmp_path: Path) -> None:
    for workers in (1, 2):
        write_world(SMALL, tmp_path / f"{workers}.parquet", workers=workers)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "2.parquet").read_bytes()


def test_victims_are_real_people() -> None:
    config = WorldConfig(seed=8, days=3, honest_per_day=80, campaigns=0)
    ids = {row["account_id"] for row in rows(config)}
    assert {person.account_id for person in some_people(config, config.first_day + 1, 30)} <= ids


def test_poison_copies_honest_people() -> None:
    found = world(kinds=("poisoning",), campaign_size=(60, 60), campaign_window=0.3, honest_per_day=150)
    sides: tuple[set[object], set[object]] = (set(), set())
    for row in found:
        if row["type"] == EventType.SIGNUP:
            sides[bool(row["truth.is_sybil"])].add(str(row["network.ip_address"]).rpartition(".")[0])
    assert len(sides[0] & sides[1]) >= 5


def test_builds_get_newer() -> None:
    def newest(day: int) -> float:
        config = WorldConfig(seed=3, days=1, honest_per_day=400, campaigns=0, start_time=day * 86400.0)
        agents = (str(row["network.user_agent"]) for row in rows(config) if row["type"] == EventType.SIGNUP)
        majors = [int(found[1]) for agent in agents if (found := re.search(r"Chrome/(\d+)", agent))]
        return sum(majors) / len(majors)

    assert 3 < newest(RECORDED_DAY + 140) - newest(RECORDED_DAY) < 7


def test_command_takes_sizes(tmp_path: Path) -> None:
    out = str(tmp_path / "w.parquet")
    size = ["--days", "3", "--honest-per-day", "20", "--campaigns", "1", "--kind", "bursts", "--campaign-size", "30-30"]
    result = CliRunner().invoke(app, ["simulate", out, *size, "--campaign-days", "2", "--signups-only"])
    table = pq.read_table(out)
    assert result.exit_code == 0 and set(table["type"].to_pylist()) == {EventType.SIGNUP}
    assert sum(table["truth.is_sybil"].to_pylist()) == 30


def test_bad_range_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["simulate", str(tmp_path / "w"), "--campaign-size", "many"])
    assert result.exit_code == 2 and "many" in result.output


@pytest.mark.parametrize(
    "asked", [{"campaign_days": 0.0}, {"campaign_days": 2.0, "per_hour": 3.0}, {"campaign_size": (9, 8)}]
)
def test_nonsense_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|not both"):
        WorldConfig(**asked)  # type: ignore[arg-type]


def test_unknown_attacker_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown attacker: rivall; known: house, rival"):
        WorldConfig(attacker="rivall")
