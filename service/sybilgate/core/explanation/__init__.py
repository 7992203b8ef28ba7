"""Exact path-dependent TreeSHAP from compiled tables. ``Explainer`` is the interface; README.md says how it works."""

from sybilgate.core.explanation.explainer import Explainer as Explainer
