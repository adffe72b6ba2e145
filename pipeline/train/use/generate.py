"""Pictures from a trained run, as files or on one sheet."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.errors import UsageError
from pipeline.report import Advance
from pipeline.train import latent, samples
from pipeline.train.latent import Pick
from pipeline.train.use import directions, favourites
from pipeline.train.use.generator import Generator

LONGEST = 80
"""Characters of a name that is made of many pictures'."""


@dataclass(frozen=True)
class Drawn:
    """A latent (length,) with the names of its picture: on a sheet, and of its file."""

    row: np.ndarray
    label: str
    stem: str


def generate(run: Path, *, count: int, seed: int, grid: bool, out: Path, truncation: float = 1.0) -> list[Path]:
    """Write the first `count` pictures of a seed; returns the files written. The rest is as in `write`.

    Raises UsageError for a bad count or seed, PipelineError when the run has no generator yet or no backend is installed.
    """
    if count < 1 or seed < 0:
        raise UsageError(f"count {count}, seed {seed}: give a count of 1 or more and a seed of 0 or more")
    generator = Generator(run)
    drawn = of_picks(generator, [Pick(seed, number) for number in range(count)], truncation)
    return write(generator, drawn, grid=grid, out=out, name=f"grid-seed{seed}")


def of_picks(generator: Generator, chosen: Sequence[Pick], truncation: float) -> list[Drawn]:
    """These pictures, all at one truncation."""
    noise = generator.latents(chosen, truncation)
    return [Drawn(row, str(pick), _stem(pick, truncation)) for pick, row in zip(chosen, noise, strict=True)]


def of_favourites(generator: Generator) -> list[Drawn]:
    """The run's favourites, each at its own truncation. Raises UsageError when there are none."""
    kept = favourites.read(generator.run)
    if not kept:
        raise UsageError(f"{generator.run}: no favourites yet; `pipeline generate {generator.run} --keep 3,17` keeps pictures 3 and 17")
    return [drawn for one in kept for drawn in of_picks(generator, [one.pick], one.truncation)]


def of_sum(generator: Generator, text: str, seed: int, truncation: float) -> Drawn:
    """One picture from a sum such as `3 - 5 + 0:8` (`latent.combine`). Raises UsageError."""
    terms = latent.sum_of(text, seed)
    noise = generator.latents([pick for _, pick in terms], truncation)
    row = latent.combine([(sign, row) for (sign, _), row in zip(terms, noise, strict=True)])
    label = " ".join(f"{'-' if sign < 0 else '+'} {pick}" for sign, pick in terms).removeprefix("+ ")
    return Drawn(row, label, "sum" + label.replace(":", ".").replace(" ", "") + shrunk(truncation))


def moved(generator: Generator, drawn: Sequence[Drawn], moves: Sequence[str]) -> list[Drawn]:
    """The same pictures moved along the run's directions: each of `moves` is NAME=STRENGTH. Raises UsageError."""
    along = []
    for text in moves:
        name, _, strength = text.partition("=")
        try:
            along.append((directions.fitting(generator, name.strip()), float(strength)))
        except ValueError as error:
            raise UsageError(f"--move {text}: give NAME=STRENGTH, as in red=2") from error
    if not np.isfinite([strength for _, strength in along]).all():
        raise UsageError("--move: a strength must be finite")
    noise = directions.moved(np.stack([one.row for one in drawn]), along)
    return [Drawn(row, one.label, one.stem + suffix(moves)) for row, one in zip(noise, drawn, strict=True)]


def suffix(moves: Sequence[str]) -> str:
    """What moves add to the name of a file."""
    return "".join(f"-{name.strip()}{float(strength):+g}" for name, _, strength in (text.partition("=") for text in moves))


def shrunk(truncation: float) -> str:
    """What a truncation adds to the name of a file."""
    return "" if truncation == 1 else f"-t{truncation:g}"


def together(drawn: Sequence[Drawn]) -> str:
    """A name for these pictures in this order, as part of a file's: their labels, and a digest where these are too long."""
    name = "-".join(one.label.replace(":", "_") for one in drawn)
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def write(
    generator: Generator,
    drawn: Sequence[Drawn],
    *,
    grid: bool,
    out: Path,
    name: str = "grid",
    labels: bool = False,
    advance: Advance = lambda n: None,
) -> list[Path]:
    """Write pictures; returns the files. A file each in the folder `out`; with `grid` one sheet: `out` itself if it ends in .png, else
    `name`.png in the folder. `labels`: with `grid`, each picture's seed and number below it. `advance` is told
    of pictures that are written as files.
    """
    if grid:
        pictures = generator.draw(np.stack([one.row for one in drawn]))
        sheet = out if out.suffix == ".png" else out / f"{name}.png"
        samples.save_png(samples.grid(pictures, [one.label for one in drawn] if labels else None), sheet)
        return [sheet]
    written = []
    for start in range(0, len(drawn), samples.CHUNK):  # a hundred thousand pictures need not be in memory at once
        part = drawn[start : start + samples.CHUNK]
        for one, picture in zip(part, generator.draw(np.stack([one.row for one in part])), strict=True):
            written.append(out / f"{one.stem}.png")
            samples.save_png(Image.fromarray(picture), written[-1])
        advance(len(part))
    return written


def _stem(pick: Pick, truncation: float) -> str:
    return f"seed{pick.seed}-{pick.number:05d}{shrunk(truncation)}"
