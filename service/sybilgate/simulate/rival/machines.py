"""Sellers of machines: VM images, anti-detect browsers, cloud phones, shelves of cheap phones."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sybilgate.core.event import DeviceTrust
from sybilgate.simulate.device import CHIPS, Device, Model, another, build_device, draw_model, stamp
from sybilgate.simulate.person import Person
from sybilgate.simulate.rival.chance import zipf
from sybilgate.simulate.tables import Browser, as_of, browsers


def dressed(device: Device, person: Person, zone: str | None = None) -> Device:
    """The machine with the person's clock and languages (or the clock of ``zone``); the original stays as it is."""
    clock = {"device.time_zone": zone or person.zone, "device.languages": person.languages}
    return replace(device, fields=device.fields | clock)


def model_of(rng: Random, system: str, day: int, browser: Browser | None = None) -> Model:
    """A machine as sold and used on a day; everything else here draws machines through this one function."""
    return draw_model(rng, system, day, browser)


def desktop(rng: Random, person: Person, system: str, day: int) -> Device:
    """One desktop machine."""
    return build_device(rng, model_of(rng, system, day), person.zone, person.languages)


def chromium(rng: Random, system: str, day: int) -> Browser:
    """A Chromium browser of a system, with its real frequency, in a release of the time."""
    records = browsers()[system]
    for _ in range(200):
        record = records.draw(rng)
        if record.family in ("chrome", "edge"):
            return as_of(rng, record, day)
    return as_of(rng, next(record for record in records.items if record.family in ("chrome", "edge")), day)


class Image:
    """One VM image, started over and over: everything equal but the cookie."""

    def __init__(self, rng: Random, person: Person, system: str, day: int) -> None:
        model = model_of(rng, system, day, chromium(rng, system, day))
        self._rng, self._detected = rng, rng.random() < 0.35
        self._base = build_device(rng, model, person.zone, person.languages)

    def device(self) -> Device:
        device = another(self._rng, self._base)
        device.fields["device.automation_detected"] = self._detected and self._rng.random() < 0.3
        return device


class AntiDetect:
    """A browser that makes N profiles from a few base machines.

    What it fakes depends on the product: always the agent, the screen and the cores; the canvas by noise of its own,
    by a library of foreign values, or not at all. The handshake stays that of the engine it is built on, and a
    product that fakes the renderer leaves the WebGL hash of the base machine.
    """

    def __init__(self, rng: Random, person: Person, bases: int, day: int) -> None:
        self._rng, self._day = rng, day
        self._system = rng.choice(("windows", "windows", "mac"))
        models = [model_of(rng, self._system, day, chromium(rng, self._system, day)) for _ in range(bases)]
        self._bases = [build_device(rng, model, person.zone, person.languages) for model in models]
        self._canvas = rng.choice(("noise", "library", "base"))
        self._renderer = rng.random() < 0.6
        self._agents = [chromium(rng, self._system, day) for _ in range(rng.randrange(3, 25))]

    def device(self) -> Device:
        rng = self._rng
        base = self._bases[zipf(rng, len(self._bases), 0.7)]
        record = self._agents[zipf(rng, len(self._agents), 0.5)]
        foreign = model_of(rng, self._system, self._day, record)
        profile = another(rng, base)
        profile.fields |= {
            "device.platform": record.platform,
            "device.screen_width": record.width,
            "device.screen_height": record.height,
            "device.cpu_cores": foreign.cores,
            "device.memory_gb": foreign.memory,
        }
        if self._canvas == "noise":
            profile.fields["device.canvas_hash"] = f"{rng.getrandbits(128):032x}"
        elif self._canvas == "library":
            profile.fields["device.canvas_hash"] = stamp(
                "canvas", foreign.chip, record.system, record.family, record.major // 20, foreign.variant
            )
        if self._renderer:
            profile.fields["device.webgl_renderer"] = CHIPS[self._system].draw(rng)
        return replace(profile, agent=record.agent)


class CloudPhones:
    """Rented virtual Android phones: one or two builds, no hardware to attest with."""

    def __init__(self, rng: Random, day: int, builds: int = 2, app: bool = True) -> None:
        self._rng, self._app = rng, app
        self._models = [model_of(rng, "android", day, chromium(rng, "android", day)) for _ in range(builds)]

    def device(self, person: Person) -> Device:
        model = self._models[zipf(self._rng, len(self._models))]
        device = build_device(self._rng, model, person.zone, person.languages, self._app)
        if device.app:
            device.fields["device.trust"] = int(DeviceTrust.SERVER_OBSERVED)
        return device


class Shelf:
    """Cheap phones on a shelf, bought in lots; each is reset after a few accounts and then has a new id."""

    def __init__(self, rng: Random, person: Person, phones: int, models: int, app: bool, day: int) -> None:
        self._rng = rng
        sold: list[Model] = [model_of(rng, "android", day) for _ in range(models)]
        self._phones = [
            build_device(rng, sold[zipf(rng, models)], person.zone, person.languages, app) for _ in range(phones)
        ]
        self._next, self._reset = 0, rng.uniform(0.15, 0.7)

    def device(self) -> Device:
        """The next phone in the row."""
        slot = self._next % len(self._phones)
        self._next += 1
        if self._rng.random() < self._reset:
            self._phones[slot] = another(self._rng, self._phones[slot])
        return self._phones[slot]
