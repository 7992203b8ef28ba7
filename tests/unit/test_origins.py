"""Facts about narrowing the queue by origin: nothing is lost between pages, and no page reads without end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sybilgate.core.desk import QueueFilter
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.identifier import COLUMN, KEY_BYTES, Kind
from sybilgate.core.records import AssessmentRecord
from sybilgate.rpc.origins import LOOKED, Cursor, Item, Origins
from tests.factories import KEYRING, START

WIDTH = FEATURE_COLUMN["network_residential"] + 1
HOME = np.eye(1, WIDTH, FEATURE_COLUMN["network_residential"], dtype="<f4").tobytes()
AUSTRIA = bytes(COLUMN[Kind.COUNTRY] * KEY_BYTES) + KEYRING.key(Kind.COUNTRY, b"AT")


@dataclass
class Queue:
    """``size`` items, every ``every``-th from Austria."""

    size: int
    every: int
    read: int = 0

    def items(self, limit: int, after: Cursor | None) -> Sequence[AssessmentRecord]:
        start = int(after[1]) + 1 if after else 0
        self.read += limit
        return [
            AssessmentRecord(
                f"{i:08d}", f"a{i}", "signup", START, START, 0.8, 1.0, 0.5, 3, "", "m@1", "p", HOME, None, "", "{}"
            )
            for i in range(start, min(start + limit, self.size))
        ]

    def keys(self, accounts: Sequence[str]) -> dict[str, bytes]:
        return {name: AUSTRIA for name in accounts if int(name[1:]) % self.every == 0}

    def all(self, wanted: QueueFilter, size: int) -> list[list[Item]]:
        pages, after, origins = [], None, Origins(KEYRING, self.keys)
        while True:
            page, after = origins.page(self.items, wanted, size, after)
            pages.append(page)
            if after is None:
                return pages


def test_every_match_comes_once() -> None:
    wanted = QueueFilter((3,), country="AT", network="residential")
    pages = Queue(1001, 100).all(wanted, 4)
    assert [item.record.account_id for page in pages for item in page] == [f"a{i}" for i in range(0, 1001, 100)]
    assert {item.country for page in pages for item in page} == {"AT"}


def test_unnarrowed_pages_are_full() -> None:
    pages = Queue(100, 1).all(QueueFilter((3,)), 50)
    assert [len(page) for page in pages] == [50, 50]
    assert Queue(7, 10).all(QueueFilter((3,)), 50)[0][1].country == ""


def test_one_page_looks_no_further() -> None:
    queue = Queue(10 * LOOKED, 10**9)
    page, after = Origins(KEYRING, queue.keys).page(queue.items, QueueFilter((3,), network="tor"), 50, None)
    assert page == [] and after is not None
    assert queue.read == LOOKED
