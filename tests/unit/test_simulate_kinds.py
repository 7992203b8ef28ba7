"""Every kind of campaign does what its name says, seen in the rows alone."""

from collections import Counter, defaultdict

import pytest

from sybilgate.core.event import EventType, OutcomeKind, SignupMethod
from sybilgate.simulate import WorldConfig, rows
from sybilgate.simulate.kinds import KINDS

Row = dict[str, object]
Groups = dict[str, list[list[Row]]]


@pytest.fixture(scope="module")
def events() -> Groups:
    """All rows of the campaigns of a world, by kind."""
    config = WorldConfig(
        seed=21, days=40, honest_per_day=60, campaigns=2 * len(KINDS), campaign_size=(40, 90), campaign_window=0.3
    )
    found: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in rows(config):
        if row["truth.is_sybil"]:
            found[str(row["truth.archetype"])][str(row["truth.group"])].append(row)
    return {kind: list(groups.values()) for kind, groups in found.items()}


def signups(members: list[Row]) -> list[Row]:
    return [row for row in members if row["type"] == EventType.SIGNUP]


def held(members: list[Row], path: str) -> Counter[object]:
    """How many accounts hold each value."""
    return Counter(row[path] for row in signups(members) if row.get(path))


def most(members: list[Row], path: str) -> int:
    return max(held(members, path).values(), default=0)


def test_every_kind_has_campaigns(events: Groups) -> None:
    assert set(events) == set(KINDS) and len(KINDS) == 30


def test_fresh_accounts_share_little(events: Groups) -> None:
    for members in events["residential_fresh"]:
        assert most(members, "device.device_id") == 1 and most(members, "contact.email") <= 2


def test_constant_device_stays_constant(events: Groups) -> None:
    paths = ("device.canvas_hash", "device.webgl_hash", "device.device_id", "device.screen_width")
    for members in events["constant_device"]:
        pages = [row for row in signups(members) if row.get("device.webgl_renderer")]
        shares = [Counter(row.get(path) for row in pages).most_common(1)[0][1] / len(pages) for path in paths]
        assert max(shares) > 0.7


def test_cards_match_their_address(events: Groups) -> None:
    for members in events["card_matched"]:
        cards = [row for row in signups(members) if row.get("payment.bin")]
        assert all(row["payment.issuer_country"] == row["payment.billing_country"] for row in cards)


def test_pairs_hold_one_range(events: Groups) -> None:
    for members in events["card_pairs"]:
        assert most(members, "payment.fingerprint") == 2 and len(held(members, "payment.bin")) == 1


def test_card_rings_reuse_cards(events: Groups) -> None:
    for members in events["card_ring"]:
        assert most(members, "payment.fingerprint") >= 2


def test_aliases_share_a_mailbox(events: Groups) -> None:
    for members in events["alias_farm"]:
        mails = [str(row["contact.email"]) for row in signups(members) if row.get("contact.email")]
        boxes = {mail.partition("@")[0].partition("+")[0].replace(".", "") for mail in mails}
        assert len(boxes) <= len(mails) / 2 and len(set(mails)) > 0.9 * len(mails)


def test_mailboxes_register_once(events: Groups) -> None:
    for kind in ("alias_farm", "catch_all", "bulk_freemail", "language_names"):
        assert all(most(members, "contact.email") == 1 for members in events[kind])


def test_catch_all_shares_domains(events: Groups) -> None:
    for members in events["catch_all"]:
        tails = {str(mail).rpartition("@")[2].split(".", 1)[-1] for mail in held(members, "contact.email")}
        assert len(tails) <= len(signups(members)) / 2


def test_relay_hides_mailboxes(events: Groups) -> None:
    for members in events["relay_addresses"]:
        assert len({str(mail).rpartition("@")[2] for mail in held(members, "contact.email")}) <= 4


def test_numbers_come_in_blocks(events: Groups) -> None:
    for members in events["voip_numbers"]:
        heads = Counter(str(number)[:-3] for number in held(members, "contact.phone"))
        assert sum(heads.values()) > 0.9 * len(signups(members)) and len(heads) <= 5


def test_programs_call_the_api(events: Groups) -> None:
    for members in events["api_signup"]:
        calls = [row for row in signups(members) if row["signup.method"] == SignupMethod.API]
        assert len(calls) > 0.35 * len(signups(members))
        assert not any(path.startswith("device.") for row in calls for path in row)


def test_stock_wakes_together(events: Groups) -> None:
    for members in events["aged_stock"]:
        last = max(float(str(row["time"])) for row in signups(members))
        uses = [row for row in members if row["type"] in (EventType.USAGE, EventType.PAYMENT, EventType.LOGIN)]
        assert all(float(str(row["time"])) > last for row in uses)


def test_clean_door_returns_shared(events: Groups) -> None:
    for members in events["clean_door"]:
        logins = {row["network.ip_address"] for row in members if row["type"] == EventType.LOGIN}
        entries = {row["network.ip_address"] for row in signups(members)}
        assert len(logins) < 0.6 * len(entries)


def test_closed_accounts_return(events: Groups) -> None:
    for members in events["delete_return"]:
        closed = [row for row in members if row.get("outcome.kind") == OutcomeKind.CLOSED]
        assert len(closed) >= 5 and most(members, "device.device_id") >= 2


def test_bans_are_replaced_within_a_day(events: Groups) -> None:
    for members in events["replacement"]:
        bans = [float(str(r["time"])) for r in members if r.get("outcome.kind") == OutcomeKind.BANNED]
        times = [float(str(row["time"])) for row in signups(members)]
        answered = sum(any(ban < time < ban + 86400 for time in times) for ban in bans)
        assert bans and answered > 0.5 * len(bans)


def test_chains_are_exclusive_pairs(events: Groups) -> None:
    for members in events["chain"]:
        for path in ("device.device_id", "payment.fingerprint", "contact.phone", "network.ip_address"):
            assert most(members, path) <= 2


def test_lockstep_is_equal_use(events: Groups) -> None:
    def spread(kind: str) -> float:
        weeks = [row for members in events[kind] for row in members if row["type"] == EventType.USAGE]
        whole = sorted(float(str(row["usage.requests"])) for row in weeks)
        return whole[int(0.9 * len(whole))] / whole[len(whole) // 2]

    assert spread("lockstep_usage") < spread("residential_fresh")


def test_later_events_carry_no_signup(events: Groups) -> None:
    later = [r for groups in events.values() for m in groups for r in m if r["type"] != EventType.SIGNUP]
    assert not any(path.startswith(("signup.", "contact.")) for row in later for path in row)
