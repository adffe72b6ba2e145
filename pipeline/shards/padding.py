"""Room around a picture that goes on where the picture ends.

Each edge is continued as a soap film would: what is fine along the edge fades within its own width, what is broad goes on longer, and far
out only one colour is left. So the first row of the padding equals the picture's last but for its grain, and an edge of one colour
is continued by exactly that colour. This is the solution of Laplace's equation in a strip with the edge as boundary value, in cosines.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEAR = 20
"""Largest difference in any channel (0–255) from the background's colour of what counts as background."""

SHARE = 0.25
"""An edge with at least this share of background leads to the background's colour; any other (sky, meadow) to its own mean."""

Colour = tuple[int, ...]
"""As many numbers 0–255 as the picture has channels."""


def extend(image: Image.Image, left: int, top: int, right: int, bottom: int, colour: Colour | None = None) -> Image.Image:
    """`image` (L, RGB, RGBa) with so many pixels more on each side, of the same mode.

    `colour`: the background, to which edges that show it lead; None: each edge to its mean.
    """
    pixels = np.asarray(image)
    deep = pixels if pixels.ndim == 3 else pixels[..., None]
    deep = np.concatenate([_strip(deep[0], top, colour)[::-1], deep, _strip(deep[-1], bottom, colour)])
    flipped = deep.transpose(1, 0, 2)
    flipped = np.concatenate([_strip(flipped[0], left, colour)[::-1], flipped, _strip(flipped[-1], right, colour)])
    found = np.ascontiguousarray(flipped.transpose(1, 0, 2))
    return Image.frombuffer(image.mode, (found.shape[1], found.shape[0]), found.tobytes(), "raw", image.mode, 0, 1)


def seam(square: Image.Image, box: tuple[int, int, int, int]) -> float:
    """How visible the border between a picture and its padding is, in levels of 255; 0 where nothing stands out.

    `box`: left, top, right, bottom of the picture in the square. On each side that has padding, the step from the picture's last row to the
    padding's first is compared with the steps between the picture's last four rows, in the channel where it is largest: by the
    mean along the edge, and by the step that only 2% exceed. What it is larger, on the worst side.
    """
    pixels = np.asarray(square.convert("RGB")).astype(np.int16)
    left, top, right, bottom = box
    worst = 0.0
    for lines, first, last in (
        (pixels[:, left:right], top, bottom),
        (pixels[::-1, left:right], len(pixels) - bottom, len(pixels) - top),
        (pixels[top:bottom].transpose(1, 0, 2), left, right),
        (pixels[top:bottom, ::-1].transpose(1, 0, 2), pixels.shape[1] - right, pixels.shape[1] - left),
    ):
        if first == 0 or last - first < 4:
            continue
        steps = np.abs(np.diff(lines[first - 1 : first + 4], axis=0)).max(axis=-1)
        for height in (float(np.mean(steps[0]) - np.mean(steps[1:])), float(np.quantile(steps[0], 0.98) - np.quantile(steps[1:], 0.98))):
            worst = max(worst, height)
    return worst


def _strip(edge: NDArray[np.uint8], depth: int, colour: Colour | None) -> NDArray[np.uint8]:
    """`depth` rows that continue an edge of n×c, the one next to it first."""
    far = np.asarray(edge[0] if colour is None else colour, dtype=np.float64)
    if not depth or (edge == far).all():
        return np.broadcast_to(far.astype(np.uint8), (depth, *edge.shape))
    from scipy import fft  # slow to load, and plain pictures never need it

    rest = edge - far
    fading = colour is not None and np.count_nonzero(np.abs(rest).max(axis=1) <= NEAR) >= SHARE * len(edge)
    if not fading:
        far = far + rest.mean(axis=0)
        rest = edge - far
    away = np.arange(0.5, depth)[:, None]  # the edge lies between two rows
    pitch = np.pi * np.arange(len(edge)) / len(edge)
    weights = np.exp(-pitch * away)
    if fading:  # down to nothing just outside: sinh(pitch (end - away)) / sinh(pitch end), and its limit for pitch 0
        end = depth + 0.5
        weights[:, 1:] -= np.exp(-pitch[1:] * (2 * end - away))
        weights[:, 1:] /= 1 - np.exp(-2 * pitch[1:] * end)
        weights[:, :1] = (end - away) / end
    waves = weights[..., None] * fft.dct(rest, axis=0, norm="ortho")
    # the millionth keeps halves from falling to either side by an error in the last digit
    made = np.floor(fft.idct(waves, axis=1, norm="ortho", overwrite_x=True) + (far + 0.500001))
    strip: NDArray[np.uint8] = np.clip(made, 0, 255).astype(np.uint8)
    return strip
