"""Values for tests: short to write, plausible in every field."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sybilgate.app.assess import Assessor
from sybilgate.app.ports import Store
from sybilgate.app.task import Mode, Task
from sybilgate.core.campaign.resemblance import FEATURES as FEATURES_OF_MATES
from sybilgate.core.campaign.resemblance import Mates
from sybilgate.core.campaign.sweep_limits import SweepLimits
from sybilgate.core.event import Contact, Device, Event, EventType, Network, Outcome, OutcomeKind, Payment, Signup
from sybilgate.core.feature import FEATURES, FIRST
from sybilgate.core.identifier import Keyring
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Policy
from sybilgate.core.tail import tails_from_json
from sybilgate.reference import load_reference

KEYRING = Keyring(1, b"k" * 32)
POLICY = Policy("test", 0.3, 0.6, 0.9)
REFERENCE = load_reference()
START = 1_760_000_000.0
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)


#: Who shares what on two axes belongs together.
MATES = Mates(tuple(1.0 if name.endswith(".enough") else 0.0 for name in FEATURES_OF_MATES), -3.5)
#: For these weights: being unlike costs nothing by them, so nobody is further off than -3.5.
HAND_LIMITS = SweepLimits(merge=0.0, part=-1.0)


class CountingModels:
    """A model one can follow by hand: each account seen on the same device adds one to the margin."""

    name = "counting@1"
    guards: dict[str, tuple[float, ...]] = {}  # noqa: RUF012
    tails = tails_from_json({})
    mates = MATES
    column = next(i for i, spec in enumerate(FEATURES) if spec.name == "device_id.month")
    carried = next(i for i, spec in enumerate(FEATURES) if spec.name == "carried.max")

    def first(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        assert x.shape[1] == FIRST
        return self.calibrate(np.nan_to_num(x[:, self.column]).astype(np.float64) - 1.0)

    def final(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        return self.contributions(x).sum(axis=1)

    def calibrate(self, margin: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return 1.0 / (1.0 + np.exp(-margin))

    def contributions(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        out = np.zeros((len(x), len(FEATURES) + 1))
        out[:, self.column] = 2.0 * np.nan_to_num(x[:, self.column])
        out[:, self.carried] = x[:, self.carried]
        out[:, -1] = -2.0
        return out

    def first_contributions(self, x: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        out = np.zeros((len(x), FIRST + 1))
        out[:, self.column], out[:, -1] = np.nan_to_num(x[:, self.column]), -1.0
        return out


def signup(account: str = "a1", at: float = 0.0, **fields: Any) -> Event:
    """A full signup ``at`` seconds after START; ``device_id``, ``ip``, ``email`` and ``card`` may be given."""
    return Event(
        account_id=account,
        time=START + at,
        type=EventType.SIGNUP,
        contact=Contact(email=fields.get("email", f"person.{account}@gmail.com"), display_name="Ada Byron"),
        network=Network(ip_address=fields.get("ip", "84.112.7.9"), user_agent=CHROME, accept_language="de-AT,de;q=0.9"),
        device=Device(device_id=fields.get("device_id", f"device-{account}"), time_zone="Europe/Vienna"),
        signup=Signup(form_fill_seconds=21.0),
        payment=Payment(fingerprint=fields.get("card"), bin="411111") if fields.get("card") else None,
    )


def outcome(account: str = "a1", at: float = 0.0, kind: OutcomeKind = OutcomeKind.BANNED) -> Event:
    return Event(account_id=account, time=START + at, type=EventType.OUTCOME, outcome=Outcome(kind=kind))


def pipeline(models: Any = None) -> Pipeline:
    return Pipeline(models or CountingModels(), POLICY, KEYRING)


def assessor(
    store: Store, models: Any = None, now: Callable[[], float] = lambda: START + 1e6, ids: str = "as"
) -> Assessor:
    count = itertools.count(1)
    chosen = pipeline(models)
    return Assessor(store, lambda: chosen, REFERENCE, KEYRING, now, lambda: f"{ids}-{next(count):08d}")


def task(*events: Event, mode: Mode = Mode.ASSESS, request_id: str | None = None, **fields: Any) -> Task:
    digest = KEYRING.digest(repr(events).encode())
    return Task(mode=mode, events=events, request_id=request_id, digest=digest, **fields)


def ring(size: int, device: str = "shared-device") -> Sequence[Event]:
    """Accounts that arrive a minute apart on one device."""
    return [signup(f"ring{i}", at=60.0 * i, device_id=device) for i in range(size)]
