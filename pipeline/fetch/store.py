"""The memory: every answer in the catalog, every body in a file."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pipeline import files
from pipeline.catalog import Catalog, Response
from pipeline.fetch.result import FORGOTTEN, Fetched, Kind, OptOut
from pipeline.image_store import ImageStore
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
LEVEL = 6
"""Of gzip: the next ones take twice as long for one per cent."""
_LONGEST_HEADER = 2000
LONGEST_HOLD = 7 * 86_400.0
"""Seconds that a host is left alone by later scrapes. Some servers send a date's number for a pause; that would be for ever."""


@dataclass(frozen=True)
class Remembered:
    """What memory holds of a URL, and how long ago it was asked, in seconds. `judged`: opt-outs were looked for then."""

    fetched: Fetched
    age: float
    judged: bool = True


class Store:
    """Writes bodies, named by SHA-256, to `pages` and to the folder of `images` (through `scratch`, on the same disk); answers to
    `catalog`."""

    def __init__(self, catalog: Catalog, pages: Path, images: ImageStore, scratch: Path, clock: Callable[[], float] = time.time) -> None:
        self._catalog = catalog
        self._pages = pages
        self._images = images
        self._scratch = scratch
        self._clock = clock
        self._forgotten = {stone.sha256: stone.id for stone in catalog.tombstones()}

    def recall(self, url: str, kind: Kind) -> Remembered | None:
        """The last answer to `url`; None if there is none, or if its body is lost or damaged."""
        row = self._catalog.response(url, kind)
        if row is None:
            return None
        met = tuple(OptOut(**one) for one in row.opt_outs or ())
        fetched = Fetched(
            row.url, row.final_url, row.status, row.error, row.detail, row.headers, row.sha256, "", row.size, met, fresh=False
        )  # fmt: skip
        if row.error is None:
            found = self._page(row) if kind == "page" else self._image(row)
            if found is None:
                return None
            fetched = replace(fetched, content=found[0], extension=found[1])
        return Remembered(fetched, self._clock() - row.fetched_at, row.opt_outs is not None)

    def keep(self, kind: Kind, fetched: Fetched) -> Fetched:
        """Put the body where it stays: a large picture's temporary file is renamed. Not if it was forgotten.

        The file is whole on the disk when this returns.
        """
        assert fetched.sha256 is not None
        if kind == "page":
            path = stored_path(self._pages, fetched.sha256, PAGE_EXTENSION)
            if _unpacked(path, fetched.sha256) is None:
                files.put(path, gzip.compress(fetched.body, LEVEL, mtime=0), self._scratch)
            return fetched
        if fetched.sha256 in self._forgotten:
            detail = f"{self._forgotten[fetched.sha256]} was taken down"
            return replace(fetched, error=FORGOTTEN, detail=detail, sha256=None, extension="", size=None, content=b"")
        path = self._images.path(fetched.sha256, fetched.extension)
        if self._images.size(fetched.sha256, fetched.extension) != fetched.size:
            if isinstance(fetched.content, Path):
                files.settle(fetched.content, path)
            else:
                files.put(path, fetched.content, self._scratch)
        return replace(fetched, content=path)

    def put_rows(self, outcomes: Sequence[tuple[Kind, Fetched]]) -> None:
        """Remember outcomes, whose bodies are kept already: so a kill between the two loses nothing."""
        now = self._clock()
        self._catalog.put_responses(
            [
                Response(
                    url=fetched.url,
                    kind=kind,
                    final_url=fetched.final_url,
                    status=fetched.status,
                    error=fetched.error,
                    detail=fetched.detail,
                    headers=fetched.headers,
                    opt_outs=[asdict(one) for one in fetched.opt_outs],
                    sha256=fetched.sha256,
                    size=fetched.size,
                    fetched_at=now,
                )
                for kind, fetched in outcomes
            ]
        )

    def hold(self, host: str, seconds: float) -> None:
        """Remember that the host wants to be left alone for so long from now on."""
        self._catalog.put_note(f"hold {host}", str(self._clock() + min(max(seconds, self.held(host)), LONGEST_HOLD)))

    def held(self, host: str) -> float:
        """Seconds for which an earlier scrape was asked to leave the host alone, from now on; 0 if it was not."""
        left = float(self._catalog.note(f"hold {host}") or 0.0) - self._clock()
        return min(max(0.0, left), LONGEST_HOLD)  # the clock may have been set back

    def _page(self, row: Response) -> tuple[bytes, str] | None:
        body = read_body(self._pages, row.sha256 or "")
        return None if body is None else (body, PAGE_EXTENSION)

    def _image(self, row: Response) -> tuple[Path, str] | None:
        for extension in EXTENSIONS.values():
            if self._images.size(row.sha256 or "", extension) == row.size:
                return self._images.path(row.sha256 or "", extension), extension
        return None


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
