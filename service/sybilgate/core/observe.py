"""Observing: events in, columns free of personal data out. Pure; no text of a caller makes it raise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sybilgate.core.enrichment import Facts, Reference, enrich
from sybilgate.core.event import Contact, Device, Event, EventType, Network, OutcomeKind, Signup
from sybilgate.core.identifier import Key, Keyring, words_of
from sybilgate.core.identify import identify, identify_twice
from sybilgate.core.measure.contact import measure_contact
from sybilgate.core.measure.later import measure_payment, measure_usage, measure_verification
from sybilgate.core.measure.number import Own
from sybilgate.core.measure.origin import measure_device, measure_network, measure_signup
from sybilgate.core.normalise.text import token
from sybilgate.core.observation import Observations
from sybilgate.core.own import OWN, OWN_COLUMN

_LABELS = {
    OutcomeKind.BANNED: 1,
    OutcomeKind.CHARGEBACK: 1,
    OutcomeKind.CONFIRMED_SYBIL: 1,
    OutcomeKind.CONFIRMED_HONEST: -1,
    OutcomeKind.REINSTATED: -1,
}
_NO_CONTACT, _NO_NETWORK, _NO_DEVICE, _NO_SIGNUP = Contact(), Network(), Device(), Signup()
_FLAGS = (
    "email_missing", "phone_missing", "name_missing", "username_missing", "organization_missing", "ip_missing",
    "user_agent_missing", "accept_language_missing", "ja4_missing", "device_id_missing", "screen_missing",
    "canvas_missing", "webgl_missing", "time_zone_missing", "referrer_missing", "payment_missing",
    "fields_missing_share",
)  # fmt: skip


def observe(events: Sequence[Event], reference: Reference, keyring: Keyring) -> Observations:
    """Normalise, enrich, measure and hash a batch. Each row depends on its event alone."""
    own = np.full((len(events), len(OWN)), np.nan)
    keys, before, sizes = list[list[Key | None]](), list[list[Key | None]](), []
    columns: list[int] = []
    values: list[float] = []
    for event in events:
        facts = enrich(event, reference)
        known = measure(event, facts, reference)
        columns += map(OWN_COLUMN.__getitem__, known)
        values += known.values()
        sizes.append(len(known))
        if keyring.older is None:
            keys.append(identify(event, facts, keyring))
        else:
            now, then = identify_twice(event, facts, keyring)
            keys.append(now)
            before.append(then)
    own[np.repeat(np.arange(len(events)), sizes), columns] = values
    return Observations(
        account_id=[event.account_id for event in events],
        type=np.array([event.type for event in events], np.int8),
        time=np.array([event.time for event in events], np.float64),
        label=np.array([label_of(event) for event in events], np.int8),
        own=own,
        keys=words_of(keys),
        degraded=tuple(reference.degraded),
        before=words_of(before) if keyring.older is not None else None,
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
    contact, network = event.contact or _NO_CONTACT, event.network or _NO_NETWORK
    device, signup = event.device or _NO_DEVICE, event.signup or _NO_SIGNUP
    sent = (
        token(contact.email), token(contact.phone), token(contact.display_name), token(contact.username),
        token(contact.organization), network.ip_address, token(network.user_agent), token(network.accept_language),
        token(network.ja4), token(device.device_id), device.screen_width and device.screen_height,
        token(device.canvas_hash), token(device.webgl_hash) or token(device.webgl_renderer), token(device.time_zone),
        token(signup.referrer), event.payment,
    )  # fmt: skip
    flags = [0.0 if value else 1.0 for value in sent]
    return dict(zip(_FLAGS, (*flags, sum(flags) / len(flags)), strict=True))


def label_of(event: Event) -> int:
    """Later truth in an event: +1 bad, -1 good, 0 none."""
    return _LABELS.get(event.outcome.kind, 0) if event.outcome else 0
