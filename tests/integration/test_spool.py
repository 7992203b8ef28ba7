"""The spool's files: what was appended is there again, whole records only, for one process at a time."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from sybilgate.store.spool import FileSpool

RECORDS = [(f"r{n}", bytes([n]) * 100) for n in range(5)]


def _open(folder: Path, limit: int = 1 << 20, database: str = "db") -> FileSpool:
    return FileSpool(folder, database, limit)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"))


def test_records_come_back_in_order(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS)
    spool.close()
    again = _open(tmp_path)
    assert again.head(9) == RECORDS
    assert again.find("r3") == RECORDS[3][1]


def test_dropped_records_are_gone(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS)
    spool.drop(["r0", "r1"])
    assert (len(spool), spool.head(1), spool.find("r0")) == (3, [RECORDS[2]], None)
    spool.drop(["r2", "r3", "r4"])
    assert _files(tmp_path) == []


def test_torn_tail_is_cut(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS)
    spool.close()
    file = _files(tmp_path)[0]
    for cut in range(1, 100, 7):
        file.write_bytes(file.read_bytes()[:-cut])
        again = _open(tmp_path)
        assert len(again) < 5
        assert again.head(9) == RECORDS[: len(again)]
        again.close()
        if not _files(tmp_path):
            break


def test_broken_byte_ends_reading(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS)
    spool.close()
    file = _files(tmp_path)[0]
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert _open(tmp_path).head(9) == RECORDS[:2]
    assert len(list(tmp_path.glob("*.damaged"))) == 1


def test_living_process_keeps_its_file(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS)
    other = _open(tmp_path)
    assert len(other) == 0
    spool.close()
    other.adopt()
    assert len(other) == 5


def test_databases_share_a_folder(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS)
    spool.close()
    assert len(_open(tmp_path, database="another")) == 0


def test_bound_is_kept(tmp_path: Path) -> None:
    spool = _open(tmp_path, limit=300)
    spool.append(RECORDS[:2])
    with pytest.raises(OSError, match="bound"):
        spool.append(RECORDS[2:])
    assert spool.head(9) == RECORDS[:2]


def test_failed_write_leaves_nothing(tmp_path: Path) -> None:
    spool = _open(tmp_path)
    spool.append(RECORDS[:1])
    size = _files(tmp_path)[0].stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, hard))
    try:
        with pytest.raises(OSError, match="large"):
            spool.append(RECORDS[1:])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    spool.append(RECORDS[4:])
    assert spool.head(9) == [RECORDS[0], RECORDS[4]]


def test_nobody_else_may_read(tmp_path: Path) -> None:
    spool = _open(tmp_path / "new")
    spool.append(RECORDS)
    assert _files(tmp_path / "new")[0].stat().st_mode & 0o077 == 0
