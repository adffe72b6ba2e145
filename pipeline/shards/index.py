"""The index of a shard: key, length and CRC-32C of every record, and what the shard was made from.

It stands beside the shards as `records/FILE.json` and serves three ends: damage is named by record, whatever the format; a record
can be read without those before it; and a shard that would come out the same again need not be made again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

import google_crc32c

from pipeline import files
from pipeline.errors import PipelineError

FOLDER = "records"
_KEY = re.compile(r"[0-9A-Za-z-]+")


class Span(NamedTuple):
    """One record of a shard: its key, the CRC-32C of its bytes, and how many they are (several numbers where they stand in several
    files). The last span of a shard has no key: it is what follows the records."""

    key: str
    crc: int
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, key: str, piece: Sequence[bytes]) -> Self:
        """The span of these bytes."""
        return cls(key, checksum(piece), tuple(len(part) for part in piece))


@dataclass(frozen=True, slots=True)
class Index:
    """A shard's spans, with two digests: of the settings and the program that made it, and of the examples it was made from."""

    settings: str
    contents: str
    spans: tuple[Span, ...]

    @property
    def records(self) -> int:
        """How many records the shard holds."""
        return len(self.spans) - 1

    @property
    def bytes(self) -> int:
        """Bytes of all records."""
        return sum(sum(span.sizes) for span in self.spans[:-1])


def checksum(piece: Iterable[bytes]) -> int:
    """CRC-32C of the parts, one after the other."""
    crc = 0
    for part in piece:
        crc = google_crc32c.extend(crc, part)
    return crc


def name(file: str) -> str:
    """The index's own file for a shard, both within the folder."""
    return f"{FOLDER}/{file.replace('/', '-')}.json"


def write(folder: Path, file: str, index: Index) -> None:
    """Write the index of a shard, whole or not at all."""
    rows = ",\n".join(json.dumps([span.key, f"{span.crc:08x}", *span.sizes]) for span in index.spans)
    head = json.dumps({"settings": index.settings, "contents": index.contents})
    path = folder / name(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, f'{head[:-1]}, "spans": [\n{rows}\n]}}\n')


def read(folder: Path, file: str) -> Index:
    """Raises PipelineError where there is no index, or a damaged one."""
    path = folder / name(file)
    try:
        found = json.loads(path.read_bytes())
        spans = tuple(Span(str(key), int(crc, 16), tuple(map(_size, sizes))) for key, crc, *sizes in found["spans"])
        if not spans or spans[-1].key or not all(_KEY.fullmatch(span.key) and span.sizes for span in spans[:-1]):
            raise ValueError("a record without a key, or with one that could be no part of a file's name")
        return Index(str(found["settings"]), str(found["contents"]), spans)
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error.strerror}); write the folder again with `pipeline shard`") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(f"{path}: damaged ({error!r}); write the folder again with `pipeline shard`") from error


def _size(number: object) -> int:
    if type(number) is not int or number < 0:
        raise ValueError(f"{number!r} is no length")
    return number
