"""Own columns of network, device and the registration itself."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

from sybilgate.core.enrichment import Facts, OperatorClass, Zone
from sybilgate.core.event import Device, Network, Signup, SignupMethod
from sybilgate.core.measure.number import Own, differs, flag, number, outside
from sybilgate.core.normalise.agent import platform_systems
from sybilgate.core.normalise.text import token

_SOFTWARE = re.compile(
    r"swiftshader|llvmpipe|softpipe|software|basic render|virtualbox|vmware|svga|mesa offscreen", re.I
)
_OPERATORS = {
    "network_hosting": OperatorClass.HOSTING,
    "network_vpn": OperatorClass.VPN,
    "network_tor": OperatorClass.TOR,
    "network_mobile": OperatorClass.MOBILE,
    "network_education": OperatorClass.EDUCATION,
    "network_business": OperatorClass.BUSINESS,
    "network_residential": OperatorClass.RESIDENTIAL,
}
_METHODS = {
    "signup_password": SignupMethod.PASSWORD,
    "signup_magic_link": SignupMethod.MAGIC_LINK,
    "signup_oauth": SignupMethod.OAUTH,
    "signup_sso": SignupMethod.SSO,
    "signup_phone": SignupMethod.PHONE,
    "signup_api": SignupMethod.API,
}

#: By number, because the hash of an enum member is a call of its own.
_OPERATOR_FLAGS = tuple({name: float(it is kind) for name, kind in _OPERATORS.items()} for it in OperatorClass)
_METHOD_FLAGS = ({}, *({name: float(it is method) for name, method in _METHODS.items()} for it in SignupMethod))


def measure_network(network: Network, facts: Facts) -> Own:
    """Columns of what the server saw of the connection."""
    own: Own = {}
    agent = facts.agent
    if network.ip_address:
        own["ip_unroutable"] = float(facts.address is None or not facts.address.public)
    if facts.operator:
        own |= _OPERATOR_FLAGS[facts.operator.kind]
    if agent:
        own["user_agent_unrecognised"] = float(agent.family is None or agent.family == "Other")
        own["user_agent_automation"] = float(agent.automation)
        own["user_agent_mobile"] = float(agent.mobile)
    return own


def measure_device(device: Device, facts: Facts) -> Own:
    """Columns of what the page saw of the device, and how it fits the connection."""
    long, short = _screen(device)
    language, header, page = facts.language, facts.header_language, facts.page_language
    renderer = token(device.webgl_renderer)
    own: Own = {
        "device_trust": float(device.trust) if device.trust else math.nan,
        "device_platform_mismatch": outside(
            facts.agent.system if facts.agent else None, platform_systems(token(device.platform))
        ),
        "screen_area_log": math.log(long * short) if long else math.nan,
        "screen_aspect": long / short if long else math.nan,
        "pixel_ratio": number(device.pixel_ratio, 0.1, 20.0),
        "cpu_cores_log": math.log2(number(device.cpu_cores, 1, 4096)),
        "memory_log": math.log2(number(device.memory_gb, 1 / 64, 65536)),
        "renderer_software": float(_SOFTWARE.search(renderer) is not None) if renderer else math.nan,
        "automation_detected": flag(device.automation_detected),
        "language_count": float(min(len(device.languages), 50)) if device.languages else math.nan,
        "language_header_mismatch": differs(header.code, page.code) if header and page else math.nan,
        "language_country_mismatch": differs(language.region, facts.country) if language else math.nan,
    }
    if token(device.time_zone):
        own["time_zone_invalid"] = float(facts.zone is None)
    if facts.zone:
        own["time_zone_utc"] = float(not facts.zone.countries)
        own["time_zone_country_mismatch"] = outside(facts.country, facts.zone.countries)
    return own


def measure_signup(signup: Signup, facts: Facts, time: float) -> Own:
    """Columns of the registration."""
    own: Own = dict(_METHOD_FLAGS[signup.method]) if signup.method else {}
    own |= {
        "form_fill_seconds_log": math.log1p(number(signup.form_fill_seconds, 0.0, 1e7)),
        "pasted_fields": number(signup.pasted_fields, 0, 1000),
        "captcha_score": number(signup.captcha_score, 0.0, 1.0),
        "campaign_tag_present": float(token(signup.campaign_tag) is not None),
        "invite_code_present": float(token(signup.invite_code) is not None),
    }
    hour = local_hour(facts.zone, time)
    own["local_hour_sin"] = math.sin(hour * math.tau / 24)
    own["local_hour_cos"] = math.cos(hour * math.tau / 24)
    return own


def local_hour(zone: Zone | None, time: float) -> float:
    """Hour of the day, with its fraction, on the clock of the zone; NaN if that cannot be known."""
    if zone is None:
        return math.nan
    try:
        offset = zone.rules.utcoffset(datetime.fromtimestamp(time, UTC).astimezone(zone.rules))
    except (OverflowError, ValueError, OSError):
        return math.nan
    return (time + (offset.total_seconds() if offset else 0.0)) / 3600 % 24


def _screen(device: Device) -> tuple[float, float]:
    width, height = number(device.screen_width, 1, 1e5), number(device.screen_height, 1, 1e5)
    if math.isnan(width) or math.isnan(height):
        return 0.0, 0.0
    return max(width, height), min(width, height)
