"""Commands that assess a base outside of the store: fleet snapshot, assess, group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

fleet = typer.Typer(help="Assess a whole base from a snapshot in Parquet, by DuckDB or Spark.", no_args_is_help=True)


class Engine(str, Enum):
    """What joins accounts with what they hold."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@fleet.command()
def snapshot(out: Annotated[Path, typer.Argument(help="Folder to create.")]) -> None:
    """Write the accounts and the state of every identifier, as of now, as Parquet."""
    import time

    from sybilgate.app.protect import InForce, Protections
    from sybilgate.config import load_config
    from sybilgate.fleet.snapshot import write_snapshot
    from sybilgate.store.store import open_store

    config = load_config()
    store = open_store(config.database_url)
    try:
        store.check()
        protected = InForce(Protections(store, config.keyring(), time.time))()
        out.mkdir(parents=True)
        meta = write_snapshot(store, out, time.time(), protected.keys, protected.accounts)
    except FileExistsError:
        raise typer.BadParameter(f"{out} exists") from None
    finally:
        store.close()
    typer.echo(f"{meta.accounts:,} accounts in {out}")


_Source = Annotated[Path, typer.Argument(help="Snapshot.", exists=True, file_okay=False)]
_Out = Annotated[Path, typer.Argument(help="Folder to create.")]
_Engine = Annotated[Engine, typer.Option(help="DuckDB here, or Spark on many machines.")]
_Memory = Annotated[float, typer.Option(min=0.1, help="For DuckDB; the rest is kept on disk.")]
_Master = Annotated[str, typer.Option(help="Where Spark runs.")]


@fleet.command()
def assess(
    source: _Source,
    out: _Out,
    engine: _Engine = Engine.DUCKDB,
    memory_gb: _Memory = 2.0,
    master: _Master = "local[*]",
) -> None:
    """Assess everybody in a snapshot; nothing of it goes into a store."""
    from sybilgate.config import load_config
    from sybilgate.fleet.plan import Plan
    from sybilgate.fleet.snapshot import read_meta
    from sybilgate.loading import loader, model_dir, policy_for

    if out.exists():
        raise typer.BadParameter(f"{out} exists")
    config = load_config()
    folder = model_dir(config).resolve()
    bundle = loader(config)(folder)
    if engine is Engine.DUCKDB:
        from sybilgate.cli.bars import bars
        from sybilgate.fleet.duck import run as run_here

        plan = Plan(bundle, policy_for(config, bundle), read_meta(source))
        with bars() as tell:
            run_here(source, plan, out, memory_gb, lambda done: tell("assess", done, plan.meta.accounts))
    else:
        from sybilgate.fleet.spark import run as run_there

        text = config.policy_file.read_text(encoding="utf-8") if config.policy_file else ""
        with _session(master) as session:
            run_there(session, source.resolve(), folder, text, out.resolve())
    typer.echo(f"assessed by {bundle.manifest.title} in {out}")


@fleet.command()
def group(
    source: _Source,
    assessed: Annotated[Path, typer.Argument(help="What assess wrote of it.", exists=True, file_okay=False)],
    out: _Out,
    holders: Annotated[int, typer.Option(min=2, help="A value joins if so many accounts or fewer hold it.")] = 5,
    engine: _Engine = Engine.DUCKDB,
    memory_gb: _Memory = 2.0,
    master: _Master = "local[*]",
) -> None:
    """Say which of the accounts that assess stopped belong together by values that few accounts hold."""
    from sybilgate.fleet.grouping import ASSESSED
    from sybilgate.fleet.grouping import group as find

    if out.exists():
        raise typer.BadParameter(f"{out} exists")
    if engine is Engine.DUCKDB:
        from sybilgate.fleet.duck import opened

        out.parent.mkdir(parents=True, exist_ok=True)
        with opened(source, out.parent, memory_gb) as duck:
            duck.read(assessed, ASSESSED)
            found = find(duck, out, holders)
    else:
        from sybilgate.fleet.spark import Spark

        with _session(master) as session:
            spark = Spark(session, source.resolve())
            spark.read(assessed.resolve(), ASSESSED)
            found = find(spark, out.resolve(), holders)
    typer.echo(f"{found:,} accounts in groups in {out}")


@contextmanager
def _session(master: str) -> Iterator[SparkSession]:
    """A session of Spark's, ended afterwards."""
    import os
    import sys

    from pyspark.sql import SparkSession

    if master.startswith("local"):  # its workers are of this machine: let them have the packages that are here
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.master(master).appName("sybilgate").getOrCreate()
    try:
        yield session
    finally:
        session.stop()
