"""Contributions against the ``shap`` package's own tree code.

Handed a LightGBM model, ``shap.TreeExplainer`` only calls ``pred_contrib`` back, which would prove nothing. Handed
plain arrays it runs its own C code, so the trees are taken apart here.
"""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import shap

from tests import boosters


def _arrays(tree: dict[str, Any]) -> dict[str, Any]:
    """One tree of ``dump_model`` as the arrays ``shap`` reads; leaves have -1 for children."""
    nodes: list[list[float]] = []

    def add(node: dict[str, Any]) -> int:
        at = len(nodes)
        nodes.append([])
        if "leaf_value" in node:
            nodes[at] = [-1, -1, -1, -1, -1, node["leaf_value"], node.get("leaf_count", 1)]
            return at
        left, right = add(node["left_child"]), add(node["right_child"])
        default = left if node["default_left"] else right
        count = node["internal_count"]
        nodes[at] = [left, right, default, node["split_feature"], node["threshold"], 0.0, count]
        return at

    add(tree["tree_structure"])
    left, right, default, feature, threshold, value, count = np.array(nodes, dtype=np.float64).T
    return {
        "children_left": left, "children_right": right, "children_default": default, "features": feature,
        "thresholds": threshold, "values": value[:, None], "node_sample_weight": count,
    }  # fmt: skip


def _explainer(final_text: str) -> shap.TreeExplainer:
    dump = lightgbm.Booster(model_str=final_text).dump_model()
    trees = [_arrays(tree) for tree in dump["tree_info"]]
    return shap.TreeExplainer({"trees": trees}, feature_perturbation="tree_path_dependent")


def test_contributions_equal_shap_package() -> None:
    x = boosters.rows(100, seed=3)
    ours = boosters.models().contributions(x)
    explainer = _explainer(boosters.texts()[1])
    theirs = explainer.shap_values(x.astype(np.float64))
    assert np.abs(ours[:, :-1] - theirs).max() < 1e-6
    assert np.abs(ours[:, -1] - explainer.expected_value).max() < 1e-6


def test_contributions_are_not_trivial() -> None:
    parts = np.abs(boosters.models().contributions(boosters.rows(100, seed=3))[:, :-1])
    assert (parts.mean(axis=0) > 0.001).sum() >= 4


def test_shap_runs_own_trees() -> None:
    explainer = _explainer(boosters.texts()[1])
    assert explainer.model.model_type == "internal"
    assert shap.TreeExplainer(lightgbm.Booster(model_str=boosters.texts()[1])).model.model_type == "lightgbm"
