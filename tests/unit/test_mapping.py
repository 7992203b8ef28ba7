"""A company's own rows become events in time order."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sybilgate.app.mapping import IDENTITY, Clock, Truth, load_mapping
from sybilgate.app.source import Source
from sybilgate.core.event import DeviceTrust, EventType, SignupMethod
from sybilgate.errors import InvalidInput

SHOP = """
[[event]]
type = "SIGNUP"
account_id = "user"
time = "joined"
[event.columns]
"network.ip_address" = "ip"
"signup.form_fill_seconds" = { column = "fill_ms", scale = 0.001 }
"signup.method" = { column = "via", values = { mail = "PASSWORD" } }
[event.constants]
"device.trust" = "CLIENT_ASSERTED"

[[event]]
type = "PAYMENT"
account_id = "user"
time = "paid"
[event.constants]
"payment.status" = "ADDED"

[truth]
column = "fraud"
group = "ring"
"""
ROWS: list[dict[str, object]] = [
    {"user": "b", "joined": "2026-01-01T00:10:00Z", "paid": None, "ip": "192.0.2.1", "fill_ms": 2500, "via": "mail"},
    {"user": "a", "joined": "2026-01-01T00:00:00Z", "paid": "2026-01-01T00:20:00Z", "ip": "192.0.2.2", "fraud": True},
]


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_one_row_tells_several_events(tmp_path: Path) -> None:
    source = Source(write_lines(tmp_path / "shop.jsonl", ROWS), load_mapping(SHOP))
    seen = [(mapped.event.account_id, mapped.event.type) for mapped in source.events()]
    assert seen == [("a", EventType.SIGNUP), ("b", EventType.SIGNUP), ("a", EventType.PAYMENT)]


def test_values_are_scaled_and_translated(tmp_path: Path) -> None:
    source = Source(write_lines(tmp_path / "shop.jsonl", ROWS[:1]), load_mapping(SHOP))
    event = next(source.events()).event
    assert event.signup is not None and event.device is not None
    assert event.signup.form_fill_seconds == 2.5
    assert event.signup.method is SignupMethod.PASSWORD
    assert event.device.trust is DeviceTrust.CLIENT_ASSERTED


def test_truth_stays_beside_events(tmp_path: Path) -> None:
    rows = [ROWS[1] | {"ring": "r1"}]
    mapped = list(Source(write_lines(tmp_path / "shop.jsonl", rows), load_mapping(SHOP)).events())
    assert all(item.event.type is not EventType.OUTCOME for item in mapped)
    assert mapped[0].truth is not None and mapped[0].truth.is_sybil and mapped[0].truth.group == "r1"


def test_delayed_truth_becomes_an_outcome(tmp_path: Path) -> None:
    mapping = load_mapping(SHOP + "delay_days = 30\n")
    events = [mapped.event for mapped in Source(write_lines(tmp_path / "s.jsonl", ROWS[1:]), mapping).events()]
    assert events[-1].type is EventType.OUTCOME
    assert events[-1].time == events[0].time + 30 * 86_400


def test_bad_rows_are_counted_not_fatal(tmp_path: Path) -> None:
    rows = [*ROWS, {"user": "c", "joined": "yesterday"}, {"user": "d"}, {"joined": "2026-01-01T00:00:00Z"}]
    source = Source(write_lines(tmp_path / "shop.jsonl", rows), load_mapping(SHOP))
    assert len(list(source.events())) == 3
    assert source.bad.reasons == {"time: cannot be read": 1, "time: is missing": 1, "account_id: does not fit": 1}


def test_too_many_bad_rows_are_fatal(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "shop.jsonl", [{"user": "x", "joined": "soon"}] * 5)
    with pytest.raises(InvalidInput, match="more than 3 bad rows"):
        Source(path, load_mapping(SHOP), max_bad=3)


def test_csv_ids_keep_leading_zeros(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("user,joined,paid,ip,fill_ms,via,fraud,ring\n007,2026-01-01,,192.0.2.1,1500,mail,1,\n")
    mapped = list(Source(path, load_mapping(SHOP)).events())
    assert mapped[0].event.account_id == "007"
    assert mapped[0].truth is not None and mapped[0].truth.is_sybil


def test_unsorted_parquet_comes_out_sorted(tmp_path: Path) -> None:
    table = pa.table({"account_id": ["x", "y", "z"], "time": [1.8e9, 1.7e9, 1.75e9], "type": [1, 1, 3]})
    pq.write_table(table, tmp_path / "world.parquet")
    events = [(mapped.row, mapped.event.account_id) for mapped in Source(tmp_path / "world.parquet", IDENTITY).events()]
    assert events == [(1, "y"), (2, "z"), (0, "x")]


def test_large_unsorted_file_is_refused(tmp_path: Path) -> None:
    table = pa.table({"account_id": ["x", "y"], "time": [1.8e9, 1.7e9], "type": [1, 1]})
    pq.write_table(table, tmp_path / "world.parquet")
    with pytest.raises(InvalidInput, match="too large to be sorted"):
        Source(tmp_path / "world.parquet", IDENTITY, max_bytes=10)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"user": ["x"], "joined": ["2026-01-01"], "paid": [None]}), tmp_path / "shop.parquet")
    with pytest.raises(InvalidInput, match="not in the file: ip, fill_ms, via, fraud, ring"):
        list(Source(tmp_path / "shop.parquet", load_mapping(SHOP)).events())


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        load_mapping('[[event]]\ntype = "BIRTH"\nunit = "h"\n[event.columns]\n"contact.shoe" = "s"\n')
    assert {path for path, _ in caught.value.violations} == {
        "event[0].account_id", "event[0].time", "event[0].type", "event[0].unit", "event[0].contact.shoe",
    }  # fmt: skip


def test_clock_reads_units_and_formats() -> None:
    assert Clock("t", 1e-3).read("1700000000500") == 1_700_000_000.5
    assert Clock("t", format="%d/%m/%Y").read("02/01/1970") == 86_400.0
    assert math.isnan(Clock("t").read(None))


def test_true_is_read_from_text() -> None:
    mapping = load_mapping(SHOP + "bad = [true]")
    told = [mapping.truth_of({"fraud": word}) for word in (True, "true", "True", "1", "false", "0", "no", "", None)]
    assert [one is not None and one.is_sybil for one in told] == [True] * 4 + [False] * 5
    assert load_mapping(SHOP + "bad = [false]").truth_of({"fraud": "False"}) == Truth(True)
    with pytest.raises(InvalidInput, match="is not a list of values"):
        load_mapping(SHOP + 'bad = "yes"')
