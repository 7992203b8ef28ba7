"""The plan that every engine runs: one statement of plain SQL, then the code that serves over batches of its rows.

The statement brings each account together with the states of what it holds; that is all an assessment reads. The rest
needs no other account, so an engine may cut the accounts as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from sybilgate.app.bundle import Bundle
from sybilgate.app.log import blank_events
from sybilgate.core.identifier import KEY_BYTES, KINDS, Keyring
from sybilgate.core.keytable import KeyTable
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Decision, Policy
from sybilgate.core.records import AccountRecord
from sybilgate.core.state import STATE, States, unpack_totals
from sybilgate.fleet.snapshot import Meta

#: Read alike by DuckDB and by Spark SQL.
SQL = """
SELECT a.account_id, a.ref, a.signup_time, a.last_time, a.label, a.own, a.keys, a.held, s.states
FROM account a
LEFT JOIN (
    SELECT l.ref, array_agg(i.key || i.state) AS states
    FROM link l JOIN identifier i ON l.key = i.key
    GROUP BY l.ref
) s ON s.ref = a.ref
"""
RESULT = pa.schema(
    [
        ("account_id", pa.string()), ("risk", pa.float64()), ("margin", pa.float64()), ("first_risk", pa.float64()),
        ("decision", pa.string()), ("axes", pa.string()), ("model", pa.string()), ("policy", pa.string()),
        ("as_of", pa.float64()),
    ]
)  # fmt: skip
_ROW = KEY_BYTES + STATE.itemsize
_COLUMNS = ("account_id", "ref", "signup_time", "last_time", "label", "own", "keys", "held")
#: Accounts folded at a time.
_BLOCK = 2000
# Keys are hashed already: nothing here needs the secret under which they were.
_NO_SECRET = Keyring(0, bytes(32))


@dataclass(frozen=True)
class Plan:
    """What scores accounts as of a snapshot."""

    bundle: Bundle
    policy: Policy
    meta: Meta

    @cached_property
    def pipeline(self) -> Pipeline:
        return Pipeline(
            self.bundle.models, self.policy, _NO_SECRET, self.meta.protected, self.meta.exempt, evidence=False
        )

    def score(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Rows of RESULT for rows of SQL, in order."""
        for batch in batches:
            for start in range(0, batch.num_rows, _BLOCK):
                yield self._block(batch.slice(start, _BLOCK))

    def _block(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        rows = zip(*(batch.column(name).to_pylist() for name in _COLUMNS), strict=True)
        accounts = {row[0]: AccountRecord(*row) for row in rows}
        nobody, everybody = np.zeros(len(accounts), np.bool_), np.ones(len(accounts), np.bool_)
        plan = self.pipeline.plan(blank_events(list(accounts), self.meta.as_of), accounts, nobody)
        state = self._states(plan.words, batch.column("states"))
        found = self.pipeline.fold(plan, state, np.zeros(len(state), np.bool_), everybody, None, nobody)
        n = len(accounts)
        columns = [
            list(accounts), found.risk, found.margin, found.first_risk,
            [Decision(one).name for one in found.decision.tolist()], found.axes, [self.bundle.models.name] * n,
            [self.policy.version] * n, [self.meta.as_of] * n,
        ]  # fmt: skip
        return pa.record_batch(columns, schema=RESULT)

    def _states(self, words: np.ndarray, lists: pa.Array) -> States:
        """States in slot order from the keys and states that came with the accounts."""
        joined = b"".join(lists.flatten().to_pylist())
        rows = np.frombuffer(joined, np.uint8).reshape(-1, _ROW)
        table = KeyTable(len(KINDS))
        table.slots(words)
        slots = table.slots(np.ascontiguousarray(rows[:, :KEY_BYTES]).view(np.uint64))
        state = np.concatenate([unpack_totals(self.meta.totals, len(KINDS)), np.zeros(len(words), STATE)])
        state[slots] = np.ascontiguousarray(rows[:, KEY_BYTES:]).view(STATE)[:, 0]
        return state
