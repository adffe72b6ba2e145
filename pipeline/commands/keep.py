"""archive: what is worth keeping beyond this machine."""

from __future__ import annotations

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet
from pipeline.commands.produce import Out


@reported
def archive(dataset: DatasetArgument = None, out: Out = None, quiet: Quiet = False, json: Json = False, debug: Debug = False) -> None:
    """Write all that was fetched as one WARC file, as web archives keep it.

    By default NAME.warc.gz in the dataset; one that is there is replaced.
    """
    from pipeline import chain
    from pipeline.archive import archive as write

    output, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.existing(dataset, [])
    with chain.opened(plan, terminal.note) as held:
        summary = write(held, out, terminal)
    rows = [*summary["records"].items(), ("asked for in vain", summary["failures"])]
    output.table("archive", ["records", ""], rows)
    output.line(f"wrote {summary['path']} ({summary['bytes']:,} bytes)")
    if summary["local"]:
        output.line(f"left out: {summary['local']:,} pictures that were not fetched, but are files of this machine")
    if summary["lost"]:
        terminal.note(f"lost or damaged: {summary['lost']:,} bodies; `pipeline verify` names them, and another scrape fetches them")
    output.data(**summary)
    output.flush()


def register(app: typer.Typer) -> None:
    """Add `archive`."""
    app.command()(archive)
