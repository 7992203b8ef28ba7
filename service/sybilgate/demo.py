"""The demonstration: the real server on a loopback port, and a day of signups with a campaign inside."""

from __future__ import annotations

import dataclasses
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sybilgate.cli.show import DECISION_STYLES, assessment_view, decision_name
from sybilgate.cli.show_campaigns import campaign_view
from sybilgate.client import Client, ServiceError, to_message
from sybilgate.config import Config, create_key
from sybilgate.core.enrichment import Reference
from sybilgate.core.event import Event, EventType
from sybilgate.core.normalise.address import parse_address
from sybilgate.review_client import ReviewClient
from sybilgate.simulate.demo import Truth, demo_day, demo_history
from sybilgate.store import migrate
from sybilgate.v1 import assessment_pb2 as pb
from sybilgate.wiring import build, open_server

#: The campaign counts as caught once this many of its members were not simply let in.
CAUGHT = 3
_SHOWN = 12
_MEMBERS_SHOWN = 6
_EVERY = 50  #: signups between signs of life where there is no table
_PAUSE = 0.04  #: seconds between signups, for the eye
_DAY = 86400
_BATCH = 200  #: events of the days before, per call
#: Honest crowds that share values as a campaign does, the most alike first.
_LOOK_ALIKES = ("office_card", "launch_day", "family", "carrier_nat", "relay_mail", "privacy_vpn", "traveller")


@dataclass
class Story:
    """What was sent and answered so far, beside the truth that only the demonstration knows."""

    truth: dict[str, Truth]
    size: int
    answers: dict[str, pb.Assessment] = field(default_factory=dict)
    lines: deque[tuple[str, str, str, pb.Assessment]] = field(default_factory=lambda: deque(maxlen=_SHOWN))

    def of(self, *, sybil: bool) -> list[pb.Assessment]:
        """Answers about members of the campaign, or about honest people, in order of signup."""
        return [answer for account, answer in self.answers.items() if self.truth[account].is_sybil is sybil]

    def stopped(self, *, sybil: bool) -> list[pb.Assessment]:
        return [answer for answer in self.of(sybil=sybil) if answer.decision >= pb.DECISION_CHALLENGE]

    @property
    def caught(self) -> bool:
        return len(self.stopped(sybil=True)) >= CAUGHT

    def look_alike(self) -> pb.Assessment | None:
        """The newest answer about the honest crowd that most resembles a campaign."""
        for archetype in _LOOK_ALIKES:
            found = [a for account, a in self.answers.items() if self.truth[account].archetype == archetype]
            if found:
                return found[-1]
        return None


def run_demo(seed: int = 7, fast: bool = False, console: Console | None = None, browse: bool = False) -> int:
    """Run it; 0 if the campaign was caught, 1 if the day ended first. Leaves nothing behind.

    ``browse``: tell the rest of the day, too, and open the reviewers' console on it until it is stopped."""
    console = console or Console()
    console.print(
        "Starting the service: SQLite in a temporary folder, gRPC on a loopback port, the default model. "
        "The first start after an installation compiles for half a minute."
    )
    events, truth = demo_day(seed)
    since = days_since(events, time.time())
    history, events = later(demo_history(seed), since), later(events, since)
    signups = sum(event.type is EventType.SIGNUP for event in events)
    story = Story(truth, sum(known.is_sybil for known in truth.values()))
    with tempfile.TemporaryDirectory(prefix="sybilgate-demo-") as folder, running(Path(folder)) as (client, reference):
        _remember(client, history)
        console.print(f"Five quiet days went before: {len(history)} honest signups recorded, so that rates are known.")
        console.print(
            f"One day, {signups} signups. {story.size} of them belong to one operator: residential proxies, a fresh "
            "device and a plausible name each.\nThe service is told what a signup page knows, nothing else."
        )
        started, day = time.monotonic(), iter(events)
        with _screen(console) as live:
            for event in day:
                _send(client, event, story, _hint(reference, event))
                if event.type is not EventType.SIGNUP:
                    continue
                _draw(console, live, story, signups)
                if story.caught:
                    break
                if live is not None and not fast:
                    time.sleep(_PAUSE)
        elapsed = time.monotonic() - started
        _conclude(console, client, story, signups, elapsed)
        if browse:
            from sybilgate.console.demonstration import browse as open_console

            for event in day:
                _send(client, event, story, "")
            open_console(console, client, Path(folder))
    return 0 if story.caught else 1


@contextmanager
def running(folder: Path) -> Iterator[tuple[Client, Reference]]:
    """A server of its own on a fresh store in ``folder``, and a client that talks to it."""
    key = folder / "key"
    create_key(key)
    url = f"sqlite:///{folder / 'sybilgate.db'}"
    # No spool: an answer without the store could not be explained, and a busy laptop must not seem to have lost it.
    config = Config(database_url=url, address="127.0.0.1:0", key_file=key, auth="off", spool_megabytes=0)
    migrate.upgrade(config.database_url)
    application = build(config)
    server = open_server(application, config)
    try:
        server.start()
        server.ready()
        with Client(f"127.0.0.1:{server.port}", timeout=30.0) as client:
            yield client, application.reference
    finally:
        server.drain(2.0)
        application.close()


