"""A few pictures straight from shards, without TensorFlow: what generated ones are held against while a run is watched."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

HELD_OUT = ("validation", "test")
"""Splits that are not trained on, in the order in which they are looked for."""


def pictures(folder: Path, name: str, split: str, size: int, most: int) -> np.ndarray:
    """uint8 (n, size, size, 3): the first `most` pictures of a split of the set `name`, leaving out what cannot be read as such."""
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
    """TFRecord framing: length (8 bytes), its CRC (4), the record, its CRC (4). CRCs are the loader's and `pipeline verify`'s."""
    for path in sorted(folder.glob(f"{name}-{split}.tfrecord-*-of-*")):
        with path.open("rb") as handle:
            while len(head := handle.read(12)) == 12:
                length = struct.unpack("<Q", head[:8])[0]
                body = handle.read(min(length, 2**31))
                handle.read(4)
                if len(body) == length:
                    yield body


def _decoded(record: bytes, size: int) -> np.ndarray | None:
    try:
        with Image.open(io.BytesIO(_image(record))) as picture:
            pixels = np.asarray(picture.convert("RGB")) if picture.size == (size, size) else None
    except (OSError, ValueError, IndexError, UnidentifiedImageError):
        return None
    return pixels


def _image(record: bytes) -> bytes:
    """The bytes under `image` in a tf.train.Example: features(1) → entries(1) of key(1) and feature(2) → bytes_list(1) → value(1)."""
    (features,) = _fields(record, 1)
    for entry in _fields(features, 1):
        if _fields(entry, 1) == [b"image"]:
            (feature,) = _fields(entry, 2)
            (values,) = _fields(feature, 1)
            return _fields(values, 1)[0]
    raise ValueError("no image")


def _fields(message: bytes, number: int) -> list[bytes]:
    """Every length-delimited field of that number; a message of others is not one of ours (ValueError)."""
    found, at = [], 0
    while at < len(message):
        key, at = _varint(message, at)
        if key & 7 != 2:
            raise ValueError(f"field {key >> 3} of another type")
        length, at = _varint(message, at)
        if at + length > len(message):
            raise ValueError("cut short")
        if key >> 3 == number:
            found.append(message[at : at + length])
        at += length
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
