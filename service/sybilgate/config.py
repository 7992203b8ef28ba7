"""Configuration: one prefix, from the environment and an optional TOML file, every fault told at once.

``SYBILGATE_CONFIG`` names the file; its keys are the field names below. A variable (``SYBILGATE_ADDRESS``) beats the
file, the file beats the default. Secrets are given by file path only, so no listing of the environment shows one.
"""

from __future__ import annotations

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sybilgate.app.manifest import check_name
from sybilgate.core.identifier import Keyring
from sybilgate.core.trust import Role
from sybilgate.errors import ConfigurationError, ModelRejected
from sybilgate.keyfile import new_ring, read_ring, write_ring

PREFIX = "SYBILGATE_"
FILE_VARIABLE = "SYBILGATE_CONFIG"
_MAX_KEY_ID = 2**31 - 1


class ConfigurationFaults(ConfigurationError):
    """Everything that is wrong with the configuration; ``faults`` holds one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(["the configuration cannot be used:", *(f"  - {fault}" for fault in faults)]))


@dataclass(frozen=True, slots=True)
class Config:
    """Effective settings. Paths are None where nothing was set.

    ``model_dir`` pins one bundle. Without it ``models_dir`` is the folder in which ``sybilgate model activate`` chooses
    among the versions of ``model_name``, and a running server follows. ``shadow_model_dir`` scores beside it, unseen.
    ``due_workers`` 0 leaves accounts that are due to another replica, ``rescore_share`` 0 leaves it jobs that assess
    many; else it is the share of the time that they work. ``metrics_address`` is where Prometheus reads, nowhere if
    empty; ``signup_paths`` are the signup paths it is told apart by, with commas between. ``log_format`` is ``text`` or
    ``json``, ``traces`` is ``off`` or ``otlp``. ``sandbox`` 1 lets addresses in ``sybilgate.test`` force answers; never
    where real accounts are judged.

    ``auth`` says who is let in: ``tls`` asks for a token or a certificate, over TLS; ``loopback`` asks for a token and
    permits plaintext, ``off`` asks nobody, both on a loopback address only. ``token_file`` and the client's certificate
    are what commands show to a server. ``caller_quota`` is how many events a second one token or certificate may tell,
    ``account_quota`` how often an hour one account may be assessed, by each replica; 0 for no limit.

    ``spool_dir`` takes what is acknowledged while the database does not answer within ``patience_seconds``, up to
    ``spool_megabytes`` (0: then nothing is); it must outlive the process. Without it, ``spool_folder`` says where.
    """

    database_url: str = "sqlite:///sybilgate.db"
    address: str = "127.0.0.1:50051"
    key_file: Path | None = None
    key_id: int = 1
    model_dir: Path | None = None
    models_dir: Path | None = None
    model_name: str = "default"
    shadow_model_dir: Path | None = None
    policy_file: Path | None = None
    country_mmdb: Path | None = None
    asn_mmdb: Path | None = None
    tls_key_file: Path | None = None
    tls_certificate_file: Path | None = None
    tls_client_ca_file: Path | None = None
    auth: str = "tls"
    certificate_roles_file: Path | None = None
    caller_quota: float = 0.0
    account_quota: float = 30.0
    token_file: Path | None = None
    client_key_file: Path | None = None
    client_certificate_file: Path | None = None
    batch_events: int = 256
    queued_tasks: int = 256
    queued_events: int = 4096
    grace_seconds: float = 10.0
    due_workers: int = 1
    rescore_share: float = 0.5
    metrics_address: str = ""
    signup_paths: str = ""
    log_format: str = "text"
    traces: str = "off"
    sandbox: int = 0
    spool_dir: Path | None = None
    spool_megabytes: int = 256
    patience_seconds: float = 2.0

    @property
    def plaintext(self) -> bool:
        return self.tls_key_file is None or self.tls_certificate_file is None

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database."""
        kind, _, path = self.database_url.partition(":///")
        return Path(path.partition("?")[0]) if kind == "sqlite" and path else None

    @property
    def spool_folder(self) -> Path:
        """``spool_dir``, or beside an SQLite file, or in the working folder."""
        return self.spool_dir or (self.database_file or Path("sybilgate")).with_suffix(".spool")

    def certificate_roles(self) -> dict[str, Role]:
        """Role by name of a client's certificate. Raises ConfigurationError if the file cannot be used."""
        path = self.certificate_roles_file
        if path is None:
            return {}
        try:
            named = tomllib.loads(path.read_text(encoding="utf-8"))
            return {name: Role(role) for name, role in named.items()}
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"certificate_roles_file {path}: {error}") from None

    @property
    def follows_pointer(self) -> bool:
        """Whether the model that serves is chosen by the pointer in ``models_dir``."""
        return self.models_dir is not None and self.model_dir is None

    def keyring(self) -> Keyring:
        """The keys in ``key_file``. Raises ConfigurationError if there are none, or short ones."""
        fault = key_fault(self)
        if fault is not None or self.key_file is None:
            raise ConfigurationFaults([fault or "key_file is not set"])
        return read_ring(self.key_file, self.key_id)

    def masked(self) -> dict[str, str]:
        """Every field as text, with the password in the database's url hidden."""
        shown = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: "" if value is None else str(value) for name, value in shown.items()} | {
            "database_url": mask_url(self.database_url),
            "spool_dir": str(self.spool_folder),
        }


