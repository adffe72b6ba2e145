"""What a format must say about itself.

Workers write shards, each a sequence of records. A format turns a record into a piece of bytes and back, and says in which file a
shard stands; that is all that most need. The index (pipeline/shards/index.py) keeps length and checksum of every piece, so that
any format can be read from any record on, and damage is named by record.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from pipeline.shards.example import Example
from pipeline.shards.index import Span
from pipeline.shards.info import Info
from pipeline.shards.protobuf import Value

EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
"""What a picture's file is called after, by `shard.encoding`."""


@dataclass(frozen=True, slots=True)
class Record:
    """One example, ready to be written. `key` names it within the set: letters, digits and hyphens; `fields` are those of
    example.FIELDS, texts as UTF-8."""

    key: str
    fields: dict[str, Value]


def key(example: Example) -> str:
    """The record's key: the picture's id, for a copy with 12 hex digits of the SHA-256 of what was done to it."""
    if example.variant.original:
        return example.picture.id
    return f"{example.picture.id}-{hashlib.sha256(example.variant.label.encode()).hexdigest()[:12]}"


class Format(ABC):
    """One form of shards."""

    name: ClassVar[str]
    """In manifests, and in the folder's name."""

    title: ClassVar[str]
    """What it is, after "in": TFRecord files, a zip, …"""

    loading: ClassVar[str]
    """Markdown that shows how to load it, with $folder, $name (as in file names), $split, $extension and $spec."""

    bound: ClassVar[str] = ""
    """Why all shards of a split stand in one file, which is written when all their records are there; empty where each has its own."""

    def __init__(self, encoding: str) -> None:
        self.encoding = encoding
        self.extension = EXTENSIONS[encoding]

    def front(self, splits: Sequence[str]) -> Mapping[str, Any]:
        """Keys for the card's front matter, from which Hugging Face makes a page; by default no pictures are shown there."""
        return {"viewer": False}

    @abstractmethod
    def file(self, name: str, split: str, index: int, count: int) -> str:
        """Where shard `index` (from 0) of `count` stands in the folder, with / between names; `name` is the dataset's."""

    @abstractmethod
    def fields(self, piece: Sequence[bytes]) -> dict[str, Value]:
        """The record's fields back from its bytes. Raises ValueError for bytes that are no record of this format."""

    @abstractmethod
    def write(self, path: Path, records: Iterable[Record], classes: Sequence[str] = ()) -> list[Span]:
        """Write a shard to a new file (a bound format: all of a split); the last span is what follows the records. The caller moves it to
        its place when it is whole. `classes`: the labels of the whole set, sorted; only a bound format is told."""

    def read(self, path: Path, spans: Sequence[Span]) -> Iterator[tuple[bytes, ...]]:
        """The bytes of each span of a shard in order; fewer where the file ends early, and all the rest for the last one. Raises
        OSError."""
        *records, _ = spans
        with path.open("rb") as file:
            for span in records:
                yield tuple(file.read(size) for size in span.sizes)
            yield (file.read(),)

    def size(self, path: Path) -> int:
        """Bytes of a shard on the disk."""
        return path.stat().st_size

    def describe(self, info: Info, pictures: int, licences: str) -> dict[str, str]:
        """Text files that stand beside the shards, by name; `pictures` are all without copies, `licences` a Markdown list."""
        return {}

    def check(self, folder: Path, info: Info) -> Iterator[str]:
        """What in those files is at odds with the shards, a line each."""
        yield from ()


class Separate(Format):
    """A format whose records are written one after the other, each by itself."""

    end: ClassVar[bytes] = b""
    """What follows the last record of a file."""

    @abstractmethod
    def piece(self, record: Record) -> tuple[bytes, ...]:
        """The record's bytes; several where they go to several files."""

    def write(self, path: Path, records: Iterable[Record], classes: Sequence[str] = ()) -> list[Span]:
        """See `Format.write`."""
        spans = []
        with path.open("wb") as out:
            for record in records:
                piece = self.piece(record)
                out.writelines(piece)
                spans.append(Span.of(record.key, piece))
            out.write(self.end)
        return [*spans, Span.of("", (self.end,))]
