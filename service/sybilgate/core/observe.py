"""Observing: events in, columns free of personal data out. Pure; no text of a caller makes it raise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sybilgate.core.enrichment import Facts, Reference, enrich
from sybilgate.core.event import Event, EventType, OutcomeKind
from sybilgate.core.identifier import Keyring
from sybilgate.core.identify import Identifier
from sybilgate.core.measure.contact import measure_contact
from sybilgate.core.measure.later import measure_payment, measure_usage, measure_verification
from sybilgate.core.measure.number import Own
from sybilgate.core.measure.origin import measure_device, measure_network, measure_signup
from sybilgate.core.normalise.text import token
from sybilgate.core.observation import Observations
from sybilgate.core.own import MISSING, OWN, OWN_COLUMN

_LABELS = {
    OutcomeKind.BANNED: 1,
    OutcomeKind.CHARGEBACK: 1,
    OutcomeKind.CONFIRMED_SYBIL: 1,
    OutcomeKind.CONFIRMED_HONEST: -1,
    OutcomeKind.REINSTATED: -1,
}


def observe(events: Sequence[Event], reference: Reference, keyring: Keyring) -> Observations:
    """Normalise, enrich, measure and hash a batch. Each row depends on its event alone."""
    own = np.full((len(events), len(OWN)), np.nan)
    keys, sizes = [], []
    columns: list[int] = []
    values: list[float] = []
    identifier = Identifier(keyring)
    for event in events:
        facts = enrich(event, reference)
        known = measure(event, facts, reference)
        columns += map(OWN_COLUMN.__getitem__, known)
        values += known.values()
        sizes.append(len(known))
        keys.append(identifier.identify(event, facts))
    own[np.repeat(np.arange(len(events)), sizes), columns] = values
    return Observations(
        account_id=[event.account_id for event in events],
        type=np.array([event.type for event in events], np.int8),
        time=np.array([event.time for event in events], np.float64),
        label=np.array([label_of(event) for event in events], np.int8),
        own=own,
        keys=keys,
        degraded=tuple(reference.degraded),
    )


def measure(event: Event, facts: Facts, reference: Reference) -> Own:
    """Own columns by name; what is not known is absent or NaN."""
    own: Own = {}
    if event.contact:
        own |= measure_contact(event.contact, facts)
    if event.network:
        own |= measure_network(event.network, facts)
    if event.device:
        own |= measure_device(event.device, facts)
    if event.payment:
        own |= measure_payment(event.payment, facts)
    if event.verification:
        own |= measure_verification(event.verification)
    if event.usage:
        own |= measure_usage(event.usage, reference)
    if event.type is EventType.SIGNUP:
        if event.signup:
            own |= measure_signup(event.signup, facts, event.time)
        own |= missing(event)
    return own


def missing(event: Event) -> Own:
    """The ``*_missing`` flags of a signup and their share: 1 where nothing, or nothing meaningful, was sent."""
    contact, network, device, signup = event.contact, event.network, event.device, event.signup
    sent: dict[str, object] = {
        "email_missing": token(contact.email) if contact else None,
        "phone_missing": token(contact.phone) if contact else None,
        "name_missing": token(contact.display_name) if contact else None,
        "username_missing": token(contact.username) if contact else None,
        "organization_missing": token(contact.organization) if contact else None,
        "ip_missing": network.ip_address if network else None,
        "user_agent_missing": token(network.user_agent) if network else None,
        "accept_language_missing": token(network.accept_language) if network else None,
        "ja4_missing": token(network.ja4) if network else None,
        "device_id_missing": token(device.device_id) if device else None,
        "screen_missing": device.screen_width and device.screen_height if device else None,
        "canvas_missing": token(device.canvas_hash) if device else None,
        "webgl_missing": token(device.webgl_hash) or token(device.webgl_renderer) if device else None,
        "time_zone_missing": token(device.time_zone) if device else None,
        "referrer_missing": token(signup.referrer) if signup else None,
        "payment_missing": event.payment,
    }
    flags = {name: 0.0 if sent[name] else 1.0 for name in MISSING}
    flags["fields_missing_share"] = sum(flags.values()) / len(MISSING)
    return flags


def label_of(event: Event) -> int:
    """Later truth in an event: +1 bad, -1 good, 0 none."""
    return _LABELS.get(event.outcome.kind, 0) if event.outcome else 0
