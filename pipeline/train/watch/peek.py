"""A few pictures straight from shards, without TensorFlow: what generated ones are held against while a run is watched."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.shards import protobuf, tfrecord
from pipeline.shards.example import is_original
from pipeline.train.data import split_files

HELD_OUT = ("validation", "test")
"""Splits that are not trained on, in the order in which they are looked for."""


def pictures(folder: Path, name: str, split: str, size: int, most: int) -> np.ndarray:
    """uint8 (n, size, size, 3): the first `most` pictures of a split of set `name`, without augmented copies and what cannot be read."""
    found = []
    for record in _records(folder, name, split):
        picture = _decoded(record, size)
        if picture is not None:
            found.append(picture)
        if len(found) == most:
            break
    return np.stack(found) if found else np.zeros((0, size, size, 3), np.uint8)


def held_out(folder: Path, name: str, size: int, most: int) -> np.ndarray:
    """The same from the first split of `HELD_OUT` that has any."""
    for split in HELD_OUT:
        found = pictures(folder, name, split, size, most)
        if len(found):
            return found
    return found


def _records(folder: Path, name: str, split: str) -> Iterator[bytes]:
    for path in split_files(folder, name, split):
        yield from (record.data for record in tfrecord.records(path) if record.data is not None)


def _decoded(record: bytes, size: int) -> np.ndarray | None:
    try:
        fields = protobuf.decode(record)
        image = fields["image"]
        if not isinstance(image, bytes) or not is_original(fields.get("augmentation", b"")):
            return None
        with Image.open(io.BytesIO(image)) as picture:
            return np.asarray(picture.convert("RGB")) if picture.size == (size, size) else None
    except (OSError, ValueError, KeyError, SyntaxError):
        return None
