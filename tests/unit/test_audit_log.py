"""The audit log: whatever is changed, left out, put in or moved is found."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sybilgate.core.audit import GENESIS, AuditRecord, seal, verify
from sybilgate.core.identifier import Keyring

KEYRING = Keyring(1, b"test secret of thirty-two bytes!")
OTHER = Keyring(1, b"a thief's own key of 32 bytes...")
words = st.text(max_size=8)


def chain(texts: list[str], keyring: Keyring = KEYRING) -> list[AuditRecord]:
    lines: list[AuditRecord] = []
    for number, text in enumerate(texts, 1):
        before = lines[-1].digest if lines else GENESIS
        lines.append(seal(keyring, before, AuditRecord(number, 1e9 + number, "ada", "id", "CreateLabel", text, "")))
    return lines


@given(st.lists(words, max_size=8))
def test_untouched_chain_holds(texts: list[str]) -> None:
    found = verify(KEYRING, chain(texts))
    assert (found.lines, found.fault) == (len(texts), "")


@given(st.lists(words, min_size=1, max_size=6), st.data())
def test_any_changed_field_is_found(texts: list[str], data: st.DataObject) -> None:
    lines = chain(texts)
    place = data.draw(st.integers(0, len(lines) - 1))
    name = data.draw(st.sampled_from(["seq", "time", "actor", "actor_id", "action", "resource", "detail", "digest"]))
    old = getattr(lines[place], name)
    kinds = {int: st.integers(0, 99), float: st.floats(0, 2e9), str: words, bytes: st.binary(max_size=32)}
    lines[place] = replace(lines[place], **{name: data.draw(kinds[type(old)].filter(lambda new: new != old))})
    assert verify(KEYRING, lines).fault


@given(st.integers(2, 8), st.data())
def test_any_missing_or_moved_line_is_found(count: int, data: st.DataObject) -> None:
    lines = chain([str(number) for number in range(count)])
    place = data.draw(st.integers(0, count - 2))
    assert verify(KEYRING, lines[:place] + lines[place + 1 :]).fault
    lines[place], lines[place + 1] = lines[place + 1], lines[place]
    assert verify(KEYRING, lines).fault


def test_rewritten_chain_needs_the_key() -> None:
    assert verify(KEYRING, chain(["a", "b"], OTHER)).fault == "line 1 is not what was written"


def test_cut_end_is_found_by_noted_head() -> None:
    lines = chain(["a", "b", "c"])
    noted = 3, lines[2].digest
    assert verify(KEYRING, lines[:2]).fault == ""
    assert "noted" in verify(KEYRING, lines[:2], noted).fault
    assert verify(KEYRING, lines, noted).fault == ""


@pytest.mark.parametrize("one", [("ab", "c"), ("a", "bc")])
def test_fields_do_not_run_together(one: tuple[str, str]) -> None:
    def digest(action: str, resource: str) -> bytes:
        return seal(KEYRING, GENESIS, AuditRecord(1, 1.0, "", "", action, resource, "")).digest

    assert digest(*one) != digest("abc", "")
    assert digest("ab", "c") != digest("a", "bc")
