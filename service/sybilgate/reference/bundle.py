"""The reference that serves: bundled tables and data packages, with a user's own MMDB files in front of them.

Loading never fails as a whole. A part that cannot be loaded, or that fails while answering, is named in
``degraded`` and answers "not known" from then on.
"""

from __future__ import annotations

import lzma
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import maxminddb

from sybilgate.core.enrichment import MailDomain, Operator, OperatorClass, Zone
from sybilgate.core.normalise.address import Address
from sybilgate.core.normalise.locale import parse_country
from sybilgate.reference.asn import AsnTable, decode
from sybilgate.reference.operators import operator_class
from sybilgate.reference.zones import zone_countries

T = TypeVar("T")
_PACKAGES = ("iptocc", "disposable-email-domains", "publicsuffixlist", "phonenumbers", "ua-parser-builtins", "tzdata")
_BROKEN = (
    ImportError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    lzma.LZMAError,
    maxminddb.InvalidDatabaseError,
)


class BundledReference:
    """``Reference`` over what ``load_reference`` could load. Safe for many readers."""

    def __init__(self, *, data: Path | None, country_mmdb: Path | None, asn_mmdb: Path | None) -> None:
        self._files = (data, country_mmdb, asn_mmdb)
        self._degraded: set[str] = set()
        folder = data or Path(str(files("sybilgate"))) / "data"
        self._table: AsnTable | None = self._load("asn", lambda: decode((folder / "asn.xz").read_bytes()))
        self._freemail = self._load("freemail", lambda: _lines(folder / "freemail.txt"))
        self._country = self._load("country", _country_code)
        self._disposable = self._load("disposable", _disposable)
        self._suffix = self._load("public_suffix", _private_suffix)
        self._zones: dict[str, frozenset[str]] = self._load("zones", zone_countries) or {}
        self._country_mmdb = self._open("country_mmdb", country_mmdb)
        self._asn_mmdb = self._open("asn_mmdb", asn_mmdb)
        self.mail_domain = lru_cache(maxsize=65536)(self._mail_domain)
        self.zone = lru_cache(maxsize=1024)(self._zone)

    def __reduce__(self) -> tuple[Callable[..., BundledReference], tuple[Path | None, ...]]:
        """Another process loads the same files anew."""
        return _reload, self._files

    @property
    def degraded(self) -> tuple[str, ...]:
        """Parts that are missing or broken, sorted."""
        return tuple(sorted(self._degraded))

    def country(self, address: Address) -> str | None:
        """Country by the user's MMDB, else by the bundled registry data."""
        record = self._record("country_mmdb", self._country_mmdb, address)
        country = record.get("country") or record.get("registered_country")
        code = country.get("iso_code") if isinstance(country, dict) else record.get("country_code", country)
        found = parse_country(code) if isinstance(code, str) else None
        return found or (parse_country(self._country(address.text)) if self._country else None)

    def operator(self, address: Address) -> Operator | None:
        """Operator by the user's MMDB, else by the bundled table; the class always by number and name."""
        record = self._record("asn_mmdb", self._asn_mmdb, address)
        number = record.get("autonomous_system_number", record.get("asn"))
        if isinstance(number, str) and number.upper().removeprefix("AS").isdecimal():
            number = int(number.upper().removeprefix("AS"))
        if isinstance(number, int) and number > 0:
            known = self._table.classes.get(number) if self._table else None
            name = record.get("autonomous_system_organization") or record.get("as_name") or record.get("name")
            return Operator(
                number, known or operator_class(number, str(name)) if name else known or OperatorClass.UNKNOWN
            )
        return self._table.find(address) if self._table else None

    def _mail_domain(self, domain: str) -> MailDomain:
        own = (self._suffix(domain) if self._suffix else None) or domain
        disposable = None if self._disposable is None else domain in self._disposable or own in self._disposable
        names = {domain, own, own.partition(".")[0] + ".*"}
        return MailDomain(own, disposable, None if self._freemail is None else not names.isdisjoint(self._freemail))

    def _zone(self, name: str) -> Zone | None:
        countries = self._zones.get(name)
        if countries is None:
            return None
        rules = self._load("zones", lambda: ZoneInfo(name))
        return Zone(name, countries, rules) if rules else None

    def versions(self) -> dict[str, str]:
        """Version of each bundled data set and of each data package."""
        found = {name: _version(name) for name in _PACKAGES}
        found["asn"] = self._table.version if self._table else "missing"
        for part, reader in (("country_mmdb", self._country_mmdb), ("asn_mmdb", self._asn_mmdb)):
            if reader:
                found[part] = str(reader.metadata().build_epoch)
        return found

    def close(self) -> None:
        """Close the user's files."""
        for reader in (self._country_mmdb, self._asn_mmdb):
            if reader:
                reader.close()

    def _load(self, part: str, load: Callable[[], T]) -> T | None:
        try:
            return load()
        except _BROKEN:
            self._degraded.add(f"reference:{part}")
            return None

    def _open(self, part: str, path: Path | None) -> maxminddb.Reader | None:
        return self._load(part, lambda: maxminddb.open_database(str(path))) if path else None

    def _record(self, part: str, reader: maxminddb.Reader | None, address: Address) -> dict[str, object]:
        found = self._load(part, lambda: reader.get(address.text)) if reader else None
        return dict(found) if isinstance(found, dict) else {}


def load_reference(
    *, country_mmdb: Path | None = None, asn_mmdb: Path | None = None, data: Path | None = None
) -> BundledReference:
    """Load everything once (about 0.3 s). ``data`` replaces the bundled folder. Never raises; see ``degraded``."""
    return BundledReference(data=data, country_mmdb=country_mmdb, asn_mmdb=asn_mmdb)


def _reload(data: Path | None, country_mmdb: Path | None, asn_mmdb: Path | None) -> BundledReference:
    return load_reference(country_mmdb=country_mmdb, asn_mmdb=asn_mmdb, data=data)


def _lines(path: Path) -> frozenset[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _country_code() -> Callable[[str], str | None]:
    from iptocc import country_code

    return country_code


def _disposable() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)


def _private_suffix() -> Callable[[str], str | None]:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList().privatesuffix


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
