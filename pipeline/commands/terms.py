"""credits: who made the pictures, and under which terms they came."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet


@reported
def credits(
    dataset: DatasetArgument = None,
    everything: Annotated[bool, typer.Option("--all", help="Credit every picture, not only the curated ones.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write; by default the dataset's credits folder.")
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write title, author, source and licence of every picture.

    CREDITS.md for people, credits.csv for spreadsheets, croissant.json for loaders.
    """
    from pipeline import chain, licences
    from pipeline import credits as writer

    output, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    plan = chain.existing(dataset, [])
    with chain.opened(plan, terminal.note) as held:
        written = writer.write(held, out, everything=everything)
    if written.note:
        terminal.note(written.note)
    rows = [(licences.name(licence), licence, count) for licence, count in written.licences.items()]
    output.table(f"{written.pictures:,} pictures", ["licence", "SPDX", "pictures"], rows)
    if written.unstated:
        output.line(f"{written.unstated:,} without stated terms: see the first section of {written.paths[0].name}")
    for path in written.paths:
        output.line(f"wrote {path}")
    output.data(
        dataset=str(plan.dataset.root),
        pictures=written.pictures,
        licences=written.licences,
        unstated=written.unstated,
        note=written.note,
        files=[str(path) for path in written.paths],
    )
    output.flush()


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(credits)
