"""generate, interpolate, directions, export: what a trained generator is for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, reported
from pipeline.commands.options import Debug, Json, Quiet

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's directory, or its name under runs/.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Where to write it.", show_default=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same pictures.")]
Truncation = Annotated[
    float,
    typer.Option("--truncation", min=0, max=2, help="Shrinks latents towards their mean; below 1: tamer, more alike."),
]


@reported
def generate(
    run: Run,
    count: Annotated[int, typer.Option("--count", min=1, max=100_000, help="How many pictures.")] = 64,
    seed: Seed = 0,
    truncation: Truncation = 1.0,
    numbers: Annotated[
        str,
        typer.Option("--numbers", metavar="N,M-K", help="These pictures of the seed, as in 3,17,20-24 or 5:0.", show_default=False),
    ] = "",
    favourites: Annotated[bool, typer.Option("--favourites", help="The run's favourites instead.")] = False,
    sum_: Annotated[
        str, typer.Option("--sum", metavar="A-B+C", help="One picture of added latents, as in '3 - 5 + 8'.", show_default=False)
    ] = "",
    keep: Annotated[
        str, typer.Option("--keep", metavar="N,M", help="Add these pictures of the seed to the favourites.", show_default=False)
    ] = "",
    grid: Annotated[bool, typer.Option("--grid", help="One picture that shows all, instead of a file each.")] = False,
    labels: Annotated[bool, typer.Option("--labels", help="With --grid: each picture's SEED:NUMBER below it.")] = False,
    out: Out = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Draw new pictures with a trained generator.

    --keep N,M alone only notes favourites; every other choice draws.
    """
    from pipeline import training
    from pipeline.errors import UsageError
    from pipeline.train import favourites as kept
    from pipeline.train import generate as drawing
    from pipeline.train import latent
    from pipeline.train.generator import Generator

    if sum(map(bool, (numbers, favourites, sum_))) > 1:
        raise UsageError("--numbers, --favourites and --sum: give one of them")
    if labels and not grid:
        raise UsageError("--labels goes with --grid")
    output = Output(quiet=quiet, json=json)
    folder = training.find_run(run)
    if keep:
        new = kept.keep(folder, latent.picks(keep, seed), truncation)
        output.line(f"{len(new)} new in {folder / kept.FILE}: {', '.join(str(one.pick) for one in new) or 'all were there'}")
        output.data(kept=[str(one.pick) for one in new])
        if not (numbers or favourites or sum_ or grid or out):
            output.flush()
            return
    chosen = latent.picks(numbers, seed) if numbers else [latent.Pick(seed, number) for number in range(count)]
    generator = Generator(folder)
    if favourites:
        drawn, name = drawing.of_favourites(generator), "favourites"
    elif sum_:
        drawn = [drawing.of_sum(generator, sum_, seed, truncation)]
        name = drawn[0].stem
    else:
        drawn, name = drawing.of_picks(generator, chosen, truncation), f"seed-{seed}"
    target = out or folder / "generated" / (f"grid-{name.removeprefix('seed-')}.png" if grid else name)
    written = drawing.write(generator, drawn, grid=grid, out=target, name=f"grid-{name}", labels=labels)
    output.line(f"wrote {written[0]}" if len(written) == 1 else f"wrote {len(written)} pictures to {target}")
    output.data(files=[str(path) for path in written])
    output.flush()


@reported
def export(
    run: Run,
    format_: Annotated[str, typer.Option("--format", metavar="onnx|savedmodel", help="What to write.")] = "onnx",
    out: Out = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write the generator for other programs, checked in the runtime it is for; a JSON file beside it says how to use it."""
    from pipeline import training
    from pipeline.train import export as exporting

    output = Output(quiet=quiet, json=json)
    done = exporting.export(training.find_run(run), format_, out)
    output.line(f"wrote {done.path}, whose pictures differ from ours by {done.difference:.1g} at most (of -1 to 1), and {done.about.name}")
    output.data(file=str(done.path), about=str(done.about), difference=done.difference)
    output.flush()


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(generate)
    app.command()(export)
