"""shards.json: what a shard folder holds, whatever its format."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from pipeline.shards.example import CHANNELS

FILE = "shards.json"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Split:
    """One split: its files in order (paths within the folder, with /), the records in each, and the bytes of all records."""

    name: str
    files: tuple[str, ...]
    lengths: tuple[int, ...]
    bytes: int


@dataclass(frozen=True, slots=True)
class Info:
    """Format, the dataset's name, pixels on a side, encoding of the pictures, splits in order, and what the pixels are (`shard.mode`)."""

    format: str
    name: str
    size: int
    encoding: str
    splits: tuple[Split, ...]
    mode: str = "rgb"

    @property
    def channels(self) -> int:
        """Of a picture's pixels."""
        return CHANNELS[self.mode]

    def text(self) -> str:
        """As it stands in the file."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, indent=2) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read it back. Raises ValueError, KeyError or TypeError for anything else."""
        found = json.loads(text)
        if found["schema"] != SCHEMA:
            raise ValueError(f"schema {found['schema']!r}, where this version reads {SCHEMA}")
        splits = [
            Split(str(entry["name"]), tuple(map(str, entry["files"])), tuple(map(int, entry["lengths"])), int(entry["bytes"]))
            for entry in found["splits"]
        ]
        if any(len(split.files) != len(split.lengths) for split in splits):
            raise ValueError("files and lengths differ in number")
        if any(file.startswith("/") or ".." in file.split("/") or "\\" in file for split in splits for file in split.files):
            raise ValueError("a file outside the folder")
        if found["mode"] not in CHANNELS:
            raise ValueError(f"mode {found['mode']!r}")
        return cls(str(found["format"]), str(found["name"]), int(found["size"]), str(found["encoding"]), tuple(splits), found["mode"])


def format_of(folder: Path) -> str:
    """The format that a folder says it is in; `tfrecord`, the oldest, where it does not say."""
    try:
        return Info.parse((folder / FILE).read_text(encoding="utf-8")).format
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "tfrecord"


def is_folder(path: Path) -> bool:
    """Whether this is a folder of shards, perhaps a damaged one."""
    return (path / FILE).is_file() or (path / "dataset_info.json").is_file()
