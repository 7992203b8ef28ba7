"""Which model serves, and how it is verified, put under a policy and made ready."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from sybilgate.app.bundle import Bundle, ModelHolder, load_bundle
from sybilgate.app.protect import Protected
from sybilgate.app.registry import active_folder, check_unchanged
from sybilgate.app.replay import Replay
from sybilgate.app.shadow import Shadow
from sybilgate.config import Config
from sybilgate.core.campaign.resemblance import COMPARED, mate_features
from sybilgate.core.event import Event, EventType, Network
from sybilgate.core.feature import FEATURE_NAMES, FIRST, WATCHED_NAMES
from sybilgate.core.identifier import Keyring
from sybilgate.core.observe import observe
from sybilgate.core.pipeline import Pipeline
from sybilgate.core.policy import Policy, load_policy
from sybilgate.errors import ConfigurationError, ModelRejected
from sybilgate.reference import BundledReference, load_reference
from sybilgate.store.store import SqlStore

log = logging.getLogger(__name__)


def models_root() -> Path:
    """The folder of bundles that came with the package, or with the source checkout it runs from."""
    package = Path(str(files("sybilgate")))
    installed = package / "models"
    return installed if installed.is_dir() else package.parent.parent / "models"


def model_dir(config: Config) -> Path:
    """The bundle to serve: the pinned one, else the active version, else the one that came along.

    Raises ModelRejected if the pointer to the active version cannot be read."""
    if config.model_dir is not None:
        return config.model_dir
    chosen = active_folder(config.models_dir, config.model_name) if config.models_dir is not None else None
    return chosen or packaged_model()


def packaged_model() -> Path:
    """The newest default among the bundles that came along."""
    versions = [path for path in (models_root() / "default").glob("*") if path.name.isdecimal()]
    return max(versions, key=lambda path: int(path.name), default=models_root() / "default" / "1")


def loader(config: Config) -> Callable[[Path], Bundle]:
    """How to load a bundle that is to serve: verified, unchanged since it was activated, and under a policy that fits.

    A policy that does not fit would otherwise show only in the first batch, and fail every one after it."""

    def load(folder: Path) -> Bundle:
        bundle = load_model(folder)
        if config.follows_pointer and config.models_dir is not None:
            check_unchanged(config.models_dir, config.model_name, bundle.manifest)
        policy_for(config, bundle)
        return bundle

    return load


def load_model(folder: Path) -> Bundle:
    """Verify a bundle against the features this code computes, and load it. Raises ModelRejected."""
    try:
        bundle = load_bundle(folder, FEATURE_NAMES, FIRST)
        if bundle.models.tails.names != WATCHED_NAMES:
            raise ModelRejected("its tails are not those of the features this code watches")
        if bundle.models.no_tables:
            log.warning("%s is explained by LightGBM, slowly: %s", bundle.manifest.title, bundle.models.no_tables)
        return bundle
    except ModelRejected as error:
        raise ModelRejected(f"the model in {folder} is refused: {error}") from error


def load_shadow(config: Config, store: SqlStore) -> Shadow | None:
    """The shadow model, if one is set. Raises ModelRejected, as for the model that serves: a shadow that silently did
    not score would be taken for one that agrees."""
    return Shadow(load_model(config.shadow_model_dir).models, store) if config.shadow_model_dir is not None else None


def policy_for(config: Config, bundle: Bundle) -> Policy:
    """The configured policy, else the bundle's own. Raises ConfigurationError naming what is wrong in it."""
    text = bundle.policy_text
    if config.policy_file is not None:
        try:
            text = config.policy_file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"policy_file {config.policy_file}: {error}") from None
    policy = load_policy(text)
    unknown = sorted(set(policy.guards) - set(FEATURE_NAMES))
    if unknown:
        raise ConfigurationError(f"policy: guards on unknown features: {', '.join(unknown)}")
    return policy


def pipelines(
    config: Config, holder: ModelHolder, keyring: Keyring, protected: Callable[[], Protected]
) -> Callable[[], Pipeline]:
    """The pipeline of whichever bundle serves now, under the protections in force.

    Raises ConfigurationError if the policy cannot be used."""

    made: list[tuple[Bundle, Pipeline]] = []

    def current() -> Pipeline:
        bundle, now = holder.current, protected()
        if not made or made[0][0] is not bundle:
            made[:] = [(bundle, Pipeline(bundle.models, policy_for(config, bundle), keyring))]
        serving = made[0][1]
        if (serving.protected, serving.exempt) != (now.keys, now.accounts):
            # Not made anew: the policy's file is read when a model is loaded, never in between.
            made[:] = [(bundle, replace(serving, protected=now.keys, exempt=now.accounts))]
        return made[0][1]

    current()
    return current


def warm(config: Config) -> float:
    """Compile what a server compiles when it starts, and keep it where it will look; seconds it took."""
    began = time.monotonic()
    bundle = load_model(model_dir(config))
    keyring = Keyring(1, secrets.token_bytes(32))
    reference = load_reference(country_mmdb=config.country_mmdb, asn_mmdb=config.asn_mmdb)
    warm_up(Pipeline(bundle.models, policy_for(config, bundle), keyring), reference, keyring)
    reference.close()
    return time.monotonic() - began


def warm_up(pipeline: Pipeline, reference: BundledReference, keyring: Keyring) -> None:
    """Score made-up events in memory, one alone and two of one account, and compare with a campaign: what compiles or
    loads on first use does so before the first caller waits, or the store is taken for away."""
    event = Event(account_id="warm-up", time=1.7e9, type=EventType.SIGNUP, network=Network(ip_address="192.0.2.1"))
    replay = Replay(pipeline)
    replay.fold(observe([event], reference, keyring))
    outcome = replay.fold(observe([event, replace(event, type=EventType.LOGIN)], reference, keyring))
    mate_features(np.zeros((1, len(COMPARED))), np.ones(1), np.zeros(1))
    if pipeline.models is not None:
        pipeline.models.contributions(outcome.features)
