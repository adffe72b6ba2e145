"""A sheet that shows a direction: pictures below each other, each at several strengths beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.train import samples
from pipeline.train.latent import Pick
from pipeline.train.use.directions import FOLDER, Direction, moved
from pipeline.train.use.generator import Generator

STRENGTHS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
HEAD = 18
"""Pixels of the line of strengths at the top."""


def draw(generator: Generator, found: Direction, chosen: Sequence[Pick], strengths: Sequence[float] = STRENGTHS) -> Image.Image:
    """The pictures in rows, moved along `found` by each strength (a column each), with a line that says which; 0 bears its name."""
    noise = generator.latents(chosen)
    shifted = np.stack([moved(noise, [(found, strength)]) for strength in strengths], axis=1)
    pictures = samples.grid(generator.draw(shifted.reshape(-1, generator.length)), columns=len(strengths))
    sheet = Image.new("RGB", (pictures.width, pictures.height + HEAD), "white")
    sheet.paste(pictures, (0, HEAD))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(HEAD - 7)
    for column, strength in enumerate(strengths):
        text = f"{strength:+g}" if strength else found.name
        pen.text(((column + 0.5) * generator.size, HEAD / 2), text, "black", font=font, anchor="mm")
    return sheet


def write(generator: Generator, found: Direction, chosen: Sequence[Pick]) -> Path:
    """Write the sheet beside the direction in its run."""
    path = generator.run / FOLDER / f"{found.name}.png"
    samples.save_png(draw(generator, found, chosen), path)
    return path
