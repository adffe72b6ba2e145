"""One shard's work: decode each of its pictures once, encode every example once, write the files. Runs in a worker process."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PIL import Image

from pipeline import image_store
from pipeline.shards import formats, geometry, index, staging
from pipeline.shards.formats.base import Record, key
from pipeline.shards.plan import Shard

SPOOL = 64 * 2**20
"""Bytes of encoded examples held in memory before they go to a temporary file."""

OPTIONS: dict[str, dict[str, object]] = {
    "png": {"format": "PNG", "compress_level": 6},
    "jpeg": {"format": "JPEG", "quality": 95, "subsampling": 0, "optimize": False},
}
"""How squares are encoded, nothing left to a library's default; no metadata is carried over."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a shard goes in one format: the folder in the making, the file in it, and the digests for its index."""

    format: str
    folder: Path
    file: str
    settings: str
    contents: str

    @property
    def path(self) -> Path:
        """The shard's own path."""
        return self.folder / self.file


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to write one shard, in every format that is asked for."""

    shard: Shard
    targets: tuple[Target, ...]
    size: int
    pad: str
    encoding: str
    scratch: Path
    fit: geometry.Fit = "pad"
    alpha: str = ""
    mode: geometry.Mode = "rgb"


def run(job: Job, advance: Callable[[int], object] = lambda n: None) -> None:
    """Write the shard's files, each whole or not at all, with their indexes before them. `advance` is told of examples as they
    are made.

    Raises PipelineError for a picture that cannot be read, OSError when the disk will not take the file.
    """
    by_picture: dict[str, list[int]] = {}
    for place, example in enumerate(job.shard.examples):
        by_picture.setdefault(example.picture.id, []).append(place)
    spans: dict[int, tuple[int, int]] = {}
    job.scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.SpooledTemporaryFile(max_size=SPOOL, dir=str(job.scratch)) as spool:
        pictures = [job.shard.examples[places[0]].picture for places in by_picture.values()]
        readers = image_store.readers(picture.place for picture in pictures)
        for places, picture, read in zip(by_picture.values(), pictures, readers, strict=True):
            square = geometry.load(picture, job.size, job.pad, fit=job.fit, alpha=job.alpha, mode=job.mode, read=read)
            for place in places:
                data = encoded(job.shard.examples[place].variant.apply(square), job.encoding)
                spans[place] = (spool.tell(), len(data))
                spool.write(data)
            advance(len(places))
        for target in job.targets:
            with staging.whole(target.path) as temporary:
                written = formats.load(target.format, job.encoding).write(temporary, _records(job, spool, spans))
                index.write(target.folder, target.file, index.Index(target.settings, target.contents, tuple(written)))


def _records(job: Job, spool: IO[bytes], spans: Mapping[int, tuple[int, int]]) -> Iterator[Record]:
    for place, example in enumerate(job.shard.examples):
        start, length = spans[place]
        spool.seek(start)
        yield Record(key(example), example.record(spool.read(length), job.size))


def encoded(image: Image.Image, encoding: str) -> bytes:
    """An RGB image as a `png` or `jpeg` file."""
    out, bare = io.BytesIO(), image.copy()
    bare.info.clear()  # Pillow would write a comment or a colour profile that it finds there
    bare.save(out, **OPTIONS[encoding])  # type: ignore[arg-type]  # the stubs know only some keywords
    return out.getvalue()
