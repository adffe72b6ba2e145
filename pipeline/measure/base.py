"""What a measurement is, and the decoded picture that all measurements of one item share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline import images
from pipeline.measure import border

WORKING_SIDE = 256
"""Longest side of the working copy, pixels: costly statistics are computed there, so they do not depend on the file's size."""

Pixels = NDArray[np.uint8]
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Decoded:
    """One decoded picture: everything below is computed at most once, when first asked for.

    `image` is RGB or RGBA and upright. `format` and `mode` are the file's own words (Pillow's names); `frames` is how many
    pictures the file holds, of which `image` is the first; `full` is the upright size in pixels of one that was averaged down.
    """

    image: Image.Image
    format: str = ""
    mode: str = ""
    frames: int = 1
    full: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of `image` in pixels."""
        return self.image.size

    @cached_property
    def rgb(self) -> Image.Image:
        """The picture as RGB, transparency laid on white."""
        return images.flatten(self.image)

    @cached_property
    def array(self) -> Pixels:
        """`rgb` as uint8 H×W×3, 0–255."""
        return np.asarray(self.rgb)

    @cached_property
    def alpha(self) -> Pixels | None:
        """Opacity as uint8 H×W, 0 (transparent) to 255; None for a picture without an alpha channel."""
        return np.asarray(self.image.getchannel("A")) if self.image.mode == "RGBA" else None

    @cached_property
    def small_rgb(self) -> Image.Image:
        """The working copy: `rgb` averaged down (box filter) to a longest side of at most `WORKING_SIDE`; never enlarged."""
        return _reduced(self.rgb)

    @cached_property
    def small(self) -> Pixels:
        """The working copy as uint8 h×w×3."""
        return np.asarray(self.small_rgb)

    @cached_property
    def small_clear(self) -> NDArray[np.bool_]:
        """Which pixels of the working copy are transparent (less than half opaque), h×w."""
        if self.image.mode != "RGBA":
            return np.zeros(self.small.shape[:2], dtype=bool)
        return np.asarray(_reduced(self.image.getchannel("A"))) < 128

    @cached_property
    def border(self) -> border.Border:
        """The dominant colour of the working copy's outermost ring and how much of the ring has it."""
        return border.examine(self.small, self.small_clear)

    @cached_property
    def background(self) -> NDArray[np.bool_]:
        """Which pixels of the working copy are transparent or near the border's colour, h×w."""
        return border.background(self.small, self.small_clear, self.border.colour)

    @cached_property
    def subject(self) -> Box:
        """Bounding box (left, top, right, bottom; pixels of `image`, right and bottom exclusive) of what is not background.

        Background is what is transparent or near the border's colour; a frame around the picture is peeled off too. The
        whole picture where nothing stands out. Found on the working copy, so it is exact to longest side / 256 pixels, and
        resized copies of a picture have the same box in proportion.
        """
        height, width = self.small.shape[:2]
        left, top, right, bottom = border.subject(self.small, self.small_clear)
        across, down = self.size[0] / width, self.size[1] / height
        return round(left * across), round(top * down), round(right * across), round(bottom * down)


class Column(NamedTuple):
    """A measured column: its SQL type (REAL, INTEGER, TEXT or BLOB), and in words its unit, range and source."""

    kind: str
    doc: str


class Measurement(ABC):
    """A pure function of a decoded picture. Subclasses are stateless; each lives in a file that exports `MEASUREMENT`."""

    name: ClassVar[str]
    columns: ClassVar[Mapping[str, Column]]

    @abstractmethod
    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """A value of plain Python type (or None) for every column."""


def _reduced(image: Image.Image) -> Image.Image:
    longest = max(image.size)
    if longest <= WORKING_SIDE:
        return image
    size = (max(1, round(image.width * WORKING_SIDE / longest)), max(1, round(image.height * WORKING_SIDE / longest)))
    return image.resize(size, Image.Resampling.BOX)
