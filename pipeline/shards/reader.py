"""Read a shard folder without TensorFlow."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, cast

from pipeline.errors import PipelineError
from pipeline.shards import protobuf, tfds, tfrecord
from pipeline.shards.example import FIELDS


class Row(TypedDict):
    """A record: `image` is an encoded file of `width`×`height` pixels."""

    image: bytes
    id: str
    cluster: str
    title: str
    series: str
    label: str
    page_url: str
    image_url: str
    license: str
    credit: str
    width: int
    height: int
    augmentation: str


@dataclass(frozen=True, slots=True)
class Info:
    """What the folder's metadata says: TFDS name, pixels on a side, splits in order, channels."""

    name: str
    size: int
    splits: tuple[tfds.Split, ...]
    channels: int = 3

    def files(self, split: tfds.Split) -> list[str]:
        """The names of a split's shard files, in order."""
        return [tfds.shard_file(self.name, split.name, index, len(split.lengths)) for index in range(len(split.lengths))]


def info(folder: Path) -> Info:
    """Read the metadata. Raises PipelineError when it is missing or not of the form that `write` gives it."""
    try:
        about = json.loads((folder / tfds.INFO).read_text(encoding="utf-8"))
        features = json.loads((folder / tfds.FEATURES).read_text(encoding="utf-8"))["featuresDict"]["features"]
        height, width, channels = features["image"]["image"]["shape"]["dimensions"]
        splits = tuple(
            tfds.Split(str(entry["name"]), tuple(int(length) for length in entry["shardLengths"]), int(entry["numBytes"]))
            for entry in about["splits"]
        )
        if set(features) != set(FIELDS) or width != height:
            raise ValueError("other fields than this version writes")
        return Info(str(about["name"]), int(width), splits, int(channels))
    except OSError as error:
        raise PipelineError(f"{error.filename}: cannot be read ({error.strerror}); give a shard folder, or run `pipeline shard`") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PipelineError(f"{folder}: damaged metadata, or of another kind ({error!r}); write it again with `pipeline shard`") from error


def read(folder: Path, split: str) -> Iterator[Row]:
    """Every record of a split, in order. Raises PipelineError naming shard and record where something is wrong with one."""
    about = info(folder)
    found = [entry for entry in about.splits if entry.name == split]
    if not found:
        raise PipelineError(f"{folder}: no split {split!r}; it has {', '.join(entry.name for entry in about.splits)}")
    for name, length in zip(about.files(found[0]), found[0].lengths, strict=True):
        count = 0
        for count, row, problem in rows(folder / name):
            if row is None:
                raise PipelineError(f"{folder / name}: record {count} of {length}: {problem}; write it again with `pipeline shard`")
            yield row
        if count != length:
            raise PipelineError(f"{folder / name}: {count} records where {length} belong; write it again with `pipeline shard`")


def rows(path: Path) -> Iterator[tuple[int, Row | None, str]]:
    """Every record of a shard file as number (from 1), fields, and what is wrong with it; the fields are None if anything is.

    Raises PipelineError when the file cannot be read.
    """
    try:
        for record in tfrecord.records(path):
            if record.data is None:
                yield record.number, None, record.problem
                continue
            try:
                yield record.number, _row(protobuf.decode(record.data)), ""
            except ValueError as error:
                yield record.number, None, f"not a record of this kind ({error})"
    except OSError as error:
        raise PipelineError(f"{path}: cannot be read ({error.strerror}); write it again with `pipeline shard`") from error


def _row(values: dict[str, protobuf.Value]) -> Row:
    if set(values) != set(FIELDS):
        raise ValueError(f"fields missing or unknown: {', '.join(sorted(set(values) ^ set(FIELDS)))}")
    row: dict[str, Any] = {}
    for name, kind in FIELDS.items():
        value = values[name]
        if isinstance(value, int) != (kind == "integer"):
            raise ValueError(f"{name} is of the wrong type")
        row[name] = value.decode() if kind == "text" and isinstance(value, bytes) else value
    return cast(Row, row)
