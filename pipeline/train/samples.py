"""Pictures for people: generated images as bytes, in a grid, and as a time-lapse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline import files

FRAMES = 120
"""Most frames of a time-lapse; of more grids, evenly spaced ones are taken."""

CHUNK = 16
"""Pictures per call of a generator, always: a picture is the same whatever it is made together with."""


def latents(prior: str, count: int, length: int, seed: int) -> np.ndarray:
    """Float32 (count, length); row n depends on the seed and n alone, so a longer series begins like a shorter one."""
    rows = [np.random.default_rng((seed, number)) for number in range(count)]
    drawn = [row.uniform(-1, 1, length) if prior == "uniform" else row.standard_normal(length) for row in rows]
    return np.asarray(drawn, dtype=np.float32).reshape(count, length)


def draw(generator: Any, noise: np.ndarray) -> np.ndarray:
    """Pictures uint8 (n, size, size, 3) from latents (n, latent)."""
    drawn = []
    for start in range(0, len(noise), CHUNK):
        part = noise[start : start + CHUNK]
        padded = np.concatenate([part, np.zeros((CHUNK - len(part), part.shape[1]), np.float32)])
        drawn.append(to_pixels(np.asarray(generator(padded, training=False)))[: len(part)])
    return np.concatenate(drawn)


def to_pixels(images: np.ndarray) -> np.ndarray:
    """[-1, 1] → 0 to 255, rounded and clipped."""
    pixels: np.ndarray = np.clip(np.rint((images.astype(np.float32) + 1) * 127.5), 0, 255).astype(np.uint8)
    return pixels


def grid(pictures: np.ndarray) -> Image.Image:
    """Pictures uint8 (n, height, width, 3) row by row in a grid as square as n allows; empty places are white."""
    count, height, width, _ = pictures.shape
    columns = math.ceil(math.sqrt(count))
    sheet = Image.new("RGB", (columns * width, math.ceil(count / columns) * height), "white")
    for number, picture in enumerate(pictures):
        sheet.paste(Image.fromarray(picture), (number % columns * width, number // columns * height))
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
    frames = [Image.open(picture).convert("RGB") for picture in thinned(pictures)]
    durations = [150] * (len(frames) - 1) + [2000]
    with files.replacing(path) as temporary:
        frames[0].save(temporary, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
