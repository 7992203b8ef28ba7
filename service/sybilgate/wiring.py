"""The one module that knows all: from a configuration to a service that runs."""

from __future__ import annotations

import ctypes
import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace

from sybilgate.app.assess import Assessor
from sybilgate.app.auditing import AuditLog
from sybilgate.app.bundle import Bundle, ModelHolder, bundle_path
from sybilgate.app.explain import Explainer
from sybilgate.app.key_check import check_key
from sybilgate.app.naming import named
from sybilgate.app.protect import InForce, Protections
from sybilgate.app.readings import Readings
from sybilgate.app.rescoring import Rescorer
from sybilgate.app.sandbox import DOMAIN as SANDBOX_DOMAIN
from sybilgate.app.sandbox import Sandbox
from sybilgate.app.standby import Patience, Standby
from sybilgate.app.tokens import TokenBook
from sybilgate.app.watch import Watcher
from sybilgate.config import Config, ConfigurationFaults, access_faults, environment_of, mask_url
from sybilgate.core.event import Event
from sybilgate.core.identifier import Key, Keyring, keys_of
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Policy
from sybilgate.errors import ConfigurationError, ModelRejected
from sybilgate.ids import SortableIds
from sybilgate.instruments import open_instruments
from sybilgate.jobs.due import DueWorker
from sybilgate.jobs.keeper import JobKeeper
from sybilgate.jobs.rescore import BLOCK, Runner
from sybilgate.jobs.sweep import Sweeper
from sybilgate.loading import load_shadow, loader, model_dir, pipelines, policy_for, warm_up
from sybilgate.reference import BundledReference, load_reference
from sybilgate.rpc.access import Access, Guarded, open_door
from sybilgate.rpc.auditing import Scribe
from sybilgate.rpc.batching import Batcher, Limits
from sybilgate.rpc.ports import Backend, ReviewParts, Together
from sybilgate.rpc.probing import Probing
from sybilgate.rpc.quotas import Quotas
from sybilgate.rpc.server import Server, Tls
from sybilgate.rpc.server import serve as serve_rpc
from sybilgate.store.spool import FileSpool
from sybilgate.store.store import SqlStore, open_store

log = logging.getLogger(__name__)

#: Objects allocated between two collections of the youngest; a batch of 256 makes some fifty thousand.
_YOUNG = 50_000


@dataclass(frozen=True)
class Application:
    """Everything a server, the demonstration or a backfill needs, built from one configuration."""

    assessor: Assessor
    store: SqlStore
    explainer: Explainer
    reference: BundledReference
    holder: ModelHolder
    keyring: Keyring
    #: Follows the active version; None where one bundle is pinned.
    watcher: Watcher | None = None
    #: Tokens that are good now; None where nobody is asked for one.
    tokens: TokenBook | None = None
    #: Answers while the database does not; None where nothing may be kept aside.
    standby: Standby | None = None

    @property
    def backend(self) -> Backend:
        assessor = self.assessor
        parts = ReviewParts(
            self.store, assessor.clock, assessor.new_id, self._keys, Readings(self.holder.bundle), self._serving
        )
        standby = self.standby
        return Backend(
            standby or assessor, self.store, self.explainer, self.keyring, parts, self.store,
            (lambda: standby.waiting) if standby else lambda: 0,
        )  # fmt: skip

    def _keys(self, event: Event) -> list[Key | None]:
        found = observe([event], self.reference, self.keyring)
        if found.before is not None:
            with self.store.unit() as unit:
                found = named(unit, found, self.keyring, time.time())
        return keys_of(found.keys[0])

    def _serving(self) -> tuple[Bundle, Policy]:
        return self.holder.current, self.assessor.pipeline().policy

    def start(self) -> None:
        """Begin what goes on beside the requests: following the active version, scoring with the shadow."""
        for part in (self.watcher, self.assessor.shadow, self.tokens, self.standby):
            if part is not None:
                part.start()

    def close(self) -> None:
        """End that, then close the store and the reference data; call it after the last batch."""
        for part in (self.watcher, self.assessor.shadow, self.tokens, self.standby):
            if part is not None:
                part.stop()
        self.store.close()
        self.reference.close()


