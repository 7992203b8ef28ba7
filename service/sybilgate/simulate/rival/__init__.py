"""A second attacker, of another school than the campaigns a model is trained on. It is for evaluation only.

Operators buy from suppliers, keep to playbooks and make mistakes; ``campaigns`` gives their accounts as a stream.
"""

from sybilgate.simulate.rival.campaigns import KINDS, SHARES_NOTHING, Settings, campaigns

__all__ = ["KINDS", "SHARES_NOTHING", "Settings", "campaigns"]
