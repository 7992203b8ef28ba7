"""Assessing existing accounts by the block, as billing does every period.

A block is read as one moment of the store, and planned, folded and scored by the code that serves, so an account has
the very features that an assessment of it alone would have had then; what it shares with others is read set by set.
Accounts that somebody will look at (stopped, standing otherwise than before, near a campaign) are assessed once more
within the transaction that writes the block, as ``AssessAccounts`` would: with evidence, explanation and a place in a
campaign. The others are written as they were scored, without evidence, which is most of what an assessment costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sybilgate.app.assess import Assessor
from sybilgate.app.log import blank_events
from sybilgate.app.ports import Unit, View
from sybilgate.app.standing import line_of
from sybilgate.core.identifier import KINDS, TOTALS_KEY, Words, to_words
from sybilgate.core.keytable import KeyTable
from sybilgate.core.ledger import states_of
from sybilgate.core.pipeline import Found, Pipeline
from sybilgate.core.policy import Decision
from sybilgate.core.records import AssessmentRecord
from sybilgate.core.rescoring import JobRecord, ResultRecord, StandingRecord
from sybilgate.core.state import STATE, States, unpack_states, unpack_totals

CAUSE = "rescore"
#: Accounts placed in campaigns at a time: every campaign near any of them is asked for every value of all of them.
_FEW = 64


class JobLost(Exception):
    """A job was cancelled, or somebody else runs it: the block was not written."""


@dataclass(frozen=True)
class Block:
    """Accounts as they were scored at ``now``. ``names``: the accounts asked for, of which ``known`` (with their
    signups) exist, row by row; ``before``: how those that were assessed before stood."""

    now: float
    watermark: int
    names: list[str]
    known: list[str]
    signup: list[float]
    found: Found
    before: dict[str, StandingRecord]


class Loaded:
    """What the store knows of all identifiers at one moment, in memory: some 260 bytes each.

    To look a block's up in the store costs a page or two each; a job over most accounts reads them all at once."""

    def __init__(self, view: View) -> None:
        self.watermark = view.watermark()
        self._slot_of = KeyTable(len(KINDS))
        self._state = np.zeros(len(KINDS) + view.identifiers(), STATE)
        _, totals = view.states([TOTALS_KEY])
        self._state[: len(KINDS)] = unpack_totals(totals[0] if totals else None, len(KINDS))
        for keys, rows in view.all_states():
            self._state[self._slot_of.slots(to_words(b"".join(keys)))] = unpack_states(list(rows))

    def states(self, words: Words) -> States:
        """States in slot order of a plan's ``words``; fresh ones for those that came since."""
        slots = self._slot_of.found(words)
        state = np.concatenate([self._state[: len(KINDS)], self._state[slots]])
        state[len(KINDS) :][slots < 0] = 0
        return state


