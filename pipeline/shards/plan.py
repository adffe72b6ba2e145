"""What will be written: which example stands where in which shard. Pure, and the same for any order of the pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import PIL
from PIL import features

import pipeline
from pipeline.errors import PipelineError
from pipeline.shards import augment as augmentation
from pipeline.shards import split, tfds
from pipeline.shards.example import Example, Picture

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings

VERSION = 2
"""Raised when the code here writes other bytes for the same input."""

PER_SHARD = 1000
"""Examples in a shard, unless the manifest says how many shards there are."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One file to be: its split, its name, and its examples in record order."""

    split: str
    file: str
    examples: tuple[Example, ...]


def shards(pictures: Sequence[Picture], name: str, shard: ShardSettings, augment: AugmentSettings) -> list[Shard]:
    """Every shard, training first; a split without pictures has none.

    Pictures are mixed by SHA-256 of seed and id and dealt to the shards in equal runs; all examples of a picture stand in one
    shard, so that it is decoded once, and are mixed there by SHA-256 of seed, id and augmentation. Raises UsageError for an
    augmentation that cannot be, PipelineError when two pictures share an id.
    """
    augmentation.check(augment, shard.mode)
    if len({picture.id for picture in pictures}) < len(pictures):
        raise PipelineError("two pictures to be written share an id; the catalog is at odds with itself: run `pipeline verify`")
    splits = split.assign((picture.group or picture.cluster for picture in pictures), shard.validation, shard.seed)
    mixed = sorted(pictures, key=lambda picture: _rank(shard.seed, picture.id))
    examples = {
        split.TRAIN: [
            [Example.of(picture, variant) for variant in augmentation.variants(picture.id, augment, shard.seed)]
            for picture in mixed
            if splits[picture.group or picture.cluster] == split.TRAIN
        ],
        split.VALIDATION: [
            [Example.of(picture, augmentation.ORIGINAL)]
            for picture in mixed
            if splits[picture.group or picture.cluster] == split.VALIDATION
        ],
    }
    sizes = {part: sum(map(len, groups)) for part, groups in examples.items()}
    planned = []
    for part, groups in examples.items():
        count = min(len(groups), _count(sizes[part], sizes[split.TRAIN], shard.shards)) if groups else 0
        for index in range(count):
            run = groups[index * len(groups) // count : (index + 1) * len(groups) // count]
            ordered = sorted(
                (example for group in run for example in group),
                key=lambda example: _rank(shard.seed, example.picture.id, example.variant.label),
            )
            planned.append(Shard(part, tfds.shard_file(name, part, index, count), tuple(ordered)))
    return planned


def fingerprint(pictures: Sequence[Picture], name: str, shard: ShardSettings, augment: AugmentSettings) -> str:
    """Names everything that the bytes depend on; 16 hex digits. Where the pictures' files lie is no part of it."""
    described = sorted(({**asdict(picture), "path": ""} for picture in pictures), key=lambda row: str(row["id"]))
    settings = [shard.model_dump(mode="json"), augment.model_dump(mode="json")]
    code = [VERSION, pipeline.__version__, PIL.__version__, features.version("zlib"), features.version("jpg")]
    return hashlib.sha256(json.dumps([code, name, settings, described], sort_keys=True).encode()).hexdigest()[:16]


def _count(examples: int, training: int, asked: int) -> int:
    if asked:
        return max(1, round(asked * examples / training))
    return -(-examples // PER_SHARD)


def _rank(*parts: object) -> bytes:
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).digest()
