"""One website block of a manifest: the source's walk on this thread, its pictures on the network's."""

from __future__ import annotations

import dataclasses
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future
from typing import Any

import sources.base
from pipeline import images
from pipeline.catalog import SIGHTING_COLUMNS, Find
from pipeline.errors import PipelineError
from pipeline.fetch import result
from pipeline.fetch.client import Fetcher
from pipeline.fetch.result import Fetched
from pipeline.fetch.url import LONGEST
from pipeline.tally import Tally
from sources.base import Get, Page, Sighting, Source, Subject, WebsiteSettings, WebsiteSource
from sources.wayback import Archive

WINDOW = 4096
"""Pictures that may wait for their turn: enough for a list that names hundreds of hosts in runs; some 50 MB at the most."""

GROUP, GATHER, PAUSE = 64, 0.25, 0.02
"""Pictures that are recorded together, seconds in which they gather, and seconds between two looks at whether they have."""

TITLE_CAP, NAME_CAP, TERMS_CAP, URL_CAP = 500, 100, 2000, LONGEST + 1
"""Characters of a title, a field's name, a licence (author, credit), an address that are kept."""
FIELDS, FALLBACKS = 200, 8
"""Fields of a thing, and further addresses of a picture, that are kept."""
TOO_MANY_PAGES = "too_many_pages"

Record = Callable[[Sequence[Find]], int]
"""Takes what was found, durably; how many items were new."""


class Crawl:
    """Runs a source. `bound` is the number of pictures after which it stops; `stop` ends it as soon as may be."""

    def __init__(
        self,
        source: WebsiteSource,
        settings: WebsiteSettings,
        fetcher: Fetcher,
        record: Record,
        tally: Tally,
        *,
        bound: int | None,
        stop: threading.Event,
        note: Callable[[str], None],
    ) -> None:
        self._source = source
        self._settings = settings
        self._fetcher = fetcher
        self._record = record
        self._tally = tally
        self._bound = bound
        self._stop = stop
        self._note = note
        self._refused = ""  # the first page that could not be had, and why
        self._had = 0  # pages that could, an archive's index not counted
        self._done: queue.SimpleQueue[tuple[Sighting, Future[list[Fetched]]]] = queue.SimpleQueue()
        self._pending = 0
        self._recorded = 0.0

    def run(self) -> bool:
        """Fetch what the source sees; whether it was cut short by `bound` or `stop`. Raises PipelineError if no page could be had."""
        try:
            cut = self._walk()
            self._collect(until=0)
        except CancelledError:
            cut = True
        except _Enough:
            cut = True
            self._collect(until=0)
        if self._stop.is_set():
            self._collect_finished()
            return True
        if self._refused and not self._tally.pictures and self._had == 0:
            raise PipelineError(f"source {self._source.name}: not one page could be had; {self._refused}")
        return cut or TOO_MANY_PAGES in self._tally.failures  # what was not read says nothing of the site

    def _walk(self) -> bool:
        for whole, wanted in guarded(self._source, self._seen()):
            sighting, found = bounded(whole), wanted and bounded(wanted)
            if self._stop.is_set():
                return True
            self._count(sighting)
            if found is None or not found.image_url:
                continue
            if self._bound is not None:
                self._collect(until=max(0, self._bound - self._tally.pictures - 1), bound=self._bound)
                if self._tally.pictures >= self._bound:
                    return True
            self._begin(found)
            self._collect(until=WINDOW)
        return False

    def _seen(self) -> Iterator[tuple[Sighting, Sighting | None]]:
        """What the source sees, and where it is to be had: in an archive (or nowhere), if the settings say so."""
        get: Get = _Get(self)
        archive = Archive(get, self._settings, self._absent) if self._settings.via else None
        for sighting in self._source.visit(archive or get, self._settings):
            yield sighting, archive.sighting(sighting) if archive and sighting.image_url else sighting

    def _absent(self, url: str) -> None:
        """The archive has no capture of a page or picture."""
        self._tally.failed(result.GONE, url, f"no capture in {self._settings.archive}")
        self._refused = self._refused or f"{url}: no capture in {self._settings.archive}"

    def page(self, url: str) -> Page | None:
        """A page for the source."""
        if self._stop.is_set():
            raise CancelledError
        if self._tally.pages >= self._settings.max_pages:
            if not self._tally.failures[TOO_MANY_PAGES]:
                self._note(f"{self._source.name}: {self._settings.max_pages:,} pages were read, no more are (scrape.max_pages)")
            self._tally.failed(TOO_MANY_PAGES, url, f"after {self._settings.max_pages:,} pages")
            if self._settings.via:  # an archive whose index is not answered would be blamed
                raise _Enough
            return None
        fetched = self._fetcher.page(url)
        self._tally.pages += 1
        self._tally.announced = self._fetcher.announced
        self._heard(fetched)
        if fetched.error:
            self._refused = self._refused or f"{url}: {fetched.error}: {fetched.detail}"
            return None
        self._had += not self._settings.via or "/cdx/" not in url
        return Page(fetched.final_url, fetched.body, fetched.headers)

    def announce(self, urls: Iterable[str]) -> None:
        """What the source will ask for; it is fetched ahead unless the crawl may end before."""
        self._fetcher.announce(urls, ahead=self._settings.max_pages - self._tally.pages if self._bound is None else 0)
        self._tally.announced = self._fetcher.announced

    def _count(self, sighting: Sighting) -> None:
        fields = sighting.fields if self._source.health else {}  # else nobody looks at them, and a list may have a million rows
        subject = self._tally.subjects.setdefault(sighting.page_url, Subject(0, fields))
        subject.pictures += bool(sighting.image_url)

    def _begin(self, sighting: Sighting) -> None:
        future = self._fetcher.images([sighting.image_url, *sighting.fallbacks])
        self._pending += 1
        self._tally.queued = self._pending
        future.add_done_callback(lambda done: self._done.put((sighting, done)))

    def _collect(self, until: int, bound: int | None = None) -> None:
        """Record what has been fetched, and wait until no more than `until` pictures are under way (fewer as `bound` comes near)."""
        if bound is None and self._pending <= until and self._done.qsize() < GROUP and time.monotonic() < self._recorded + GATHER:
            return
        while True:
            self._collect_finished()
            if bound is not None:
                until = max(0, bound - self._tally.pictures - 1)
                if self._tally.pictures >= bound and not self._pending:
                    return
            if self._pending <= until or not self._pending:
                return
            if self._stop.is_set():
                raise CancelledError
            try:
                self._done.put(self._done.get(timeout=0.5))
            except queue.Empty:
                continue
            if self._done.qsize() < min(GROUP, self._pending - until):
                time.sleep(PAUSE)

    def _collect_finished(self) -> None:
        finds = []
        self._recorded = time.monotonic()
        while True:
            try:
                sighting, future = self._done.get_nowait()
            except queue.Empty:
                break
            self._pending -= 1
            if not future.cancelled():
                finds += self._outcome(sighting, future.result())
        self._tally.queued = self._pending
        if finds:
            self._tally.new += self._record(finds)
            self._tally.pictures += len(finds)

    def _outcome(self, sighting: Sighting, tried: Sequence[Fetched]) -> list[Find]:
        for fetched in tried:
            self._heard(fetched)
        last, url = tried[-1], (sighting.image_url, *sighting.fallbacks)[len(tried) - 1]
        if last.error or not last.sha256:
            return []
        had = dataclasses.replace(sighting, image_url=url)
        return [find(self._source.name, had, last.sha256, last.extension, last.size or 0)]

    def _heard(self, fetched: Fetched) -> None:
        self._tally.requests += fetched.fresh
        if fetched.error:
            self._tally.failed(fetched.error, fetched.url, fetched.detail)
            self._tally.stopped |= fetched.error == result.NOT_STORED
        for met in fetched.opt_outs:
            self._tally.overridden[met.signal] += met.overridden and not fetched.error


