"""augment, shard, send, train: from the curated set to a generator."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported, show_stage
from pipeline.commands.curate import stage_command
from pipeline.commands.options import DatasetArgument, Debug, Json, Quiet, Set

Out = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Where to write it.")]


@reported
def augment(
    dataset: DatasetArgument = None,
    set_: Set = None,
    count: Annotated[int, typer.Option("--count", min=1, max=200, help="How many pictures to show.")] = 12,
    out: Out = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw a sheet of what fitting and augmentation will do: each picture as stored, as a square, and changed.

    The first columns after the square show each change alone, at its strongest; the last ones are copies as they will be written.
    """
    from pipeline import chain, files, stages, steps
    from pipeline.shards.sheet import sheet

    terminal = Terminal(quiet=quiet)
    plan = chain.existing(dataset, set_ or [])
    with chain.opened(plan, terminal.note) as held:
        stages.require(held, "shard")
        pictures = steps.curated(held)
        # Spread over the collection, so that the sheet shows more than its first series.
        chosen = pictures[:: max(1, len(pictures) // count)][:count]
        picture = sheet(chosen, held.manifest.shard, held.manifest.augment)
        path = out or held.reports / "augment.png"
        with files.replacing(path) as temporary:
            picture.save(temporary, format="PNG")
    Output(quiet=quiet, json=False).line(f"wrote {path}")


@reported
def train(
    target: Annotated[
        str | None, typer.Argument(metavar="[DATASET|SHARDS]", help="A dataset, or a folder of shards.", show_default=False)
    ] = None,
    set_: Set = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the run; by default preset, size and a number.")] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="RUN", help="Begin with another run's weights, as far as its layers fit.")
    ] = None,
    backend: Annotated[
        str | None, typer.Option("--backend", metavar="tensorflow|torch", help="What computes; short for --set train.backend=….")
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Train a GAN on the shards.

    Ctrl-C saves and leaves; the same command goes on from there.
    """
    from pipeline import chain, training

    out, terminal = Output(quiet=quiet, json=json), Terminal(quiet=quiet)
    assignments = [*(set_ or []), *([f"train.backend={backend}"] if backend else [])]
    found = training.target(target, assignments)
    begin = training.find_run(source) if source else None
    if found.shards is not None:
        root = Path()
        summary = training.train_shards(found.shards, assignments, name, terminal, begin)
    else:
        assert found.plan is not None
        root = found.plan.dataset.root
        with chain.opened(found.plan, terminal.note):
            pass
        trained = training.train(found.plan.dataset, terminal, name, begin)
        if trained is None:
            out.line("train: up to date; --name NAME trains another run")
        summary = trained or {}
    if summary:
        show_stage(out, "train", summary)
        out.line(f"open {root / summary['run'] / 'index.html'} to see how it went")
    out.data(**summary)
    out.flush()


@reported
def send(
    shards: Annotated[Path, typer.Argument(metavar="SHARDS", help="A folder of shards.", show_default=False)],
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to, as in s3://bucket/robots-128.", show_default=False)],
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Copy a folder of shards to any fsspec URL (extra `remote`), each checksum compared at the other end."""
    from pipeline.shards import send as sending

    output = Output(quiet=quiet, json=json)
    found = sending.send(shards, url, Terminal(quiet=quiet))
    output.line(f"{url}: {found['sent']} files sent, {found['there']} there already, all with the checksums of {shards}")
    output.data(url=url, **found)
    output.flush()


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(augment)
    app.command("shard", help="Write the curated set as shards that trainers read.")(stage_command("shard"))
    app.command()(send)
    app.command()(train)
