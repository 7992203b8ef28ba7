"""A person as the signup form sees them, and the rows their actions make.

Rings draw their members here too and then override what their trade overrides, so that formats, name lists, id
shapes and rounding cannot tell the two apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import cast

from sybilgate.core.event import SignupMethod
from sybilgate.simulate import identity
from sybilgate.simulate.card import Card, draw_card
from sybilgate.simulate.client import DEVICE, GRAPHICS, SCRIPTED, omissions
from sybilgate.simulate.device import Device, build_device, draw_model, draw_system, handshake, program
from sybilgate.simulate.names import NAMES
from sybilgate.simulate.place import Place, carrier, home, privacy_exit
from sybilgate.simulate.regions import Country
from sybilgate.simulate.tables import Weighted, pick

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
    """Everything stable about one account holder.

    ``overrides`` are columns set last, on every event; ``signup`` those of the signup only; ``omit`` columns left out.
    ``back`` is the place and the machine from which a holder returns, where it is not that of the signup.
    """

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
    signup: Row = field(default_factory=dict)
    omit: frozenset[str] = frozenset()
    fill: tuple[float, float] = (3.6, 0.6)
    back: tuple[Place, Device] | None = None
    ban_at: float | None = None
    close_at: float | None = None

    def truth(self) -> Row:
        return {"truth.is_sybil": self.sybil, "truth.group": self.group, "truth.archetype": self.archetype}


def new_account_id(rng: Random) -> str:
    return f"{rng.getrandbits(88):022x}"


def invite_code(rng: Random) -> str:
    """An invitation or voucher; one form for everybody."""
    return f"{rng.getrandbits(32):08X}"


_PHONES = frozenset("IN BR ID PH VN NG PK BD EG KE CN RU".split())


@lru_cache(maxsize=1024)
def language_list(primary: str) -> tuple[str, ...]:
    base = primary.split("-")[0]
    return (primary, base) if base == "en" else (primary, base, "en-US", "en")


def shared_tongue(rng: Random, country: Country) -> tuple[str, ...]:
    """Languages of a machine that several people use: the country's, or as it came."""
    return language_list("en-US" if rng.random() < 0.2 else country.languages.draw(rng))


@lru_cache(maxsize=1024)
def accept_language(languages: tuple[str, ...]) -> str:
    rest = (f"{tag};q={1 - 0.1 * rank:.1f}" for rank, tag in enumerate(languages[1:], 1))
    return ",".join((languages[0], *rest))


def draw_person(rng: Random, country: Country, day: int, system: str | None = None) -> Person:
    """One ordinary person of a country, with an account id of their own."""
    first, last = NAMES[country.names.draw(rng)].draw(rng)
    zone, languages = country.zones.draw(rng), language_list(country.languages.draw(rng))
    system = system or draw_system(rng, country)
    phone_like = system in ("ios", "android")
    app = phone_like and rng.random() < 0.45
    device = build_device(rng, draw_model(rng, system, day), zone, languages, app)
    place = carrier(rng, country) if phone_like and rng.random() < 0.55 else home(rng, country)
    email, organization = identity.freemail(rng, country, first, last), None
    if rng.random() < 0.09:
        organization, domain = identity.company(rng, country)
        email = f"{identity.local_part(rng, pick(rng, ('{f}', '{f}.{l}', '{i}{l}')), first, last)}@{domain}"
    postcode = country.postcode(rng)
    holder = f"{first} {last}" if rng.random() < 0.9 else f"{first} {pick(rng, 'ABCDEGHJKLMNPRST')} {last}"
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
        omit=omissions(rng, country, app),
        fill=_HABIT if rng.random() < 0.84 else _FILLED,
    )
    if rng.random() < 0.02:
        person.signup["signup.invite_code"] = invite_code(rng)
    if rng.random() < 0.3:
        person.username = identity.local_part(rng, identity.STYLES.draw(rng), first, last)
    if rng.random() < (0.5 if country.code in _PHONES else 0.22):
        person.phone = identity.phone(rng, country.code)
        if rng.random() < 0.04:
            person.email, person.method = None, int(SignupMethod.PHONE)
    if rng.random() < 0.008:
        use_program(rng, person)
    return person


