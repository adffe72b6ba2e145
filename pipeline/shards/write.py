"""Write the curated pictures as folders of shards, one for each format, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import workers as processes
from pipeline.errors import PipelineError
from pipeline.report import Reporter
from pipeline.shards import card, encode, formats, plan, samples
from pipeline.shards.example import Picture, clean
from pipeline.shards.making import Making

if TYPE_CHECKING:
    from pipeline.manifest import AugmentSettings, ShardSettings


def write(
    pictures: Sequence[Picture],
    folders: Mapping[str, Path],
    *,
    name: str,
    shard: ShardSettings,
    augment: AugmentSettings,
    workers: int,
    report: Reporter,
    scratch: Path,
    about: card.About | None = None,
    scheduler: str = "",
) -> dict[str, Any]:
    """Replace each of `folders` (by format) by shards of `pictures`, with their metadata, README.md, indexes and checksums.

    The bytes depend on pictures and settings alone, not on their order, on `workers` (processes, at least 1; the
    Dask cluster at `scheduler` takes their place) or on what was there
    before; but shards that would come out the same are taken over. Until all is there, a folder stays as it was; after an error or
    a kill the same call takes up the shards that were finished. `scratch` is for temporary files and may be emptied at any time
    between calls. `about` is what the README tells beyond the pictures.

    Returns `examples`, `pictures` and `shards` by split; by format how many files were `taken over` and `rewritten`, why they were
    `all rewritten` (where they were, and need not have been), and the `digest`, which names the folder's contents; and `bytes` of
    all files.
    Raises PipelineError: no pictures, one that cannot be read, no room on the disk; UsageError: an augmentation that cannot be.
    """
    if not pictures:
        where = ", ".join(str(folder) for folder in folders.values())
        raise PipelineError(f"{where}: no picture is left to write; reports/summary.csv says why each was dropped")
    shards = plan.shards(pictures, shard, augment)
    fingerprint, made_by = plan.fingerprint(pictures, name, shard, augment), plan.made_by(shard, augment)
    classes = sorted({clean(picture.label) for picture in pictures})
    place = next(iter(folders.values()))
    try:
        makings = []
        for kind, folder in folders.items():
            place = folder
            makings.append(Making(formats.load(kind, shard.encoding), folder, name, shards, made_by, fingerprint, classes))
            makings[-1].take_over()
        _encode(_jobs(shards, makings, shard, scratch), sum(len(entry.examples) for entry in shards), workers, scheduler, report)
        sheet, finished = samples.png(shards, shard), {}
        for making in makings:
            place = making.folder
            making.bind()
            info = making.info(name, shard.size, shard.mode)
            readme = card.text(name, place.name, making.kind, shard, augment, shards, about or card.About())
            texts = making.kind.describe(info, len(pictures), card.licences(pictures))
            finished[info.format] = making.describe(info, {**texts, "README.md": readme, samples.FILE: sheet}, workers)
        for making in makings:
            making.place()
    except OSError as error:
        place = error.filename or place
        raise PipelineError(f"{place}: cannot be written ({error.strerror or error}); make room or rights, and run it again") from error
    return {**_counts(shards), **_files(makings), **_totals(finished)}


def _jobs(shards: Sequence[plan.Shard], makings: Sequence[Making], shard: ShardSettings, scratch: Path) -> list[encode.Job]:
    """What workers have to do: for each shard that some format lacks, one job that encodes it once for all of these."""
    jobs = []
    for entry in shards:
        targets = tuple(target for making in makings if (target := making.missing(entry)))
        if targets:
            jobs.append(encode.Job(entry, targets, shard.size, shard.pad, shard.encoding, scratch, shard.fit, shard.alpha, shard.mode))
    return jobs


def _encode(jobs: Sequence[encode.Job], total: int, workers: int, scheduler: str, report: Reporter) -> None:
    with report.bar("shard", total) as advance:
        advance(total - sum(len(job.shard.examples) for job in jobs))
        if not jobs or (not scheduler and (workers == 1 or len(jobs) <= 1)):
            for job in jobs:
                encode.run(job, advance)
        else:
            with processes.opened(workers, scheduler) as crew:
                crew.check(jobs[0].scratch.parent)
                for job, _ in crew.each(encode.run, jobs, lambda job: str(job.targets[0].path)):
                    advance(len(job.shard.examples))


def _counts(shards: Sequence[plan.Shard]) -> dict[str, Any]:
    splits = list(dict.fromkeys(entry.split for entry in shards))
    of = {split: [entry for entry in shards if entry.split == split] for split in splits}
    return {
        "examples": {split: sum(len(entry.examples) for entry in of[split]) for split in splits},
        "pictures": {split: sum(example.variant.original for entry in of[split] for example in entry.examples) for split in splits},
        "shards": {split: len(of[split]) for split in splits},
    }


def _files(makings: Sequence[Making]) -> dict[str, Any]:
    counts = {making.kind.name: making.counts for making in makings}
    found: dict[str, Any] = {
        "taken over": {kind: taken for kind, (taken, _, _) in counts.items()},
        "rewritten": {kind: rewritten for kind, (_, rewritten, _) in counts.items()},
    }
    reasons = {kind: reason for kind, (_, _, reason) in counts.items() if reason}
    return {**found, "all rewritten": reasons} if reasons else found


def _totals(finished: Mapping[str, tuple[str, int]]) -> dict[str, Any]:
    return {"bytes": sum(size for _, size in finished.values()), "digest": {kind: digest for kind, (digest, _) in finished.items()}}
