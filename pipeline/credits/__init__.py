"""Who made the pictures and under which terms they came: for people (Markdown), spreadsheets (CSV) and loaders (Croissant)."""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import files
from pipeline.credits import croissant, markdown, table
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.images import stored_name
from pipeline.review import reports

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: pictures in all, by licence (SPDX), with no stated terms; what a person should know; the files."""

    pictures: int
    licences: dict[str, int]
    unstated: int
    note: str
    paths: tuple[Path, ...]


def write(dataset: Dataset, folder: Path | None = None, *, everything: bool = False) -> Written:
    """Write CREDITS.md, credits.csv and croissant.json into `folder` (the dataset's `credits`), each whole or not at all.

    They are about the curated set, and about every picture with `everything` or while the dataset is not curated. The caller holds
    the dataset. Raises PipelineError when there is no picture to credit.
    """
    ids, about, note = _chosen(dataset, everything)
    folder = folder or dataset.root / "credits"
    scratch = dataset.scratch if folder.resolve().is_relative_to(dataset.root.resolve()) else None
    paths = _files(dataset)
    manifest = dataset.manifest
    frame = table.gather(dataset.catalog.sightings(), {id: paths[id] for id in ids}, table.changes(manifest.shard, manifest.augment))
    page, csv, jsonld = folder / "CREDITS.md", folder / "credits.csv", folder / "croissant.json"
    reports.save(frame, csv, scratch)
    files.write(page, _encoded(markdown.text(dataset.name, frame, about)), scratch)
    document = croissant.document(
        dataset.name,
        f"{manifest.about or 'Pictures'}: {about}.",
        frame,
        csv_sha256=hashlib.sha256(csv.read_bytes()).hexdigest(),
        folder=dataset.image_store.url or _relative(dataset.image_store.folder, folder),
        includes=_globs(dataset, ids, paths),
        published=_date(dataset),
    )
    files.write(jsonld, _encoded(json.dumps(document, ensure_ascii=False, indent=1) + "\n"), scratch)
    return Written(len(ids), table.counts(frame), table.unstated(frame), note, (page, csv, jsonld))


def _chosen(dataset: Dataset, everything: bool) -> tuple[list[str], str, str]:
    """Ids of the pictures to credit, in order; which ones these are; and what a person should know."""
    ids = dataset.catalog.ids()
    if not ids:
        raise PipelineError(f"{dataset.root}: no pictures yet; run `pipeline scrape {dataset.root}`, and see the failures it prints")
    if everything:
        return ids, "every picture of the dataset", ""
    missing = [name for name in reports.DECIDERS if dataset.catalog.stage(name) is None]
    if missing:
        return ids, "every picture of the dataset", f"not curated yet ({', '.join(missing)} did not run): every picture is credited"
    final = reports.summary(dataset)
    kept = sorted(set(final.loc[final["decision"] == "keep", "id"]) & set(ids))
    if not kept:
        raise PipelineError(f"{dataset.root}: every picture is dropped, so there is nobody to credit; --all credits all of them")
    late = len(set(ids) - set(final["id"]))
    note = f"left out, as they came after the curation: {late}; `pipeline run {dataset.root}` judges them" if late else ""
    return kept, "the curated set", note


def _files(dataset: Dataset) -> dict[str, str]:
    """Each item's file, relative to the dataset, with `/` between its parts."""
    items = dataset.catalog.items()
    return {
        str(id): f"images/{stored_name(sha256, extension)}"
        for id, sha256, extension in zip(items["id"], items["sha256"], items["extension"], strict=True)
    }


def _globs(dataset: Dataset, ids: list[str], paths: dict[str, str]) -> list[str]:
    """What matches the credited pictures in the images folder, without those that cannot be decoded: a loader would stop at one."""
    measured: pd.DataFrame = dataset.catalog.measurements(only=("id", "error"))
    broken = set(measured.loc[measured["error"].notna(), "id"])
    inside = {id: path.partition("/")[2] for id, path in paths.items()}
    wanted = {id for id in ids if id not in broken}
    return croissant.globs((inside[id] for id in wanted), (path for id, path in inside.items() if id not in wanted))


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _date(dataset: Dataset) -> str:
    """The day of the last scrape, or today's, in UTC."""
    scraped = dataset.catalog.stage("scrape")
    return time.strftime("%Y-%m-%d", time.gmtime(scraped.finished_at if scraped else None))


def _encoded(text: str) -> bytes:
    # A page in a broken encoding can leave half a surrogate pair in a title.
    return text.encode("utf-8", "replace")
