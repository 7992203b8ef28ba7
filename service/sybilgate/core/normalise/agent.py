"""User agents: browser, full build, system, and whether a program that is no browser wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ua_parser import Parser
from ua_parser.loaders import load_builtins
from ua_parser.regex import Resolver

from sybilgate.core.normalise.text import LIMIT, clean

_AUTOMATION = re.compile(
    r"headless|phantom|selenium|webdriver|puppeteer|playwright|cypress|python|aiohttp|httpx|curl/|wget|go-http"
    r"|java/|okhttp|axios|node-fetch|undici|scrapy|libwww|httpclient|guzzle|postman|insomnia|ruby|perl"
    r"|bot\b|crawler|spider|slimerjs|htmlunit|mechanize",
    re.IGNORECASE,
)
_LINUX = frozenset(("Linux", "Ubuntu", "Fedora", "Debian", "Red Hat", "SUSE", "Arch Linux", "Gentoo", "CentOS", "Mint"))
_PHONES = frozenset(("Android", "iOS", "Windows Phone", "HarmonyOS", "KaiOS", "BlackBerry OS", "Tizen"))
#: How a platform string begins -> systems it may run on.
_PLATFORMS: tuple[tuple[str, frozenset[str]], ...] = (
    ("win", frozenset(("Windows", "Windows Phone"))),
    ("mac", frozenset(("Mac OS X", "iOS"))),
    ("iphone", frozenset(("iOS",))),
    ("ipad", frozenset(("iOS", "Mac OS X"))),
    ("ipod", frozenset(("iOS",))),
    ("ios", frozenset(("iOS",))),
    ("android", frozenset(("Android", "HarmonyOS"))),
    ("linux", frozenset(("Linux", "Android", "Chrome OS", "HarmonyOS", "Tizen", "KaiOS"))),
    ("cros", frozenset(("Chrome OS",))),
    ("chrome os", frozenset(("Chrome OS",))),
)


@dataclass(frozen=True, slots=True)
class Agent:
    """``build`` is the full version of browser and system, as far as told; ``system`` the family of the system."""

    family: str | None
    major: str | None
    build: str
    system: str | None
    device: str | None
    automation: bool
    mobile: bool


@lru_cache(maxsize=1)
def _parser() -> Parser:
    return Parser(Resolver(load_builtins()))  # the compiled matcher or an error: the Python one takes 9 ms


@lru_cache(maxsize=8192)
def parse_agent(value: str | None) -> Agent | None:
    """The user agent; None if there is none."""
    text = clean(value)
    if text is None:
        return None
    found = _parser().parse(text[:LIMIT])
    browser, system, device = found.user_agent, found.os, found.device
    parts = [browser.family, browser.major, browser.minor, browser.patch, browser.patch_minor] if browser else []
    parts += [system.family, system.major, system.minor, system.patch] if system else []
    parts += [device.family] if device else []
    family = system.family if system else None
    name = "Linux" if family in _LINUX else family
    return Agent(
        family=browser.family if browser else None,
        major=browser.major if browser else None,
        build="|".join(part or "" for part in parts) if parts else "",
        system=name,
        device=device.family if device else None,
        automation=_AUTOMATION.search(text) is not None,
        mobile=name in _PHONES or "Mobile" in text,
    )


@lru_cache(maxsize=1024)
def platform_systems(platform: str | None) -> frozenset[str] | None:
    """Systems on which a browser says this platform; None for a platform nobody knows."""
    if not platform:
        return None
    lower = platform.lower()
    return next((systems for start, systems in _PLATFORMS if lower.startswith(start)), None)
