"""The synthetic world: deterministic, in time order, tagged, and without tell-tale artefacts."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from sybilgate.app.rows import event_from_row
from sybilgate.core.event import EventType
from sybilgate.simulate import SCHEMA, WorldConfig, rows, simulate, write_world
from sybilgate.simulate.crowds import CROWDS
from sybilgate.simulate.kinds import KINDS

CONFIG = WorldConfig(seed=3, days=24, honest_per_day=200, campaigns=len(KINDS), campaign_size=(8, 60))


@pytest.fixture(scope="module")
def world() -> list[dict[str, object]]:
    return list(rows(CONFIG))


@pytest.fixture(scope="module")
def signups(world: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row for row in world if row["type"] == EventType.SIGNUP]


def auc(truth: Sequence[bool], values: Sequence[float]) -> float:
    order = np.argsort(np.argsort(values))
    bad = np.asarray(truth)
    return float((order[bad].mean() - (bad.sum() - 1) / 2) / (~bad).sum())


def test_same_seed_same_world() -> None:
    config = WorldConfig(seed=9, days=2, honest_per_day=120, campaigns=2)
    once, twice = list(simulate(config)), list(simulate(config))
    assert all(a.equals(b) for a, b in zip(once, twice, strict=True))


def test_other_seed_other_accounts() -> None:
    one, two = (WorldConfig(seed=seed, days=1, honest_per_day=50, campaigns=0) for seed in (1, 2))
    ids = {row["account_id"] for row in rows(one)}
    assert not ids & {row["account_id"] for row in rows(two)}


def test_honest_days_ignore_campaigns() -> None:
    bare = WorldConfig(seed=4, days=2, honest_per_day=60, campaigns=0)
    more = WorldConfig(seed=4, days=2, honest_per_day=60, campaigns=5)
    honest = {row["account_id"] for row in rows(more) if not row["truth.is_sybil"]}
    assert honest == {row["account_id"] for row in rows(bare)}


def test_rows_come_in_time_order(world: list[dict[str, object]]) -> None:
    times = [float(str(row["time"])) for row in world]
    assert times == sorted(times)


def test_signup_precedes_other_events(world: list[dict[str, object]]) -> None:
    seen: set[object] = set()
    for row in world:
        assert (row["type"] == EventType.SIGNUP) == (row["account_id"] not in seen)
        seen.add(row["account_id"])


def test_every_event_type_occurs(world: list[dict[str, object]]) -> None:
    assert {row["type"] for row in world} == {int(kind) for kind in EventType}


def test_every_campaign_kind_occurs(signups: list[dict[str, object]]) -> None:
    assert {row["truth.archetype"] for row in signups if row["truth.is_sybil"]} == set(KINDS)


def test_honest_crowds_are_tagged(signups: list[dict[str, object]]) -> None:
    tags = {row["truth.archetype"] for row in signups if not row["truth.is_sybil"]}
    assert len(tags & set(CROWDS)) >= 6
    assert tags >= {"honest", "carrier_nat", "privacy_vpn", "relay_mail", "family", "traveller", "resignup"}


def test_rows_convert_to_events(world: list[dict[str, object]]) -> None:
    for row in world[::7]:
        event = event_from_row(row)
        assert (event.account_id, event.time) == (row["account_id"], row["time"])


def groups(signups: list[dict[str, object]], kind: str) -> list[list[dict[str, object]]]:
    found: dict[object, list[dict[str, object]]] = defaultdict(list)
    for row in signups:
        if row["truth.archetype"] == kind:
            found[row["truth.group"]].append(row)
    return list(found.values())


def test_hosting_campaigns_reuse_addresses(signups: list[dict[str, object]]) -> None:
    for members in groups(signups, "hosting_burst"):
        assert len({row["network.ip_address"] for row in members}) < len(members)


def test_farm_campaigns_reuse_devices(signups: list[dict[str, object]]) -> None:
    for members in groups(signups, "device_farm"):
        devices = [row["device.device_id"] for row in members if row.get("device.device_id")]
        assert len(set(devices)) <= len(devices) / 2


def test_chain_values_stay_exclusive(signups: list[dict[str, object]]) -> None:
    for members in groups(signups, "chain"):
        for path in ("device.device_id", "payment.fingerprint", "contact.phone"):
            held = Counter(row[path] for row in members if row.get(path))
            assert max(held.values(), default=0) <= 2


def test_offices_share_one_card(signups: list[dict[str, object]]) -> None:
    for members in groups(signups, "office_card"):
        cards = {row["payment.fingerprint"] for row in members if row.get("payment.fingerprint")}
        assert len(cards) <= 1 and len({row["network.ip_address"] for row in members}) <= 2


def test_account_ids_tell_nothing(signups: list[dict[str, object]]) -> None:
    truth = [bool(row["truth.is_sybil"]) for row in signups]
    names = [str(row["account_id"]) for row in signups]
    assert {len(name) for name in names} == {22}
    for position in (0, 7, 21):
        assert 0.42 < auc(truth, [int(name[position], 16) + 1e-9 * i for i, name in enumerate(names)]) < 0.58


def test_time_rounding_tells_nothing(signups: list[dict[str, object]]) -> None:
    truth = [bool(row["truth.is_sybil"]) for row in signups]
    millis = [round(float(str(row["time"])) * 1000) % 1000 for row in signups]
    assert 0.44 < auc(truth, [m + 1e-7 * i for i, m in enumerate(millis)]) < 0.56


def test_missing_fields_tell_little(signups: list[dict[str, object]]) -> None:
    truth = np.array([bool(row["truth.is_sybil"]) for row in signups])
    for path in SCHEMA.names:
        if path.startswith("payment"):
            continue  # rings do pay more often at once
        missing = np.array([row.get(path) is None for row in signups])
        assert abs(missing[truth].mean() - missing[~truth].mean()) < 0.35, path


def test_write_world_streams_rows(tmp_path: Path) -> None:
    shares: list[float] = []
    config = WorldConfig(seed=2, days=1, honest_per_day=40, campaigns=1)
    written = write_world(config, tmp_path / "world.parquet", lambda _, share: shares.append(share))
    table = pq.read_table(tmp_path / "world.parquet")
    assert table.num_rows == written > 40 and table.schema.equals(SCHEMA)
    assert shares == sorted(shares) and [p.name for p in tmp_path.iterdir()] == ["world.parquet"]
    assert all(event_from_row(row) for row in table.to_pylist())


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kinds of campaign"):
        WorldConfig(kinds=("martian",))


def test_more_crowds_when_asked() -> None:
    none, usual, many = (
        WorldConfig(seed=6, days=4, honest_per_day=150, campaigns=0, crowds=n) for n in (0.0, 1.0, 8.0)
    )
    groups = [{row["truth.group"] for row in rows(c) if row["truth.archetype"] in CROWDS} for c in (none, usual, many)]
    assert not groups[0] and len(groups[2]) > 3 * max(1, len(groups[1]))
