"""The guides hold: what they tell to do is done, every command line parses, nothing there is goes unnamed."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from sybilgate.app.mapping import load_mapping
from sybilgate.cli import app
from sybilgate.client import Client
from sybilgate.config import Config, create_key
from sybilgate.core.policy import load_policy
from sybilgate.rpc.server import Server
from sybilgate.store import migrate
from sybilgate.v1.assessment_pb2 import Decision
from sybilgate.wiring import build

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "service" / "sybilgate" / "docs"
RUN = [DOCS / f"{name}.md" for name in ("signup", "billing", "review", "thresholds", "operate")]
_BLOCK = re.compile(r"(<!-- read only[^>]*-->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ADDRESS = "127.0.0.1:50051"


def blocks(page: Path, kind: str, *, read_only: bool = False) -> list[str]:
    """Blocks of a kind of code; those that are only to be read just if asked for."""
    found = _BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for told, language, text in found if language == kind and (read_only or not told)]


def command_lines(text: str) -> list[list[str]]:
    """The arguments of each `sybilgate` command in shell text."""
    text = re.sub(r"^podman compose run --rm \w+ ", "sybilgate ", text.replace("\\\n", " "), flags=re.MULTILINE)
    lines = text.splitlines()
    found = [line[line.index("sybilgate ") :] for line in lines if re.match(r"(\S+/)?sybilgate ", line)]
    return [shlex.split(line.partition(" | ")[0], comments=True)[1:] for line in found]


def pages() -> list[Path]:
    beside = [ROOT / "service" / "sybilgate" / name / "README.md" for name in ("console", "jobs")]
    return [*sorted(DOCS.glob("*.md")), *beside, *(ROOT / name / "README.md" for name in ("", "deploy", "models"))]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server for all guides, asked by nobody else; settings and working folder are its own."""
    folder = tmp_path_factory.mktemp("guides")
    create_key(folder / "first-key")
    url = f"sqlite:///{folder / 'store.db'}"
    migrate.upgrade(url)
    config = Config(database_url=url, key_file=folder / "first-key", spool_megabytes=0)
    with pytest.MonkeyPatch.context() as patch, closing(build(config)) as application:
        server = Server(application.backend, "127.0.0.1:0")
        server.start()
        patch.chdir(folder)
        patch.setenv("SYBILGATE_KEY_FILE", str(folder / "first-key"))
        patch.setenv("SYBILGATE_DATABASE_URL", url)
        patch.setenv("SYBILGATE_ADDRESS", f"127.0.0.1:{server.port}")
        patch.setenv("SYBILGATE_AUTH", "off")
        yield f"127.0.0.1:{server.port}"
        server.drain(1.0)


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.stem)
def test_guide_does_what_it_says(page: Path, address: str) -> None:
    for text in blocks(page, "python"):
        exec(compile(text.replace(_ADDRESS, address), str(page), "exec"), {"__name__": "guide"})
    for text in blocks(page, "sh"):
        for arguments in command_lines(text):
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, (arguments, done.output, done.exception)


def test_readme_example_answers(address: str) -> None:
    (text,) = blocks(ROOT / "README.md", "python")
    names: dict[str, Any] = {"__name__": "guide"}
    exec(compile(text.replace(_ADDRESS, address), "README.md", "exec"), names)
    assert names["assessment"].account_id == "acct-1042" and names["assessment"].reasons


def test_record_answers_an_appeal(address: str) -> None:
    with Client(address) as client:
        made = client.create_assessment({"account_id": "asks", "type": "SIGNUP", "event_time": time.time()})
    text = CliRunner().invoke(app, ["explain", made.name, "--record"]).output
    assert f"- recommendation: {Decision.Name(made.decision).removeprefix('DECISION_')}" in text
    for heading in ("What spoke against", "What spoke for", "Values shared", "The sum", "What this does not say"):
        assert f"## {heading}" in text


@pytest.mark.parametrize("page", pages(), ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_every_command_line_parses(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    root = typer.main.get_command(app)
    inline = [" ".join(text.split()) for text in re.findall(r"`(sybilgate [^`]*)`", page.read_text())]
    for text in [*blocks(page, "sh", read_only=True), *inline]:
        for words in command_lines(text):
            parse(root, words)


def parse(root: Any, words: list[str]) -> None:
    """Read a command line as the command would, files it names taken for present."""
    command, rest = root, list(words)
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    if rest[:1] == ["COMMAND"] or not rest or "…" in rest:
        return
    fault = ""
    try:
        command.make_context("sybilgate", rest)
    except Exception as error:
        fault = "" if type(error).__name__ == "Exit" else str(getattr(error, "message", error))
    # A text may name an option without the value it takes.
    known = not fault or "does not exist" in fault or "requires an argument" in fault
    assert known, (words, fault)


def test_every_command_is_named() -> None:
    named = set(re.findall(r"`([a-z][a-z -]*)`", (DOCS / "settings.md").read_text()))
    assert {name for name in commands(typer.main.get_command(app))} <= named


def commands(command: Any, prefix: str = "") -> Iterator[str]:
    for name, one in command.commands.items():
        inner = getattr(one, "commands", None)
        yield from commands(one, f"{prefix}{name} ") if inner else [prefix + name]


def test_every_setting_is_named_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", (DOCS / "settings.md").read_text(), re.MULTILINE))
    told = {name: text.strip("`–") for name, text in rows.items()}
    real = {field.name: field.default for field in fields(Config)}
    assert told.keys() == real.keys()
    for name, default in real.items():
        value = "" if default is None else f"{default:g}" if isinstance(default, float) else str(default)
        assert told[name] == value, name


def test_example_files_are_read() -> None:
    (policy,) = blocks(DOCS / "thresholds.md", "toml")
    (mapping,) = blocks(DOCS / "train.md", "toml")
    assert load_policy(policy).version == "ours-2026-11"
    assert load_mapping(mapping)


def test_following_extend_adds_a_feature(tmp_path: Path) -> None:
    copy = tmp_path / "sybilgate"
    copy.mkdir()
    package = ROOT / "service" / "sybilgate"
    for part in [*package.glob("*.py"), *(package / name for name in ("core", "reference", "data"))]:
        subprocess.run(["cp", "-r", part, copy], check=True)
    for text in blocks(DOCS / "extend.md", "diff"):
        apply(text, tmp_path)
    (check,) = blocks(DOCS / "extend.md", "python")
    subprocess.run([sys.executable, "-c", check], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, check=True)


def apply(diff: str, root: Path) -> None:
    """Lines kept and lines added of one hunk: what is kept must stand there, once."""
    file = root / re.findall(r"^\+\+\+ b/(\S+)$", diff, re.MULTILINE)[0]
    body = diff.partition("@@\n")[2].splitlines(keepends=True)
    before = "".join(line[1:] for line in body if line[0] == " ")
    after = "".join(line[1:] for line in body)
    text = file.read_text()
    assert text.count(before) == 1
    file.write_text(text.replace(before, after))


def test_links_lead_somewhere() -> None:
    for page in pages():
        for target in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)
