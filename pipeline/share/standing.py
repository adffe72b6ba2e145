"""Published decisions that stand in a dataset which was made again, also when a stage runs anew."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import tomlkit

from pipeline.dataset import Dataset
from pipeline.manifest import Manifest
from pipeline.share import apply, folder
from pipeline.share.folder import Published

if TYPE_CHECKING:
    import pandas as pd

COPY = "published"
"""The folder's copy in the dataset, and the name of the source that reads it."""

ORIGINS = "published origins"
"""The catalog's note of which items show a published picture in other bytes, and which of them show another picture."""


def classified(dataset: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    """What classify decides of a dataset that was made again: as published, where the pages' texts are not here to decide by.

    With the texts, and other keywords than were published, its own decisions stand; but what was not published is dropped. Items
    that a site was walked for have texts, and are left alone.
    """
    copy, note = dataset.root / COPY, dataset.catalog.note(ORIGINS)
    if note is None or not (copy / folder.META).is_file():
        return frame
    published = folder.read(copy)
    known = json.loads(note)
    seen = dataset.catalog.sightings(texts=False)
    own = set(seen.loc[seen["source"] != COPY, "id"])
    rows = {row["id"]: row for row in published.tables["decisions"] if row["stage"] == "classify"}
    origins = {str(id): known["origins"].get(id, str(id)) for id in frame["id"] if id not in own}
    strange = {id: known["strangers"].get(id, "no published picture") for id, origin in origins.items() if origin not in rows}
    anew = published.meta.get("texts") and section(published, "classify") != dataset.manifest.section("classify")
    return apply.dropped(frame if anew else apply.overlaid(frame, rows, origins), strange)


def section(published: Published, name: str) -> Any:
    """A section of the published manifest, as `Manifest.section` gives it; its sources need not be known here."""
    document = tomllib.loads(published.manifest)
    document["scrape"] = [{"source": COPY, "path": "."}]
    return Manifest.parse(tomlkit.dumps(document), folder.MANIFEST).section(name)
