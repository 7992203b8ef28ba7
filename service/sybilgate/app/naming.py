"""Naming: under which key's hash a value is stored while there are two keys.

A value keeps the name it was stored under first, so that nothing that holds the name (accounts, the log, campaigns) has
to change when keys do. Under which name is written down once, by its hash under the newest key: whoever comes second,
here or at another replica, takes the name of the first. A value is thus looked for under the newest key, then under the
older one, and with one key nothing is looked for at all. What is left under an older key only, when that is destroyed,
is forgotten; ``renamed`` says what the rest is called from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from sybilgate.core.identifier import COLUMN, KINDS, SPECS, Key, Keyring, Words, keys_of, to_keys, words_of
from sybilgate.core.identify import combine
from sybilgate.core.observation import Observations

SINGLE = np.array([COLUMN[kind] for kind in KINDS if SPECS[kind].parts is None])
_PARTS = [(kind, spec.parts) for kind, spec in SPECS.items() if spec.parts is not None]


class NamingUnit(Protocol):
    """One write transaction."""

    def names(self, hashes: Sequence[Key]) -> dict[Key, Key]:
        """The names of those hashes that were claimed."""

    def claim_names(self, key_id: int, given: Mapping[Key, Key]) -> dict[Key, Key]:
        """Give hashes under a key these names, and hold them until the unit ends; the names of whoever came first."""

    def identifiers(self, keys: Sequence[Key]) -> dict[Key, tuple[int, bytes]]:
        """(version, state) of the keys that exist."""


def named(unit: NamingUnit, obs: Observations, keyring: Keyring, now: float) -> Observations:
    """The observations with every value under the name it is stored by. ``now``: unix seconds."""
    if obs.before is None or keyring.older is None or not len(obs):
        return obs
    newest, before = (
        to_keys(np.ascontiguousarray(words[:, SINGLE]).reshape(-1, 2)) for words in (obs.keys, obs.before)
    )
    names = names_of(unit, {new: old for new, old in zip(newest, before, strict=True) if old[0]}, keyring, now)
    rows = [[names.get(key, key) if key else None for key in keys_of(row)] for row in obs.keys]
    return replace(obs, keys=words_of([combine(row, keyring) for row in rows]), before=None)


def names_of(unit: NamingUnit, hashes: Mapping[Key, Key], keyring: Keyring, now: float) -> dict[Key, Key]:
    """Names by hash under the newest key; ``hashes`` gives those under the older one."""
    found = unit.names(list(hashes))
    rest = {new: old for new, old in hashes.items() if new not in found}
    stored = unit.identifiers(list(rest.values()))
    started = keyring.newest.start <= now
    wanted = {new: new if started and old not in stored else old for new, old in rest.items()}
    return found | unit.claim_names(keyring.newest.number, wanted)


def renamed(names: Mapping[Key, Key], rows: Iterable[Collection[Key]], keyring: Keyring) -> dict[Key, Key]:
    """New name by old, of the single values in ``names`` and of their combinations in ``rows``: the keys of an account,
    or of an event, at a time. A key that is not here cannot be met again."""
    found = dict(names)
    for row in rows:
        held: dict[int, list[Key]] = {}
        for key in row:
            if key[0] and (key in names or key not in found):
                held.setdefault(key[0], []).append(key)
        for kind, (left, right) in _PARTS:
            unknown = set(held.get(kind, ()))
            for a in held.get(left, ()) if unknown else ():
                for b in held.get(right, ()):
                    old = keyring.combination(kind, a + b)
                    if old in unknown and a in names and b in names:
                        found[old] = keyring.combination(kind, names[a] + names[b])
    return found


def replaced(words: Words, new: Mapping[Key, Key]) -> list[Key | None]:
    """Keys by their new names; None where there is none."""
    return [new.get(key) for key in to_keys(np.ascontiguousarray(words).reshape(-1, 2))]
