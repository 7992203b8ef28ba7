"""A ring signs up, is reviewed from a shell, and its members' next assessments show it; on both databases."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from typer.testing import CliRunner, Result

from sybilgate.cli import app
from sybilgate.client import Client
from sybilgate.config import load_config
from sybilgate.core.campaign.records import CampaignRecord, CampaignState, MemberRecord, Role, SharedValue
from sybilgate.core.feature import FEATURE_COLUMN
from sybilgate.core.identifier import COLUMN, KINDS, Keyring, Kind, keys_of
from sybilgate.core.state import unpack_keys
from sybilgate.rpc.names import campaign_name
from sybilgate.store.store import SqlStore
from tests.e2e.test_serve import serving, settings
from tests.factories import START, ring
from tests.rpc_fakes import until

SIZE = 6


def seed(store: SqlStore, keyring: Keyring) -> str:
    """Keep the ring as a campaign, whether or not the service found it itself."""
    ref = keyring.account_ref("ring0")
    account = store.account("ring0")
    assert account is not None
    device = keys_of(unpack_keys([account.keys])[0])[COLUMN[Kind.DEVICE_ID]]
    assert device is not None
    kinds = np.full(len(KINDS), SIZE, "<i4").tobytes()
    state = int(CampaignState.OPEN)
    with store.unit() as unit:
        unit.write_campaigns([CampaignRecord(ref, state, 0, SIZE, 0, START, START, 1.0, 1.0, 6.0, kinds, 3.0, 9.5)])
        unit.add_shared_values([SharedValue(ref, device, SIZE, START, START)])
        flagged = int(Role.FLAGGED)
        unit.write_members([MemberRecord(f"ring{i}", ref, flagged, START + i, 0.5, 1.0, "[]") for i in range(SIZE)])
    return campaign_name(ref)


def within(address: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--address", address])


def decided(address: str, verb: str, name: str, reviewer: str) -> Result:
    return within(address, "campaign", verb, name, "--reviewer", reviewer, "--reason", "one device")


def test_ring_is_reviewed_from_a_shell(store_url: str, store: SqlStore, tmp_path: Path) -> None:
    environment = settings(tmp_path) | {"SYBILGATE_DATABASE_URL": store_url}
    config = load_config(environment)
    with serving(environment) as (_, address), Client(address) as client:
        for event in ring(SIZE):
            client.create_assessment(event)
        name = seed(store, config.keyring())
        listed = within(address, "campaign", "list", "--order", "significance", "--json")
        assert name in [json.loads(line)["name"] for line in listed.stdout.splitlines()]
        shown = within(address, "campaign", "show", "accounts/ring2")
        assert f"{SIZE} of {SIZE}" in shown.stdout and "accounts/ring5" in shown.stdout
        link = json.loads(within(address, "campaign", "show", name, "--json").stdout.splitlines()[0])["top_links"][0]
        assert "held by all" in decided(address, "split", link["name"], "ada").stderr
        assert "second reviewer" in decided(address, "confirm", name, "ada").stdout
        refused = decided(address, "confirm", name, "ada")
        assert refused.exit_code == 1 and "SECOND_REVIEWER_NEEDED" in refused.stderr
        assert "confirmed" in decided(address, "confirm", name, "bob").stdout
        until(lambda: not store.due(2 * START, 9), 60.0)
        assert "CAMPAIGN_CLOSED" in decided(address, "dismiss", name, "cleo").stderr
    newest = store.assessments("ring4", 1)[0]
    features = np.frombuffer(newest.features, "<f4")
    assert newest.cause == "label"
    assert features[FEATURE_COLUMN["device_id.bad"]] == np.float32((SIZE - 1) / (SIZE - 1 + 3.0))


def test_account_is_labelled_from_a_shell(sqlite_url: str, sqlite_store: SqlStore, tmp_path: Path) -> None:
    environment = settings(tmp_path) | {"SYBILGATE_DATABASE_URL": sqlite_url, "SYBILGATE_DUE_WORKERS": "0"}
    words = ["--reviewer", "ada", "--reason", "asked him"]
    with serving(environment) as (_, address), Client(address) as client:
        client.create_assessment(ring(1)[0])
        made = json.loads(within(address, "label", "accounts/ring0", "honest", *words, "--json").stdout)
        again = within(address, "label", "accounts/ring0", "sybil", *words, "--revokes", made["name"])
        assert "accounts/ring0 is sybil" in again.stdout
        assert within(address, "campaign", "list").stdout == "no such campaigns\n"
    assert [row.label for row in sqlite_store.events(0, 9)] == [0, -1, 1]
    assert [row.account_id for row in sqlite_store.due(2e9, 9)] == ["ring0"]