def build(config: Config) -> Application:
    """A checked and warm application. Raises ConfigurationError (outdated schema, unsafe settings, no key),
    ModelRejected, or Unavailable when the database does not answer."""
    keyring = config.keyring()
    store = open_store(config.database_url)
    try:
        store.check()
        check_key(store, keyring)
        serving, load = model_dir(config), loader(config)
        holder = ModelHolder(load(serving), load)
        protected = InForce(Protections(store, keyring, time.time))
        pipeline = pipelines(config, holder, keyring, protected)
        reference = load_reference(country_mmdb=config.country_mmdb, asn_mmdb=config.asn_mmdb)
        warm_up(pipeline(), reference, keyring)
        shadow = load_shadow(config, store)
        tokens = read_tokens(config, store)
    except BaseException:
        store.close()
        raise
    assessor = Assessor(store, pipeline, reference, keyring, time.time, SortableIds(time.time), shadow)
    watcher = Watcher(lambda: model_dir(config), serving, holder) if config.follows_pointer else None
    standby = stand_by(config, assessor, pipelines(config, holder, keyring, protected.last))
    return Application(assessor, store, Explainer(holder.models), reference, holder, keyring, watcher, tokens, standby)


def serve(
    config: Config,
    on_ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
    *,
    share_port: bool = False,
) -> None:
    """Serve until SIGTERM, SIGINT or ``stop``. ``on_ready`` is told host and port. ``share_port``: beside others."""
    _check_access(config)
    with closing(build(config)) as application, closing(open_instruments(config)) as instruments:
        host = config.address.rpartition(":")[0]
        settle()
        application.start()
        serve_rpc(
            sandboxed(instruments.measured(application.backend), config),
            config.address,
            read_tls(config),
            job=job(application, config),
            watch=instruments.watch,
            limits=limits(config),
            grace=config.grace_seconds,
            on_ready=lambda port: on_ready(f"{host}:{port}") if on_ready else None,
            on_made=instruments.attach,
            stop=stop,
            access=access(application, config, instruments.probed),
            share_port=share_port,
        )


def sandboxed(backend: Backend, config: Config) -> Backend:
    """The same backend, behind a sandbox if the configuration asks for one."""
    if not config.sandbox:
        return backend
    log.warning("sandbox: addresses in %s force answers; never where real accounts are judged", SANDBOX_DOMAIN)
    sandbox = Sandbox(backend.assessor, backend.reader, backend.explainer, time.time, SortableIds(time.time))
    return replace(backend, assessor=sandbox, reader=sandbox, explainer=sandbox)


def stand_by(config: Config, assessor: Assessor, pipeline: Callable[[], Pipeline]) -> Standby | None:
    """What answers while the database does not; ``pipeline`` is one that does not ask it."""
    if not config.spool_megabytes:
        return None
    spool = FileSpool(config.spool_folder, mask_url(config.database_url), config.spool_megabytes << 20)
    return Standby(assessor, spool, pipeline, Patience(config.patience_seconds))


