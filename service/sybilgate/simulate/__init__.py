"""The synthetic world: honest people, honest crowds and campaigns, deterministic by seed."""

from sybilgate.simulate.demo import demo_day
from sybilgate.simulate.world import SCHEMA, WorldConfig, rows, simulate, write_world

__all__ = ["SCHEMA", "WorldConfig", "demo_day", "rows", "simulate", "write_world"]
