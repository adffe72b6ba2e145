"""The stages as steps on a dataset: read the catalog, call one function, write what it made, record that it is done.

Each step takes a dataset that the caller holds for writing, and returns its summary as JSON data.
"""

from __future__ import annotations

import collections
import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import image_store, stages, workers
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.image_store import Place
from pipeline.report import SILENT, Reporter
from pipeline.workers import Part, Result

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.shards.example import Picture

BATCH = 64
"""Images per task: long enough to make handing them over cheap, short enough that a kill loses little."""

CRASHED = "the decoder took its process down"

INLINE = 24
"""Up to so many images are measured in this process: starting others would take longer."""


@dataclass(frozen=True)
class Options:
    """What a command line may say to any step."""

    workers: int
    limit: int | None = None
    report: Reporter = SILENT
    offline: bool = False
    scheduler: str = ""
    """A Dask cluster that takes the place of `workers`."""


def scrape(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Fetch pages and pictures."""
    from pipeline import scrape as driver

    return driver.scrape(dataset, limit=options.limit, report=options.report, offline=options.offline).summary()


def measure(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Measure every item that has no measurement of the present version."""
    from pipeline import forget
    from pipeline.measure import registry

    made_from = _begin(dataset, "measure", options)
    dataset.catalog.begin_stage("measure")
    done = dataset.catalog.measured(registry.VERSION)
    todo = [
        (dataset.image_store.place(sha256, extension), id)
        for id, sha256, extension in dataset.catalog.items()[["id", "sha256", "extension"]].itertuples(index=False)
        if id not in done
    ]
    with options.report.bar("measure", len(todo)) as advance, workers.opened(options.workers, options.scheduler) as crew:
        crew.check(dataset.image_store.folder.absolute())
        for rows in _measured(todo, crew):
            dataset.catalog.put_measurements(registry.VERSION, registry.COLUMNS, rows)
            advance(len(rows))
    returned = forget.returned(dataset, options.report)
    if returned:
        made_from = stages.parts(dataset, "measure")
    table = dataset.catalog.measurements(only=("error",))
    errors = collections.Counter(table["error"].dropna())
    summary = {"items": len(table), "errors": dict(sorted(errors.items()))}
    stages.finish(dataset, "measure", made_from, summary)
    return {**summary, "measured now": len(todo), **({"taken down again": returned} if returned else {})}


def classify(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Decide by keywords."""
    from pipeline.curate import classify as stage
    from pipeline.share import standing

    made_from = _begin(dataset, "classify", options)
    frame = standing.classified(dataset, stage.decide(dataset.catalog.sightings(), dataset.manifest.classify))
    summary = decided(dataset, "classify", made_from, frame)
    if "conflict" in frame and (frame["conflict"] != "").any():
        summary["conflicts"] = int((frame["conflict"] != "").sum())
    return summary


def filter(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Decide by the filters of the manifest."""
    from pipeline.curate import filter as stage

    made_from = _begin(dataset, "filter", options)
    return decided(dataset, "filter", made_from, stage.decide(dataset.catalog.measurements(blobs=False), dataset.manifest.filter))


def dedup(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Find the items that are one picture, and elect the one to keep."""
    from pipeline.curate import dedup as stage
    from pipeline.curate import final
    from pipeline.curate.likeness import Pictures
    from pipeline.curate.views import BLOBS

    made_from = _begin(dataset, "dedup", options)
    catalog, said = dataset.catalog, stages.verdicts_in_force(dataset)
    survivors = final.survivors(catalog.decisions("classify"), catalog.decisions("filter"), said.keep)
    table, settings = catalog.measurements(blobs=False), dataset.manifest.dedup
    fetch = functools.partial(catalog.measured_blobs, columns=BLOBS)
    with contextlib.ExitStack() as stack:
        share = None
        if options.scheduler:  # threads of this process need nothing sent
            crew = stack.enter_context(workers.opened(options.workers, options.scheduler))
            crew.check(dataset.root.absolute())
            share = functools.partial(_shared, crew)
        pictures = Pictures.read(table.iloc[stage.comparable(table)], fetch, share)
        frame = stage.decide(table, survivors, said.same, settings, pictures)
    with catalog.transaction():
        catalog.put_clusters(frame)
        return decided(dataset, "dedup", made_from, frame.drop(columns=["cluster", "kind", "keeper"]), "summary")


def review(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Write every report and the gallery."""
    from pipeline.review import gallery, reports

    made_from = _begin(dataset, "review", options)
    paths = reports.write(dataset, [*reports.DECIDERS, "summary", "failures"])
    page = gallery.write(dataset)
    summary = {
        **_counts(reports.summary(dataset), "stage"),
        "reports": [path.relative_to(dataset.root).as_posix() for path in [*paths, page]],
    }
    stages.finish(dataset, "review", made_from, summary)
    return summary


def shard(dataset: Dataset, options: Options) -> dict[str, Any]:
    """Write the curated set as shards."""
    from pipeline import splits
    from pipeline.about import about
    from pipeline.shards import write

    made_from = _begin(dataset, "shard", options)
    settings = dataset.manifest.shard
    if idle := dataset.manifest.augment.idle:
        options.report.note(f"augment.copies is 0, so no copies that {', '.join(idle)} would change; set copies or take them out")
    dataset.catalog.begin_stage("shard")
    folders: dict[str, Path] = {kind: shard_folder(dataset, kind) for kind in settings.format}
    parted = splits.settle(dataset, curated(dataset))
    pictures = parted.pictures
    facing = _turned(dataset, pictures)
    summary = write.write(
        pictures,
        {kind: folder.absolute() for kind, folder in folders.items()},  # workers elsewhere are in other folders
        name=dataset.name,
        shard=settings,
        augment=dataset.manifest.augment,
        workers=options.workers,
        scheduler=options.scheduler,
        report=options.report,
        scratch=dataset.scratch.absolute(),
        about=about(dataset, (picture.id for picture in pictures)),
    )
    moved = splits.summary(parted, settings.validation, options.report)
    places = {kind: folder.relative_to(dataset.root).as_posix() for kind, folder in folders.items()}
    summary = {"folders": places, **summary, **moved, **facing}
    # Training reads TFRecord: what other formats are written too is no matter to it.
    digest = summary["digest"].get(FOR_TRAINING) or next(iter(summary["digest"].values()))
    splits.write_report(dataset, parted)
    with dataset.catalog.transaction():
        splits.remember(dataset, parted)
        stages.finish(dataset, "shard", made_from, summary, output=digest)
    return summary


FOR_TRAINING = "tfrecord"
"""The format that `pipeline train` reads."""


def shard_folder(dataset: Dataset, kind: str = FOR_TRAINING) -> Path:
    """Where the manifest's shards of a format belong."""
    return dataset.shards / f"{kind}-{dataset.manifest.shard.size}"


def curated(dataset: Dataset) -> list[Picture]:
    """The curated set, in id order: what the stages and the verdicts keep."""
    from pipeline import facing
    from pipeline.review import reports
    from pipeline.shards.example import Picture

    known = facing.sides(dataset)
    final = reports.summary(dataset)
    kept = final[final["decision"] == "keep"].set_index("id")
    table = kept[[]].join(reports.first_sightings(dataset)).join(dataset.catalog.clusters().set_index("id")["cluster"])
    box = ["subject_left", "subject_top", "subject_right", "subject_bottom"]
    table = table.join(dataset.catalog.measurements(only=("id", "border_colour", "error", *box)).set_index("id"))
    unseen = table[table["cluster"].isna() | (table["border_colour"].isna() & table["error"].isna())]
    if len(unseen):
        raise PipelineError(f"{dataset.root}: {len(unseen)} pictures have not been through every stage; run `pipeline run {dataset.root}`")
    unreadable = table[table["error"].notna()]
    if len(unreadable):
        raise PipelineError(
            f"{unreadable.index[0]}: kept by a verdict, but its picture is {unreadable['error'].iloc[0]}; clear the verdict"
        )
    return [
        Picture(
            id=str(id),
            cluster=row["cluster"],
            place=dataset.image_store.place(row["sha256"], row["extension"]),
            title=row["title"],
            series=row["fields"].get("series", ""),
            label=row["fields"].get(dataset.manifest.shard.label, ""),
            page_url=row["page_url"],
            image_url=row["image_url"],
            license=row["license"],
            credit=row["credit"],
            border_colour=row["border_colour"],
            turned=known.get(str(id), "") not in ("", dataset.manifest.augment.facing),
            centre=((row["subject_left"] + row["subject_right"]) / 2, (row["subject_top"] + row["subject_bottom"]) / 2),
        )
        for id, row in zip(table.index, table.to_dict("records"), strict=True)
    ]


def _turned(dataset: Dataset, pictures: list[Picture]) -> dict[str, int]:
    """How many pictures are turned, and of how many nobody knows whether they should be; nothing where none is to be turned."""
    from pipeline import facing

    if not dataset.manifest.augment.facing:
        return {}
    known = facing.sides(dataset)
    return {"turned": sum(picture.turned for picture in pictures), "facing unknown": sum(picture.id not in known for picture in pictures)}


def _begin(dataset: Dataset, name: str, options: Options) -> stages.Parts:
    """Check what the stage needs, and note what it is about to be made from."""
    stages.take_overrides(dataset, options.report.note)  # a person may have written some since the command began
    for stale in stages.require(dataset, name):
        options.report.note(f"{name} works on what is there, though {stale}; `pipeline run {dataset.root}` brings all up to date")
    return stages.parts(dataset, name)


def decided(dataset: Dataset, stage: str, made_from: stages.Parts, frame: pd.DataFrame, *more: str) -> dict[str, Any]:
    """Put a stage's decisions, record that it is done, and write its report (and `more`); its summary."""
    from pipeline.review import reports

    summary = _counts(frame, "rule")
    with dataset.catalog.transaction():
        dataset.catalog.put_decisions(stage, frame)
        stages.finish(dataset, stage, made_from, summary)
    ready = all(dataset.catalog.stage(name) for name in reports.DECIDERS)
    reports.write(dataset, [stage, *(more if ready else ())])
    return summary


def _counts(frame: pd.DataFrame, by: str) -> dict[str, Any]:
    dropped = frame[frame["decision"] == "drop"]
    return {
        "items": len(frame),
        "kept": len(frame) - len(dropped),
        "dropped": len(dropped),
        "by": dict(sorted(collections.Counter(dropped[by]).items())),
    }


def _shared(crew: workers.Workers, work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    return (result for _, result in crew.each(work, parts, lambda part: "pairs of look-alikes"))


Task = tuple[Place, str]


def _measured(todo: list[Task], crew: workers.Workers) -> Iterator[list[dict[str, Any]]]:
    """Rows of measurements, batch by batch; pictures whose decoder takes its process down come last."""
    batches = [todo[at : at + BATCH] for at in range(0, len(todo), BATCH)]
    if len(todo) <= INLINE:
        yield from (_measure_batch(batch) for batch in batches)
        return
    suspects: list[Task] = []
    for batch, rows in crew.outcomes(_measure_batch, batches, _first):
        if isinstance(rows, workers.Lost):
            suspects += batch
        else:
            yield rows
    # Which picture of a batch it was shows when they come one by one.
    for batch, rows in crew.outcomes(_measure_batch, [[task] for task in suspects], _first, apart=True):
        yield [{"id": batch[0][1], "error": "crashed", "detail": CRASHED}] if isinstance(rows, workers.Lost) else rows


def _measure_batch(batch: Sequence[Task]) -> list[dict[str, Any]]:
    from pipeline.measure import registry

    readers = image_store.readers(place for place, _ in batch)
    return [registry.measure_picture(read, id, place) for (place, id), read in zip(batch, readers, strict=True)]


def _first(batch: Sequence[Task]) -> str:
    return f"{batch[0][0]} and {len(batch) - 1} more"


STEPS = {"scrape": scrape, "measure": measure, "classify": classify, "filter": filter, "dedup": dedup, "review": review, "shard": shard}
"""Every step but training, which does not hold the dataset while it works."""
