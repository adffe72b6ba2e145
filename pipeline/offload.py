"""A dataset's pictures on their way to another place, and back (extra `remote`).

A file here is removed only when the copy there has been read back and is the same, so a kill at any moment loses nothing: what is
still here is read here.
"""

from __future__ import annotations

import collections
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pipeline import files, images
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError, UsageError
from pipeline.image_store import AHEAD, ImageStore
from pipeline.remote import Folder
from pipeline.report import SILENT, Advance, Reporter

Item = tuple[str, str]
"""SHA-256 and extension."""


def offload(dataset: Dataset, url: str = "", report: Reporter = SILENT) -> dict[str, int]:
    """Move every picture to the folder at `url` (empty: where earlier ones went). The caller holds the dataset.

    Returns how many were `moved`, and how many were there `before`. Raises UsageError for a URL that is none, or that is not where the
    others are; PipelineError where one cannot be written there, arrives changed, or was changed here.
    """
    store, url = dataset.image_store, _absolute(url, dataset.root)
    items = _items(dataset)
    here = [item for item in items if store.path(*item).exists()]
    if store.url and url not in ("", store.url) and len(here) < len(items):
        raise UsageError(f"{dataset.root}: its pictures are at {store.url}; bring them back first (--back), or name no URL")
    if not url and not store.url:
        raise UsageError(f"{dataset.root}: say where its pictures should go, as in `pipeline offload {dataset.root} s3://bucket/images`")
    if url and url != store.url:
        Folder(url)  # one that is none is refused before it is written down
        files.write(store.mark, f"{url}\n", dataset.scratch)
        dataset.image_store = store = ImageStore(dataset.root)
    try:
        with report.bar("offload", len(here)) as advance:
            _each(lambda item: _away(store, item), here, advance)
    except OSError as error:
        raise PipelineError(f"{store.url}: cannot be written ({error}); what has arrived is kept, and the same command goes on") from error
    return {"moved": len(here), "before": len(items) - len(here)}


def bring_back(dataset: Dataset, report: Reporter = SILENT) -> dict[str, int]:
    """Fetch every offloaded picture; the copies there stay. The caller holds the dataset. Returns how many were `fetched`.

    Raises UsageError where nothing was offloaded, PipelineError where one cannot be read or is not what was moved.
    """
    store = dataset.image_store
    if not store.url:
        raise UsageError(f"{dataset.root}: its pictures are here; nothing was offloaded")
    there = [item for item in _items(dataset) if not store.path(*item).exists()]
    try:
        with report.bar("bring back", len(there)) as advance:
            _each(lambda item: _home(dataset, item), there, advance)
    except OSError as error:
        raise PipelineError(f"{store.url}: cannot be read ({error}); what has come is kept, and the same command goes on") from error
    store.mark.unlink()
    dataset.image_store = ImageStore(dataset.root)
    return {"fetched": len(there)}


def _items(dataset: Dataset) -> list[Item]:
    return list(dataset.catalog.items()[["sha256", "extension"]].itertuples(index=False, name=None))


def _away(store: ImageStore, item: Item) -> None:
    path, name = store.path(*item), images.stored_name(*item)
    if images.digest(path.read_bytes()) != item[0]:
        raise PipelineError(f"{path}: is not the file that was fetched; remove it and scrape again")
    assert store.remote is not None
    if store.remote.sha256(name) != item[0]:  # it is there after a kill between sending and removing
        store.remote.put(str(path), name)
        if store.remote.sha256(name) != item[0]:
            raise PipelineError(f"{store.url}/{name}: is not what was sent; the file here stays; try again")
    path.unlink()


def _home(dataset: Dataset, item: Item) -> None:
    store, name = dataset.image_store, images.stored_name(*item)
    assert store.remote is not None
    data = store.remote.read(name)
    if images.digest(data) != item[0]:
        raise PipelineError(f"{store.url}/{name}: is not the file that was fetched; remove it there and scrape again")
    files.put(store.path(*item), data, dataset.scratch)


def _each(work: Callable[[Item], None], items: Sequence[Item], advance: Advance) -> None:
    """Several at a time, since most of the time is waiting; the first error ends the rest."""
    waiting: collections.deque[Future[None]] = collections.deque()
    with ThreadPoolExecutor(AHEAD) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) >= 2 * AHEAD:
                    waiting.popleft().result()
                    advance(1)
            while waiting:
                waiting.popleft().result()
                advance(1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _absolute(url: str, root: Path) -> str:
    """A folder of this machine as a URL, so that it means the same from every folder. Raises UsageError for one in the dataset itself."""
    if url and "://" not in url:
        url = Path(url).absolute().as_uri()
    if url.startswith("file://") and Path(url2pathname(urlsplit(url).path)).resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{url}: is in the dataset itself; name another place")
    return url.rstrip("/")
