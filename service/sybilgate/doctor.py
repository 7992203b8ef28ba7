"""What would stop a server, or make it worse than it should be: one item at a time."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sybilgate.checklist import FAIL, OK, WARN, items
from sybilgate.config import Config, ConfigurationFaults, access_faults, file_faults, key_fault, load_config, mask_url
from sybilgate.errors import ConfigurationError, SchemaOutdated, SybilgateError

_GIB = 1 << 30
_LITTLE_DISK, _NO_DISK = 5 * _GIB, _GIB // 4
_CLOCK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Check:
    """One item: its name, ``ok``, ``warn`` or ``fail``, and a sentence."""

    name: str
    state: str
    detail: str


def examine(environ: Mapping[str, str] | None = None) -> list[Check]:
    """Every check. With a configuration that cannot be read, only what is wrong with it."""
    try:
        config = load_config(environ, serving=False)
    except ConfigurationFaults as error:
        return [Check("configuration", FAIL, fault) for fault in error.faults]
    checks = [Check("configuration", OK, f"serves {config.address}, {'plaintext' if config.plaintext else 'TLS'}")]
    checks += [Check("configuration", FAIL, fault) for fault in file_faults(config) if "key_file" not in fault[:8]]
    checks += [Check("access", FAIL, fault) for fault in access_faults(config)]
    if config.auth == "off":
        checks.append(Check("access", WARN, "nobody is asked who he is: anybody on this machine may do anything"))
    checks.append(_key(config))
    checks += _database(config)
    checks += _model(config)
    checks += _reference(config)
    checks.append(_disk(config))
    checks.append(_spool(config))
    ready = all(check.state != FAIL for check in checks if check.name in ("schema", "durability"))
    checks += [Check(*item) for item in items(config, _versions(config), database=ready)]
    return checks


def _key(config: Config) -> Check:
    fault = key_fault(config)
    if fault is not None or config.key_file is None:
        return Check("key", FAIL, fault or "not set")
    if config.key_file.stat().st_mode & 0o077:
        return Check("key", WARN, f"{config.key_file} can be read by others: chmod 600")
    ring = config.keyring()
    beside = f", beside {ring.older.number} until that is destroyed" if ring.older is not None else ""
    return Check("key", OK, f"{config.key_file}, key id {ring.newest.number}{beside}")


def _database(config: Config) -> Iterator[Check]:
    from sybilgate.store import migrate
    from sybilgate.store.store import open_store

    shown, path = mask_url(config.database_url), config.database_file
    if path is not None and not path.exists():
        yield Check("schema", FAIL, f"{shown} does not exist: run `sybilgate db upgrade`")
        return
    try:
        found, wanted = migrate.current(config.database_url), migrate.head()
    except SybilgateError as error:
        yield Check("schema", FAIL, f"{shown}: {error}")
        return
    yield Check("schema", OK if found == wanted else FAIL, f"{shown} at revision {found or 'none'}, needed {wanted}")
    store = open_store(config.database_url)
    try:
        store.check()
    except SchemaOutdated:
        yield Check("durability", OK, "a commit survives a power cut")
    except SybilgateError as error:
        yield Check("durability", FAIL, str(error))
    else:
        yield Check("durability", OK, "a commit survives a power cut")
    finally:
        store.close()
    yield _clock(config)


def _clock(config: Config) -> Check:
    """The clock against the database's: its own for PostgreSQL, its file's newest write for SQLite."""
    now = time.time()
    path = config.database_file
    if path is None:
        from sybilgate.store.engine import open_engine

        engine = open_engine(config.database_url)
        with engine.begin() as connection:
            other = float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())
        engine.dispose()
        off = abs(now - other)
    else:
        off = max(path.stat().st_mtime - now, 0.0)
    text = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    if off > _CLOCK_SECONDS:
        return Check("clock", WARN, f"{text}, {off:.0f} s away from the database's: events would be misdated")
    return Check("clock", OK, text)


def _model(config: Config) -> Iterator[Check]:
    from sybilgate.loading import load_model, model_dir, policy_for

    try:
        bundle = load_model(model_dir(config))
    except SybilgateError as error:
        yield Check("model", FAIL, str(error))
        return
    yield Check("model", OK, f"{bundle.manifest.title} scores its golden rows as it should")
    try:
        policy = policy_for(config, bundle)
    except ConfigurationError as error:
        yield Check("policy", FAIL, str(error))
    else:
        yield Check("policy", OK, f"version {policy.version}")
    if config.shadow_model_dir is None:
        return
    try:
        shadow = load_model(config.shadow_model_dir)
    except SybilgateError as error:
        yield Check("shadow model", FAIL, str(error))
    else:
        yield Check("shadow model", OK, f"{shadow.manifest.title} scores beside it")


def _reference(config: Config) -> Iterator[Check]:
    from sybilgate.reference import load_reference

    reference = load_reference(country_mmdb=config.country_mmdb, asn_mmdb=config.asn_mmdb)
    degraded = ", ".join(reference.degraded)
    versions = ", ".join(f"{name} {version}" for name, version in sorted(reference.versions().items()))
    reference.close()
    if degraded:
        yield Check("reference data", WARN, f"missing or broken: {degraded}; scores go without it and say so")
    yield Check("reference data", OK, versions)


def _versions(config: Config) -> dict[str, str]:
    from sybilgate.reference import load_reference

    reference = load_reference(country_mmdb=config.country_mmdb, asn_mmdb=config.asn_mmdb)
    versions = dict(reference.versions())
    reference.close()
    return versions


def _disk(config: Config) -> Check:
    path = config.database_file
    folder = path.parent if path is not None else Path.cwd()
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("disk", FAIL, f"{folder}: {error.strerror}")
    if path is not None and not os.access(folder, os.W_OK):
        return Check("disk", FAIL, f"{folder} cannot be written")
    state = FAIL if free < _NO_DISK else WARN if free < _LITTLE_DISK else OK
    return Check("disk", state, f"{free / _GIB:.1f} GiB free in {folder}")


def _spool(config: Config) -> Check:
    """Where acknowledged events wait while the database is away; the folder is made when it is first needed."""
    folder = config.spool_folder
    if not config.spool_megabytes:
        return Check("spool", WARN, "none: nothing is acknowledged while the database does not answer")
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        return Check("spool", FAIL, f"{folder} cannot be written")
    waiting = len(list(folder.glob("*.spool")))
    if list(folder.glob("*.rejected")) or list(folder.glob("*.damaged")):
        return Check("spool", WARN, f"{folder} holds what could not be stored: look at *.rejected and *.damaged")
    return Check("spool", OK, f"{folder}, up to {config.spool_megabytes} MB; {waiting} files wait")
