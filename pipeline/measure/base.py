"""What a measurement is, and the decoded picture that all measurements of one item share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure import border, cutout
from pipeline.measure.border import Border

FINE = 256 * 256
"""Pixels of the decoded picture, at most: what is small is looked at there."""

WORKING = 128 * 128
"""Pixels of the working copy, at most: statistics are computed there, so they hardly depend on the file's size."""

THUMB = 64
"""Side of the small squares that signatures and hashes are made from, pixels."""

Pixels = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom; right and bottom exclusive."""


@dataclass(frozen=True)
class Decoded:
    """One decoded picture: everything below is computed at most once, when first asked for.

    `image` is upright: RGB, RGBA, or RGBa (colours multiplied by opacity). `format` and `mode` are the file's own words (Pillow's
    names); `frames` is how many pictures the file holds, of which `image` is the first; `full` is the upright size in pixels of one
    that was averaged down by a power of two, of which the last row and column of `image` may hold less than the others.
    """

    image: Image.Image
    format: str = ""
    mode: str = ""
    frames: int = 1
    full: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture in pixels, as in its file."""
        return self.full or self.image.size

    @cached_property
    def extent(self) -> tuple[float, float]:
        """Width and height of the picture in pixels of `image`."""
        if self.full is None:
            return self.image.size
        factor = 2 ** round(math.log2(max(self.full) / max(self.image.size)))
        return self.full[0] / factor, self.full[1] / factor

    @cached_property
    def seen(self) -> Image.Image:
        """`image` as RGB, or as RGBa where it has an alpha channel: invisible colours are gone."""
        return self.image.convert("RGBa") if self.image.mode == "RGBA" else self.image

    @cached_property
    def fine(self) -> Image.Image:
        """`image` on white, RGB."""
        return picture(planes(self.seen)) if self.seen.mode == "RGBa" else self.seen

    @cached_property
    def working(self) -> Image.Image:
        """The working copy of `seen`: averaged down (box filter) to at most `WORKING` pixels; never enlarged."""
        width, height = self.extent
        scale = math.sqrt(WORKING / (width * height))
        if scale >= 1:
            return self.seen
        size = max(1, round(width * scale)), max(1, round(height * scale))
        return self.seen.resize(size, Image.Resampling.BOX, box=(0, 0, width, height))

    @cached_property
    def scale(self) -> tuple[float, float]:
        """How many pixels of `image` are one of the working copy, across and down."""
        return self.extent[0] / self.working.width, self.extent[1] / self.working.height

    @cached_property
    def planes(self) -> Pixels:
        """The working copy on white as uint8 3×h×w, 0–255: red, green, blue."""
        return planes(self.working)

    @cached_property
    def small(self) -> Pixels:
        """The same as h×w×3. What works channel by channel should use `planes`, where neighbours in a row are neighbours in memory."""
        return self.planes.transpose(1, 2, 0)

    @cached_property
    def small_rgb(self) -> Image.Image:
        """The same for Pillow, RGB."""
        return picture(self.planes) if self.working.mode == "RGBa" else self.working

    @cached_property
    def gray(self) -> Pixels:
        """Brightness (Rec. 601) of the working copy as uint8 h×w."""
        return luma(self.planes)

    @cached_property
    def opacity(self) -> Pixels | None:
        """Of the working copy, uint8 h×w, 0 (transparent) to 255; None for a picture without an alpha channel."""
        return np.asarray(self.working.getchannel("a")) if self.working.mode == "RGBa" else None

    @cached_property
    def small_clear(self) -> Flags:
        """Which pixels of the working copy are transparent (less than half opaque), h×w."""
        return np.zeros(self.gray.shape, dtype=bool) if self.opacity is None else self.opacity < 128

    @cached_property
    def border(self) -> Border:
        """The dominant colour of the working copy's outermost ring and how much of the ring has it."""
        return border.examine(self.small, self.small_clear)

    @cached_property
    def background(self) -> Flags:
        """Which pixels of the working copy are transparent or near the border's colour, h×w."""
        return border.background(self.small, self.small_clear, self.border.colour)

    @cached_property
    def judged(self) -> Flags:
        """Which pixels of the working copy statistics speak of, h×w: what is not background, or all where nothing else is there."""
        subject = ~self.background
        return subject if subject.any() else ~subject

    @cached_property
    def half(self) -> Pixels:
        """The working copy on white at half its size, as uint8 3×h×w: averaging evens out JPEG's colour noise."""
        return halved(self.planes)

    @cached_property
    def half_judged(self) -> NDArray[np.intp]:
        """Which pixels of `half`, counted row by row, statistics speak of: where most of the four are `judged`, or all."""
        flags = halved(self.judged.view(np.uint8) * np.uint8(4)) > 2
        return np.flatnonzero(flags if flags.any() else ~flags)

    @property
    def subject(self) -> tuple[int, int, int, int]:
        """Bounding box (left, top, right, bottom; pixels of the working copy, right and bottom exclusive) of what is not background.

        Background is what is transparent or near the border's colour; a frame around the picture is peeled off too. The
        whole picture where nothing stands out. Resized copies of a picture have the same box in proportion.
        """
        return self._subject[0]

    @property
    def subject_border(self) -> Border:
        """`border` of what is inside the subject's box."""
        return self._subject[1]

    @cached_property
    def _subject(self) -> tuple[tuple[int, int, int, int], Border]:
        return border.subject(self.small, self.small_clear, self.border, self.background)

    @cached_property
    def steady(self) -> Box:
        """`subject` to fractions of a pixel of the working copy, hardly moved by compression; see `cutout.steady`."""
        return cutout.steady(self.small, self.small_clear, self.border.colour, self.subject) or self.subject

    @cached_property
    def thumb(self) -> Image.Image:
        """The whole picture on white, RGB, stretched to `THUMB` × `THUMB` pixels."""
        # not from the working copy: a second resampling at a ratio near one leaves outlines ragged, each size in its own way
        return self.fine.resize((THUMB, THUMB), Image.Resampling.BILINEAR, box=(0, 0, *self.extent))

    @cached_property
    def portrait(self) -> Image.Image:
        """The subject on white, RGB, padded to a square with the border's colour, `THUMB` × `THUMB` pixels."""
        return self.cut(self.steady)

    def cut(self, box: Box) -> Image.Image:
        """What is inside a box (pixels of the working copy) in a square of the border's colour, RGB, `THUMB` × `THUMB` pixels."""
        if max(box[2] - box[0], box[3] - box[1]) < THUMB and self.scale[0] > 1:  # there is more to see in the finer copy
            across, down = self.scale
            box = box[0] * across, box[1] * down, box[2] * across, box[3] * down
            return cutout.square(self.fine, box, THUMB, self.border.colour)
        return cutout.square(self.small_rgb, box, THUMB, self.border.colour)


