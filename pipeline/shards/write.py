"""Write the curated pictures as a folder of shards, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import files
from pipeline import workers as processes
from pipeline.errors import PipelineError
from pipeline.report import Reporter
from pipeline.shards import card, checksums, encode, plan, samples, staging, tfds, tfrecord
from pipeline.shards.example import CHANNELS, Picture

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings


def write(
    pictures: Sequence[Picture],
    folder: Path,
    *,
    name: str,
    shard: ShardSettings,
    augment: AugmentSettings,
    workers: int,
    report: Reporter,
    scratch: Path,
    about: card.About | None = None,
) -> dict[str, Any]:
    """Replace `folder` by shards of `pictures`, with their metadata, README.md and checksums.

    The bytes depend on pictures and settings alone, not on their order or on `workers` (processes, at least 1). Until all is
    there, `folder` stays as it was; after an error or a kill the same call takes up the shards that were finished. `scratch`
    is for temporary files and may be emptied at any time between calls. `about` is what the README tells beyond the pictures.

    Returns `examples`, `pictures` and `shards` by split, `bytes` of all files, and `digest`, which names the folder's contents.
    Raises PipelineError: no pictures, one that cannot be read, no room on the disk; UsageError: an augmentation that cannot be.
    """
    if not pictures:
        raise PipelineError(f"{folder}: no picture is left to write; reports/summary.csv says why each was dropped")
    shards = plan.shards(pictures, name, shard, augment)
    try:
        partial = staging.begin(folder, plan.fingerprint(pictures, name, shard, augment))
        jobs = [
            encode.Job(entry, partial / entry.file, shard.size, shard.pad, shard.encoding, scratch, shard.fit, shard.alpha, shard.mode)
            for entry in shards
        ]
        _encode(jobs, workers, report)
        splits = _splits(shards, partial)
        kept = {entry.file for entry in shards} | _describe(partial, folder.name, name, shard, augment, shards, splits, about)
        summary = _summary(shards, partial, kept)
        staging.finish(partial, folder)
    except OSError as error:
        place = error.filename or folder
        raise PipelineError(f"{place}: cannot be written ({error.strerror or error}); make room or rights, and run it again") from error
    return summary


def _encode(jobs: Sequence[encode.Job], workers: int, report: Reporter) -> None:
    missing = [job for job in jobs if not job.path.exists()]
    with report.bar("shard", sum(len(job.shard.examples) for job in jobs)) as advance:
        advance(sum(len(job.shard.examples) for job in jobs if job.path.exists()))
        if workers == 1 or len(missing) <= 1:
            for job in missing:
                encode.run(job, advance)
        else:
            for job in processes.each(encode.run, missing, workers):
                advance(len(job.shard.examples))


def _splits(shards: Sequence[plan.Shard], partial: Path) -> list[tfds.Split]:
    found = []
    for split in dict.fromkeys(entry.split for entry in shards):
        mine = [entry for entry in shards if entry.split == split]
        lengths = tuple(len(entry.examples) for entry in mine)
        size = sum((partial / entry.file).stat().st_size for entry in mine)
        found.append(tfds.Split(split, lengths, size - tfrecord.OVERHEAD * sum(lengths)))
    return found


def _describe(
    partial: Path,
    folder: str,
    name: str,
    shard: ShardSettings,
    augment: AugmentSettings,
    shards: Sequence[plan.Shard],
    splits: list[tfds.Split],
    about: card.About | None,
) -> set[str]:
    """Write the files beside the shards; their names."""
    pictures = list({example.picture.id: example.picture for entry in shards for example in entry.examples}.values())
    description = f"{len(pictures)} curated pictures in {shard.size} x {shard.size} pixels; README.md says how they were made."
    written: dict[str, str | bytes] = {
        tfds.FEATURES: tfds.features(shard.size, shard.encoding, CHANNELS[shard.mode]),
        tfds.INFO: tfds.info(name, description, card.licences(pictures), splits),
        "README.md": card.text(name, folder, shard, augment, shards, about or card.About()),
        samples.FILE: samples.png(shards, shard),
    }
    for file, text in written.items():
        files.write(partial / file, text)
    return set(written)


def _summary(shards: Sequence[plan.Shard], partial: Path, names: set[str]) -> dict[str, Any]:
    """Write the checksums, and count."""
    digest = checksums.write(partial, names)
    splits = list(dict.fromkeys(entry.split for entry in shards))
    of = {split: [entry for entry in shards if entry.split == split] for split in splits}
    return {
        "examples": {split: sum(len(entry.examples) for entry in of[split]) for split in splits},
        "pictures": {split: sum(example.variant.original for entry in of[split] for example in entry.examples) for split in splits},
        "shards": {split: len(of[split]) for split in splits},
        "bytes": sum((partial / name).stat().st_size for name in [*names, checksums.SUMS]),
        "digest": digest,
    }
