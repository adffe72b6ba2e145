"""One shard's work: decode each of its pictures once, make every example, write the file. Runs in a worker process."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pipeline import files
from pipeline.shards import geometry, protobuf, tfrecord
from pipeline.shards.plan import Shard

SPOOL = 64 * 2**20
"""Bytes of encoded examples held in memory before they go to a temporary file."""

OPTIONS: dict[str, dict[str, object]] = {
    "png": {"format": "PNG", "compress_level": 6},
    "jpeg": {"format": "JPEG", "quality": 95, "subsampling": 0, "optimize": False},
}
"""How squares are encoded, nothing left to a library's default; no metadata is carried over."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to write one shard to `path`."""

    shard: Shard
    path: Path
    size: int
    pad: str
    encoding: str
    scratch: Path


def run(job: Job, advance: Callable[[int], object] = lambda n: None) -> None:
    """Write the shard, whole or not at all. `advance` is told of examples as they are made.

    Raises PipelineError for a picture that cannot be read, OSError when the disk will not take the file.
    """
    by_picture: dict[str, list[int]] = {}
    for place, example in enumerate(job.shard.examples):
        by_picture.setdefault(example.picture.id, []).append(place)
    spans: dict[int, tuple[int, int]] = {}
    job.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.SpooledTemporaryFile(max_size=SPOOL, dir=str(job.scratch)) as spool:
        for places in by_picture.values():
            square = geometry.load(job.shard.examples[places[0]].picture, job.size, job.pad)
            for place in places:
                data = _record(job, place, square)
                spans[place] = (spool.tell(), len(data))
                spool.write(data)
            advance(len(places))
        with files.replacing(job.path) as temporary, temporary.open("wb") as out:
            for place in range(len(job.shard.examples)):
                start, length = spans[place]
                spool.seek(start)
                out.write(tfrecord.frame(spool.read(length)))


def encoded(image: Image.Image, encoding: str) -> bytes:
    """An RGB image as a `png` or `jpeg` file."""
    out, bare = io.BytesIO(), image.copy()
    bare.info.clear()  # Pillow would write a comment or a colour profile that it finds there
    bare.save(out, **OPTIONS[encoding])  # type: ignore[arg-type]  # the stubs know only some keywords
    return out.getvalue()


def _record(job: Job, place: int, square: Image.Image) -> bytes:
    example = job.shard.examples[place]
    return protobuf.encode(example.record(encoded(example.variant.apply(square), job.encoding), job.size))
