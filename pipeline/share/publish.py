"""A dataset into a folder that may be shown to anybody: what the pictures are, where they stand, what was decided. No picture."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__, licences, stages, verdicts
from pipeline.about import about
from pipeline.dataset import Dataset
from pipeline.measure import registry
from pipeline.report import Reporter
from pipeline.review import reports
from pipeline.scrape import ARCHIVE_DELAY
from pipeline.share import folder as published
from pipeline.share import readme, scrub
from sources.base import WebsiteSettings

if TYPE_CHECKING:
    import pandas as pd


def publish(dataset: Dataset, folder: Path, report: Reporter, *, texts: bool, parquet: bool) -> dict[str, Any]:
    """Write the folder (see `folder`); counts of rows by table, and of pictures that have no address on the web.

    `texts` puts the pages' texts and all fields among the sightings; else they have titles, terms, series and label only. The caller
    holds the dataset. Raises UsageError for a folder that is somebody else's, PipelineError for a dataset that is not curated.
    """
    published.check_target(folder, dataset.root)
    for stale in stages.require(dataset, "shard"):
        report.note(f"published as it is, though {stale}; `pipeline run {dataset.root}` brings all up to date")
    final = reports.summary(dataset).set_index("id")
    tables = {
        "items": _items(dataset, final),
        "sightings": _sightings(dataset, texts),
        "decisions": _decisions(dataset, texts),
        "clusters": _clusters(dataset),
        "verdicts": _verdicts(dataset),
    }
    seen = tables["sightings"]
    local = len(final) - seen.loc[seen["image_url"] != "", "id"].nunique()
    meta = {
        "name": dataset.name,
        "program": f"art-pipeline {__version__}",
        "measured": registry.VERSION,
        "texts": texts,
        "delay": max([1.0, *(_delay(block) for block in dataset.manifest.scrape if isinstance(block, WebsiteSettings))]),
        "split_by": dataset.manifest.shard.split_by,
    }
    form = ".parquet" if parquet else ".csv"
    card = readme.text(dataset.name, dataset.manifest.about, tables, about(dataset, dataset.catalog.ids()), form)
    files = {published.MANIFEST: scrub.manifest(dataset.manifest.text), published.README: card}
    published.write(folder, tables, meta, files, form)
    return {**{name: len(frame) for name, frame in tables.items()}, "without an address": local}


def _delay(block: WebsiteSettings) -> float:
    return max(block.delay, ARCHIVE_DELAY) if block.via else block.delay


def _items(dataset: Dataset, final: pd.DataFrame) -> pd.DataFrame:
    measured = dataset.catalog.measurements(blobs=False).set_index("id")[["pixels", "phash", "width", "height", "format"]]
    frame = dataset.catalog.items().join(measured, on="id").join(final[["decision", "stage", "rule", "reason"]], on="id")
    quoting = (frame["stage"] == "classify") | (frame["stage"] == "verdict")  # their reasons quote the page
    frame.loc[quoting, "reason"] = ""
    return frame.sort_values("id", ignore_index=True)


def _sightings(dataset: Dataset, texts: bool) -> pd.DataFrame:
    frame = dataset.catalog.sightings()
    ours = {"series", dataset.manifest.shard.label}
    frame["fields"] = [
        json.dumps({name: value for name, value in fields.items() if texts or name in ours}, ensure_ascii=False, sort_keys=True)
        for fields in frame["fields"]
    ]
    if not texts:
        frame["text"] = ""
    for name in ("image_url", "page_url"):
        frame[name] = [scrub.address(url) for url in frame[name]]
    frame["spdx"] = [licences.spdx(words) for words in frame["license"]]
    frame["license_url"] = [licences.url(expression) for expression in frame["spdx"]]
    return frame


def _decisions(dataset: Dataset, texts: bool) -> pd.DataFrame:
    """Of every stage; without texts, what classify says of its reasons is the manifest's keywords, not the page's words."""
    import pandas as pd

    frames = []
    for stage in stages.DECIDERS:
        frame = dataset.catalog.decisions(stage).assign(stage=stage)
        if "page" not in frame:
            frame["page"] = ""
        frame["page"] = [scrub.address(url) for url in frame["page"].fillna("")]
        if stage == "classify" and not texts:
            frame["reason"] = [_keywords(*said) for said in zip(frame["for"], frame["against"], strict=True)]
        frames.append(frame[list(published.TABLES["decisions"])])
    return pd.concat(frames, ignore_index=True)


def _keywords(speaks_for: str, speaks_against: str) -> str:
    return "; ".join(f"{side}: {words}" for side, words in (("for", speaks_for), ("against", speaks_against)) if words)


def _clusters(dataset: Dataset) -> pd.DataFrame:
    import pandas as pd

    known = dataset.catalog.splits(dataset.manifest.shard.split_by)
    splits = pd.DataFrame(known, columns=["id", "anchor", "split"], dtype=object).set_index("id")
    frame = dataset.catalog.clusters().join(splits, on="id")
    frame[["anchor", "split"]] = frame[["anchor", "split"]].fillna("")
    return frame


def _verdicts(dataset: Dataset) -> pd.DataFrame:
    """Those in force on items that are there. Notes and times are the person's own."""
    import pandas as pd

    said, known = verdicts.read(dataset.review_path), set(dataset.catalog.ids())
    rows = [(id, aspect, word) for aspect, table in (("keep", said.keep), ("facing", said.facing)) for id, word in table.items()]
    rows += [(one, "same", f"{word} {two}") for (one, two), word in said.same.items() if two in known]
    return pd.DataFrame(sorted(row for row in rows if row[0] in known), columns=list(published.TABLES["verdicts"]), dtype=object)
