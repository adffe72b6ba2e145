"""The pictures of a training split as arrays, in any order, read without TensorFlow: from memory when they fit, else from the shards."""

from __future__ import annotations

import io
import itertools
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from pipeline.errors import PipelineError
from pipeline.shards import protobuf, tfrecord
from pipeline.train import data
from pipeline.train.data import ShardSet

THREADS = min(8, os.cpu_count() or 1)
"""That decode; Pillow does so without Python's lock."""

CHUNK = 256
"""Pictures that are decoded at a time, so that encoded ones do not pile up."""


class Place(NamedTuple):
    """Where a record stands: its shard, its number there from 1, and its first byte and all its bytes with the framing."""

    path: Path
    number: int
    start: int
    length: int


class Pictures:
    """Pictures by number, as they stand in the shards. Held in memory if `data.fits`. Use it in a `with` block."""

    def __init__(self, shards: ShardSet, *, held: bool = True) -> None:
        """Raises PipelineError naming the shard and the record that is damaged or no RGB picture of this size. `held` false: decode each
        picture when it is asked for, whether or not all fit."""
        self.size = shards.size
        self.places = [
            Place(path, number, start, length)
            for path in shards.files
            for number, (start, length) in enumerate(tfrecord.places(path), start=1)  # whole: `data.inspect` has walked them
        ]
        self._pool, self._lock = ThreadPoolExecutor(THREADS), threading.Lock()
        self._files: dict[Path, BinaryIO] = {}
        self._held: np.ndarray | None = None
        if held and data.fits(shards):
            with self:
                self._held = self._all()

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Those pictures, uint8 (n, size, size, 3)."""
        if self._held is not None:
            chosen: np.ndarray = self._held[numbers]
            return chosen
        return np.stack(list(self._pool.map(self._decoded, (self.places[number] for number in numbers))))

    def close(self) -> None:
        """End the threads and close the shards."""
        self._pool.shutdown(cancel_futures=True)
        for file in self._files.values():
            file.close()
        self._files.clear()

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _all(self) -> np.ndarray:
        held = np.empty((len(self.places), self.size, self.size, 3), np.uint8)
        for start in range(0, len(held), CHUNK):
            held[start : start + CHUNK] = self.take(np.arange(start, min(start + CHUNK, len(held))))
        return held

    def _decoded(self, place: Place) -> np.ndarray:
        try:
            with self._lock:
                if place.path not in self._files:
                    self._files[place.path] = place.path.open("rb")
                file = self._files[place.path]
                file.seek(place.start)
                piece = file.read(place.length)
            encoded = protobuf.decode(tfrecord.unframe(piece))["image"]
            if not isinstance(encoded, bytes):
                raise ValueError("its image is a number")
            with Image.open(io.BytesIO(encoded)) as image:
                mode, pixels = image.mode, np.asarray(image.convert("RGB"))
        except (OSError, ValueError, KeyError, SyntaxError) as error:
            raise PipelineError(f"{place.path}: record {place.number} cannot be read ({error}); run `pipeline shard` again") from error
        if pixels.shape != (self.size, self.size, 3):
            found = f"a picture of {pixels.shape[1]}x{pixels.shape[0]} pixels among those of {self.size}"
        elif mode not in ("RGB", "P"):
            found = f"a picture of mode {mode} (L: gray, RGBA: with transparency) among RGB ones"
        else:
            return pixels
        raise PipelineError(f'{place.path}: record {place.number} is {found}; run `pipeline shard` again, with shard.mode = "rgb"')


def check(shards: ShardSet) -> None:
    """Decode every picture. Raises PipelineError naming the shard and the record of the first that cannot be trained on."""
    with Pictures(shards, held=False) as pictures:
        for start in range(0, len(pictures.places), CHUNK):
            pictures.take(np.arange(start, min(start + CHUNK, len(pictures.places))))


def batches(shards: ShardSet, batch: int, seed: int, first_step: int = 0) -> Iterator[np.ndarray]:
    """Endless batches of uint8 (batch, size, size, 3) in the order of `order`; what is not in memory is decoded a batch ahead."""
    with Pictures(shards) as pictures, ThreadPoolExecutor(1) as ahead:
        numbers = order(shards.images, batch, seed, first_step)
        coming = ahead.submit(pictures.take, next(numbers))
        while True:
            ready = coming.result()
            coming = ahead.submit(pictures.take, next(numbers))
            yield ready


def order(images: int, batch: int, seed: int, first_step: int = 0) -> Iterator[np.ndarray]:
    """The picture numbers of each step from `first_step` on: every epoch in an order given by seed and epoch alone, whole batches only."""
    steps = images // batch
    for epoch in itertools.count(first_step // steps):
        shuffled = np.random.default_rng((seed, epoch)).permutation(images)
        skipped = first_step % steps if epoch == first_step // steps else 0
        yield from shuffled[: steps * batch].reshape(steps, batch)[skipped:]
