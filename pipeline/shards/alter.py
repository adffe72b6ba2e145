"""What augmentation does to pixels. Every function takes an L, RGB or RGBA image and returns one of the same mode and size: the same one
where there is nothing to do. Transparency moves and blurs with the picture; colours under it are changed, it is not.

Arithmetic is on whole numbers, or on floats one operation at a time, so that another machine gets the same bytes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pipeline.shards import padding

PATCH = 6
"""Patches are cut from clouds of this many cells on a side."""

SPREAD = math.sqrt(8 * (256 * 256 - 1) / 12)
"""Standard deviation of the sum of eight even bytes."""

LUMA = (0.213, 0.715, 0.072)
"""Weights of red, green and blue in the matrices of saturation and hue (W3C, Filter Effects Module Level 1)."""


def move(image: Image.Image, degrees: float, zoom: float) -> Image.Image:
    """Turned counter-clockwise and enlarged by `zoom` about the middle; what comes into view continues the picture's edges."""
    if not degrees and zoom == 1:
        return image
    side, angle = image.width, math.radians(degrees)
    across = abs(math.cos(angle)) + abs(math.sin(angle))
    margin = max(0, math.ceil(side * (across / zoom - 1) / 2) + 2)
    work = image.convert("RGBa") if image.mode == "RGBA" else image
    work = padding.extend(work, margin, margin, margin, margin)
    scale = zoom
    if zoom < 1:  # averaged first: the turn looks at 4 × 4 pixels only
        smaller = math.ceil(work.width * zoom)
        scale = zoom * work.width / smaller
        work = work.resize((smaller, smaller), Image.Resampling.LANCZOS)
    cos, sin = (round(value / scale, 9) for value in (math.cos(angle), math.sin(angle)))
    middle, half = work.width / 2, side / 2
    data = (cos, -sin, middle - half * (cos - sin), sin, cos, middle - half * (sin + cos))
    return work.transform((side, side), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC).convert(image.mode)


def blur(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur; `radius` is the standard deviation in pixels."""
    if not radius:
        return image
    work = image.convert("RGBa") if image.mode == "RGBA" else image
    return work.filter(ImageFilter.GaussianBlur(radius)).convert(image.mode)


def tone(image: Image.Image, brightness: int, contrast: int) -> Image.Image:
    """Every channel times `brightness` percent, then its distance from 128 times `contrast` percent; rounded half up, cut
    off at 0 and 255."""
    if brightness == contrast == 100:
        return image
    curve = [min(255, max(0, ((value * brightness - 12_800) * contrast + 1_285_000) // 10_000)) for value in range(256)]
    return _coloured(image, lambda plain: plain.point(curve * len(plain.getbands())))


def tint(image: Image.Image, saturation: float, hue: float) -> Image.Image:
    """Colourfulness times `saturation`, then all hues turned by `hue` degrees; grays stay as they are."""
    if (saturation == 1 and not hue) or image.mode == "L":
        return image
    cos, sin = math.cos(math.radians(hue)), math.sin(math.radians(hue))
    red, green, blue = LUMA
    luma = np.array([LUMA] * 3)
    turn = luma + cos * (np.eye(3) - luma)
    turn += sin * np.array([[-red, -green, 1 - blue], [0.143, 0.140, -0.283], [red - 1, green, blue]])
    bleach = luma + saturation * (np.eye(3) - luma)
    rows = [[round(sum(float(turn[i, k] * bleach[k, j]) for k in range(3)), 9) for j in range(3)] for i in range(3)]
    matrix = tuple(value for row in rows for value in (*row, 0.0))
    return _coloured(image, lambda plain: plain.convert("RGB", matrix))


def bleach(image: Image.Image, share: float, key: str) -> Image.Image:
    """Colour taken away in soft-edged patches that cover this share (0–1) of the square; `key` says where."""
    if not share or image.mode == "L":
        return image
    clouds = Image.fromarray(_random(key, PATCH * PATCH).view(np.uint8)[::8].reshape(PATCH, PATCH)).resize(
        image.size, Image.Resampling.BICUBIC
    )
    counts = np.cumsum(clouds.histogram())
    limit = int(np.searchsorted(counts, (1 - share) * counts[-1]))
    mask = (
        clouds.point([min(255, max(0, 128 + 32 * (value - limit))) for value in range(256)])
        if share < 1
        else Image.new("L", image.size, 255)
    )
    return _coloured(image, lambda plain: Image.composite(plain.convert("L").convert("RGB"), plain, mask))


def grain(image: Image.Image, deviation: float, key: str) -> Image.Image:
    """Noise added to every value: nearly normal, with this standard deviation in levels of 255; `key` says which."""
    if not deviation:
        return image

    def noisy(plain: Image.Image) -> Image.Image:
        pixels = np.asarray(plain)
        sums = _random(key, pixels.size).view(np.uint8).reshape(-1, 8).sum(axis=1, dtype=np.int64) - 1020
        added = np.floor(sums * (deviation / SPREAD) + 0.5).astype(np.int64).reshape(pixels.shape)
        return Image.fromarray(np.clip(pixels + added, 0, 255).astype(np.uint8))

    return _coloured(image, noisy)


def _random(key: str, count: int) -> NDArray[np.uint64]:
    """So many even 64-bit numbers, little-endian; NumPy promises the raw stream of PCG64, not that of its distributions."""
    seed = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest())
    return np.random.PCG64(seed).random_raw(count).astype("<u8")


def _coloured(image: Image.Image, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """`change` done to an L or RGB image, or to the colours of an RGBA one."""
    if image.mode != "RGBA":
        return change(image)
    made = change(image.convert("RGB"))
    made.putalpha(image.getchannel("A"))
    return made
