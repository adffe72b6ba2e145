"""archive, offload, forget: what is kept beyond this machine, and what must go from it."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet
from pipeline.commands.produce import Out
from pipeline.errors import UsageError


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


@reported
def offload(
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's directory, or its name.", show_default=False)],
    url: Annotated[
        str,
        typer.Argument(metavar="[URL]", help="Where to, as in s3://bucket/robots/images; none: where others went.", show_default=False),
    ] = "",
    back: Annotated[bool, typer.Option("--back", help="Fetch them again; the copies there stay.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Move a dataset's pictures to any fsspec URL (extra `remote`); every command reads them there.

    Each is read back before the file here is removed. Pictures that are scraped later lie here until this is run again.
    """
    from pipeline import chain
    from pipeline import offload as offloading

    if back and url:
        raise UsageError("--back needs no URL: the dataset knows where its pictures are")
    output, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    with chain.opened(chain.existing(dataset, []), terminal.note) as held:
        was = held.image_store.url
        if back:
            found = offloading.bring_back(held, terminal)
            output.line(f"{found['fetched']} pictures fetched, each the file that was moved; the copies at {was} stay, remove them there")
        else:
            found = offloading.offload(held, url, terminal)
            was = held.image_store.url
            output.line(f"{was}: {found['moved']} pictures moved, {found['before']} were there before; every command reads them there")
    output.data(url=was, **found)
    output.flush()


@reported
def forget(
    id: Annotated[str, typer.Argument(metavar="ID", help="The item's id, as in the reports.")],
    dataset: DatasetArgument = None,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept with the tombstone.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Take a picture down: erase it, keep it from coming back, and name the shards and runs that hold it.

    It cannot be undone. A second call finds nothing left to do, or finishes one that was interrupted.
    """
    from pipeline import chain
    from pipeline import forget as takedown
    from pipeline.dataset import Dataset, find

    output, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    root = find(dataset)
    if dry_run:
        held = Dataset(root, read_only=True)
        try:
            done = takedown.look(held, id)
        finally:
            held.close()
    else:
        with chain.opened(chain.existing(dataset, []), terminal.note) as held:
            done = takedown.forget(held, id, reason)
    verb = "was erased before" if done.before else "would be erased" if dry_run else "erased"
    for one in done.ids:
        output.line(f"{verb}: {one}" + (f", the same pixels as {id}" if one != id else ""))
    for place in done.held:
        output.line(f"still holds it: {root / place}")
    for other in done.cluster:
        output.line(f"not erased, though dedup takes it for the same picture: {other}")
    if done.held:
        output.line(f"`pipeline verify {root}` says what to do about each, until none is left")
    elif not done.before and not dry_run:
        output.line(f"`pipeline run {root}` brings the rest up to date")
    output.data(**done.summary(), dry_run=dry_run)
    output.flush()


def register(app: typer.Typer) -> None:
    """Add `archive`, `offload` and `forget`."""
    app.command()(archive)
    app.command()(offload)
    app.command()(forget)
