"""The memory: every answer in the catalog, every body in a file."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline import files
from pipeline.catalog import Catalog, Response
from pipeline.fetch.result import Fetched, Kind
from pipeline.images import EXTENSIONS, digest, stored_path

KEPT_HEADERS = (
    "content-type",
    "content-language",
    "etag",
    "last-modified",
    "x-robots-tag",
    "content-usage",
    "tdm-reservation",
    "tdm-policy",
)
"""What parsing, asking again and a site's opt-outs need; the rest (dates, cookies, traces) would differ at every scrape."""

PAGE_EXTENSION = "html.gz"
_LONGEST_HEADER = 2000


@dataclass(frozen=True)
class Remembered:
    """What memory holds of a URL, and how long ago it was asked, in seconds."""

    fetched: Fetched
    age: float


class Store:
    """Writes bodies to `pages` and `images` (through `scratch`, on the same disk), named by SHA-256, and answers to `catalog`."""

    def __init__(self, catalog: Catalog, pages: Path, images: Path, scratch: Path, clock: Callable[[], float] = time.time) -> None:
        self._catalog = catalog
        self._pages = pages
        self._images = images
        self._scratch = scratch
        self._clock = clock

    def recall(self, url: str, kind: Kind) -> Remembered | None:
        """The last answer to `url`; None if there is none, if it was asked as another kind, or if its body is lost or damaged."""
        row = self._catalog.response(url)
        if row is None or row.kind != kind:
            return None
        fetched = Fetched(row.url, row.final_url, row.status, row.error, row.detail, row.headers, row.sha256, "", row.size, fresh=False)
        if row.error is None:
            found = self._page(row) if kind == "page" else self._image(row)
            if found is None:
                return None
            fetched = replace(fetched, content=found[0], extension=found[1])
        return Remembered(fetched, self._clock() - row.fetched_at)

    def put(self, kind: Kind, fetched: Fetched) -> None:
        """Remember an outcome. The file is whole on the disk before the row that names it, so a kill between them loses nothing."""
        if fetched.error is None and fetched.sha256 is not None:
            if kind == "page":
                self._put_page(fetched.sha256, fetched.body)
            else:
                self._put_image(fetched.sha256, fetched.extension, fetched.body)
        self._catalog.put_response(
            Response(
                url=fetched.url,
                kind=kind,
                final_url=fetched.final_url,
                status=fetched.status,
                error=fetched.error,
                detail=fetched.detail,
                headers=fetched.headers,
                sha256=fetched.sha256,
                size=fetched.size,
                fetched_at=self._clock(),
            )
        )

    def _page(self, row: Response) -> tuple[bytes, str] | None:
        body = read_body(self._pages, row.sha256 or "")
        return None if body is None else (body, PAGE_EXTENSION)

    def _image(self, row: Response) -> tuple[Path, str] | None:
        for extension in EXTENSIONS.values():
            path = stored_path(self._images, row.sha256 or "", extension)
            if path.is_file() and path.stat().st_size == row.size:
                return path, extension
        return None

    def _put_page(self, sha256: str, body: bytes) -> None:
        path = stored_path(self._pages, sha256, PAGE_EXTENSION)
        if _unpacked(path, sha256) is None:
            files.write(path, gzip.compress(body, mtime=0), self._scratch)

    def _put_image(self, sha256: str, extension: str, body: bytes) -> None:
        path = stored_path(self._images, sha256, extension)
        if not path.is_file() or path.stat().st_size != len(body):
            files.write(path, body, self._scratch)


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers worth keeping, each on one line and of bounded length."""
    return {name: " ".join(headers[name].split())[:_LONGEST_HEADER] for name in KEPT_HEADERS if name in headers}


def read_body(pages: Path, sha256: str) -> bytes | None:
    """A remembered page's body; None if its file is lost or is not what was fetched."""
    return _unpacked(stored_path(pages, sha256, PAGE_EXTENSION), sha256)


def _unpacked(path: Path, sha256: str | None) -> bytes | None:
    try:
        body = gzip.decompress(path.read_bytes())
    except (FileNotFoundError, gzip.BadGzipFile, EOFError, zlib.error):
        return None
    return body if digest(body) == sha256 else None
