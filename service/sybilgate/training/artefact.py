"""Families of values that might give a simulated world away, each as a small table of numbers.

An *artefact* is what no operator would really show: the order of account ids, rounding, which fields a client leaves
out. A *trade* family is what operators do show, and a detector may lean on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from sybilgate.training.signups import APP, WEB, Bools, Columns, Signups, bucket, frequency, measure


@dataclass(frozen=True)
class Family:
    """``only`` narrows the rows; ``within`` are strata inside which rows are compared."""

    name: str
    trade: bool
    columns: Callable[[Signups], Columns]
    only: Callable[[Signups], Bools] | None = None
    within: Callable[[Signups], npt.NDArray[np.int64]] | None = None


#: What a signup may lack. Its payment is not among it: to pay at once or later is a choice.
_PARTS = ("contact.", "network.", "device.", "signup.")


def _account_ids(s: Signups) -> Columns:
    ids = [str(value) for value in s.values("account_id")]
    rank = np.argsort(np.argsort(ids)) / max(1, len(ids))
    numbers = {"length": measure(ids, len), "rank": rank, "digits": measure(ids, _digits)}
    marks = {f"mark {at}": np.array([_mark(text, at) for text in ids], float) for at in (0, 1, 7, -2, -1)}
    return Columns(numbers | marks)


def _digits(text: str) -> float:
    return sum(letter.isdigit() for letter in text) / max(1, len(text))


def _mark(text: str, at: int) -> float:
    return float(ord(text[at])) if -len(text) <= at < len(text) else -1.0


_IDS = ("device.device_id", "device.canvas_hash", "device.webgl_hash", "network.ja4", "payment.fingerprint",
        "signup.invite_code")  # fmt: skip


def _lengths(s: Signups) -> Columns:
    plain = ("contact.display_name", "device.time_zone", "network.accept_language", "payment.bin",
             "payment.billing_name", "payment.billing_postal_code", "contact.username")  # fmt: skip
    return Columns({path: measure(s.values(path), len) for path in (*_IDS, *plain)})


def _id_shapes(s: Signups) -> Columns:
    looks = {"first": lambda t: _mark(t, 0), "last": lambda t: _mark(t, -1), "digits": _digits,
             "upper": lambda t: float(t != t.lower())}  # fmt: skip
    return Columns({f"{path} {what}": measure(s.values(path), of) for path in _IDS for what, of in looks.items()})


def _missing(s: Signups) -> Columns:
    absent = {path: s.absent(path).astype(float) for path in s.paths(*_PARTS) if path != "signup.invite_code"}
    joint = ["".join(map(str, row)) for row in np.column_stack(list(absent.values())).astype(int).tolist()]
    return Columns(absent | {"how many": np.sum(list(absent.values()), axis=0)}, {"joint": bucket(joint)})


def _missing_card(s: Signups) -> Columns:
    return Columns({path: s.absent(path).astype(float) for path in s.paths("payment.")})


def _clock(s: Signups) -> Columns:
    time = s.numbers("time")
    shift = np.array([_shift(zone) for zone in s.values("device.time_zone")])
    return Columns({"hour": time % 86400 / 3600, "local hour": (time / 3600 + shift) % 24})


def _weekday(s: Signups) -> Columns:
    return Columns({"weekday": (s.numbers("time") // 86400 + 3) % 7})


_SHIFTS: dict[str | None, float] = {None: np.nan}


def _shift(zone: str | None) -> float:
    """Hours a zone is from UTC at the epoch's winter: near enough for an hour of the day."""
    if zone not in _SHIFTS:
        try:
            offset = datetime.fromtimestamp(0, UTC).astimezone(ZoneInfo(str(zone))).utcoffset()
            _SHIFTS[zone] = offset.total_seconds() / 3600 if offset else 0.0
        except (ZoneInfoNotFoundError, ValueError):
            _SHIFTS[zone] = 0.0
    return _SHIFTS[zone]


def _rounding(s: Signups) -> Columns:
    millis = np.round(s.numbers("time") * 1000)
    fill, captcha = np.round(s.numbers("signup.form_fill_seconds") * 100), s.numbers("signup.captcha_score")
    return Columns(
        {
            "ms": millis % 1000, "ms digit": millis % 10, "second": millis // 1000 % 60, "minute": millis // 60000 % 60,
            "fill digit": fill % 10, "captcha digit": np.round(captcha * 100) % 10,
            "captcha rest": np.round(captcha * 1e6) % 1e4,
            "ratio rest": np.round(s.numbers("device.pixel_ratio") * 4) % 4,
        }
    )  # fmt: skip


def _names(s: Signups) -> Columns:
    names = [None if name is None else str(name).split() for name in s.values("contact.display_name")]
    first, last = ([None if not name else name[at] for name in names] for at in (0, -1))
    numbers = {"first seen": frequency(first), "last seen": frequency(last)}
    words = np.array([np.nan if name is None else len(name) for name in names], float)
    return Columns(numbers | {"words": words}, {"first": bucket(first), "last": bucket(last)})


def _net(text: str | None) -> str | None:
    """The /16 of an address, or the first 32 bits of a version 6 one."""
    mark = ":" if text and ":" in text else "."
    return None if text is None else mark.join(text.split(mark)[:2])


def _pools(s: Signups) -> Columns:
    nets = [_net(text) for text in s.values("network.ip_address")]
    return Columns({"seen": frequency(nets)}, {"net": bucket(nets)})


