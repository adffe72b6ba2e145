"""publish, rebuild: a dataset for others without its pictures, and back."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet, Set, Workers


@reported
def publish(
    dataset: DatasetArgument = None,
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="The folder to write; an earlier one is replaced.")] = ...,  # type: ignore[assignment]  # typer's word for required
    texts: Annotated[bool, typer.Option("--texts", help="With the pages' texts and all fields, not titles and terms only.")] = False,
    parquet: Annotated[bool, typer.Option("--parquet", help="Tables as Parquet instead of CSV (extra `parquet`).")] = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write what others need to make the dataset again: addresses, hashes, decisions, verdicts; no picture, nothing private."""
    from pipeline import chain
    from pipeline.share.publish import publish as write

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    with chain.opened(chain.existing(dataset, []), terminal.note) as held:
        summary = write(held, to, terminal, texts=texts, parquet=parquet)
    out.table("published", ["", "rows"], [(name, count) for name, count in summary.items() if name != "without an address"])
    if summary["without an address"]:
        out.line(f"{summary['without an address']:,} pictures have no public address: nobody can fetch them again")
    out.line(f"wrote {to}; look through {to / 'README.md'} before you show it")
    out.data(folder=str(to), rows=summary)
    out.flush()


@reported
def rebuild(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder that `pipeline publish` wrote.")],
    into: Annotated[Path | None, typer.Option("--into", metavar="DATASET", help="The dataset directory; by default datasets/NAME.")] = None,
    kept: Annotated[bool, typer.Option("--kept", help="Ask only for the pictures that its publisher kept.")] = False,
    set_: Set = None,
    workers: Workers = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Make a published dataset again: fetch its pictures, compare them with their hashes, apply decisions and verdicts.

    No page is asked for. Ctrl-C stops it; the same command goes on from there, and asks again for what failed for passing reasons.
    """
    from pipeline.share import rebuild as driver
    from pipeline.steps import Options
    from pipeline.workers import default_count

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what ends a job keeps as much as Ctrl-C does
    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    dataset, summary = driver.run(folder, into, set_ or [], Options(workers or default_count(), report=terminal), kept=kept)
    rows = [*summary["pictures"].items(), ("in all", summary["published"])]
    out.table("rebuild", ["what became of them", "pictures"], rows)
    out.line(f"verdicts taken over: {summary['verdicts']:,}")
    if summary["decided otherwise"]:
        out.line(f"decided otherwise than published: {summary['decided otherwise']:,}, where a picture that stood for its copies is gone")
    out.line(f"each picture: {dataset.root / summary['report']}")
    out.line(f"`pipeline run {dataset.root}` goes on from here")
    out.data(dataset=str(dataset.root), **summary)
    out.flush()


def register(app: typer.Typer) -> None:
    """Add `publish` and `rebuild`."""
    app.command()(publish)
    app.command()(rebuild)
