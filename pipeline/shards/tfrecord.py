"""TFRecord files: the framing around each record, written and read without TensorFlow.

The format stands in TensorFlow's documentation ("TFRecords format details", tensorflow.org/tutorials/load_data/tfrecord):
each record is its length (uint64), the masked CRC-32C of these eight bytes (uint32), the data, and the masked CRC-32C of the
data (uint32), all little-endian. A CRC is masked as ((crc >> 15) | (crc << 17)) + 0xa282ead8, modulo 2³².
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import google_crc32c

OVERHEAD = 16
"""Bytes that the framing adds to each record."""


class Record(NamedTuple):
    """One record read back: its number from 1, its data, and what is wrong with it (empty: nothing; else `data` is None)."""

    number: int
    data: bytes | None
    problem: str


def frame(data: bytes) -> bytes:
    """One record as it stands in the file."""
    length = struct.pack("<Q", len(data))
    return b"".join((length, _masked_crc(length), data, _masked_crc(data)))


def unframe(piece: bytes) -> bytes:
    """The data of one framed record. Raises ValueError where length or checksums do not fit."""
    if len(piece) < OVERHEAD or _masked_crc(piece[:8]) != piece[8:12]:
        raise ValueError("its length is damaged")
    data = piece[12:-4]
    if struct.unpack("<Q", piece[:8])[0] != len(data) or _masked_crc(data) != piece[-4:]:
        raise ValueError("its data is damaged")
    return data


def places(path: Path) -> Iterator[tuple[int, int]]:
    """Where each record of a whole file stands: its first byte and all its bytes with the framing. Checksums are not looked at."""
    with path.open("rb") as file:
        start = 0
        while len(head := file.read(8)) == 8:
            length = struct.unpack("<Q", head)[0] + OVERHEAD
            yield start, length
            start += length
            file.seek(start)


def records(path: Path) -> Iterator[Record]:
    """Read a file record by record. Damaged data is reported and passed over; after a damaged length nothing more can be read."""
    left = path.stat().st_size
    with path.open("rb") as file:
        number = 0
        while left:
            number += 1
            head = file.read(12)
            if len(head) < 12:
                yield Record(number, None, "the file ends inside its length")
                return
            if _masked_crc(head[:8]) != head[8:]:
                yield Record(number, None, "its length is damaged (checksum differs), so nothing after it can be read")
                return
            length = struct.unpack("<Q", head[:8])[0]
            if length + OVERHEAD > left:
                yield Record(number, None, "the file ends inside its data")
                return
            data, crc = file.read(length), file.read(4)
            left -= length + OVERHEAD
            yield Record(number, data, "") if _masked_crc(data) == crc else Record(number, None, "its data is damaged (checksum differs)")


def _masked_crc(data: bytes) -> bytes:
    crc: int = google_crc32c.value(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)
