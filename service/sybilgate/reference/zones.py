"""Time zones, old names included, and the countries that use them, from the ``tzdata`` package."""

from __future__ import annotations

from importlib.resources import files

_LINKS_DEPTH = 4


def zone_countries() -> dict[str, frozenset[str]]:
    """Every IANA zone name and the countries it is used in. Raises if the package is missing or unreadable."""
    root = files("tzdata")
    folder = root.joinpath("zoneinfo")
    found: dict[str, set[str]] = {name: set() for name in root.joinpath("zones").read_text("utf-8").split()}
    for table in ("zone.tab", "zone1970.tab"):
        for line in folder.joinpath(table).read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                countries, _, name = line.split("\t")[:3]
                found.setdefault(name, set()).update(countries.split(","))
    links = dict(_links(folder.joinpath("tzdata.zi").read_text("utf-8")))
    return {name: frozenset(own or _linked(name, links, found)) for name, own in found.items()}


def _links(text: str) -> list[tuple[str, str]]:
    rows = (line.split() for line in text.splitlines() if line.startswith("L "))
    return [(name, target) for _, target, name in rows]


def _linked(name: str, links: dict[str, str], found: dict[str, set[str]]) -> set[str]:
    for _ in range(_LINKS_DEPTH):
        name = links.get(name, "")
        if found.get(name):
            return found[name]
    return set()
