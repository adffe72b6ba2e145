"""A published folder into a dataset: the pictures from their sites, the decisions and verdicts from the folder.

The dataset keeps a copy of the folder in `published/`, which its one `[[scrape]]` block reads: so all fetching is the scraper's, and
a rebuild that was cut short goes on where it stopped, as any scrape does.
"""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit

from pipeline import chain, files, manifest, scrape, stages, steps, tables, verdicts
from pipeline import dataset as datasets
from pipeline.chain import Plan
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.manifest import Manifest
from pipeline.measure import registry
from pipeline.review import reports
from pipeline.shards import checksums
from pipeline.share import apply, compare, folder, standing, survey
from pipeline.share.compare import Outcome
from pipeline.share.folder import Published
from pipeline.share.standing import COPY, ORIGINS
from pipeline.steps import Options
from sources.published import FORMS, PublishedSettings

if TYPE_CHECKING:
    pass


def plan(published: Published, into: Path | None, assignments: Sequence[str], *, kept: bool) -> Plan:
    """The dataset to be, and its manifest: the published one, but that it reads the folder's copy.

    Neither private hosts nor overridden rules are taken over from the folder: whoever rebuilds may set them. Raises UsageError for a
    place that holds anything but an earlier rebuild of the same dataset.
    """
    root = into or datasets.HOME / (published.name if re.fullmatch(r"[\w][\w .-]*", published.name) else "rebuilt")
    where = root / "manifest.toml"
    if where.is_file():
        own = Manifest.load(where)
        if [block.source for block in own.scrape] != [COPY] or _other(root, published):
            raise UsageError(f"{root}: holds another dataset; name another directory with --into")
        document = tomlkit.parse(own.text)
    elif root.exists() and (not root.is_dir() or any(entry.name != ".lock" for entry in root.iterdir())):
        raise UsageError(f"{root}: not empty and not a dataset; name another directory with --into")
    else:
        document = _recipe(published)
    block = document["scrape"][0]
    block["path"] = str((root / COPY).resolve())
    block["kept"] = kept
    text = tomlkit.dumps(document)
    Manifest.parse(text, f"{published.folder / folder.MANIFEST}")
    return Plan(Dataset(root), manifest.with_settings(text, assignments, str(where)), None)


def _other(root: Path, published: Published) -> bool:
    """Whether the directory is a rebuild of another dataset."""
    try:
        return bool(json.loads((root / COPY / folder.META).read_text(encoding="utf-8"))["name"] != published.name)
    except (OSError, ValueError, KeyError):
        return False  # cut short before the copy was there


def _recipe(published: Published) -> tomlkit.TOMLDocument:
    where = published.folder / folder.MANIFEST
    try:
        data = tomllib.loads(published.manifest)
    except (ValueError, RecursionError) as error:
        raise PipelineError(f"{where}: not valid TOML: {error}") from error
    delay = published.meta.get("delay")
    usual = PublishedSettings.model_fields["delay"].default
    wanted = float(delay) if isinstance(delay, (int, float)) and usual <= delay <= 3600 else usual
    recipe = {name: value for name, value in data.items() if name != "scrape"}
    return tomlkit.parse(tomlkit.dumps({**recipe, "scrape": [{"source": COPY, "path": "", "delay": wanted}]}))


def rebuild(published: Published, dataset: Dataset, options: Options) -> dict[str, Any]:
    """Fetch, compare, and apply; the counts by status. The caller holds the dataset, its manifest as `plan` made it.

    Raises PipelineError when not one picture could be had. Ctrl-C keeps what there is, and another call goes on.
    """
    _copy(published, dataset)
    tally = scrape.scrape(dataset, limit=None, report=options.report)
    if dataset.catalog.item_count():
        steps.measure(dataset, options)
    outcomes = list(survey.outcomes(dataset, published))
    counted = Counter(one.status for one in outcomes)
    survey.write_report(dataset, published, outcomes)
    if not dataset.catalog.item_count():
        first = next((f"{one.url}: {one.status} {one.detail}".strip() for one in outcomes if one.url), "the folder has no addresses")
        raise PipelineError(f"{dataset.root}: not one of {len(outcomes):,} published pictures could be had; {first}")
    if published.meta.get("measured") != registry.VERSION:
        options.report.note("measured by another version of the program: pictures in other bytes cannot be known by their pixels")
    said = _verdicts(dataset, published, compare.heirs(outcomes))
    differ = _decide(dataset, published, outcomes, options)
    statuses = {status: counted[status] for status in compare.STATUSES if counted[status]}
    return {
        "published": len(outcomes),
        "pictures": statuses,
        "verdicts": said,
        "decided otherwise": differ,
        "requests": tally.requests,
        "report": f"{dataset.reports.name}/{survey.REPORT}.csv",
    }


