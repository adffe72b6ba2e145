"""The subject's box, and what is cut out by it: pure functions, as in `border`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure.border import NEAR, Flags, distance

TRIM = 0.002
"""Share of the subject's contrast that is cut off at each side."""

LARGEST = 1024
"""Longest side of a square, in pixels, that is made as large as its box."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom; right and bottom exclusive."""


def steady(pixels: NDArray[np.uint8], clear: Flags, colour: tuple[int, int, int], box: tuple[int, int, int, int]) -> Box | None:
    """The subject's box (left, top, right, bottom; pixels, fractions too), hardly moved by compression.

    One pixel of JPEG noise moves a bounding box by a whole block. So from each side of `box` as much is cut off as holds `TRIM` of what
    differs from the border's `colour` by more than `NEAR`. None where nothing does.
    """
    left, top, right, bottom = box
    weight = distance(pixels[top:bottom, left:right], colour)
    np.maximum(weight, np.uint8(NEAR), out=weight)
    weight -= np.uint8(NEAR)
    weight *= ~clear[top:bottom, left:right]
    across, down = (weight.sum(axis=axis, dtype=np.uint32) for axis in (0, 1))
    if not across.any():
        return None
    (low_x, high_x), (low_y, high_y) = _ends(across), _ends(down)
    return left + low_x, top + low_y, left + high_x, top + high_y


def square(picture: Image.Image, box: Box, side: int, colour: tuple[int, int, int]) -> Image.Image:
    """What is inside `box` (which may reach outside the RGB picture), in the middle of a square of `colour` whose side is the box's longer
    one, as `side` × `side` pixels, each the weighted mean of what it covers."""
    left, top, right, bottom = box
    longest = max(right - left, bottom - top)
    whole = max(0, math.floor(left)), max(0, math.floor(top)), min(picture.width, math.ceil(right)), min(picture.height, math.ceil(bottom))
    cut = picture.crop(whole)
    if longest > LARGEST:  # a strip of 65,535 pixels would need a square of 65,535 by 65,535
        scale = LARGEST / longest
        cut = cut.resize((max(1, round(cut.width * scale)), max(1, round(cut.height * scale))), Image.Resampling.BOX)
        return square(cut, (0, 0, *cut.size), side, colour)
    room = math.ceil(longest) + 2
    # the square around the box's middle, in pixels of the picture; the ground starts at the whole pixel before it
    start = (left + right - longest) / 2, (top + bottom - longest) / 2
    corner = math.floor(start[0]), math.floor(start[1])
    ground = Image.new("RGB", (room, room), colour)
    ground.paste(cut, (whole[0] - corner[0], whole[1] - corner[1]))
    x, y = start[0] - corner[0], start[1] - corner[1]
    return ground.resize((side, side), Image.Resampling.BILINEAR, box=(x, y, x + longest, y + longest), reducing_gap=2.0)


def _ends(weights: NDArray[np.uint32]) -> tuple[float, float]:
    """Between which positions all but `TRIM` of the weights at either end lies; within a cell it is spread evenly."""
    reached = np.zeros(len(weights) + 1)
    np.cumsum(weights, out=reached[1:])
    reached /= reached[-1]
    first = int(np.searchsorted(reached, TRIM, side="right")) - 1
    last = int(np.searchsorted(reached, 1 - TRIM, side="left")) - 1
    low = first + (TRIM - reached[first]) / (reached[first + 1] - reached[first])
    high = last + (1 - TRIM - reached[last]) / (reached[last + 1] - reached[last])
    return float(low), float(high)
