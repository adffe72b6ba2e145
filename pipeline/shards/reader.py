"""Read a shard folder of any format, without the tool it is for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypedDict, cast

from pipeline.errors import PipelineError
from pipeline.shards import formats, index, protobuf
from pipeline.shards.example import FIELDS
from pipeline.shards.formats.base import Format
from pipeline.shards.info import FILE, Info


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


class Found(NamedTuple):
    """A record as it was found: where it stands, in words; its fields; and what is wrong with it, if they are None."""

    place: str
    row: Row | None
    problem: str


def info(folder: Path) -> Info:
    """Read shards.json. Raises PipelineError when it is missing or not of the form that `write` gives it."""
    try:
        about = Info.parse((folder / FILE).read_text(encoding="utf-8"))
        formats.load(about.format, about.encoding)
    except OSError as error:
        raise PipelineError(f"{error.filename}: cannot be read ({error.strerror}); give a shard folder, or run `pipeline shard`") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(f"{folder / FILE}: damaged, or of another kind ({error!r}); write it again with `pipeline shard`") from error
    return about


def read(folder: Path, split: str) -> Iterator[Row]:
    """Every record of a split, in order. Raises PipelineError naming shard and record where something is wrong with one."""
    about = info(folder)
    found = [entry for entry in about.splits if entry.name == split]
    if not found:
        raise PipelineError(f"{folder}: no split {split!r}; it has {', '.join(entry.name for entry in about.splits)}")
    for file, length in zip(found[0].files, found[0].lengths, strict=True):
        count = 0
        for place, row, problem in rows(folder, about, file):
            if row is None:
                raise PipelineError(f"{folder}: {place}: {problem}; write it again with `pipeline shard`")
            yield row
            count += 1
        if count != length:
            raise PipelineError(f"{folder / file}: {count} records where {length} belong; write it again with `pipeline shard`")


def rows(folder: Path, about: Info, file: str) -> Iterator[Found]:
    """Every record of a shard; damage is reported and passed over, what follows the records included.

    Raises PipelineError when the shard or its index cannot be read.
    """
    known, kind = index.read(folder, file), formats.load(about.format, about.encoding)
    try:
        for number, (span, piece) in enumerate(zip(known.spans, kind.read(folder / file, known.spans), strict=True), 1):
            place = f"{file}: record {number} of {known.records} ({span.key})" if span.key else f"{file}: what follows its records"
            if tuple(map(len, piece)) != span.sizes or index.checksum(piece) != span.crc:
                short = sum(map(len, piece)) < sum(span.sizes)
                yield Found(place, None, "bytes are missing" if short else "its bytes are damaged (checksum differs)")
            elif span.key:
                yield _found(place, kind, piece)
    except OSError as error:
        raise PipelineError(f"{folder / file}: cannot be read ({error.strerror}); write it again with `pipeline shard`") from error


def _found(place: str, kind: Format, piece: tuple[bytes, ...]) -> Found:
    try:
        return Found(place, _row(kind.fields(piece)), "")
    except ValueError as error:
        return Found(place, None, f"not a record of this kind ({error})")


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