def days_since(events: list[Event], now: float) -> int:
    """Whole days from the last event to now; below 0 if this machine's clock is behind the simulated day."""
    return int((now - events[-1].time) // _DAY)


def later(events: list[Event], days: int) -> list[Event]:
    """The events, moved by whole days to have happened lately, for accounts are assessed again now."""
    return [dataclasses.replace(event, time=event.time + days * _DAY) for event in events]


def _remember(client: Client, history: list[Event]) -> None:
    for start in range(0, len(history), _BATCH):
        client.create_events([to_message(event) for event in history[start : start + _BATCH]])


def _send(client: Client, event: Event, story: Story, hint: str) -> None:
    message = to_message(event)
    if event.type is not EventType.SIGNUP:
        client.create_event(message)
        return
    answer = client.create_assessment(message)
    story.answers[event.account_id] = answer
    clock = datetime.fromtimestamp(event.time, UTC).strftime("%H:%M:%S")
    story.lines.append((clock, event.account_id, hint, answer))


def _hint(reference: Reference, event: Event) -> str:
    address = parse_address(event.network.ip_address) if event.network and event.network.ip_address else None
    if address is None:
        return "no address"
    operator = reference.operator(address)
    kind = operator.kind.name.lower() if operator else "unknown network"
    return f"{reference.country(address) or '??'} {kind}"


def _known(truth: Truth) -> str:
    return "campaign" if truth.is_sybil else truth.archetype.replace("_", " ")


@contextmanager
def _screen(console: Console) -> Iterator[Live | None]:
    with Live(console=console, refresh_per_second=12) if console.is_terminal else nullcontext() as live:
        yield live


def _draw(console: Console, live: Live | None, story: Story, signups: int) -> None:
    if live is not None:
        live.update(_table(story, signups))
        return
    clock, account, hint, answer = story.lines[-1]
    if answer.decision >= pb.DECISION_CHALLENGE:
        line = f"{clock}  {account}  {hint:<16} {answer.risk:.3f}  {decision_name(answer):<9}"
        console.print(line, _known(story.truth[account]), soft_wrap=True, highlight=False)
    elif len(story.answers) % _EVERY == 0:
        console.print(f"{clock}  {len(story.answers)} of {signups} signups answered", highlight=False)


def _table(story: Story, signups: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, expand=False)
    for heading in ("time", "account", "from"):
        table.add_column(heading, no_wrap=True)
    table.add_column("risk", justify="right")
    table.add_column("decision", min_width=9)
    table.add_column("in truth", style="dim")
    for clock, account, hint, answer in story.lines:
        decision = decision_name(answer)
        styled = Text(decision, style=DECISION_STYLES.get(decision, ""))
        table.add_row(clock, account[:10], hint, f"{answer.risk:.3f}", styled, _known(story.truth[account]))
    done = len(story.answers)
    count = Text(
        f"{done} of {signups} signups · campaign: {len(story.of(sybil=True))} of {story.size} arrived, "
        f"{len(story.stopped(sybil=True))} challenged · honest: {len(story.stopped(sybil=False))} challenged"
    )
    return Group(table, ProgressBar(total=signups, completed=done, width=60), count)


def _conclude(console: Console, client: Client, story: Story, signups: int, elapsed: float) -> None:
    members, stopped = story.of(sybil=True), story.stopped(sybil=True)
    honest, bothered = story.of(sybil=False), story.stopped(sybil=False)
    admitted = len(members) - len(stopped)
    sent = len(story.answers)
    console.print()
    if story.caught:
        console.print(
            f"[bold]The campaign is caught[/] at member {len(members)} of {story.size}, after {sent} signups; "
            f"{admitted} {'member was' if admitted == 1 else 'members were'} admitted before."
        )
    else:
        console.print(
            f"[bold]The campaign was not caught[/]: the day ended after {sent} signups with {admitted} of "
            f"{len(members)} members admitted and {len(stopped)} challenged ({CAUGHT} would count as caught)."
        )
    console.print(
        f"(Caught: {CAUGHT} members challenged or more.) Honest people challenged so far: {len(bothered)} of "
        f"{len(honest)}. {sent} signups answered, each durable first, in {elapsed:.1f} s."
    )
    example, other = (stopped or members)[-1], story.look_alike()
    _explain(console, client, example, "A member of the campaign")
    _campaign(console, ReviewClient(client), example)
    if other is not None:
        crowd = _known(story.truth[other.account_id])
        _explain(console, client, other, f"An honest look-alike ({crowd})")
    _how_to_go_on(console)


def _explain(console: Console, client: Client, answer: pb.Assessment, title: str) -> None:
    console.print()
    console.rule(f"[bold]{title}[/]", align="left")
    console.print(assessment_view(client.get_assessment(answer.name, full=True), 8, brief=True))


def _campaign(console: Console, client: ReviewClient, member: pb.Assessment) -> None:
    """The campaign a member was placed in, if it has enough members to be shown by now."""
    try:
        campaign = client.find(f"accounts/{member.account_id}").campaign
    except ServiceError:
        return
    console.print()
    console.rule("[bold]The campaign, as reviewers see it[/]", align="left")
    console.print(campaign_view(campaign, list(islice(client.members(campaign.name), _MEMBERS_SHOWN))))


def _how_to_go_on(console: Console) -> None:
    console.print()
    console.rule("[bold]How to go on[/]", align="left")
    for line in (
        "sybilgate config init-key sybilgate.key     # once; keep a copy",
        "export SYBILGATE_KEY_FILE=sybilgate.key",
        "export SYBILGATE_AUTH=off                   # to try it: anybody on this machine may do all",
        "sybilgate db upgrade",
        "sybilgate doctor",
        "sybilgate serve &",
        "sybilgate score --set account_id=a1 --set network.ip_address=203.0.113.7 --set contact.email=ann@example.com",
        "sybilgate explain accounts/a1/assessments/…  # the name that `score` printed",
    ):
        console.print("  " + line, highlight=False, markup=False, soft_wrap=True)
