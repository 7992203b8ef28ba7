"""The synthetic world: honest people, honest crowds and campaigns, deterministic by seed."""

from sybilgate.simulate.columns import SCHEMA
from sybilgate.simulate.demo import demo_day
from sybilgate.simulate.world import WorldConfig, rows, simulate, write_world

__all__ = ["SCHEMA", "WorldConfig", "demo_day", "rows", "simulate", "write_world"]
