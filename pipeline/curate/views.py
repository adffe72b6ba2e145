"""What the second look looks at: a picture's signature, or that of its small subject, and where in the picture it lies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.curate.align import Floats
from pipeline.curate.cells import pooled, rgb, softer
from pipeline.measure import signature
from pipeline.measure.signature import MARGIN, SIDE, Cells

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    *("signature", "signature_subject", "subject_share", "subject_left", "subject_top", "subject_right", "subject_bottom"),
    *("width", "height"),
)
"""The measured columns that are read here."""

FRAME = 4
"""Cells on each side that a frame or margin of one colour may take, and that are left out of the comparison then."""

PLAIN = 24
"""Brightness levels (0–255) within which a row of cells is of one colour."""


@dataclass(frozen=True)
class Views:
    """The views of n pictures. Boxes are n×4: left, top, right, bottom as shares of the picture."""

    whole: Cells
    cells: Cells
    """The picture, or its subject where that is small."""
    box: NDArray[np.float64]
    """What of the picture `cells` shows; may reach outside."""
    subject: NDArray[np.float64]
    size: NDArray[np.float64]
    """n×2: width and height, pixels."""

    @classmethod
    def read(cls, measurements: pd.DataFrame) -> Self:
        """From a measurement table whose rows all have the `COLUMNS`."""
        blobs, closer = list(measurements["signature"]), list(measurements["signature_subject"])
        size = measurements[["width", "height"]].to_numpy(dtype=float)
        subject = measurements[[f"subject_{side}" for side in ("left", "top", "right", "bottom")]].to_numpy(dtype=float)
        box = np.tile([0.0, 0.0, 1.0, 1.0], (len(size), 1))
        small = np.array([len(blob) > 0 for blob in closer], dtype=bool)
        scale = np.concatenate([size, size], axis=1)
        pixels = subject * scale
        half = (pixels[:, 2:] - pixels[:, :2]).max(axis=1, keepdims=True) * (0.5 + MARGIN)
        middle = (pixels[:, 2:] + pixels[:, :2]) / 2
        box[small] = (np.concatenate([middle - half, middle + half], axis=1) / scale)[small]
        whole = signature.unpack(blobs)
        cells = signature.unpack([two or one for one, two in zip(blobs, closer, strict=True)]) if small.any() else whole
        return cls(whole, cells, box, subject, size)

    def take(self, which: NDArray[np.intp], flip: bool = False) -> Looks:
        """The views of some pictures (a picture may come often), or (`flip`) of their mirror images."""
        box, subject = self.box[which], self.subject[which]
        if flip:
            box, subject = (np.stack([1 - side[:, 2], side[:, 1], 1 - side[:, 0], side[:, 3]], axis=1) for side in (box, subject))
        return Looks(self.cells, which, flip, box, subject, self.size[which])


@dataclass(frozen=True)
class Looks:
    """n views ready for comparison. What is asked for is made once for each picture, however many of the views show it."""

    cells: Cells
    which: NDArray[np.intp]
    flip: bool
    box: NDArray[np.float64]
    subject: NDArray[np.float64]
    size: NDArray[np.float64]
    made: dict[tuple[str, int], Floats] = field(default_factory=dict)
    """What has been made already, by name and side."""

    @property
    def luma(self) -> Floats:
        """Brightness, n×64×64."""
        return self._each("luma", SIDE, lambda cells: cells.luma.astype(np.float32))

    @property
    def chroma(self) -> Floats:
        """Colour, n×32×32×2."""
        return self._each("chroma", SIDE, lambda cells: cells.chroma.astype(np.float32))

    def counts(self, side: int) -> Floats:
        """How far each of `side` × `side` cells counts: 0 where a margin or frame of one colour lies, else 1."""
        return self._each("counts", side, lambda cells: pooled(unframed(cells.luma), side))

    def soft(self, side: int) -> Floats:
        """Brightness averaged to `side` × `side` and slightly softened."""
        return self._each("soft", side, lambda cells: softer(pooled(cells.luma, side)))

    def colours(self, side: int) -> Floats:
        """RGB averaged to `side` × `side` (32 at most) and slightly softened, n×side×side×3."""
        return self._each("colours", side, lambda cells: softer(rgb(pooled(cells.luma, side), pooled(cells.chroma, side))))

    def detail(self) -> NDArray[np.float64]:
        """Pixels on the longest side of what each view shows."""
        found: NDArray[np.float64] = ((self.box[:, 2:] - self.box[:, :2]) * self.size).max(axis=1)
        return found

    def some(self, which: NDArray[np.intp]) -> Looks:
        """A part of them."""
        return Looks(self.cells, self.which[which], self.flip, self.box[which], self.subject[which], self.size[which])

    def _each(self, name: str, side: int, make: Callable[[Cells], Floats]) -> Floats:
        if (name, side) not in self.made:
            pictures, at = np.unique(self.which, return_inverse=True)
            turned = slice(None, None, -1 if self.flip else None)
            made = make(Cells(self.cells.luma[pictures][:, :, turned], self.cells.chroma[pictures][:, :, turned]))
            self.made[name, side] = made[at]
        return self.made[name, side]


def unframed(luma: NDArray[np.uint8]) -> Floats:
    """1 where no plain margin or frame lies along the edge, at most `FRAME` cells wide; n×64×64."""
    weight = np.ones(luma.shape, dtype=np.float32)
    for turned, weights in ((luma, weight), (luma.transpose(0, 2, 1), weight.transpose(0, 2, 1))):
        for rows, target in ((turned, weights), (turned[:, ::-1], weights[:, ::-1])):
            strip = rows[:, :FRAME]
            plain = strip.max(axis=2).astype(np.int16) - strip.min(axis=2) <= PLAIN
            run = np.cumprod(plain, axis=1).astype(bool)
            # the cell beside a frame is half frame
            cut = np.concatenate([run[:, :1], run], axis=1)
            target[:, : FRAME + 1][cut] = 0
    return weight