class _Enough(Exception):
    """As many pages as the manifest allows have been read."""


class _Get:
    """What a source is given: a function, which can also be told what comes next (see `sources.base.announce`)."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl

    def __call__(self, url: str) -> Page | None:
        return self._crawl.page(url)

    def ahead(self, urls: Iterable[str]) -> None:
        self._crawl.announce(urls)


def bounded(sighting: Sighting) -> Sighting:
    """The same with texts of bounded length that every file and database can hold."""
    names = list(sighting.fields)[:FIELDS]
    return Sighting(
        page_url=_held(sighting.page_url, URL_CAP),
        image_url=_held(sighting.image_url, URL_CAP),
        title=_held(sighting.title, TITLE_CAP),
        fields={_held(name, NAME_CAP): _held(sighting.fields[name], sources.base.TEXT_CAP) for name in names},
        text=_held(sighting.text, sources.base.TEXT_CAP),
        license=_held(sighting.license, TERMS_CAP),
        author=_held(sighting.author, TERMS_CAP),
        credit=_held(sighting.credit, TERMS_CAP),
        fallbacks=tuple(_held(url, URL_CAP) for url in sighting.fallbacks[:FALLBACKS]),
    )


def _held(text: str, most: int) -> str:
    """At most so many characters; halves of surrogate pairs, which UTF-8 cannot hold, replaced. A copy: a page of text may hang on it."""
    return str(text)[:most].encode("utf-8", "replace").decode("utf-8")


def find(source: str, sighting: Sighting, sha256: str, extension: str, size: int) -> Find:
    """A sighting and the file that was found there, as the catalog takes them."""
    sighting = bounded(sighting)
    record = {name: getattr(sighting, name) for name in SIGHTING_COLUMNS} | {"fields": dict(sighting.fields)}
    return Find(source, images.item_id(sha256), sha256, extension, size, record, time.time())


def guarded(source: Source, walk: Iterator[Any]) -> Iterator[Any]:
    """The same, with a source's own complaints turned into one clear line."""
    try:
        yield from walk
    except (ValueError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise PipelineError(f"source {source.name}: {error}") from error
