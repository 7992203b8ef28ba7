"""What a production installation wants beyond what a server needs to start: each item of ``doctor`` that only warns."""

from __future__ import annotations

import os
import re
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sybilgate.config import Config, is_loopback
from sybilgate.core.trust import Role

Item = tuple[str, str, str]
OK, WARN, FAIL = "ok", "warn", "fail"
_DAY = 86400.0
#: Days before its end at which a certificate or token is named; days after which bundled data are called old.
CERTIFICATE_DAYS, TOKEN_DAYS, DATA_DAYS = 21, 14, 270
#: Connections a replica opens at most: those of SQLAlchemy's pool and its overflow.
REPLICA_CONNECTIONS = 15
_SAID_DATE = re.compile(r"(20\d\d)(\d\d)(\d\d)?")


def tls(config: Config, now: float) -> Iterator[Item]:
    """Whether callers can trust the line, and for how long."""
    if config.tls_key_file is None or config.tls_certificate_file is None:
        yield "TLS", WARN, "off: good for one machine only"
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(config.tls_certificate_file, config.tls_key_file)
        if config.tls_client_ca_file is not None:
            context.load_verify_locations(config.tls_client_ca_file)
    except (OSError, ssl.SSLError) as error:
        yield "TLS", FAIL, f"certificate and key cannot be used together: {error}"
        return
    left = certificate_days(config.tls_certificate_file, now)
    if left is None:
        yield "TLS", OK, "certificate and key belong together; when it expires cannot be told here"
    elif left < 0:
        yield "TLS", FAIL, f"the certificate expired {-left:.0f} days ago"
    else:
        state = WARN if left < CERTIFICATE_DAYS else OK
        yield "TLS", state, f"certificate and key belong together; it expires in {left:.0f} days"
    if config.tls_key_file.stat().st_mode & 0o007:
        yield "TLS", WARN, f"{config.tls_key_file} can be read by everybody: chmod 640"


def certificate_days(path: Path, now: float) -> float | None:
    """Days until a certificate expires; None where this Python cannot read it."""
    decode = getattr(getattr(ssl, "_ssl", None), "_test_decode_cert", None)
    if decode is None:
        return None
    return (ssl.cert_time_to_seconds(decode(str(path))["notAfter"]) - now) / _DAY


def roles(config: Config, now: float) -> Iterator[Item]:
    """Whether somebody may call at all, and whose token ends soon."""
    if config.auth == "off":
        return
    from sybilgate.store.store import open_store

    store = open_store(config.database_url)
    try:
        good = [token for token in store.tokens() if token.end_time > now and token.revoke_time > now]
    finally:
        store.close()
    held = {token.role for token in good} | {role.value for role in config.certificate_roles().values()}
    if missing := [role.value for role in (Role.SIGNUP,) if role.value not in held]:
        yield "roles", WARN, f"nobody has the role {', '.join(missing)}: `sybilgate token create`"
    else:
        yield "roles", OK, f"{len(good)} tokens are good; roles held: {', '.join(sorted(held))}"
    for token in good:
        if token.end_time - now < TOKEN_DAYS * _DAY:
            days = (token.end_time - now) / _DAY
            yield "roles", WARN, f"token {token.token_id} ({token.role} {token.subject}) expires in {days:.0f} days"


def data_age(versions: dict[str, str], now: float) -> Iterator[Item]:
    """How old the reference data are, where their version is a date."""
    for name, version in sorted(versions.items()):
        if found := _SAID_DATE.search(version.replace(".", "")[-8:]) or _SAID_DATE.search(version):
            year, month, day = (int(part or 1) for part in found.groups())
            if not (1 <= month <= 12 and 1 <= day <= 31):
                continue
            age = (now - datetime(year, month, min(day, 28), tzinfo=UTC).timestamp()) / _DAY
            if age > DATA_DAYS:
                yield "reference data", WARN, f"{name} is {age:.0f} days old: install a newer package or bring your own"


def pool(config: Config) -> Iterator[Item]:
    """Whether the database has connections for this replica and another one."""
    if not config.database_url.startswith("postgresql"):
        return
    from sybilgate.store.engine import open_engine

    engine = open_engine(config.database_url)
    with engine.begin() as connection:
        most = int(connection.exec_driver_sql("SHOW max_connections").scalar_one())
        kept = int(connection.exec_driver_sql("SHOW superuser_reserved_connections").scalar_one())
        used = int(connection.exec_driver_sql("SELECT count(*) FROM pg_stat_activity").scalar_one())
    engine.dispose()
    free = most - kept - used
    state = OK if free >= 2 * REPLICA_CONNECTIONS else WARN
    yield "pool", state, f"{free} of {most} connections are free; a replica opens up to {REPLICA_CONNECTIONS}"


def watched(config: Config) -> Iterator[Item]:
    """Whether anybody would notice."""
    if not config.metrics_address:
        yield "metrics", WARN, "off: set metrics_address, and load deploy/prometheus/alerts.yaml"
    elif not is_loopback(config.metrics_address):
        yield "metrics", OK, f"on {config.metrics_address}: let nobody but your Prometheus reach it"
    else:
        yield "metrics", OK, f"on {config.metrics_address}"
    if config.sandbox:
        yield "sandbox", WARN, "on: addresses in sybilgate.test force answers; never where real accounts are judged"
    if os.geteuid() == 0:
        yield "user", WARN, "this is root; a server needs no rights beyond its own files"


def items(config: Config, versions: dict[str, str], *, database: bool, now: float | None = None) -> Iterator[Item]:
    """Every item; those that ask the database only with ``database``."""
    moment = time.time() if now is None else now
    yield from tls(config, moment)
    if database:
        yield from roles(config, moment)
        yield from pool(config)
    yield from data_age(versions, moment)
    yield from watched(config)
