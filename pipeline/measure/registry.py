"""Every measurement, and the one function that measures a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline import images
from pipeline.errors import PipelineError
from pipeline.measure import background, colour, digest, facing, hashes, hints, natural, shape, signature, texture
from pipeline.measure.base import FINE, Decoded, Measurement

VERSION = 7
"""Grows whenever a column is added or the value of one changes; older rows are then measured anew."""

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
    """As `measure_picture`, of a file."""
    return measure_picture(Path(path).read_bytes, id, path)


def measure_picture(read: Callable[[], bytes], id: str, place: object) -> dict[str, Any]:
    """Decode one stored image, whose bytes `read` gives, and compute every column. `place` is where it is, for people.

    Returns `id, error, detail` and `COLUMNS`. For a bad picture `error` is BadImage's kind and every column is None. Raises
    PipelineError only where the disk fails: then nothing is known of the picture.
    """
    try:
        data = read()
    except OSError as error:
        raise PipelineError(f"{place}: cannot be read ({error.strerror or error}); `pipeline verify` lists what is damaged") from error
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
    picture = images.open_reduced(data, FINE)
    return Decoded(picture.image, picture.format, picture.mode, picture.frames, picture.size)
