"""A connection that opens streams and resets them costs the others time, not answers."""

from tests.benchmarks import rude_peers


def test_reset_flood_fails_no_call():
    found = rude_peers.run(1.0, ("resets",))
    assert found["beside"]["resets"]["sent_by_peer"] > 1000
    assert found["beside"]["resets"]["failed"] == 0
    assert found["after"]["failed"] == 0
