"""Key files: what is written is read again, and a file from before keys were numbered stays good."""

from __future__ import annotations

from pathlib import Path

import pytest

from sybilgate.core.identifier import Keyring, Kind
from sybilgate.errors import ConfigurationError
from sybilgate.keyfile import new_ring, read_ring, rotated, without_older, write_ring

PLAIN = b"a secret of at least thirty-two bytes\n"
START = 1_760_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "key"


def test_ring_is_read_as_written(path: Path) -> None:
    ring = rotated(new_ring(), START)
    write_ring(path, ring, new=True)
    read = read_ring(path, 9)
    assert (read.secret, read.values) == (ring.secret, ring.values)
    assert path.stat().st_mode & 0o777 == 0o600


def test_rewritten_file_keeps_its_rights(path: Path) -> None:
    write_ring(path, new_ring(), new=True)
    path.chmod(0o640)
    write_ring(path, rotated(read_ring(path, 1), START))
    assert path.stat().st_mode & 0o777 == 0o640


def test_plain_file_is_one_key(path: Path) -> None:
    path.write_bytes(PLAIN)
    ring = read_ring(path, 7)
    assert ring == Keyring(7, PLAIN.strip())
    assert ring.checks == {7: ring.check}


def test_rotated_plain_key_stays_known(path: Path) -> None:
    path.write_bytes(PLAIN)
    before = read_ring(path, 7)
    write_ring(path, rotated(before, START))
    after = read_ring(path, 7)
    assert after.older is not None and after.older.secret == before.secret == after.secret
    assert (after.newest.number, after.newest.start) == (8, START)
    assert after.checks[7] == before.checks[7]


def test_third_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="destroy the older first"):
        rotated(rotated(new_ring(), START), START)


def test_destroyed_key_is_nowhere(path: Path) -> None:
    ring = rotated(new_ring(), START)
    assert ring.older is not None
    write_ring(path, ring, new=True)
    write_ring(path, without_older(ring))
    assert ring.older.secret.hex() not in path.read_text()
    assert read_ring(path, 1).newest == ring.newest


def test_root_outlives_rotation() -> None:
    first = new_ring()
    second = without_older(rotated(first, START))
    assert (first.account_ref("a"), first.digest(b"x")) == (second.account_ref("a"), second.digest(b"x"))
    assert first.combination(Kind.BIN_ASN, b"ab") == second.combination(Kind.BIN_ASN, b"ab")
    assert first.key(Kind.CARD, b"c") != second.key(Kind.CARD, b"c")


def test_stored_country_is_found_under_either_key() -> None:
    ring = rotated(new_ring(), START)
    assert ring.older is not None
    before = Keyring(1, ring.older.secret).key(Kind.COUNTRY, b"AT")
    assert ring.keys(Kind.COUNTRY, b"AT") == [ring.key(Kind.COUNTRY, b"AT"), before]


@pytest.mark.parametrize(
    "text",
    ["# sybilgate keys", "# sybilgate keys\nroot = 1", '# sybilgate keys\nroot = "zz"\nkey = []', "short"],
)
def test_broken_file_is_refused(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigurationError, match="key_file"):
        read_ring(path, 1)
