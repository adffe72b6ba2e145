"""What the review page knows of a dataset at one moment, read in one go and held in memory."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import stages
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.manifest import Manifest
from pipeline.review import reports

if TYPE_CHECKING:
    import pandas as pd

TRIES = 5
"""How often a snapshot is begun again because a command wrote meanwhile."""


@dataclass(frozen=True)
class Snapshot:
    """The tables of a dataset; frames as the catalog gives them. An item's place in `ids` is its number on the page."""

    generation: str
    """Changes whenever a stage has been finished, begun, or the manifest written."""
    manifest: Manifest
    ids: list[str]
    place: dict[str, int]
    items: pd.DataFrame
    """`reports.first_sightings`, for every item, in id order."""
    measurements: pd.DataFrame
    """Without the columns of bytes, which only dedup reads: `all_measurements` reads those too."""
    classify: pd.DataFrame
    filter: pd.DataFrame
    dedup: pd.DataFrame
    clusters: pd.DataFrame
    twins: dict[str, list[str]]


def take(root: Path) -> Snapshot:
    """Read a dataset. Raises PipelineError where nothing has been scraped, or where a command writes all the time."""
    for attempt in range(TRIES):
        before = generation(root)
        dataset = Dataset(root, read_only=True)
        try:
            found = _read(dataset, before)
        finally:
            dataset.close()
        if generation(root) == before:
            return found
        time.sleep(0.2 * (attempt + 1))
    raise PipelineError(f"{root}: a command is finishing stage after stage; try again when it is done")


def all_measurements(root: Path) -> pd.DataFrame:
    """The measurements with their bytes, six kilobytes an item; read when dedup is to decide anew."""
    dataset = Dataset(root, read_only=True)
    try:
        return dataset.catalog.measurements()
    finally:
        dataset.close()


def facing(root: Path) -> pd.DataFrame:
    """Of the measurements only id and what facing is learnt from."""
    table = all_measurements(root)
    return table[[name for name in ("id", "facing") if name in table]]


def generation(root: Path) -> str:
    """A digest of the manifest, the stages' records and the number of items; cheap enough to ask every second."""
    dataset = Dataset(root, read_only=True)
    try:
        records = [dataset.catalog.stage(name) for name in stages.STAGES]
        state = [dataset.catalog.item_count(), [record and (record.name, record.finished_at, record.output) for record in records]]
    finally:
        dataset.close()
    return hashlib.sha256(dataset.manifest_path.read_bytes() + json.dumps(state).encode()).hexdigest()[:16]


def _read(dataset: Dataset, generation: str) -> Snapshot:
    catalog = dataset.catalog
    items = reports.first_sightings(dataset).drop(columns=["text"])
    if not len(items):
        raise PipelineError(f"{dataset.root}: no pictures yet; run `pipeline scrape {dataset.root}`, and see the failures it prints")
    ids = [str(id) for id in items.index]
    return Snapshot(
        generation=generation,
        manifest=dataset.manifest,
        ids=ids,
        place={id: number for number, id in enumerate(ids)},
        items=items,
        measurements=catalog.measurements(blobs=False),
        classify=catalog.decisions("classify"),
        filter=catalog.decisions("filter"),
        dedup=catalog.decisions("dedup"),
        clusters=catalog.clusters(),
        twins=stages.twins(dataset),
    )