def _hosts(s: Signups) -> Columns:
    texts = s.values("network.ip_address")
    version = measure(texts, lambda text: float(":" in text))
    octets = [[np.nan] * 2 if t is None or ":" in t else [float(part) for part in t.split(".")[2:]] for t in texts]
    last = measure(texts, lambda text: float(int(text.rsplit(":", 1)[1] or "0", 16) & 15) if ":" in text else np.nan)
    table = np.array(octets, float).reshape(-1, 2)
    return Columns({"version": version, "third": table[:, 0], "fourth": table[:, 1], "nibble": last})


def _browsers(s: Signups) -> Columns:
    agents = s.values("network.user_agent")
    marks = ("Chrome/", "Firefox/", "Version/", "Edg/", "OPR/", "SamsungBrowser/", "Acme/4.")
    versions = {mark: measure(agents, partial(_after, mark=mark)) for mark in marks}
    return Columns(versions | {"seen": frequency(agents)}, {"agent": bucket(agents)})


def _after(text: str, mark: str) -> float:
    digits = text.partition(mark)[2].partition(".")[0]
    return float(digits) if digits.isdigit() else -1.0


def _screens(s: Signups) -> Columns:
    width, height = s.numbers("device.screen_width"), s.numbers("device.screen_height")
    rest = {path: s.numbers(f"device.{path}") for path in ("pixel_ratio", "cpu_cores", "memory_gb", "trust")}
    shape = {"area": width * height, "aspect": np.maximum(width, height) / np.minimum(width, height)}
    return Columns(rest | shape, {"platform": bucket(s.values("device.platform"))})


def _paths(s: Signups) -> Columns:
    texts = ("signup.path", "signup.referrer", "signup.campaign_tag")
    return Columns({"method": s.numbers("signup.method")}, {path: bucket(s.values(path)) for path in texts})


def _languages(s: Signups) -> Columns:
    header, page = s.values("network.accept_language"), s.values("device.languages")
    return Columns(
        {
            "tags": measure(header, lambda t: t.count(",")), "weights": measure(header, lambda t: t.count("q=")),
            "page": np.array([np.nan if not tags else len(tags) for tags in page], float),
        }
    )  # fmt: skip


def _clients(s: Signups) -> Columns:
    return Columns({"kind": s.client.astype(float)})


def _numbers(*paths: str) -> Callable[[Signups], Columns]:
    return lambda s: Columns({path: s.numbers(path) for path in paths})


def _networks(s: Signups) -> Columns:
    return Columns({}, {"operator": s.operator.astype(float)})


def _mail(s: Signups) -> Columns:
    parts = [(None, None) if mail is None else tuple(mail.split("@", 1)) for mail in s.values("contact.email")]
    local, domain = ([part[at] for part in parts] for at in (0, 1))
    looks = {"length": measure(local, len), "digits": measure(local, _digits), "domain": measure(domain, len)}
    return Columns(looks | {"domain seen": frequency(domain)})


def _shared(s: Signups) -> Columns:
    paths = ("network.ip_address", "device.device_id", "device.canvas_hash", "payment.fingerprint", "payment.bin")
    return Columns({path: np.where(s.absent(path), 0.0, frequency(s.values(path))) for path in paths})


def _has_card(s: Signups) -> Bools:
    return ~s.absent("payment.fingerprint")


def _client_is(kind: int) -> Callable[[Signups], Bools]:
    return lambda s: s.client == kind


def _client(s: Signups) -> npt.NDArray[np.int64]:
    return s.client


def _operator(s: Signups) -> npt.NDArray[np.int64]:
    return s.operator


FAMILIES: tuple[Family, ...] = (
    Family("account ids", False, _account_ids),
    Family("field lengths", False, _lengths),
    Family("id shapes", False, _id_shapes),
    Family("missing fields, browser", False, _missing, _client_is(WEB)),
    Family("missing fields, app", False, _missing, _client_is(APP)),
    Family("missing card fields", False, _missing_card, _has_card),
    Family("kind of client", False, _clients),
    Family("hour of day", False, _clock),
    Family("weekday", False, _weekday),
    Family("rounding digits", False, _rounding),
    Family("vocabulary of names", False, _names),
    Family("address pools", False, _pools, within=_operator),
    Family("address digits", False, _hosts),
    Family("browser builds", False, _browsers, within=_client),
    Family("screen and hardware", False, _screens, _client_is(WEB)),
    Family("method and path", False, _paths, within=_client),
    Family("language headers", False, _languages, within=_client),
    Family("form filling", True, _numbers("signup.form_fill_seconds", "signup.pasted_fields"), _client_is(WEB)),
    Family("captcha", True, _numbers("signup.captcha_score")),
    Family("automation", True, _numbers("device.automation_detected"), _client_is(WEB)),
    Family("network operator", True, _networks),
    Family("mail shape", True, _mail),
    Family("phone", True, lambda s: Columns({"absent": s.absent("contact.phone").astype(float)})),
    Family("card at signup", True, lambda s: Columns({"absent": (~_has_card(s)).astype(float)})),
    Family("card kind and checks", True,
           _numbers("payment.funding", "payment.cvc_check", "payment.avs_check", "payment.status"), _has_card),
    Family("shared values", True, _shared),
)  # fmt: skip


def _together(s: Signups) -> Columns:
    whole = Columns()
    for family in FAMILIES:
        part = Columns() if family.trade else family.columns(s)
        whole.numbers |= {f"{family.name}: {name}": column for name, column in part.numbers.items()}
        whole.categories |= {f"{family.name}: {name}": column for name, column in part.categories.items()}
    return whole


#: Every artefact in one model: what is left when they are put together. Not limited, because it names no culprit.
TOGETHER = Family("all artefacts together", False, _together)
