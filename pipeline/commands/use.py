"""generate, interpolate, directions, export: what a trained generator is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.console import Output, Terminal, reported
from pipeline.commands.options import Debug, Json, Quiet

Run = Annotated[str, typer.Argument(metavar="RUN", help="A run's directory, or its name under runs/.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", metavar="PATH", help="Where to write it.", show_default=False)]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same pictures.")]
Truncation = Annotated[
    float,
    typer.Option("--truncation", min=0, max=2, help="Shrinks latents towards their mean; below 1: tamer, more alike."),
]
FRAMES = 30
SHOWN = ("name", "word", "kind", "fit", "effects")
"""Of a direction, in JSON."""


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
    move: Annotated[
        list[str] | None, typer.Option("--move", metavar="NAME=STRENGTH", help="Along a direction, as in red=2. Repeatable.")
    ] = None,
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
    from pipeline.train import latent
    from pipeline.train.use import favourites as kept
    from pipeline.train.use import generate as drawing
    from pipeline.train.use.generator import Generator

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
        if not (numbers or favourites or sum_ or move or grid or out):
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
        drawn = drawing.of_picks(generator, chosen, truncation)
        name = f"seed-{seed}" if not grid else (drawing.together(drawn) if numbers else str(seed)) + drawing.shrunk(truncation)
    if move:
        drawn, name = drawing.moved(generator, drawn, move), name + drawing.suffix(move)
    if out and out.suffix == ".png" and not grid:
        if len(drawn) > 1:
            raise UsageError(f"{out}: {len(drawn)} pictures need a folder; or write them on one sheet with --grid")
        grid = True  # of one picture
    target = out or folder / "generated" / (f"grid-{name}.png" if grid else name)
    with Terminal(quiet=quiet).bar("generate", len(drawn)) as advance:
        written = drawing.write(generator, drawn, grid=grid, out=target, name=f"grid-{name}", labels=labels, advance=advance)
    output.line(f"wrote {written[0]}" if len(written) == 1 else f"wrote {len(written)} pictures to {target}")
    output.data(files=[str(path) for path in written])
    output.flush()


@reported
def interpolate(
    run: Run,
    through: Annotated[
        str, typer.Option("--through", metavar="N,M,K", help="From picture to picture, as in 3,17,5:0.", show_default=False)
    ] = "",
    favourites: Annotated[bool, typer.Option("--favourites", help="Through the run's favourites instead.")] = False,
    count: Annotated[int, typer.Option("--count", min=2, max=1000, help="Without either: the first pictures of the seed.")] = 6,
    seed: Seed = 0,
    truncation: Truncation = 1.0,
    frames: Annotated[int, typer.Option("--frames", min=1, max=1000, help="Frames from each to the next; 25 are a second.")] = FRAMES,
    once: Annotated[bool, typer.Option("--once", help="End at the last picture instead of leading back to the first.")] = False,
    out: Out = None,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a film that changes one picture into the next: a GIF, and an MP4 (extra `video`)."""
    import numpy as np

    from pipeline import training
    from pipeline.errors import UsageError
    from pipeline.train import latent
    from pipeline.train.use import generate as drawing
    from pipeline.train.use import interpolate as walking
    from pipeline.train.use.generator import Generator

    if through and favourites:
        raise UsageError("--through and --favourites: give one of them")
    output = Output(quiet=quiet, json=json)
    chosen = latent.picks(through, seed) if through else [latent.Pick(seed, number) for number in range(count)]
    generator = Generator(training.find_run(run))
    stops = drawing.of_favourites(generator) if favourites else drawing.of_picks(generator, chosen, truncation)
    name = "favourites" if favourites else drawing.together(stops) if through else f"seed-{seed}-{count}"
    name += "" if favourites else drawing.shrunk(truncation)
    name += f"-{frames}" * (frames != FRAMES) + "-once" * once
    target = out or generator.run / "generated" / f"walk-{name}"
    written = walking.interpolate(generator, np.stack([stop.row for stop in stops]), target, frames=frames, loop=not once)
    output.line(f"wrote {' and '.join(str(path) for path in written)}, through {', '.join(stop.label for stop in stops)}")
    output.data(files=[str(path) for path in written])
    output.flush()


