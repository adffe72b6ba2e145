"""Every measurement, and the one function that measures a file."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

from PIL import Image

from pipeline import images
from pipeline.errors import PipelineError
from pipeline.measure import background, colour, digest, facing, hashes, hints, natural, shape, signature, texture
from pipeline.measure.base import Decoded, Measurement

VERSION = 6
"""Grows whenever a column is added or the value of one changes; older rows are then measured anew."""

ORIENTATION = 0x0112
"""EXIF tag; 5 to 8 stand on their side."""

MEASUREMENTS: tuple[Measurement, ...] = (
    shape.MEASUREMENT,
    digest.MEASUREMENT,
    hashes.MEASUREMENT,
    signature.MEASUREMENT,
    background.MEASUREMENT,
    colour.MEASUREMENT,
    texture.MEASUREMENT,
    facing.MEASUREMENT,
    natural.MEASUREMENT,
    hints.MEASUREMENT,
)

COLUMNS: dict[str, str] = {name: column.kind for measurement in MEASUREMENTS for name, column in measurement.columns.items()}
"""SQL type of every measured column."""


def measure_file(path: str | Path, id: str) -> dict[str, Any]:
    """Decode one stored image and compute every column.

    Returns `id, error, detail` and `COLUMNS`. For a bad picture `error` is BadImage's kind and every column is None. Raises
    PipelineError only where the disk fails: then nothing is known of the picture.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error.strerror or error}); `pipeline verify` lists what is damaged") from error
    row: dict[str, Any] = {"id": id, "error": None, "detail": "", **dict.fromkeys(COLUMNS)}
    try:
        decoded = decode(data)
    except images.BadImage as error:
        return row | {"error": error.kind, "detail": error.detail}
    for measurement in MEASUREMENTS:
        row.update(measurement.compute(decoded))
    return row


def decode(data: bytes) -> Decoded:
    """Decode a file's bytes, once. Raises BadImage."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow grumbles about damaged metadata; the pixels are what counts
            picture = images.open_image(data)
            with Image.open(io.BytesIO(data), formats=list(images.EXTENSIONS)) as header:
                name = images.read_header(data).format
                turned = header.getexif().get(ORIENTATION, 1) in (5, 6, 7, 8)
                full = header.size if images.reduction(*header.size) > 1 else None
                mode, upright = header.mode, full[::-1] if full and turned else full
                return Decoded(picture, name, mode, images.frames(header), upright)
    except (images.BadImage, MemoryError):
        raise
    except Exception as error:  # Pillow's plugins let anything escape on hostile bytes (struct.error, KeyError, TypeError, …)
        raise images.BadImage("undecodable", f"{type(error).__name__}: {error}") from error
