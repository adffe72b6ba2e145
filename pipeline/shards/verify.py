"""Check a shard folder: every checksum, every record, every promise about splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import images
from pipeline.errors import PipelineError
from pipeline.shards import augment, checksums, reader, split
from pipeline.shards.tfrecord import OVERHEAD


def verify(folder: Path) -> list[str]:
    """What is wrong with a shard folder, one line each, naming file and record; empty when it is sound.

    Looked at: SHA-256 of every file, framing and fields of every record, that each image decodes to an RGB square of the
    stated size, that no example stands twice, counts and bytes against dataset_info.json, that no cluster is in two splits,
    and that validation holds originals only.
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
        size = 0
        for name, length in zip(about.files(part), part.lengths, strict=True):
            problems += _shard(folder / name, part.name, length, seen)
            size += (folder / name).stat().st_size - OVERHEAD * length if (folder / name).is_file() else 0
        if size != part.bytes:
            problems.append(f"split {part.name}: {size} bytes of records where dataset_info.json says {part.bytes}")
    return problems


@dataclass
class _Seen:
    size: int
    channels: int
    examples: dict[tuple[str, str], str] = field(default_factory=dict)
    clusters: dict[str, tuple[str, str]] = field(default_factory=dict)


def _shard(path: Path, part: str, length: int, seen: _Seen) -> Iterator[str]:
    number = 0
    try:
        for number, row, problem in reader.rows(path):
            where = f"{path.name}: record {number} of {length}"
            if row is None:
                yield f"{where}: {problem}"
            else:
                yield from (f"{where} ({row['id']}): {found}" for found in _row(row, where, part, seen))
    except PipelineError as error:
        yield str(error)
        return
    if number != length:
        yield f"{path.name}: {number} records where dataset_info.json says {length}"


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
