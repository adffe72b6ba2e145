"""What became of each published picture: the catalog's answers, compared, and the report on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline import stages
from pipeline.dataset import Dataset
from pipeline.fetch.url import normal_url
from pipeline.review import reports
from pipeline.share import compare
from pipeline.share.compare import Answer, Outcome
from pipeline.share.folder import Published

REPORT = "rebuild"


def outcomes(dataset: Dataset, published: Published) -> Iterator[Outcome]:
    """What became of every published picture, in the folder's order, by what the catalog remembers of its addresses."""
    columns = ["sha256", "pixels", "phash"]
    known: dict[str, tuple[str, Any, Any]] = {}
    if dataset.catalog.item_count():
        measured = dataset.catalog.measurements(blobs=False).set_index("id")[["pixels", "phash"]]
        frame = dataset.catalog.items().join(measured, on="id")
        known = {sha256: (id, pixels, phash) for id, sha256, pixels, phash in frame[["id", *columns]].itertuples(index=False)}
    urls: dict[str, dict[str, None]] = {}
    for row in published.tables["sightings"]:
        if row["image_url"]:
            urls.setdefault(row["id"], {})[row["image_url"]] = None
    for item in published.tables["items"]:
        yield compare.outcome(item, [_answer(dataset, url, known) for url in urls.get(item["id"], ())])


def _answer(dataset: Dataset, url: str, known: Mapping[str, tuple[str, Any, Any]]) -> Answer | None:
    response = dataset.catalog.response(normal_url(url), "image")
    if response is None:
        return None
    if response.error or response.sha256 is None or response.sha256 not in known:
        return Answer(url, error=response.error or "gone", detail=response.detail)
    id, pixels, phash = known[response.sha256]
    return Answer(url, response.sha256, id, *(value if isinstance(value, str) else "" for value in (pixels, phash)))


def write_report(dataset: Dataset, published: Published, found: Sequence[Outcome]) -> None:
    """reports/rebuild.csv: a row for each published picture."""
    import pandas as pd

    seen = {row["id"]: row for row in reversed(published.tables["sightings"])}
    frame = pd.DataFrame(
        [
            {
                "id": one.now or one.id,
                "published": one.id,
                "status": one.status,
                "detail": one.detail,
                "published_decision": item["decision"],
                "page_url": seen.get(one.id, {}).get("page_url", ""),
                "image_url": one.url or seen.get(one.id, {}).get("image_url", ""),
                "title": seen.get(one.id, {}).get("title", ""),
                "override": "",
            }
            for one, item in zip(found, published.tables["items"], strict=True)
        ]
    )
    path = dataset.reports / f"{REPORT}.csv"
    reports.save(frame, path, dataset.scratch)
    stages.remember_report(dataset, path, {})