def settle() -> None:
    """Call once everything is loaded: what is here now stays, so the garbage collector need not walk it again.

    A full collection over the loaded libraries and tables stops every request while it lasts. What loading took and
    gave back goes to the system, where the C library can do so (glibc).
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


def open_server(application: Application, config: Config) -> Server:
    """A server that is bound but not started, for those who run it inside another program."""
    return Server(
        application.backend, config.address, read_tls(config), limits(config), job(application, config),
        access=access(application, config),
    )  # fmt: skip


def read_tokens(config: Config, store: SqlStore) -> TokenBook | None:
    """The tokens of the store, read once. Raises Unavailable: a server that knows none would refuse everybody."""
    if config.auth == "off":
        return None
    book = TokenBook(store, time.time)
    book.read()
    return book


def access(application: Application, config: Config, alert: Callable[[str], None] = lambda kind: None) -> Access:
    """Who is let in, and how far. ``alert`` is told of probing. Raises ConfigurationError rather than let in more than
    was asked for."""
    _check_access(config)
    book = application.tokens
    door = open_door if book is None else Guarded(book, config.certificate_roles())
    scribe = Scribe(AuditLog(application.store, application.keyring, time.time))
    if book is None:
        return Access(door, scribe=scribe)
    quotas = Quotas(config.caller_quota, config.account_quota, time.monotonic)
    return Access(door, quotas, scribe, Probing(application.keyring, time.monotonic, alert))


def _check_access(config: Config) -> None:
    faults = access_faults(config)
    if faults:
        raise ConfigurationFaults(faults)


def job(application: Application, config: Config) -> Callable[[Batcher], Together] | None:
    """What goes on beside the requests of a server, if anything."""
    store, clock = application.store, application.assessor.clock
    keepers = [JobKeeper(store, clock, _rescoring(config), environment_of(config))] if config.rescore_share else []
    if not config.due_workers and not keepers:
        return None
    return lambda batcher: Together([*([DueWorker(store, batcher, clock)] if config.due_workers else []), *keepers])


def _rescoring(config: Config) -> list[str]:
    """The command that goes on with a job, beside a server."""
    return [sys.executable, "-P", "-m", "sybilgate", "rescore", "--share", str(config.rescore_share), "--resume"]


@contextmanager
def open_sweeper(config: Config) -> Iterator[Sweeper]:
    """The sweep over a checked store, with the weights of the model that serves. Raises as ``build`` does, and
    ConfigurationError if that model has no weights."""
    bundle = loader(config)(model_dir(config))
    mates = bundle.models.mates
    if mates is None:
        raise ConfigurationError(f"{bundle.manifest.title} has learnt no campaigns: there is nothing to sweep by")
    store = open_store(config.database_url)
    try:
        store.check()
        keyring = config.keyring()
        check_key(store, keyring)
        protected = Protections(store, keyring, time.time).keys()
        yield Sweeper(store, mates, policy_for(config, bundle).campaign, protected, time.time)
    finally:
        store.close()


@contextmanager
def open_runner(config: Config, *, share: float = 1.0, block: int = BLOCK) -> Iterator[Runner]:
    """What runs jobs that assess existing accounts again, over a checked store. Raises as ``build`` does."""
    application = build(replace(config, shadow_model_dir=None))
    try:
        find, clock = _rescorers(application, config), application.assessor.clock
        yield Runner(application.store, find, clock, application.assessor.new_id(), block, share)
    finally:
        application.close()


def _rescorers(application: Application, config: Config) -> Callable[[str], Rescorer]:
    """Whoever assesses by a model, by its name; empty for the one that serves."""
    serving = application.assessor

    def find(name: str) -> Rescorer:
        models = application.holder.current.models
        if name in ("", models.name):
            return Rescorer(serving)
        if config.models_dir is None:
            raise ModelRejected(f"model {name} is not the one that serves, and models_dir is not set")
        load = loader(replace(config, model_dir=None))
        holder = ModelHolder(load(bundle_path(config.models_dir, *name.split("@", 1))))
        protected = InForce(Protections(application.store, serving.keyring, time.time))
        return Rescorer(replace(serving, pipeline=pipelines(config, holder, serving.keyring, protected)))

    return find


def limits(config: Config) -> Limits:
    return Limits(config.batch_events, config.queued_tasks, config.queued_events)


def read_tls(config: Config) -> Tls | None:
    """PEM contents, or None for plaintext."""
    if config.tls_key_file is None or config.tls_certificate_file is None:
        return None
    authority = config.tls_client_ca_file
    return Tls(
        config.tls_key_file.read_bytes(),
        config.tls_certificate_file.read_bytes(),
        authority.read_bytes() if authority else None,
    )
