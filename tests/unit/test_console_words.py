"""What a page may show of a text that an attacker wrote, and how numbers read."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from sybilgate.console import drawing
from sybilgate.console.reading import risk_words, timeline, waterfall
from sybilgate.console.site import environment
from sybilgate.console.words import cell, chance, percent, signed, visible
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.v1 import campaign_pb2, desk_pb2, label_pb2
from tests.hostile_texts import HOSTILE


def test_unseen_characters_are_written_out() -> None:
    assert visible("pay\u202epal\x00\u200b") == "pay⟨U+202E⟩pal⟨U+0000⟩⟨U+200B⟩"
    assert visible("Zoë Łukasz 王") == "Zoë Łukasz 王"


@given(st.text())
def test_nothing_invisible_is_shown(text: str) -> None:
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", visible(text)
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", " =1", "|calc", "%0A"])
def test_cell_is_no_formula(text: str) -> None:
    assert cell(text).startswith("'")


def test_template_escapes_and_shows() -> None:
    template = environment().from_string('<i title="{{ text }}">{{ text }}</i>')
    assert len(HOSTILE) >= 200
    for text in HOSTILE:
        shown = template.render(text=text)
        assert ET.fromstring(shown).text == visible(text) and shown.count("<") == 2


def test_drawings_escape_every_text() -> None:
    for text in HOSTILE:
        groups = [desk_pb2.CampaignGroup(member_count=1, accounts=[f"accounts/{text}"], value_indexes=[0])]
        values = [campaign_pb2.Link(kind=text, member_count=3)]
        drawn = drawing.graph(desk_pb2.CampaignPicture(values=values, groups=groups))
        assert {node.tag for node in ET.fromstring(drawn).iter()} <= {"svg", "g", "title", "circle", "text", "rect"}


def test_graph_names_at_most_what_fits() -> None:
    values = [campaign_pb2.Link(kind="card", member_count=9) for _ in range(16)]
    groups = [desk_pb2.CampaignGroup(member_count=9, value_indexes=range(16)) for _ in range(64)]
    drawn = drawing.graph(desk_pb2.CampaignPicture(values=values, groups=groups, sampled_count=400, total_count=5000))
    assert drawn.count("<title>") == drawing.GROUPS and len(drawn) < 60_000


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=40), st.floats(-5, 5))
def test_printed_numbers_add_up(amounts: list[float], base: float) -> None:
    ordered = sorted(amounts, key=abs, reverse=True)
    told = pb.Assessment(
        base_value=base, margin=base + sum(amounts),
        contributions=[pb.Contribution(feature=f"f{i}", value=1.0, contribution=a) for i, a in enumerate(ordered)],
    )  # fmt: skip
    steps = waterfall(told, {})
    number = {step.total: float(step.total.replace("\N{MINUS SIGN}", "-")) for step in steps}
    # To the last printed digit where there is a line of others; else each line rounds by itself.
    slack = 0.0051 if len(amounts) > 14 else 0.0051 * (len(amounts) + 2)
    assert abs(number[steps[-1].total] - told.margin) <= slack


def test_numbers_read_as_they_are_meant() -> None:
    assert (percent(0.99814), percent(0.5), percent(0.0003), percent(1e-9)) == (
        "99.81 %", "50 %", "0.03 %", "under 0.01 %",
    )  # fmt: skip
    assert (signed(0.126), signed(-2.0), signed(0.001)) == ("+0.13", "\N{MINUS SIGN}2.00", "0.00")
    assert (chance(0.4), chance(1e-3), chance(2e-7), chance(1e-40)) == (
        "40 %",
        "1 in 1 thousand",
        "1 in 5 million",
        "1 in 10⁴⁰",
    )
    assert "about 92 were" in risk_words(0.921) and "Of 1,000" in risk_words(0.004)


def test_timeline_says_what_changed() -> None:
    def made(at: int, **fields: Any) -> pb.Assessment:
        return pb.Assessment(name=f"a/{at}", event_time=Timestamp(seconds=at), **fields)

    older = made(1, risk=0.2, decision=pb.DECISION_ALLOW, cause="signup")
    newer = made(2, risk=0.9, decision=pb.DECISION_REVIEW, cause="label")
    label = label_pb2.Label(verdict=1, reviewer="ada", source="review", create_time=Timestamp(seconds=3))
    lines = timeline([newer, older], [label], None, "")
    assert [line.what.split(":")[0] for line in lines] == ["Labelled Sybil", "Assessed again", "Signed up"]
    assert "risk was 20 %" in lines[1].detail and "decision was allow" in lines[1].detail


def test_sign_is_told_without_colour() -> None:
    scale = drawing.scale_of([0.0, 1.0])
    assert isinstance(drawing.fall(scale, 0.0, 1.0), Markup)
    assert "against" in drawing.fall(scale, 0.0, 1.0) and "speaks-for" in drawing.fall(scale, 1.0, 0.0)