#: Log-normal seconds to fill the form: by hand, and by a password manager.
_HABIT, _FILLED = (3.6, 0.6), (1.7, 0.6)


def use_program(rng: Random, person: Person) -> None:
    """Sign up by a program that calls the API: no page, so nothing a page would report."""
    person.method = int(SignupMethod.API)
    person.device = Device(
        person.device.browser, False, program(rng), handshake(f"program/{int(5 * rng.random())}"), {}
    )
    person.omit |= DEVICE | SCRIPTED | {"network.accept_language", "signup.referrer", "signup.campaign_tag"}
    person.signup["signup.path"] = "/api/v1/accounts"


def go_private(rng: Random, person: Person) -> None:
    """Privacy tools: a VPN exit, noisy or blocked fingerprint, sometimes a forwarding address."""
    person.place = privacy_exit(rng)
    person.group, person.archetype = person.place.group, "privacy_vpn"
    if rng.random() < 0.3:
        person.omit |= GRAPHICS
    elif rng.random() < 0.3 and "device.canvas_hash" in person.device.fields:
        person.device.fields["device.canvas_hash"] = f"{rng.getrandbits(128):032x}"
    if rng.random() < 0.25 and person.email:
        person.email = identity.relay_address(rng)


def base_row(rng: Random, person: Person, time: float, kind: int) -> Row:
    """Account, time, type, connection and device of any event."""
    place, device = (person.place, person.device) if kind == 1 or not person.back else person.back
    # The browser sends its own languages: those of the machine, whoever sits at it.
    languages = cast("tuple[str, ...]", device.fields.get("device.languages", person.languages))
    ja4 = device.ja4
    if device.browser.family == "chrome" and not device.app and device.fields and rng.random() < 0.2:
        ja4 = handshake("chromium", quic=True)
    return {
        "account_id": person.account_id,
        "time": round(time, 3),
        "type": kind,
        "network.ip_address": place.address(rng),
        "network.user_agent": device.agent,
        "network.accept_language": languages[0] if device.app else accept_language(languages),
        "network.ja4": ja4,
        **device.fields,
    }


def finish(person: Person, row: Row) -> Row:
    """Apply overrides and omissions, and stamp the truth."""
    row |= person.overrides
    for path in person.omit:
        row.pop(path, None)
    row["truth.is_sybil"], row["truth.group"], row["truth.archetype"] = person.sybil, person.group, person.archetype
    return row


def signup_row(rng: Random, person: Person, time: float, with_card: bool) -> Row:
    """The signup itself."""
    app = person.device.app
    row = base_row(rng, person, time, 1)
    row["contact.email"] = person.email
    row["contact.phone"] = person.phone
    row["contact.display_name"] = f"{person.first} {person.last}" if rng.random() < 0.8 else None
    row["contact.username"] = person.username
    row["contact.organization"] = person.organization
    row["signup.method"] = person.method
    row["signup.path"] = "/app/register" if app else _PATHS.draw(rng)
    # Kumaraswamy's curve: a beta distribution's shape at the price of two powers.
    captcha = (1.0 - (1.0 - rng.random()) ** 0.63) ** 0.135 - 0.3 * (person.place.kind == "vpn")
    row["signup.captcha_score"] = round(min(0.99, max(0.01, captcha)), 2)
    row["signup.referrer"] = None if app else _REFERRERS.draw(rng)
    row["signup.campaign_tag"] = _TAGS.draw(rng)
    if not app and person.method in (1, 2):
        row["signup.form_fill_seconds"] = round(math.exp(rng.gauss(*person.fill)), 2)
        row["signup.pasted_fields"] = int(3.4 * rng.random() ** 2.5)
    if with_card:
        row["payment.status"] = 1
        row |= person.card.fields(rng)
    row |= person.signup
    return finish(person, row)
