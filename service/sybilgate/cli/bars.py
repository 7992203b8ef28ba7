"""Progress bars, one per stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, TaskID


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """A function to tell (stage, done, total); drawn on standard error so that the output can be piped."""
    stages: dict[str, TaskID] = {}
    console = Console(stderr=True)
    # Only a terminal can take a bar back; a log is spared its remains.
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = progress.add_task(stage, total=total)
            progress.update(stages[stage], completed=done, total=total)

        yield tell