#: Ways of letting callers in; see ``Config``.
AUTH = ("tls", "loopback", "off")
_CLIENT_FILES = ("token_file", "client_key_file", "client_certificate_file")
_FOLDERS = ("model_dir", "models_dir", "shadow_model_dir")
_KINDS: dict[str, str] = {field.name: str(field.type) for field in fields(Config)}


def load_config(environ: Mapping[str, str] | None = None, *, serving: bool = True) -> Config:
    """The effective configuration. Raises ConfigurationFaults with every fault found.

    With ``serving`` false the files a server needs (key, TLS, model, policy, MMDB) are not asked for.
    """
    environ = os.environ if environ is None else environ
    faults: list[str] = []
    raw = _from_file(environ.get(FILE_VARIABLE), faults)
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name == FILE_VARIABLE:
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in _KINDS or name != name.upper():
            faults.append(f"{name}: no such setting")
        elif text:
            raw[field] = (name, text)
    values: dict[str, Any] = {}
    for field, (source, value) in raw.items():
        try:
            values[field] = _converted(_KINDS[field], value)
        except (TypeError, ValueError):
            faults.append(f"{source}: not {_WORDS[_KINDS[field]]}")
    config = Config(**values)
    faults += _value_faults(config)
    if serving:
        faults += file_faults(config)
    if faults:
        raise ConfigurationFaults(faults)
    return config


def environment_of(config: Config) -> dict[str, str]:
    """The environment of a process that is to have the same configuration."""
    given = {field.name: getattr(config, field.name) for field in fields(config)}
    own = {PREFIX + name.upper(): str(value) for name, value in given.items() if value not in (None, "")}
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | own


def create_key(path: Path) -> None:
    """Write new secrets, readable by their owner only. Raises ConfigurationError if the file is there already."""
    write_ring(path, new_ring(), new=True)


def key_fault(config: Config) -> str | None:
    """What is wrong with the key file, or None."""
    if config.key_file is None:
        return f"key_file is not set: run `sybilgate config init-key PATH`, then set {PREFIX}KEY_FILE=PATH"
    try:
        read_ring(config.key_file, config.key_id)
    except ConfigurationError as error:
        return str(error)
    return None


def file_faults(config: Config) -> list[str]:
    """What is wrong with the files a server reads."""
    faults = [fault for fault in [key_fault(config)] if fault]
    for name, kind in _KINDS.items():
        path = getattr(config, name)
        if "Path" not in kind or path is None or name in ("key_file", "spool_dir") or name in _CLIENT_FILES:
            continue
        if not (path.is_dir() if name in _FOLDERS else path.is_file() and os.access(path, os.R_OK)):
            faults.append(f"{name} {path}: no such {'folder' if name in _FOLDERS else 'readable file'}")
    return faults


def access_faults(config: Config) -> list[str]:
    """What is wrong with whom a server would let in; only a server asks."""
    faults: list[str] = []
    if config.auth == "tls" and config.plaintext and is_loopback(config.address):
        faults.append(
            f"no plaintext unless asked for: set tls_key_file and tls_certificate_file, or {PREFIX}AUTH=loopback "
            f"(tokens, on this machine only), or {PREFIX}AUTH=off (anybody on this machine may do anything)"
        )
    if config.certificate_roles_file is not None and config.tls_client_ca_file is None:
        faults.append("certificate_roles_file needs tls_client_ca_file: without it no certificate is asked for")
    try:
        config.certificate_roles()
    except ConfigurationError as error:
        faults.append(str(error))
    return faults