@reported
def directions(
    run: Run,
    sefa: Annotated[int, typer.Option("--sefa", metavar="K", min=0, help="The K directions that the first layer stretches most.")] = 0,
    colour: Annotated[
        str, typer.Option("--colour", metavar="NAMES", help="Such as red,brightness,saturation; shape is held.", show_default=False)
    ] = "",
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="CSV", help="From your labels: columns number, label[, seed].", show_default=False)
    ] = None,
    field: Annotated[
        str, typer.Option("--field", metavar="series|label|facing", help="From what is known of training pictures.", show_default=False)
    ] = "",
    shards: Annotated[
        Path | None, typer.Option("--shards", metavar="FOLDER", help="With --field: these, not those beside the run.", show_default=False)
    ] = None,
    samples: Annotated[int, typer.Option("--samples", min=1, max=100_000, help="Pictures that a colour or field is learnt from.")] = 1000,
    seed: Seed = 0,
    pictures: Annotated[int, typer.Option("--pictures", min=1, max=100, help="Rows of a direction's sheet.")] = 6,
    serve: Annotated[bool, typer.Option("--serve", help="Serve a page with sliders on this machine until Ctrl-C.")] = False,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="With --serve: this port.", show_default=False)] = None,
    open_: Annotated[bool, typer.Option("--open", help="With --serve: open the page in the browser.")] = False,
    quiet: Quiet = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Learn directions in which pictures change in one way, and draw a sheet of each; without options, list those there are.

    Use them with `pipeline generate RUN --move NAME=STRENGTH`.
    """
    from pipeline import fields, training
    from pipeline.errors import UsageError
    from pipeline.train import latent
    from pipeline.train.use import directions as learning
    from pipeline.train.use import labels as spoken
    from pipeline.train.use import looks, sheet
    from pipeline.train.use.generator import Generator

    if (port is not None or open_) and not serve:
        raise UsageError("--port and --open go with --serve")
    output = Output(quiet=quiet, json=json and not serve)
    folder = training.find_run(run)
    found = []
    if sefa or colour or labels or field:
        generator = Generator(folder)
        found += learning.sefa(generator, sefa) if sefa else []
        found += learning.colours(generator, list(dict.fromkeys(colour.replace(" ", "").split(","))), samples, seed) if colour else []
        found += learning.labels(generator, spoken.read(labels, seed)) if labels else []
        if field:
            found += learning.fields(generator, *fields.read(folder, generator.size, field, shards), samples, seed)
        with Terminal(quiet=quiet).bar("directions", len(found)) as advance:
            for at, one in enumerate(found):
                found[at] = learning.measured(generator, one)
                learning.save(folder, found[at])
                sheet.write(generator, one, [latent.Pick(seed, number) for number in range(pictures)])
                advance(1)
    else:
        found = [learning.read(folder, name) for name in learning.listed(folder)]
    if serve:
        serve_page(folder, port, open_, quiet, json)
        return
    if not found:
        output.line(f"{folder}: no directions yet; learn some with --sefa 5, --colour red,brightness or --labels FILE.csv")
    else:
        rows = [
            (
                f"{one.name} ({one.word})" if one.word else one.name,
                one.fit,
                *(_strongest(one.effects or {}, part) for part in (looks.COLOUR, looks.SHAPE)),
            )
            for one in found
        ]
        output.table("directions", ["name", "fit", "colour", "shape"], rows)
        output.line(f"sheets: {folder / learning.FOLDER}; colour and shape: what strength -2 to 2 changes most, in deviations")
    output.data(directions=[{key: value for key, value in asdict(one).items() if key in SHOWN} for one in found])
    output.flush()


def serve_page(run: Path, port: int | None, open_: bool, quiet: bool, json: bool) -> None:
    """Serve the page with sliders."""
    import sys
    import threading
    import webbrowser

    from pipeline.explore import serve as page

    def ready(address: str) -> None:
        out = Output(quiet=False, json=json)  # also with --quiet: without the address there is no page
        out.line(f"sliders: {address}\nCtrl-C stops it")
        out.data(run=str(run), url=address)
        out.flush()
        sys.stdout.flush()
        if open_:
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    page.serve(run, port, ready, Terminal(quiet=quiet).note)


def _strongest(effects: Mapping[str, float], names: Sequence[str]) -> str:
    known = sorted((name for name in names if name in effects), key=lambda name: -abs(effects[name]))
    return ", ".join(f"{name} {effects[name]:+.1f}" for name in known[:2])


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
    from pipeline.train.use import export as exporting

    output = Output(quiet=quiet, json=json)
    done = exporting.export(training.find_run(run), format_, out)
    output.line(f"wrote {done.path}, whose pictures differ from ours by {done.difference:.1g} at most (of -1 to 1), and {done.about.name}")
    output.data(file=str(done.path), about=str(done.about), difference=done.difference)
    output.flush()


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    app.command()(generate)
    app.command()(interpolate)
    app.command()(directions)
    app.command()(export)