def _copy(published: Published, dataset: Dataset) -> None:
    """Put the folder's own files into the dataset; what tells that they are whole comes last."""
    target, sums = dataset.root / COPY, checksums.SUMS
    if target.resolve() == published.folder.resolve():
        return
    if (target / sums).is_file() and (target / sums).read_bytes() == (published.folder / sums).read_bytes():
        return
    shutil.rmtree(target, ignore_errors=True)
    names = [folder.META, folder.MANIFEST, folder.README, *(f"{name}{end}" for name in folder.TABLES for end in FORMS)]
    for name in [*(name for name in names if (published.folder / name).is_file()), sums]:
        files.write(target / name, (published.folder / name).read_bytes(), dataset.scratch)


def _decide(dataset: Dataset, published: Published, outcomes: Sequence[Outcome], options: Options) -> int:
    """Let the published decisions hold; how many final ones came out otherwise, of pictures that are here."""
    from pipeline.curate import filter as filters

    heirs, origins = compare.heirs(outcomes), compare.origins(outcomes)
    strange = {one.now: f"published as {one.id}; {one.detail}" for one in outcomes if one.status == compare.CHANGED}
    strangers = {id: strange.get(id, "the address of a published picture shows it") for id in dataset.catalog.ids() if id not in origins}
    note = {"origins": {id: origin for id, origin in origins.items() if id != origin}, "strangers": strangers}
    dataset.catalog.put_note(ORIGINS, json.dumps(note))
    steps.classify(dataset, options)

    made_from = _parts(dataset, published, "filter")
    frame = filters.decide(dataset.catalog.measurements(blobs=False), dataset.manifest.filter)
    rows = {row["id"]: row for row in published.tables["decisions"] if row["stage"] == "filter"}
    steps.decided(dataset, "filter", made_from, apply.overlaid(frame, rows, origins))

    made_from = _parts(dataset, published, "dedup")
    frame = apply.copies(dataset.catalog.ids(), origins, heirs, published.tables)
    with dataset.catalog.transaction():
        dataset.catalog.put_clusters(frame)
        _splits(dataset, published, origins)
        steps.decided(dataset, "dedup", made_from, frame.drop(columns=["cluster", "kind", "keeper"]), "summary")
    final = reports.summary(dataset).set_index("id")["decision"]
    wanted = {row["id"]: row["decision"] for row in published.tables["items"]}
    return sum(final.get(now, "") != wanted[id] for id, now in heirs.items() if origins[now] == id)


def _parts(dataset: Dataset, published: Published, stage: str) -> stages.Parts:
    """What a stage's published decisions were made from: where the manifest says otherwise now, `run` decides anew."""
    parts = stages.parts(dataset, stage)
    return parts if standing.section(published, stage) == dataset.manifest.section(stage) else parts | {"settings": "as published"}


def _splits(dataset: Dataset, published: Published, origins: Mapping[str, str]) -> None:
    """Remember the published splits, so that sharding deals the pictures as they were."""
    grouping = dataset.manifest.shard.split_by
    if published.meta.get("split_by") == grouping and not dataset.catalog.splits(grouping):
        known = {row["id"]: row for row in published.tables["clusters"] if row["anchor"]}
        rows = [(id, known[origin]["anchor"], known[origin]["split"]) for id, origin in origins.items() if origin in known]
        dataset.catalog.put_splits(grouping, rows)


def _verdicts(dataset: Dataset, published: Published, heirs: Mapping[str, str]) -> int:
    """Add the published verdicts on pictures that are here, unless something was said here of the same; how many."""
    path, added = dataset.review_path, 0
    rows = tables.read(path).records() if path.exists() else ()
    said = {_about(row["id"].strip(), row["aspect"].strip(), row["value"].strip()) for _, row in rows}
    for row in published.tables["verdicts"]:
        word, _, other = row["value"].partition(" ")
        if row["id"] not in heirs or (other and other not in heirs):
            continue
        value = f"{word} {heirs[other]}" if other else word
        if _about(heirs[row["id"]], row["aspect"], value) not in said:
            verdicts.append(path, heirs[row["id"]], row["aspect"], value, f"published with {published.name}")
            added += 1
    return added


def _about(id: str, aspect: str, value: str) -> tuple[str, ...]:
    return (aspect, *sorted([id, *value.split()[1:]]))


def run(source: Path, into: Path | None, assignments: Sequence[str], options: Options, *, kept: bool) -> tuple[Dataset, dict[str, Any]]:
    """All of it: read the folder, hold the dataset, rebuild it."""
    published = folder.read(source)
    planned = plan(published, into, assignments, kept=kept)
    with chain.opened(planned, options.report.note) as dataset:
        return dataset, rebuild(published, dataset, options)