def mask_url(url: str) -> str:
    """A database url with its password hidden."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    place, slash, tail = rest.partition("/")
    login, at, host = place.rpartition("@")
    user, colon, _ = login.partition(":")
    tail = tail if "password=" not in tail else tail.partition("?")[0] + "?***"
    return f"{scheme}://{user}{':***' if colon else ''}{at}{host}{slash}{tail}"


def is_address(address: str) -> bool:
    """Whether this is ``host:port``."""
    host, _, port = address.rpartition(":")
    return bool(host) and port.isdecimal() and int(port) <= 65535


def is_loopback(address: str) -> bool:
    """Whether ``host:port`` can be reached from this machine only."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _value_faults(config: Config) -> list[str]:
    faults: list[str] = []
    if not is_address(config.address):
        faults.append(f"address {config.address!r}: not host:port")
    elif config.plaintext and not is_loopback(config.address):
        faults.append(
            f"address {config.address}: plaintext is served on loopback only; "
            "set tls_key_file and tls_certificate_file, or listen on 127.0.0.1"
        )
    if config.auth not in AUTH:
        faults.append(f"auth {config.auth!r}: none of {', '.join(AUTH)}")
    elif config.auth != "tls" and not is_loopback(config.address):
        faults.append(f"auth {config.auth} is for loopback addresses, and {config.address} is none")
    if (config.client_key_file is None) != (config.client_certificate_file is None):
        faults.append("client_key_file and client_certificate_file go together")
    if (config.tls_key_file is None) != (config.tls_certificate_file is None):
        faults.append("tls_key_file and tls_certificate_file go together")
    elif config.tls_client_ca_file is not None and config.tls_key_file is None:
        faults.append("tls_client_ca_file needs tls_key_file and tls_certificate_file")
    if not config.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append("database_url: neither sqlite:///PATH nor postgresql+psycopg://…")
    if not 1 <= config.key_id <= _MAX_KEY_ID:
        faults.append(f"key_id {config.key_id}: not between 1 and {_MAX_KEY_ID}")
    try:
        check_name(config.model_name)
    except ModelRejected as error:
        faults.append(f"model_name: {error}")
    for name in ("batch_events", "queued_tasks", "queued_events"):
        if getattr(config, name) < 1:
            faults.append(f"{name} {getattr(config, name)}: less than 1")
    if config.metrics_address and not is_address(config.metrics_address):
        faults.append(f"metrics_address {config.metrics_address!r}: not host:port")
    for name, words in (("log_format", ("text", "json")), ("traces", ("off", "otlp"))):
        if getattr(config, name) not in words:
            faults.append(f"{name} {getattr(config, name)!r}: neither {words[0]} nor {words[1]}")
    for name in ("due_workers", "sandbox"):
        if getattr(config, name) not in (0, 1):
            faults.append(f"{name} {getattr(config, name)}: neither 0 nor 1")
    if not (config.rescore_share == 0 or 0.01 <= config.rescore_share <= 1):
        faults.append(f"rescore_share {config.rescore_share}: neither 0 nor between 0.01 and 1")
    if config.spool_megabytes < 0:
        faults.append(f"spool_megabytes {config.spool_megabytes}: less than 0")
    if not 0.1 <= config.patience_seconds <= 60:
        faults.append(f"patience_seconds {config.patience_seconds}: not between 0.1 and 60")
    for name in ("caller_quota", "account_quota"):
        if not 0 <= getattr(config, name) <= 1e9:
            faults.append(f"{name} {getattr(config, name)}: not between 0 and 1e9")
    if not 0 < config.grace_seconds <= 3600:
        faults.append(f"grace_seconds {config.grace_seconds}: not between 0 and 3600")
    return faults


def _from_file(path: str | None, faults: list[str]) -> dict[str, tuple[str, object]]:
    if not path:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        faults.append(f"{FILE_VARIABLE} {path}: {error.strerror}")
        return {}
    except ValueError as error:
        faults.append(f"{FILE_VARIABLE} {path}: not TOML: {error}")
        return {}
    faults.extend(f"{path}: no such setting: {name}" for name in table if name not in _KINDS)
    return {name: (f"{path}: {name}", value) for name, value in table.items() if name in _KINDS}


_WORDS = {"str": "a text", "int": "a whole number", "float": "a number", "Path | None": "a path"}


def _converted(kind: str, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    if kind in ("int", "float"):
        return int(str(value)) if kind == "int" else float(value)
    if not isinstance(value, str):
        raise TypeError
    return value if kind == "str" else Path(value).expanduser()
