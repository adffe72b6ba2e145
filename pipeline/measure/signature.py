"""Signatures: a picture at 64 × 64, small enough to keep and fine enough to tell whether two pictures are the same.

Hashes only propose pairs: robots that share most parts have the same 64 bits. `pipeline/curate/look.py` takes the second look at the
signatures, cell by cell, so that one changed part or another colour is seen however alike the rest is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.measure.base import Column, Decoded, Measurement
from pipeline.measure.hashes import steady_box

SIDE = 64
"""Cells on a side of the brightness; half as many of the colours, as in a JPEG file."""

SMALL = 0.6
"""A subject below this share of the picture's longest side is too few cells of the whole: it gets a signature of its own."""

MARGIN = 0.1
"""Room on each side of the subject in its own signature, as a share of its longest side."""

_HALF = SIDE // 2

BYTES = SIDE * SIDE + 2 * _HALF * _HALF


class Cells(NamedTuple):
    """n signatures: `luma` uint8 n×64×64 (0–255), `chroma` uint8 n×32×32×2 (Cb and Cr, 128 is gray)."""

    luma: NDArray[np.uint8]
    chroma: NDArray[np.uint8]


class Signature(Measurement):
    """The whole picture, and a small subject by itself, each as 64 × 64 cells."""

    name: ClassVar[str] = "signature"
    columns: ClassVar[Mapping[str, Column]] = {
        "signature": Column("BLOB", "the picture on white, stretched to 64 × 64: Y, then Cb and Cr at 32 × 32 (uint8, JFIF), 6,144 bytes"),
        "signature_subject": Column("BLOB", "the same of a square around a subject whose share is below 0.6; else no bytes"),
        "subject_share": Column("REAL", "longest side of the subject's box ÷ longest side of the picture, above 0 to 1"),
        "subject_left": Column("REAL", "left edge of the subject's box ÷ width of the picture, 0 to 1"),
        "subject_top": Column("REAL", "its upper edge ÷ height of the picture, 0 to 1"),
        "subject_right": Column("REAL", "its right edge ÷ width of the picture, 0 to 1"),
        "subject_bottom": Column("REAL", "its lower edge ÷ height of the picture, 0 to 1"),
    }

    def compute(self, decoded: Decoded) -> dict[str, Any]:
        """Both signatures as bytes, rows from the top."""
        width, height = decoded.size
        left, top, right, bottom = steady_box(decoded)
        share = max(right - left, bottom - top) / max(width, height)
        return {
            "signature": _pack(decoded.rgb.resize((SIDE, SIDE), Image.Resampling.BILINEAR)),
            "signature_subject": _pack(_closer(decoded, square((left, top, right, bottom)))) if share < SMALL else b"",
            "subject_share": share,
            "subject_left": left / width,
            "subject_top": top / height,
            "subject_right": right / width,
            "subject_bottom": bottom / height,
        }


def square(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The square (left, top, right, bottom; pixels, may reach outside the picture) that a small subject's signature shows."""
    left, top, right, bottom = box
    half = max(right - left, bottom - top) * (0.5 + MARGIN)
    across, down = (left + right) / 2, (top + bottom) / 2
    return across - half, down - half, across + half, down + half


def unpack(blobs: list[bytes]) -> Cells:
    """Signatures as read from the catalog."""
    flat = np.frombuffer(b"".join(blobs), dtype=np.uint8).reshape(-1, BYTES)
    luma = flat[:, : SIDE * SIDE].reshape(-1, SIDE, SIDE)
    return Cells(luma, np.moveaxis(flat[:, SIDE * SIDE :].reshape(-1, 2, _HALF, _HALF), 1, 3))


def _closer(decoded: Decoded, box: tuple[float, float, float, float]) -> Image.Image:
    """What is inside a box at 64 × 64; outside the picture lies the border's colour."""
    width, height = decoded.size
    scale = SIDE / (box[2] - box[0])
    inside = max(0.0, box[0]), max(0.0, box[1]), min(float(width), box[2]), min(float(height), box[3])
    ends = [round((inside[at] - box[at % 2]) * scale) for at in range(4)]
    size = max(1, ends[2] - ends[0]), max(1, ends[3] - ends[1])
    ground = Image.new("RGB", (SIDE, SIDE), decoded.border.colour)
    ground.paste(decoded.rgb.resize(size, Image.Resampling.BILINEAR, box=inside), (ends[0], ends[1]))
    return ground


def _pack(cells: Image.Image) -> bytes:
    luma, blue, red = cells.convert("YCbCr").split()
    return b"".join([luma.tobytes(), *(part.resize((_HALF, _HALF), Image.Resampling.BOX).tobytes() for part in (blue, red))])


MEASUREMENT = Signature()
