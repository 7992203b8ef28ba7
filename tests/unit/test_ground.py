"""What asked for a decision is kept with it, and told to who may know."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sybilgate.app.replay import Replay
from sybilgate.core.event import Event
from sybilgate.core.feature import FEATURE_COLUMN, FEATURE_NAMES, Rows
from sybilgate.core.ground import Ground, grounds_of, kept
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Outcome, Pipeline
from sybilgate.core.policy import Decision, Policy, grounds, load_policy
from sybilgate.rpc.render import render
from sybilgate.rpc.rights import EVERYTHING, RIGHTS, Role
from sybilgate.v1 import assessment_pb2 as pb
from tests.factories import KEYRING, REFERENCE, CountingModels, signup
from tests.rpc_fakes import FakeExplainer, record

TEXT = 'version = "1"\nchallenge = 0.2\nreview = 0.5\ndeny = 0.9\n[guards]\n"card.month" = [2.0, 3.0]\n'
ALL_THREE = '[["risk", null], ["crowd.max", 0.001], ["campaign", null]]'


class Watched(CountingModels):
    """Knows how many honest accounts have so long a chain."""

    guards = {"chain.score": (1.0, 2.0, 3.0)}  # noqa: RUF012


def told(role: Role, **changes: object) -> list[str]:
    changes = {"tails": ALL_THREE} | changes
    return [one.detector for one in render(record(**changes), FakeExplainer(), may=RIGHTS[role]).grounds]


def folded(pipeline: Pipeline, events: list[Event]) -> Outcome:
    return Replay(pipeline).fold(observe(events, REFERENCE, KEYRING))


def chains(*scores: float) -> Rows:
    rows = np.zeros((len(scores), len(FEATURE_NAMES)), np.float32)
    rows[:, FEATURE_COLUMN["chain.score"]] = scores
    return rows


def test_every_detector_that_asks_is_named() -> None:
    found = grounds(load_policy(TEXT), np.array([0.1, 0.3, 0.1, 0.9]), {"card.month": np.array([0, 0, 2.5, np.nan])})
    assert found == ["", "risk", "card.month", "risk"]
    assert grounds(load_policy(TEXT), np.array([0.5]), {"card.month": np.array([9.0])}) == ["risk,card.month"]


def test_decisions_and_grounds_agree() -> None:
    farm = [signup(f"a{i}", at=float(i), device_id="d") for i in range(9)]
    policy = Policy("p", 0.3, 0.98, 0.99, {"card.month": (0.0, 9.0)})
    found = folded(Pipeline(CountingModels(), policy, KEYRING), [*farm, signup("alone", at=99.0)])
    assert [bool(names) for names in found.grounds] == (found.decision >= Decision.CHALLENGE).tolist()
    assert found.grounds[8] == "risk" and not found.grounds[9]


def test_exempt_accounts_have_none() -> None:
    pipeline = Pipeline(CountingModels(), Policy("p", 0.0, 0.98, 0.99), KEYRING)
    assert folded(pipeline, [signup("a")]).grounds == ["risk"]
    assert folded(replace(pipeline, exempt=frozenset({"a"})), [signup("a")]).grounds == [""]


def test_share_of_honest_accounts_is_kept() -> None:
    texts = kept(["", "chain.score", "risk,chain.score", "chain.score"], chains(9.0, 9.0, 1.5, 0.5), Watched())
    assert texts[0] == "[]"
    found = [[(one.detector, one.share) for one in grounds_of(record(tails=text))] for text in texts[1:]]
    assert found == [[("chain.score", 1e-4)], [("risk", None), ("chain.score", 0.01)], [("chain.score", None)]]


def test_any_guard_is_told_in_words() -> None:
    one, gone = grounds_of(record(tails='[["card.month", null], ["vanished", null]]'))
    assert one == Ground(
        "card.month", "The policy has a limit on card.month: log count of other accounts, 30 d decay.", None
    )
    assert gone.text == "The policy has a limit on vanished."


def test_each_role_is_told_its_part() -> None:
    assert told(Role.REVIEWER_READ) == ["risk", "crowd.max", "campaign"]
    assert told(Role.BILLING) == ["risk", "crowd.max"]
    assert told(Role.SIGNUP) == []


def test_nothing_asks_for_allow() -> None:
    assert told(Role.REVIEWER_READ, decision=int(pb.DECISION_ALLOW)) == []


def test_unknown_share_is_unset() -> None:
    risk, crowd, _ = render(record(tails=ALL_THREE), FakeExplainer(), may=EVERYTHING).grounds
    assert not risk.HasField("honest_share") and crowd.honest_share == 0.001


def test_older_builds_kept_no_grounds() -> None:
    assert grounds_of(record(tails='{"crowd.max": 0.01}')) == grounds_of(record(tails="")) == []
