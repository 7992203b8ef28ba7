"""A person as the signup form sees them, and the rows their actions make.

Rings draw their members here too and then override what their trade overrides, so that formats, name lists, id
shapes and rounding cannot tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, draw_card
from sybilgate.simulate.device import Device, build_device, draw_model, draw_system, handshake
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.place import Place, carrier, home, privacy_exit
from sybilgate.simulate.regions import Country
from sybilgate.simulate.tables import Weighted

Row = dict[str, object]
_METHODS = Weighted(((1, 45.0), (2, 18.0), (3, 30.0), (4, 2.0)))
_PATHS = Weighted(
    (("/signup", 50.0), ("/", 14.0), ("/pricing", 12.0), ("/try", 8.0), ("/docs/quickstart", 9.0), ("/blog", 3.0))
)
_REFERRERS = Weighted(
    (
        (None, 45.0),
        ("https://www.google.com/", 30.0),
        ("https://www.bing.com/", 4.0),
        ("https://github.com/", 4.0),
        ("https://www.youtube.com/", 4.0),
        ("https://www.reddit.com/", 3.0),
        ("https://x.com/", 3.0),
        ("https://t.co/", 2.0),
        ("https://www.linkedin.com/", 3.0),
        ("https://duckduckgo.com/", 2.0),
    )
)
_TAGS = Weighted(
    ((None, 82.0), ("search-brand", 7.0), ("search-generic", 5.0), ("social-q3", 3.0), ("newsletter", 3.0))
)


@dataclass(slots=True)
class Person:
    """Everything stable about one account holder. ``overrides`` are columns set last, ``omit`` columns left out."""

    account_id: str
    country: Country
    first: str
    last: str
    zone: str
    languages: tuple[str, ...]
    email: str | None
    phone: str | None
    username: str | None
    organization: str | None
    postcode: str | None
    place: Place
    device: Device
    card: Card
    method: int
    group: str = ""
    archetype: str = "honest"
    sybil: bool = False
    overrides: Row = field(default_factory=dict)
    omit: frozenset[str] = frozenset()
    fill: tuple[float, float] = (3.6, 0.6)

    def truth(self) -> Row:
        return {"truth.is_sybil": self.sybil, "truth.group": self.group, "truth.archetype": self.archetype}


def new_account_id(rng: Random) -> str:
    return f"{rng.getrandbits(88):022x}"


def invite_code(rng: Random) -> str:
    """An invitation or voucher; one form for everybody."""
    return f"{rng.getrandbits(32):08X}"


@lru_cache(maxsize=1024)
def language_list(primary: str) -> tuple[str, ...]:
    base = primary.split("-")[0]
    return (primary, base) if base == "en" else (primary, base, "en-US", "en")


@lru_cache(maxsize=1024)
def accept_language(languages: tuple[str, ...]) -> str:
    rest = (f"{tag};q={1 - 0.1 * rank:.1f}" for rank, tag in enumerate(languages[1:], 1))
    return ",".join((languages[0], *rest))


def draw_person(rng: Random, country: Country, system: str | None = None) -> Person:
    """One ordinary person of a country, with an account id of their own."""
    first, last = NAMES[country.names.draw(rng)].draw(rng)
    zone, languages = country.zones.draw(rng), language_list(country.languages.draw(rng))
    system = system or draw_system(rng, country)
    phone_like = system in ("ios", "android")
    app = phone_like and rng.random() < 0.45
    device = build_device(rng, draw_model(rng, system), zone, languages, app)
    place = carrier(rng, country) if phone_like and rng.random() < 0.55 else home(rng, country)
    email, organization = identity.freemail(rng, country, first, last), None
    if rng.random() < 0.09:
        organization, domain = identity.company(rng, country)
        email = f"{identity.local_part(rng, rng.choice(('{f}', '{f}.{l}', '{i}{l}')), first, last)}@{domain}"
    postcode = country.postcode(rng)
    holder = f"{first} {last}" if rng.random() < 0.9 else f"{first} {rng.choice('ABCDEGHJKLMNPRST')} {last}"
    person = Person(
        new_account_id(rng),
        country,
        first,
        last,
        zone,
        languages,
        email,
        None,
        None,
        organization,
        postcode,
        place,
        device,
        draw_card(rng, country.code, holder, postcode),
        _METHODS.draw(rng),
        omit=_omissions(rng, country, app),
    )
    if rng.random() < 0.02:
        person.overrides["signup.invite_code"] = invite_code(rng)
    if rng.random() < 0.3:
        person.username = identity.local_part(rng, identity.STYLES.draw(rng), first, last)
    if rng.random() < (0.5 if country.code in "IN BR ID PH VN NG PK BD EG KE CN RU" else 0.22):
        person.phone = identity.phone(rng, country.code)
        if rng.random() < 0.04:
            person.email, person.method = None, int(SignupMethod.PHONE)
    return person


def _omissions(rng: Random, country: Country, app: bool) -> frozenset[str]:
    """Columns this client does not send: old edges know no handshake, privacy tools block scripts."""
    gone: set[str] = set()
    if rng.random() < (0.25 if country.code in "NG KE ZA EG PK BD AE SA" else 0.06):
        gone.add("network.ja4")
    if not app and rng.random() < 0.05:
        gone |= {"device.canvas_hash", "device.webgl_hash", "device.webgl_renderer"}
    if not app and rng.random() < 0.025:
        gone |= {"device.*", "signup.captcha_score", "signup.form_fill_seconds", "signup.pasted_fields"}
    if rng.random() < 0.07:
        gone |= {"device.device_id", "device.trust"}
    if rng.random() < 0.12:
        gone.add("signup.captcha_score")
    return frozenset(gone)


def go_private(rng: Random, person: Person) -> None:
    """Privacy tools: a VPN exit, noisy or blocked fingerprint, sometimes a forwarding address."""
    person.place = privacy_exit(rng)
    person.group, person.archetype = person.place.group, "privacy_vpn"
    if rng.random() < 0.3:
        person.omit |= {"device.canvas_hash", "device.webgl_hash", "device.webgl_renderer"}
    elif rng.random() < 0.3 and not person.device.app:
        person.device.fields["device.canvas_hash"] = f"{rng.getrandbits(128):032x}"
    if rng.random() < 0.25 and person.email:
        person.email = identity.relay_address(rng)


def base_row(rng: Random, person: Person, time: float, kind: int) -> Row:
    """Account, time, type, connection, device and truth of any event."""
    device = person.device
    ja4 = device.ja4
    if device.browser.family == "chrome" and not device.app and rng.random() < 0.2:
        ja4 = handshake("chromium", quic=True)
    row: Row = {
        "account_id": person.account_id,
        "time": round(time, 3),
        "type": kind,
        "network.ip_address": person.place.address(rng),
        "network.user_agent": device.agent,
        "network.accept_language": person.languages[0] if device.app else accept_language(person.languages),
        "network.ja4": ja4,
    }
    row |= device.fields
    return row


def finish(person: Person, row: Row) -> Row:
    """Apply overrides and omissions, and stamp the truth."""
    row |= person.overrides
    if person.omit:
        no_device = "device.*" in person.omit
        row = {
            path: value
            for path, value in row.items()
            if path not in person.omit and not (no_device and path.startswith("device."))
        }
    return row | person.truth()


def signup_row(rng: Random, person: Person, time: float, with_card: bool) -> Row:
    """The signup itself."""
    row = base_row(rng, person, time, 1)
    row |= {
        "contact.email": person.email,
        "contact.phone": person.phone,
        "contact.display_name": f"{person.first} {person.last}" if rng.random() < 0.8 else None,
        "contact.username": person.username,
        "contact.organization": person.organization,
        "signup.method": person.method,
        "signup.path": "/app/register" if person.device.app else _PATHS.draw(rng),
        "signup.captcha_score": round(
            min(0.99, max(0.01, rng.betavariate(8, 1.6) - 0.3 * (person.place.kind == "vpn"))), 2
        ),
        "signup.referrer": None if person.device.app else _REFERRERS.draw(rng),
        "signup.campaign_tag": _TAGS.draw(rng),
    }
    if person.method in (1, 2) and not person.device.app:
        row["signup.form_fill_seconds"] = round(rng.lognormvariate(*person.fill), 2)
        row["signup.pasted_fields"] = int(3.4 * rng.random() ** 2.5)
    if with_card:
        row |= {"payment.status": 1} | person.card.fields(rng)
    return finish(person, row)
