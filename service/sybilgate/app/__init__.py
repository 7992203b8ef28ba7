"""Use cases: what the adapters ask for, over ports that the wiring fills."""
