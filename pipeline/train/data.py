"""Shards as a trainer sees them: what they hold, checked, before a backend makes batches of them."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError, UsageError

SHARD = re.compile(r"(?P<name>.+)-train\.tfrecord-(?P<number>\d{5})-of-(?P<count>\d{5})")
CACHE_SHARE = 0.5
"""The share of this machine's memory that decoded pictures may take; a larger set is decoded anew in every epoch."""


LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux tells a container what memory it is granted, in its newer and its older way."""


@dataclass(frozen=True)
class ShardSet:
    """The training split in a folder of shards."""

    folder: Path
    name: str
    files: tuple[Path, ...]
    size: int
    """Side of the square pictures, in pixels."""
    images: int
    digest: str
    """SHA-256 over all training shards, in order."""


def inspect(folder: Path, sizes: tuple[int, ...]) -> ShardSet:
    """Find and check the training shards in `folder`; every byte is read once, for the count and the digest.

    Raises UsageError when the folder holds no training shards, PipelineError when they are incomplete, damaged, empty, or not
    of one of `sizes` (pixels).
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder of shards; make it with `pipeline shard`")
    found = [match for path in sorted(folder.iterdir()) if (match := SHARD.fullmatch(path.name))]
    if not found:
        raise UsageError(f"{folder}: no training shards (NAME-train.tfrecord-00000-of-00001); make them with `pipeline shard`")
    kinds = sorted({(match["name"], match["count"]) for match in found})
    if len(kinds) > 1:
        raise PipelineError(f"{folder}: shards of several sets ({', '.join(f'{name} of {count}' for name, count in kinds)}); keep one")
    name, count = kinds[0]
    if len(found) != int(count):
        raise PipelineError(f"{folder}: {len(found)} of {int(count)} training shards are there; run `pipeline shard` again")
    size = _picture_size(folder / "features.json")
    if size not in sizes:
        raise PipelineError(f"{folder}: pictures of {size} pixels; the networks are made for {', '.join(map(str, sizes))} (shard.size)")
    paths = tuple(folder / match.string for match in found)
    hasher = hashlib.sha256()
    images = sum(_count_records(path, hasher) for path in paths)
    if not images:
        raise PipelineError(f"{folder}: the training split is empty; curate less strictly, then `pipeline shard` again")
    return ShardSet(folder, name, paths, size, images, hasher.hexdigest())


def split_files(folder: Path, name: str, split: str) -> list[Path]:
    """The shards of a split of the set `name`, in order; empty where there is no such split."""
    form = re.compile(rf"{re.escape(name)}-{re.escape(split)}\.tfrecord-\d{{5}}-of-\d{{5}}")
    return sorted(path for path in folder.iterdir() if form.fullmatch(path.name))


def fits(shards: ShardSet) -> bool:
    """Whether its decoded pictures may be kept in memory; else they are decoded anew in every epoch."""
    return shards.images <= room(shards, CACHE_SHARE)


def room(shards: ShardSet, share: float) -> int:
    """How many of its decoded pictures that share of the memory holds."""
    return int(share * memory() / (shards.size**2 * 3))


def memory() -> int:
    """Bytes of memory that this process may have: the machine's, or the least of what its container is granted; 8 GiB where the system
    does not say."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        machine = 8 * 2**30
    return min([machine, *(granted for path in LIMITS if (granted := _granted(path)))])


def _granted(path: Path) -> int:
    """What a control group's file says; 0: nothing, or there is no such file."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # it may say "max"
        return 0


def _picture_size(path: Path) -> int:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["featuresDict"]["features"]
        height, width, channels = (int(side) for side in features["image"]["image"]["shape"]["dimensions"])
    except FileNotFoundError as error:
        raise UsageError(f"{path.parent}: no features.json, so not a folder that `pipeline shard` wrote") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PipelineError(f"{path}: does not describe an `image` of fixed size; run `pipeline shard` again") from error
    if height != width or channels != 3:
        raise PipelineError(f"{path}: pictures of {width}x{height} with {channels} channels; square pictures of 3 are needed")
    return height


def _count_records(path: Path, hasher: Any) -> int:
    """Walk a TFRecord file: length (8 bytes), its CRC (4), the record, its CRC (4)."""
    count = 0
    with path.open("rb") as handle:
        while head := handle.read(12):
            length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else 0
            body = handle.read(min(length, 2**31) + 4)
            if len(head) < 12 or len(body) != length + 4:
                raise PipelineError(f"{path}: cut short or damaged after {count} records; run `pipeline shard` again")
            hasher.update(head)
            hasher.update(body)
            count += 1
    return count
