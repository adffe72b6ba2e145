"""Every checksum, and every row against its file."""

from __future__ import annotations

from pathlib import Path

from pipeline import forget, image_store, images
from pipeline.dataset import Dataset, find
from pipeline.fetch.store import PAGE_EXTENSION, read_body
from pipeline.report import Reporter
from pipeline.shards import verify as shards
from pipeline.shards.info import is_folder


def verify(reference: str | None, report: Reporter) -> tuple[dict[str, int], list[str]]:
    """Check a DATASET, or a folder of SHARDS. Returns how much of each kind was checked, and what is wrong, a line each."""
    if reference is not None and is_folder(Path(reference)):
        return {"shard folders": 1}, shards.verify(Path(reference))
    dataset = Dataset(find(reference), read_only=True)
    try:
        return _dataset(dataset, report)
    finally:
        dataset.close()


def _dataset(dataset: Dataset, report: Reporter) -> tuple[dict[str, int], list[str]]:
    _ = dataset.manifest
    problems = [f"{dataset.catalog.path.name}: {line}" for line in dataset.catalog.check()]
    items = dataset.catalog.items()
    with report.bar("images", len(items)) as advance:
        for id, sha256, extension, size in items[["id", "sha256", "extension", "size"]].itertuples(index=False):
            problems += _image(dataset, id, sha256, extension, size)
            advance(1)
    known = {dataset.image_store.path(sha256, extension) for sha256, extension in zip(items["sha256"], items["extension"], strict=True)}
    problems += [
        f"{path.relative_to(dataset.root)}: no item in the catalog; it may be removed"
        for path in sorted(dataset.image_store.folder.rglob("*.*"))
        if path not in known
    ]
    pages = dataset.catalog.page_digests()
    problems += [line for sha256 in pages for line in _page(dataset, sha256)]
    problems += forget.left(dataset)
    folders = [path for path in sorted(dataset.shards.glob("*")) if path.is_dir() and not path.name.startswith(".")]
    for folder in folders:
        problems += [f"{folder.name}: {line}" for line in shards.verify(folder)]
    return {"images": len(items), "pages": len(pages), "shard folders": len(folders)}, problems


def _image(dataset: Dataset, id: str, sha256: str, extension: str, size: int) -> list[str]:
    place = dataset.image_store.place(sha256, extension)
    where = dataset.image_store.shown(place)
    try:
        data = image_store.read(place)
    except FileNotFoundError:
        return [f"{id}: {where} is missing; scrape again to fetch it"]
    except OSError as error:
        return [f"{id}: {where}: {error.strerror or error}"]
    if images.digest(data) != sha256 or len(data) != size:
        return [f"{id}: {where} is not the file that was fetched; remove it and scrape again"]
    return [] if images.item_id(sha256) == id else [f"{id}: the catalog gives it another file's digest"]


def _page(dataset: Dataset, sha256: str) -> list[str]:
    if read_body(dataset.pages, sha256) is not None:
        return []
    path = images.stored_path(dataset.pages, sha256, PAGE_EXTENSION).relative_to(dataset.root)
    return [f"{path}: missing, or not the page that was fetched; remove it and scrape again"]
