"""The section of a report page on the detectors that need no labels."""

from __future__ import annotations

from sybilgate.training import report_plots as plots
from sybilgate.training.leave_out import SHARES_NOTHING
from sybilgate.training.report_parts import RATES, Report, figure, interval, note, share, table


def cold_section(name: str, found: Report) -> str:
    """What crowds, chains and contradictions find alone, and how far that is from the aim."""
    shares = ", ".join(f"{guard} {part:.0%}" for guard, part in found["shares"].items())
    told = (
        f"No model and no labels: only the detectors beside it, which divide the alarms ({shares}). {_verdict(found)}"
    )
    kinds = {
        kind: {"campaigns": one["campaigns"], "at": {rate: one["at"][rate]["signup"] for rate in RATES}}
        for kind, one in found["archetypes"].items()
    }
    plain = (
        "Each look has a threshold of its own, of honest accounts as they look then: at signup, and at the end of the "
        "world. Plain kinds are bursts, farms and campaigns on one value; in chains no value has more than two holders."
    )
    return figure(plots.kinds_dots(f"cold-{name}", kinds, SHARES_NOTHING), told) + _table(found) + note(plain)


def _verdict(found: Report) -> str:
    aim = found["aim"]
    plain, chains = found["plain"]["at"]["1.0%"], found["chains"]["at"]["1.0%"]["end"]["recall"]["value"]
    signup, end = plain["signup"], plain["end"]
    linked = "there are no chains here" if chains is None else f"{share(chains)} of chains at the end"
    if signup["recall"]["value"] is None:
        return "This world has no plain kind of campaign."
    met = (signup["precision"] or 0.0) >= aim["precision"] and signup["recall"]["value"] >= aim["recall"]
    met = met and (chains is None or chains >= aim["chains"])
    return (
        f"At 1 % of honest people they find {share(signup['recall']['value'])} of plain campaigns at signup (precision "
        f"{share(signup['precision'])} where 16.7 % are Sybils), {share(end['recall']['value'])} at the end; {linked}. "
        f"Asked were precision {aim['precision']:.0%} at recall "
        f"{aim['recall']:.0%}, and {aim['chains']:.0%} of chains: {'reached' if met else 'not reached'}."
    )


def _table(found: Report) -> str:
    heads = ["kind", "campaigns", *(f"recall at {rate}, signup" for rate in RATES)]
    heads += [f"at {rate}, end" for rate in RATES] + ["precision at 1.0%, signup", "at 1.0%, end"]
    groups = {
        "plain kinds": found["plain"],
        "chains": found["chains"],
        "all but those that share nothing": found["all"],
    }
    rows = [[kind, one["campaigns"], *_figures(one)] for kind, one in (found["archetypes"] | groups).items()]
    return table(heads, rows, total=True)


def _figures(one: Report) -> list[str]:
    at = one["at"]
    show = {rate: interval if rate == RATES[-1] else _plain for rate in RATES}
    recalls = [show[rate](at[rate][look]["recall"]) for look in ("signup", "end") for rate in RATES]
    return [*recalls, share(at["1.0%"]["signup"]["precision"]), share(at["1.0%"]["end"]["precision"])]


def _plain(found: Report) -> str:
    return share(found["value"])