def planes(image: Image.Image) -> Pixels:
    """An RGB, RGBA or RGBa picture on white, as uint8 3×h×w."""
    if image.mode == "RGB":
        bands = b"".join([image.tobytes("raw", band) for band in "RGB"])
        return np.frombuffer(bands, dtype=np.uint8).reshape(3, image.height, image.width)
    pixels = np.asarray(image.convert("RGBa") if image.mode == "RGBA" else image)
    found = np.empty((3, image.height, image.width), dtype=np.uint8)
    words = pixels.view("<u4")[..., 0]  # faster than to pick every fourth byte
    for channel, plane in enumerate(found):
        np.copyto(plane, words >> np.uint32(8 * channel), casting="unsafe")
    found += ~(words >> np.uint32(24)).astype(np.uint8)  # a colour multiplied by its opacity is no larger than that
    return found


def picture(planes: Pixels) -> Image.Image:
    """The RGB picture of uint8 3×h×w."""
    return Image.fromarray(np.ascontiguousarray(planes.transpose(1, 2, 0)))


def luma(planes: Pixels) -> Pixels:
    """Brightness (Rec. 601, as Pillow rounds it) of uint8 3×h×w, as uint8 h×w."""
    total = np.multiply(planes[0], 19595, dtype=np.uint32)
    total += np.multiply(planes[1], 38470, dtype=np.uint32)
    total += np.multiply(planes[2], 7471, dtype=np.uint32)
    total += 0x8000
    found: Pixels = (total >> 16).astype(np.uint8)
    return found


def halved(values: Pixels) -> Pixels:
    """Means of each 2 × 2 pixels of uint8 …×h×w; an odd last row or column is left out, one that is alone stays."""
    height, width = (length // 2 * 2 or 1 for length in values.shape[-2:])
    rows = values[..., 0:height:2, :].astype(np.uint16)
    rows += values[..., 1:height:2, :] if height > 1 else rows
    sums = rows[..., 0:width:2] + (rows[..., 1:width:2] if width > 1 else rows[..., 0:1])
    sums += 2
    sums >>= 2
    return sums.astype(np.uint8)


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
