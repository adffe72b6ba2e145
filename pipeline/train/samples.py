"""Pictures for people: generated images as bytes, in a grid, and as a time-lapse."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline import files
from pipeline.train.latent import latents as latents  # who draws finds both here

FRAMES = 120
"""Most frames of a time-lapse; of more grids, evenly spaced ones are taken."""

LINE = 14
"""Pixels of a line of text below a picture."""

CHUNK = 16
"""Pictures per call of a generator, always: a picture is the same whatever it is made together with."""


def draw(generator: Any, noise: np.ndarray, chunk: int = CHUNK) -> np.ndarray:
    """Pictures uint8 (n, size, size, 3) from latents (n, latent). With another `chunk` than usual they may differ in a last bit."""
    from keras import ops

    drawn = []
    for start in range(0, len(noise), chunk):
        part = noise[start : start + chunk]
        padded = np.concatenate([part, np.zeros((chunk - len(part), part.shape[1]), np.float32)])
        drawn.append(to_pixels(ops.convert_to_numpy(generator(padded, training=False)))[: len(part)])
    return np.concatenate(drawn)


def to_pixels(images: np.ndarray) -> np.ndarray:
    """[-1, 1] → 0 to 255, rounded and clipped."""
    pixels: np.ndarray = np.clip(np.rint((images.astype(np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)
    return pixels


def grid(pictures: np.ndarray, labels: Sequence[str] | None = None, columns: int | None = None) -> Image.Image:
    """Pictures uint8 (n, height, width, 3) row by row in a grid as square as n allows, or in so many columns; empty places are white.

    `labels`: a line of text for each picture, written below it.
    """
    count, height, width, _ = pictures.shape
    columns = columns or math.ceil(math.sqrt(count))
    pitch = height + (LINE if labels else 0)
    sheet = Image.new("RGB", (columns * width, math.ceil(count / columns) * pitch), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(LINE - 4)
    for number, picture in enumerate(pictures):
        left, top = number % columns * width, number // columns * pitch
        sheet.paste(Image.fromarray(picture), (left, top))
        if labels:
            pen.text((left + width // 2, top + height + LINE // 2), labels[number], "black", font=font, anchor="mm")
    return sheet


def save_png(image: Image.Image, path: Path) -> None:
    """Write a whole PNG file."""
    with files.replacing(path) as temporary:
        image.save(temporary, "PNG")


def thinned(pictures: Sequence[Path]) -> list[Path]:
    """At most `FRAMES` of the pictures, evenly spaced, the first and the last among them."""
    step = max(1, math.ceil((len(pictures) - 1) / (FRAMES - 1)))
    return [*pictures[:-1:step], pictures[-1]]


def timelapse(pictures: Sequence[Path], path: Path) -> None:
    """An endless GIF of the pictures in order, 0.15 s each, the last for 2 s."""
    chosen = thinned(pictures)
    frames = (Image.open(picture).convert("RGB") for picture in chosen)  # one at a time: large sheets take some 10 MB each
    durations = [150] * (len(chosen) - 1) + [2000]
    with files.replacing(path) as temporary:
        next(frames).save(temporary, "GIF", save_all=True, append_images=frames, duration=durations, loop=0)


def gif(frames: Iterable[np.ndarray], path: Path, rate: int) -> None:
    """An endless GIF of pictures uint8 (height, width, 3), `rate` of them a second; 100 must be a multiple of it."""
    coming = (Image.fromarray(frame).quantize(256, Image.Quantize.FASTOCTREE) for frame in frames)
    with files.replacing(path) as temporary:
        next(coming).save(temporary, "GIF", save_all=True, append_images=coming, duration=1000 // rate, loop=0)
