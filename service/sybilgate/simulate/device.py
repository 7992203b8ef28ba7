"""Devices: a browser record, the machine under it, and the hashes both give.

Canvas and WebGL values are functions of graphics chip, system, browser and a little local variation, so identical
phones give identical values. The handshake (JA4) is a function of the TLS library: the strings are invented, the
structure (who shares which) is real.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b
from random import Random

from sybilgate.core.event import DeviceTrust
from sybilgate.simulate.regions import Country
from sybilgate.simulate.tables import Browser, Weighted, as_of, browsers, ranked

Row = dict[str, object]


def _angle(vendor: str, chip: str) -> str:
    return f"ANGLE ({vendor}, {chip} Direct3D11 vs_5_0 ps_5_0, D3D11)"


_WINDOWS = ranked(
    [
        _angle("Intel", f"Intel(R) {chip}")
        for chip in "UHD Graphics 620|Iris(R) Xe Graphics|UHD Graphics|UHD Graphics 630"
        "|HD Graphics 520|UHD Graphics 770|HD Graphics 4600|Iris(R) Plus Graphics|HD Graphics 530|Arc(TM) A750".split(
            "|"
        )
    ]
    + [
        _angle("NVIDIA", f"NVIDIA GeForce {chip}")
        for chip in "RTX 3060|GTX 1650|RTX 4060|GTX 1060 6GB|RTX 3070|RTX 2060"
        "|GTX 1050 Ti|RTX 4070|GTX 1660 SUPER|RTX 5070|MX250|RTX 3050|GT 1030|RTX 4090".split("|")
    ]
    + [
        _angle("AMD", f"AMD Radeon(TM) {chip}")
        for chip in "Graphics|Vega 8 Graphics|RX 580|RX 6600|780M|RX 7600".split("|")
    ],
    0.6,
)
_MAC = ranked(
    [
        f"ANGLE (Apple, ANGLE Metal Renderer: Apple {chip}, Unspecified Version)"
        for chip in ("M1", "M2", "M3", "M1 Pro", "M4", "M2 Pro", "M3 Pro", "M4 Pro", "M1 Max", "M3 Max")
    ]
    + ["ANGLE (Intel Inc., Intel(R) Iris(TM) Plus Graphics OpenGL Engine, OpenGL 4.1)"],
    0.8,
)
_ANDROID = ranked(
    [
        f"ANGLE ({vendor}, {chip}, OpenGL ES 3.2)"
        for vendor, chip in [
            ("ARM", "Mali-G57"),
            ("Qualcomm", "Adreno (TM) 619"),
            ("ARM", "Mali-G52"),
            ("Qualcomm", "Adreno (TM) 740"),
            ("ARM", "Mali-G68"),
            ("Qualcomm", "Adreno (TM) 610"),
            ("Samsung", "Xclipse 940"),
            ("Qualcomm", "Adreno (TM) 650"),
            ("ARM", "Mali-G78"),
            ("Qualcomm", "Adreno (TM) 730"),
            ("ARM", "Mali-G715"),
            ("Qualcomm", "Adreno (TM) 618"),
            ("Imagination", "PowerVR Rogue GE8320"),
            ("Qualcomm", "Adreno (TM) 830"),
            ("ARM", "Mali-G76"),
            ("ARM", "Mali-T830"),
        ]
    ],
    0.6,
)
_LINUX = ranked(
    [
        "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)",
        "ANGLE (AMD, AMD Radeon Graphics (renoir), OpenGL 4.6)",
        "ANGLE (NVIDIA Corporation, NVIDIA GeForce RTX 3060/PCIe/SSE2, OpenGL 4.5.0)",
        "ANGLE (Mesa, llvmpipe (LLVM 15.0.7), OpenGL 4.5)",
    ],
    0.5,
)
CHIPS = {"windows": _WINDOWS, "mac": _MAC, "android": _ANDROID, "linux": _LINUX, "ios": ranked(["Apple GPU"])}
_CORES = {
    "windows": Weighted(((4, 3.0), (8, 4.0), (12, 3.0), (16, 2.0), (2, 0.6), (20, 0.8), (6, 1.0))),
    "mac": Weighted(((8, 6.0), (10, 3.0), (12, 1.5), (14, 1.0), (4, 0.5))),
    "android": Weighted(((8, 20.0), (4, 1.0), (6, 0.5))),
    "linux": Weighted(((4, 2.0), (8, 4.0), (16, 2.0), (2, 0.7), (12, 1.0))),
    "ios": Weighted(((6, 12.0), (4, 2.0))),
}
_MEMORY = {
    "windows": Weighted(((8.0, 9.0), (4.0, 2.0), (2.0, 0.3))),
    "mac": Weighted(((8.0, 1.0),)),
    "android": Weighted(((4.0, 5.0), (8.0, 4.0), (2.0, 2.0))),
    "linux": Weighted(((8.0, 6.0), (4.0, 2.0))),
    "ios": Weighted(((4.0, 1.0),)),
}
_RATIO = {
    "windows": ranked([1.0, 1.25, 1.5, 2.0], 1.2),
    "mac": ranked([2.0, 1.0], 2.0),
    "linux": ranked([1.0, 2.0], 2.0),
}


@lru_cache(maxsize=65536)
def stamp(*parts: object) -> str:
    """A hash as a browser script would report it: 32 hex digits."""
    return blake2b("|".join(map(str, parts)).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=4096)
def handshake(library: str, quic: bool = False) -> str:
    """The JA4 of a TLS library."""
    rng = Random(f"tls/{library}")
    counts = f"{rng.randrange(13, 22):02d}{rng.randrange(11, 19):02d}"
    head = "q13d0310h3" if quic else f"t13d{counts}h2"
    return f"{head}_{rng.getrandbits(48):012x}_{rng.getrandbits(48):012x}"


def library_of(browser: Browser, app: bool) -> str:
    """The TLS library behind a browser: every browser on iOS is WebKit's, all Chromium share one per era."""
    if app:
        return f"app/{browser.system}"
    if browser.system == "ios" or browser.family == "safari":
        return f"webkit/{browser.major // 2 if browser.family == 'safari' else 'ios'}"
    if browser.family == "firefox":
        return f"gecko/{browser.major // 14}"
    return f"chromium/{(browser.major or 150) // 9}"


