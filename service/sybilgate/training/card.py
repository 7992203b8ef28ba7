"""The model card: what the model is, what it was measured to do, and what it must not be used for."""

from __future__ import annotations

from typing import Any

_LIMITS = """\
## Limits and misuse
- Every number here is from the data named above. If that is a synthetic world, real traffic will differ: measure
  the honest rate on your own history (`sybilgate backfill`, `sybilgate evaluate`) before any decision is automatic.
- Campaigns were judged by models that had not seen that campaign, but had seen others of its kind. A new kind is
  found less often; the guards in `policy.toml` stand beside the model for crowds larger than any it knew.
- The risk is calibrated to the share of Sybils in this data. Where that share differs, trust the order, not the level.
- The score speaks of linkage between accounts. It is no statement about a person, and nothing to end an account on
  without somebody looking.
"""


def model_card(title: str, report: dict[str, Any], notes: dict[str, Any]) -> str:
    """Markdown from the report of ``training.train``."""
    judged = report["out_of_fold"]
    lines = [
        f"# Model {title}",
        "",
        "LightGBM, binary, in two stages: a first pass over first-stage features whose risk is carried on shared",
        f"identifiers, and a final model of {report['trees']} trees (explanation cost {report['explanation_cost']}).",
        "",
        "## Data",
        f"{judged['accounts']} accounts over {report['days']:.0f} days, {judged['sybils']} of them Sybils"
        f" ({judged['sybils'] / max(judged['accounts'], 1):.1%}).",
        *(f"- {name}: {value}" for name, value in notes.items()),
        "",
        "## Measured out of fold (campaigns kept whole)",
        "| figure | value |",
        "|---|---|",
        f"| AUC | {_number(judged['auc'])} |",
        f"| average precision | {_number(judged['average_precision'])} |",
        *(f"| recall at {rate} false positives | {_number(v)} |" for rate, v in judged["recall_at_fpr"].items()),
    ]
    if "bursts" in judged and judged["bursts"]["campaigns"]:
        bursts = judged["bursts"]
        lines += [
            *(
                f"| mean recall over campaigns at {rate} | {_number(value)} |"
                for rate, value in bursts["macro_recall_at_fpr"].items()
            ),
            f"| campaigns; never caught at 1 % | {bursts['campaigns']}; {bursts['never_caught']} |",
            f"| accounts admitted before a campaign is caught at 1 %, median | "
            f"{bursts['median_admitted_before_caught']:g} |",
        ]
    for key, heading in (("campaigns", "Recall by kind of campaign"), ("crowds", "False positives by honest crowd")):
        if key in judged:
            lines += ["", f"## {heading}", *_table(judged[key])]
    lines += ["", "## What the final model reads most", "| feature | share of gain |", "|---|---|"]
    lines += [f"| `{name}` | {share:.1%} |" for name, share in report["top_features"]]
    return "\n".join(lines) + "\n\n" + _LIMITS


def _table(rates: dict[str, dict[str, Any]]) -> list[str]:
    names = [name for name in next(iter(rates.values())) if name != "accounts"]
    head = ["| kind | accounts | " + " | ".join(name.replace("_", " ") for name in names) + " |"]
    head.append("|---|---|" + "---|" * len(names))
    body = [
        f"| {kind} | {row['accounts']} | " + " | ".join(_number(row[name]) for name in names) + " |"
        for kind, row in rates.items()
    ]
    return head + body


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
