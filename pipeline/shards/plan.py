"""What will be written: which example stands where in which shard. Pure, and the same for any order of the pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

import PIL
from PIL import features

import pipeline
from pipeline.errors import PipelineError
from pipeline.shards import augment as augmentation
from pipeline.shards import split
from pipeline.shards.example import Example, Picture

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings

VERSION = 2
"""Raised when the code here writes other bytes for the same input."""

PER_SHARD = 1000
"""About the most examples in a shard, unless the manifest says how many shards there are."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard to be: its split, its number (from 0) among the `count` of its split, and its examples in record order."""

    split: str
    index: int
    count: int
    examples: tuple[Example, ...]


def shards(pictures: Sequence[Picture], shard: ShardSettings, augment: AugmentSettings) -> list[Shard]:
    """Every shard, training first; a split without pictures has none.

    A picture's shard follows from SHA-256 of seed and id and from the number of shards alone, so that another picture added to
    the set touches one shard. That number is what the manifest says, or a power of two, which seldom changes. All examples of a
    picture stand in one shard, so that it is decoded once, and are mixed there by SHA-256 of seed, id and augmentation. Raises
    UsageError for an augmentation that cannot be, PipelineError when two pictures share an id.
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
    copies = len(examples[split.TRAIN][0]) if pictures else 1
    share = shard.validation / (1 - shard.validation) / copies  # of validation, for one example in training
    asked = {split.TRAIN: shard.shards, split.VALIDATION: max(1, round(shard.shards * share)) if shard.shards else 0}
    planned = []
    for part, groups in examples.items():
        runs = _dealt(groups, _count(groups, asked[part]), shard.seed)
        for index, run in enumerate(runs):
            ordered = sorted(
                (example for group in run for example in group),
                key=lambda example: _rank(shard.seed, example.picture.id, example.variant.label),
            )
            planned.append(Shard(part, index, len(runs), tuple(ordered)))
    return planned


def fingerprint(pictures: Sequence[Picture], name: str, shard: ShardSettings, augment: AugmentSettings) -> str:
    """Names everything that the bytes depend on; 16 hex digits. Where the pictures' files lie is no part of it."""
    described = sorted(_described(picture) + picture.group for picture in pictures)
    return _digest([made_by(shard, augment), name, shard.shards, shard.validation, described])


def made_by(shard: ShardSettings, augment: AugmentSettings) -> str:
    """Names the program and the settings that every example depends on; 16 hex digits. What only says where an example stands is
    no part of it."""
    settings = shard.model_dump(mode="json", exclude={"format", "shards", "validation", "split_by"})
    code = [VERSION, pipeline.__version__, PIL.__version__, features.version("zlib"), features.version("jpg")]
    return _digest([code, settings, augment.model_dump(mode="json")])


def contents(entries: Sequence[Shard], classes: Sequence[str] = ()) -> str:
    """Names the examples of some shards, in order, and the classes they are numbered by; 16 hex digits."""
    known: dict[str, str] = {}
    hasher = hashlib.sha256(json.dumps(classes).encode())
    for example in (example for entry in entries for example in entry.examples):
        picture = example.picture
        if picture.id not in known:
            known[picture.id] = _described(picture)
        hasher.update(json.dumps([known[picture.id], asdict(example.variant)]).encode())
    return hasher.hexdigest()[:16]


def _described(picture: Picture) -> str:
    """All that an example of it depends on."""
    return json.dumps({field.name: getattr(picture, field.name) for field in fields(picture) if field.name not in ("place", "group")})


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def _count(groups: Sequence[Sequence[Example]], asked: int) -> int:
    """Shards for these examples: `asked`, or the smallest power of two that leaves each PER_SHARD or fewer in the mean."""
    needed = -(-sum(map(len, groups)) // PER_SHARD)
    return min(len(groups), asked or 1 << max(needed - 1, 0).bit_length())


def _dealt(groups: Sequence[list[Example]], count: int, seed: int) -> list[list[list[Example]]]:
    """Each picture's examples to the shard that its hash names; a shard that would be empty gets the last of the fullest one."""
    runs: list[list[list[Example]]] = [[] for _ in range(count)]
    for group in groups:
        place = int.from_bytes(_rank(seed, group[0].picture.id)[:8])
        runs[place * count >> 64].append(group)
    for empty in [run for run in runs if not run]:
        empty.append(max(runs, key=len).pop())
    return runs


def _rank(*parts: object) -> bytes:
    return hashlib.sha256("\0".join(str(part) for part in parts).encode()).digest()