@dataclass(frozen=True)
class Rescorer:
    """``assessor`` with one model, under which all blocks of a job are scored. ``loaded``: read identifiers there."""

    assessor: Assessor
    loaded: Loaded | None = None

    def score(self, view: View, names: list[str]) -> Block:
        """Read and score the accounts ``names`` as they are in ``view``; nothing is written."""
        pipeline, now = replace(self.assessor.pipeline(), evidence=False), self.assessor.clock()
        accounts = view.accounts(names)
        known = [name for name in names if name in accounts]
        nobody, everybody = np.zeros(len(known), np.bool_), np.ones(len(known), np.bool_)
        plan = pipeline.plan(blank_events(known, now), accounts, nobody)
        if self.loaded is None:
            state, watermark = states_of(plan.words, *view.states([TOTALS_KEY, *plan.keys])), view.watermark()
        else:
            state, watermark = self.loaded.states(plan.words), self.loaded.watermark
        # Nobody is near to whom the block flags, only to campaigns there are: as if each came alone.
        found = pipeline.fold(plan, state, np.zeros(len(state), np.bool_), everybody, None, nobody)
        signup = [accounts[name].signup_time for name in known]
        return Block(now, watermark, names, known, signup, found, view.standings(known))

    def write(self, unit: Unit, job: JobRecord, block: Block, seconds: float) -> JobRecord:
        """Write a block and how far the job then is; the job as it is now. ``seconds``: what the block took.

        Raises JobLost."""
        made = {} if job.dry_run else self._assess(unit, job, block)
        results = self._results(job, block, made)
        after = _advanced(job, block, results, seconds)
        if not unit.set_job(after, job.owner, job.cursor):
            raise JobLost
        unit.write_results(results)
        return after

    def _assess(self, unit: Unit, job: JobRecord, block: Block) -> dict[str, AssessmentRecord]:
        """Assessments of a block, written, with where the accounts then stand."""
        pipeline, shown = self.assessor.pipeline(), _shown(block)
        plain = np.flatnonzero(~shown).tolist()
        made = {block.known[i]: record for i, record in zip(plain, self._plain(pipeline, block, plain), strict=True)}
        unit.write_assessments(list(made.values()))
        names = [block.known[i] for i in np.flatnonzero(shown).tolist()]
        for start in range(0, len(names), _FEW):
            for record in self.assessor.reassess(unit, names[start : start + _FEW], CAUSE):
                made[record.account_id] = record
        signup = dict(zip(block.known, block.signup, strict=True))
        unit.write_standings([line_of(record, signup[name]) for name, record in made.items()])
        return made

    def _plain(self, pipeline: Pipeline, block: Block, rows: Sequence[int]) -> list[AssessmentRecord]:
        models, found = pipeline.models, block.found
        assert models is not None, "who serves has a model"
        features = found.features[rows]
        numbers = (found.risk[rows].tolist(), found.margin[rows].tolist(), found.first_risk[rows].tolist())
        degraded = ",".join(self.assessor.reference.degraded)
        decision, axes = found.decision[rows].tolist(), [found.axes[i] for i in rows]
        names = [block.known[i] for i in rows]
        size, raw = features.shape[1] * features.itemsize, features.tobytes()
        return [
            AssessmentRecord(
                self.assessor.new_id(), name, CAUSE, block.now, block.now, risk, margin, first, decided, spoke,
                models.name, pipeline.policy.version, raw[i * size : (i + 1) * size], None, "[]", "[]", degraded,
            )
            for i, (name, risk, margin, first, decided, spoke) in enumerate(
                zip(names, *numbers, decision, axes, strict=True)
            )
        ]  # fmt: skip

    def _results(self, job: JobRecord, block: Block, made: dict[str, AssessmentRecord]) -> list[ResultRecord]:
        """One line for each account asked for, in order."""
        risk, decision = block.found.risk.tolist(), block.found.decision.tolist()
        found = {name: ("", risk[i], decision[i]) for i, name in enumerate(block.known)}
        found |= {name: (record.assessment_id, record.risk, record.decision) for name, record in made.items()}
        return [
            ResultRecord(
                job.job_id, job.done + 1 + i, name, *found.get(name, _UNKNOWN), *_before(block.before.get(name))
            )
            for i, name in enumerate(block.names)
        ]


_UNKNOWN = ("", 0.0, 0)


def _before(line: StandingRecord | None) -> tuple[str, float, int]:
    return (line.assessment_id, line.risk, line.decision) if line else _UNKNOWN


def _shown(block: Block) -> npt.NDArray[np.bool_]:
    """Accounts that somebody will look at."""
    found = block.found
    was = [line.decision if (line := block.before.get(name)) else int(Decision.ALLOW) for name in block.known]
    shown: npt.NDArray[np.bool_] = (found.decision >= Decision.CHALLENGE) | (found.decision != np.array(was, np.int8))
    shown[found.suspects.row] = True
    return shown


def _advanced(job: JobRecord, block: Block, results: Sequence[ResultRecord], seconds: float) -> JobRecord:
    known = [row for row in results if row.decision]
    steps = [row.decision - (row.previous_decision or int(Decision.ALLOW)) for row in known]
    return replace(
        job, cursor=block.names[-1], watermark=block.watermark, done=job.done + len(results), update_time=block.now,
        missing=job.missing + len(results) - len(known), raised=job.raised + sum(step > 0 for step in steps),
        lowered=job.lowered + sum(step < 0 for step in steps), seconds=job.seconds + seconds,
    )  # fmt: skip