@dataclass(slots=True)
class Device:
    """One machine with one browser or app. ``fields`` are its ``device.*`` columns."""

    browser: Browser
    app: bool
    agent: str | None
    ja4: str
    fields: Row


@dataclass(frozen=True, slots=True)
class Model:
    """What identical machines share: browser record, chip and its local variation."""

    browser: Browser
    chip: str
    variant: int
    cores: int
    memory: float
    ratio: float


def draw_system(rng: Random, country: Country) -> str:
    """ios, android, windows, mac or linux, in the country's proportions."""
    if rng.random() < country.mobile:
        return "ios" if rng.random() < country.ios else "android"
    mac = 0.08 + 0.4 * country.ios
    roll = rng.random()
    return "mac" if roll < mac else "linux" if roll > 0.965 else "windows"


def draw_model(rng: Random, system: str, day: int, browser: Browser | None = None) -> Model:
    """A machine as sold, with its browser: the given one, else one in use on that day."""
    record = browser or as_of(rng, browsers()[system].draw(rng), day)
    chip = CHIPS[system].draw(rng)
    if record.family == "safari":
        chip = "Apple GPU"
    elif record.family == "firefox":
        chip = chip.replace("Direct3D11 vs_5_0 ps_5_0, D3D11", "D3D11").split(", OpenGL")[0] + ", or similar"
    spread = 3 if system == "ios" else 6 if system == "android" else 60
    ratio = _RATIO[system].draw(rng) if system in _RATIO else 3.0 if record.width >= 390 or rng.random() < 0.5 else 2.0
    return Model(
        record, chip, int(spread * rng.random() ** 2.5), _CORES[system].draw(rng), _MEMORY[system].draw(rng), ratio
    )


def build_device(rng: Random, model: Model, zone: str, languages: tuple[str, ...], app: bool = False) -> Device:
    """One machine of a model; fields a client does not report are left out, by client and browser."""
    browser = model.browser
    era = browser.major // (4 if browser.family == "safari" else 20)
    app = app and browser.system in ("ios", "android")
    row: Row = {
        "device.device_id": f"{rng.getrandbits(128):032x}",
        "device.trust": int(_trust(rng, app)),
        "device.platform": browser.platform,
        "device.screen_width": browser.width,
        "device.screen_height": browser.height,
        "device.pixel_ratio": model.ratio,
        "device.time_zone": zone,
        "device.languages": languages,
    }
    if not app:
        row["device.canvas_hash"] = stamp("canvas", model.chip, browser.system, browser.family, era, model.variant)
        row["device.webgl_hash"] = stamp("webgl", model.chip, browser.system, browser.family, model.variant % 5)
        row["device.webgl_renderer"] = model.chip
        row["device.cpu_cores"] = model.cores
        row["device.automation_detected"] = rng.random() < 0.002
        if "chrome" in browser.family or browser.family in ("edge", "opera", "samsung"):
            row["device.memory_gb"] = model.memory
    agent = browser.agent if not app else _app_agent(rng, browser)
    return Device(browser, app, agent, handshake(library_of(browser, app)), row)


def _trust(rng: Random, app: bool) -> DeviceTrust:
    if app:
        return DeviceTrust.ATTESTED if rng.random() < 0.6 else DeviceTrust.SERVER_OBSERVED
    return DeviceTrust.SERVER_OBSERVED if rng.random() < 0.6 else DeviceTrust.CLIENT_ASSERTED


def _app_agent(rng: Random, browser: Browser) -> str:
    build = f"4.{int(9 * rng.random() ** 0.5)}.{int(4 * rng.random() ** 2)}"
    return (
        f"Acme/{build} CFNetwork/1568.300.101 Darwin/24.2.0"
        if browser.system == "ios"
        else f"Acme/{build} okhttp/4.12.0"
    )


def another(rng: Random, device: Device) -> Device:
    """A device of the same make in other hands: own id, all else equal."""
    return replace(device, fields=device.fields | {"device.device_id": f"{rng.getrandbits(128):032x}"})


def program(rng: Random) -> str:
    """The agent of a program that calls the API."""
    builds = ("python-requests/2.32.3", "python-httpx/0.28.1", "okhttp/4.12.0", "curl/8.7.1", "Go-http-client/2.0")
    return f"acme-cli/2.{int(6 * rng.random())}.0" if rng.random() < 0.5 else builds[int(5 * rng.random() ** 1.5)]
