"""evaluate: how good a trained generator is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import Debug, Json, Quiet
from pipeline.commands.use import Run


@reported
def evaluate(
    run: Run,
    count: Annotated[
        int | None,
        typer.Option("--count", min=16, max=50_000, help="Samples; else as many as real pictures, at most 1,000.", show_default=False),
    ] = None,
    checkpoint: Annotated[str, typer.Option("--checkpoint", metavar="best|last", help="Which generator.")] = "best",
    shards: Annotated[
        Path | None, typer.Option("--shards", metavar="FOLDER", help="Compare with these, not those beside the run.", show_default=False)
    ] = None,
    inception: Annotated[
        Path | None,
        typer.Option("--inception", metavar="PATH", help="Weights as pytorch-fid has them: adds FID and IS.", show_default=False),
    ] = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Measure a generator against real pictures: KID, colours, precision, recall, diversity, copies (extra embed).

    Writes scores.csv, scores.json and a page with nearest training pictures to RUN/evaluation.
    """
    from pipeline import training
    from pipeline.train.metrics import evaluate as measuring
    from pipeline.train.metrics.evaluation_page import label, shown

    output = Output(quiet=quiet, json=json)
    done = measuring.evaluate(
        training.find_run(run),
        report=Terminal(quiet=quiet),
        shards=shards,
        count=count,
        checkpoint=checkpoint,
        inception=inception,
    )
    rows = [(label(name), shown(name, value), shown(name, done.halves.get(name))) for name, value in done.scores.items()]
    output.table("scores", ["score", "value", "real halves"], rows)
    about = done.about
    output.line(
        f"{about['samples']} samples of the {about['checkpoint']} generator, {about['real']} real pictures ({about['real_split']}), "
        f"{about['embedder']}, {about['resize']}\npage: {done.files[-1]}"
    )
    output.data(**done.scores, real_halves=dict(done.halves), about=dict(about), files=[str(path) for path in done.files])
    output.flush()


def register(app: typer.Typer) -> None:
    """Add the command to the app."""
    app.command()(evaluate)
