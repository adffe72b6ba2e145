"""Perceptual hashes: of the whole picture and of its subject, each also as its mirror image would hash."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

# scipy.fft would give the same sums, but bits of a symmetric picture hang on the last digit: imagehash calls this one
from scipy.fftpack import dct

from pipeline.measure.base import Box, Column, Decoded, Measurement
from pipeline.measure.border import NEAR, largest

GRID = 32
"""The picture is reduced to this many pixels on a side before the transform."""

LARGEST = 4096
"""Longest side of a subject, in pixels, that is padded as it is."""

TRIM = 0.002
"""Share of the subject's contrast that is cut off at each side."""

_LOW = 8


def phash(gray: Image.Image) -> str:
    """The 64-bit pHash of an "L" picture as 16 hex digits, equal to `str(imagehash.phash(picture))`.

    Two-dimensional DCT-II of the picture at 32 × 32; a bit is 1 where one of the 8 × 8 lowest frequencies is above their
    median (Zauner 2010, in the form of ImageHash 4).
    """
    pixels = np.asarray(gray.resize((GRID, GRID), Image.Resampling.LANCZOS))
    low = dct(dct(pixels, axis=0), axis=1)[:_LOW, :_LOW]
    return np.packbits(low > np.median(low)).tobytes().hex()


def steady_box(decoded: Decoded) -> tuple[float, float, float, float]:
    """The subject's box (left, top, right, bottom; pixels of the picture, fractions too), hardly moved by compression.

    One pixel of JPEG noise moves a bounding box by a whole block. So from each side as much is cut off as holds `TRIM` of what
    differs from the border's colour by more than `NEAR`. The box of `decoded.subject` where nothing does.
    """
    height, width = decoded.small.shape[:2]
    across, down = decoded.size[0] / width, decoded.size[1] / height
    box = decoded.subject
    left, top = round(box[0] / across), round(box[1] / down)
    right, bottom = max(left + 1, round(box[2] / across)), max(top + 1, round(box[3] / down))
    inside = decoded.small[top:bottom, left:right].astype(np.int16)
    away = largest(np.abs(inside - np.array(decoded.border.colour, dtype=np.int16)))
    weight = np.where(decoded.small_clear[top:bottom, left:right], 0, np.maximum(away - NEAR, 0)).astype(float)
    if not weight.any():
        return box
    low_x, high_x = _ends(weight.sum(axis=0))
    low_y, high_y = _ends(weight.sum(axis=1))
    return (left + low_x) * across, (top + low_y) * down, (left + high_x) * across, (top + high_y) * down


def square(picture: Image.Image, box: Box, colour: int | tuple[int, int, int]) -> Image.Image:
    """What is inside `box`, in the middle of a square of `colour` whose side is the box's longer one."""
    cut = picture.crop(box)
    if max(cut.size) > LARGEST:  # a strip of a million pixels would need a square of a million by a million
        scale = LARGEST / max(cut.size)
        cut = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.BOX)
    side = max(cut.size)
    ground = Image.new(picture.mode, (side, side), colour)
    ground.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    return ground


def _ends(weights: NDArray[np.float64]) -> tuple[float, float]:
    """Between which positions all but `TRIM` of the weights at either end lies; within a cell it is spread evenly."""
    reached = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    first = int(np.searchsorted(reached, TRIM, side="right")) - 1
    last = int(np.searchsorted(reached, 1 - TRIM, side="left")) - 1
    low = first + (TRIM - reached[first]) / (reached[first + 1] - reached[first])
    high = last + (1 - TRIM - reached[last]) / (reached[last + 1] - reached[last])
    return float(low), float(high)


class Hashes(Measurement):
    """Four pHashes, made from one grayscale copy of the picture."""

    name: ClassVar[str] = "hashes"
    columns: ClassVar[Mapping[str, Column]] = {
        "phash": Column("TEXT", "64-bit pHash of the whole picture on white, 16 hex digits; equal to imagehash.phash"),
        "phash_mirror": Column("TEXT", "the same of the mirrored picture"),
        "phash_subject": Column("TEXT", "the same of the subject, cut out and padded to a square with the border's colour"),
        "phash_subject_mirror": Column("TEXT", "the same of the mirrored subject"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """All four hashes."""
        gray = decoded.rgb.convert("L")
        colour = Image.new("RGB", (1, 1), decoded.border.colour).convert("L").getpixel((0, 0))
        assert isinstance(colour, int)
        left, top, right, bottom = steady_box(decoded)
        box = (math.floor(left), math.floor(top), min(gray.width, math.ceil(right)), min(gray.height, math.ceil(bottom)))
        subject = square(gray, box, colour)
        return {
            "phash": phash(gray),
            "phash_mirror": phash(ImageOps.mirror(gray)),
            "phash_subject": phash(subject),
            "phash_subject_mirror": phash(ImageOps.mirror(subject)),
        }


MEASUREMENT = Hashes()
