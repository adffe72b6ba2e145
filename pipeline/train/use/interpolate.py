"""A film that walks from picture to picture of a run's generator, by spherical interpolation of their latents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.errors import UsageError
from pipeline.train import film, latent, samples
from pipeline.train.use.generator import Generator

RATE = 25
"""Frames a second: a whole number of hundredths of a second each, as a GIF needs."""

ENDINGS = (".gif", ".mp4")


def interpolate(generator: Generator, stops: np.ndarray, out: Path, *, frames: int, loop: bool = True) -> list[Path]:
    """Write a walk through latents (n, length), `frames` from each to the next, `RATE` a second; returns the files.

    `out` with an ending in `ENDINGS`: that file. Without: a GIF and, where PyAV is installed, an MP4. Raises UsageError for another
    ending and for fewer than two stops, PipelineError for an MP4 without PyAV.
    """
    if out.suffix and out.suffix not in ENDINGS:
        raise UsageError(f"{out}: films are written as {' or '.join(ENDINGS)}; without an ending as both")
    kinds = [out.suffix] if out.suffix else list(ENDINGS) if film.available() else [".gif"]
    noise = latent.walk(stops, frames, loop=loop)
    written = []
    for kind in kinds:
        path = out if out.suffix else Path(f"{out}{kind}")
        # Each draws the frames anew rather than keeping them: a long film of large pictures would not fit into memory.
        (film.mp4 if kind == ".mp4" else samples.gif)(_frames(generator, noise), path, RATE)
        written.append(path)
    return written


def _frames(generator: Generator, noise: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(noise), samples.CHUNK):
        yield from generator.draw(noise[start : start + samples.CHUNK])
