"""Check a shard folder: every checksum, every record, every promise about splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import images
from pipeline.errors import PipelineError
from pipeline.shards import augment, checksums, formats, index, reader, split
from pipeline.shards.info import FILE, Info


def verify(folder: Path) -> list[str]:
    """What is wrong with a shard folder, one line each, naming file and record; empty when it is sound.

    Looked at: SHA-256 of every file, bytes and fields of every record, that each image decodes to an RGB square of the
    stated size, that no example stands twice, counts in the folder's metadata, that no cluster is in two splits, and that
    validation holds originals only.
    """
    try:
        problems = checksums.problems(folder)
    except OSError as error:
        problems = [f"{error.filename}: cannot be read ({error.strerror}); write the folder again with `pipeline shard`"]
    try:
        about = reader.info(folder)
    except PipelineError as error:
        return [*problems, str(error)]
    seen = _Seen(about.size, about.channels)
    for part in about.splits:
        for file, length in zip(part.files, part.lengths, strict=True):
            problems += _shard(folder, about, file, part.name, length, seen)
    return problems + list(formats.load(about.format, about.encoding).check(folder, about))


@dataclass
class _Seen:
    size: int
    channels: int
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    clusters: dict[str, tuple[str, str]] = field(default_factory=dict)


def _shard(folder: Path, about: Info, file: str, part: str, length: int, seen: _Seen) -> Iterator[str]:
    try:
        records = index.read(folder, file).records
        if records != length:
            yield f"{file}: {records} records where {FILE} says {length}"
        for place, row, problem in reader.rows(folder, about, file):
            if row is None:
                yield f"{place}: {problem}"
            else:
                yield from (f"{place}: {found}" for found in _row(row, place, part, seen))
    except PipelineError as error:
        yield str(error)


def _row(row: reader.Row, where: str, part: str, seen: _Seen) -> Iterator[str]:
    key = (row["id"], row["augmentation"])
    first = seen.examples.setdefault(key, where)
    if first != where:
        yield f"the same example as {first}"
    home, example = seen.clusters.setdefault(row["cluster"], (part, where))
    if home != part:
        yield f"its cluster {row['cluster']} is also in {home} ({example})"
    if part == split.VALIDATION and row["augmentation"] not in ("", augment.TURNED):
        yield f"an augmented copy ({row['augmentation']}) in validation"
    yield from _image(row, seen.size, seen.channels)


def _image(row: reader.Row, size: int, channels: int) -> Iterator[str]:
    try:
        image = images.open_image(row["image"])
    except images.BadImage as error:
        yield f"its image does not decode: {error}"
        return
    mode = "RGBA" if channels == 4 else "RGB"  # gray is read as RGB
    if image.mode != mode or image.size != (size, size):
        yield f"its image is {image.mode}, {image.width}×{image.height}; it should be {mode}, {size}×{size}"
    if (row["width"], row["height"]) != image.size:
        yield f"it says {row['width']}×{row['height']} of an image that is {image.width}×{image.height}"
