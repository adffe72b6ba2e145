"""The real pictures that generated ones are compared with, embedded once and remembered."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.shards import protobuf, tfrecord
from pipeline.shards.example import is_original
from pipeline.train import user_cache
from pipeline.train.data import ShardSet, split_files
from pipeline.train.metrics import color
from pipeline.train.metrics.embedder import EMBEDDER, RESIZE, Embedder

TRAIN, VALIDATION = "train", "validation"

ENOUGH = 250
"""Validation pictures from which on they are what generated ones are compared with; fewer tell too little."""

MOST = 4000
"""Pictures of a split that are looked at; of more, as many evenly spaced ones."""

CHUNK = 256
"""Pictures that are decoded at a time."""

FORM = 1
"""Of what is remembered; raised when the numbers would change."""


@dataclass(frozen=True)
class Reals:
    """Originals of one split, without augmented copies: embeddings (n, 1280), colours (n, 3), their ids in the dataset."""

    split: str
    embeddings: np.ndarray
    colors: np.ndarray
    ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ids)


def read(shards: ShardSet, split: str, embedder: Embedder) -> Reals:
    """The originals of a split (at most `MOST`); a split that is not there is empty. From the user's cache if they were read before.

    Raises PipelineError naming the shard that is damaged.
    """
    paths = split_files(shards.folder, shards.name, split)
    digest = hashlib.sha256(f"{FORM} {EMBEDDER} {RESIZE} {MOST}".encode())
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    cache = user_cache.folder() / "embeddings" / f"{shards.size}-{split}-{digest.hexdigest()[:24]}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile), np.load(io.BytesIO(cache.read_bytes())) as kept:
        found = Reals(split, kept["embeddings"], kept["colors"], tuple(kept["ids"].tolist()))
        if len(found.embeddings) == len(found.colors) == len(found.ids):
            return found
    chosen = _chosen(paths)
    embeddings, colors = [], []
    for at in range(0, len(chosen), CHUNK):
        part = pictures(shards, split, chosen[at : at + CHUNK])
        embeddings.append(embedder(part))
        colors.append(color.colors(part))
    found = Reals(
        split,
        np.concatenate(embeddings) if embeddings else np.zeros((0, 1280), np.float32),
        np.concatenate(colors) if colors else np.zeros((0, 3), np.float32),
        tuple(chosen),
    )
    with contextlib.suppress(OSError):  # where nothing can be written they are computed again the next time
        written = io.BytesIO()
        np.savez(written, embeddings=found.embeddings, colors=found.colors, ids=np.array(found.ids, dtype=np.str_))
        files.write(cache, written.getvalue())
    return found


def pictures(shards: ShardSet, split: str, ids: Sequence[str]) -> np.ndarray:
    """Originals of a split by id, in that order: uint8 (n, size, size, 3)."""
    places = {name: place for place, name in enumerate(ids)}
    found = np.zeros((len(ids), shards.size, shards.size, 3), np.uint8)
    left = set(places)
    for path, name, image in _originals(split_files(shards.folder, shards.name, split)):
        if name in left:
            left.discard(name)
            try:
                with Image.open(io.BytesIO(image)) as opened:
                    found[places[name]] = np.asarray(opened.convert("RGB"))
            except (OSError, ValueError, SyntaxError) as error:
                raise PipelineError(f"{path}: picture {name} cannot be used ({error}); run `pipeline shard` again") from error
        if not left:
            break
    return found


def _chosen(paths: Sequence[Path]) -> list[str]:
    ids = list(dict.fromkeys(name for _, name, _ in _originals(paths)))
    if len(ids) <= MOST:
        return ids
    return [ids[place] for place in np.linspace(0, len(ids) - 1, MOST).round().astype(int)]


def _originals(paths: Sequence[Path]) -> Iterator[tuple[Path, str, bytes]]:
    """File, id and encoded image of each original. Records of other programs may lack an id; they get their place's."""
    for path in paths:
        for number, data, problem in tfrecord.records(path):
            if data is None:
                raise PipelineError(f"{path}: record {number}: {problem}; run `pipeline shard` again")
            try:
                fields = protobuf.decode(data)
                image, name = fields["image"], fields.get("id", f"{path.name}#{number}".encode())
                if not isinstance(image, bytes) or not isinstance(name, bytes):
                    raise ValueError("image or id are no bytes")
            except (ValueError, KeyError) as error:
                raise PipelineError(f"{path}: record {number} is not a picture ({error}); run `pipeline shard` again") from error
            if is_original(fields.get("augmentation", b"")):
                yield path, name.decode(errors="replace"), image
