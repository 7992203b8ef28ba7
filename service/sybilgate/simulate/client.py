"""What clients leave out of what a signup could tell, honest ones and others."""

from __future__ import annotations

from random import Random

from sybilgate.app.rows import EVENT_PATHS
from sybilgate.simulate.regions import Country
from sybilgate.simulate.tables import pick

#: Columns a client without scripts does not send.
DEVICE = frozenset(path for path in EVENT_PATHS if path.startswith("device."))
GRAPHICS = frozenset(("device.canvas_hash", "device.webgl_hash", "device.webgl_renderer"))
SCRIPTED = frozenset(("signup.captcha_score", "signup.form_fill_seconds", "signup.pasted_fields"))
_ID = frozenset(("device.device_id", "device.trust"))
_CAPTCHA = frozenset(("signup.captcha_score",))
_HANDSHAKE = frozenset(("network.ja4",))
_NOTHING: frozenset[str] = frozenset()
#: What any one client may leave out: an old library, a setting, an extension; or an operator with reason to.
OPTIONAL = (
    "network.accept_language", "network.ja4", "signup.referrer", "device.canvas_hash", "device.webgl_hash",
    "device.webgl_renderer", "device.time_zone", "contact.display_name", "signup.captcha_score", "device.cpu_cores",
    "device.device_id", "contact.username", "device.languages", "device.screen_width", "device.screen_height",
)  # fmt: skip
_OLD_EDGES = frozenset("NG KE ZA EG PK BD AE SA".split())


def omissions(rng: Random, country: Country, app: bool) -> frozenset[str]:
    """Columns this client does not send: old edges know no handshake, privacy tools block scripts."""
    gone = _HANDSHAKE if rng.random() < (0.25 if country.code in _OLD_EDGES else 0.06) else _NOTHING
    if not app:
        roll = rng.random()
        if roll < 0.05:
            gone |= GRAPHICS
        elif roll < 0.075:
            gone |= DEVICE | SCRIPTED
    if rng.random() < 0.07:
        gone |= _ID
    if rng.random() < 0.12:
        gone |= _CAPTCHA
    if rng.random() < 0.04:
        gone |= {pick(rng, OPTIONAL), pick(rng, OPTIONAL)}
    return gone
