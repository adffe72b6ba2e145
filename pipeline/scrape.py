"""Drives the manifest's sources through the fetcher into the catalog."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tomlkit

import sources.base
from pipeline import files, images, stages
from pipeline.catalog import Response
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.fetch.client import Fetcher, user_agent
from pipeline.fetch.store import Store
from pipeline.report import Advance, Reporter
from sources.base import LocalSource, Page, Sighting, SourceSettings, WebsiteSettings, WebsiteSource


@dataclass
class Tally:
    """What a scrape met. `failures` counts URLs by error class."""

    pages: int = 0
    pictures: int = 0
    new: int = 0
    requests: int = 0
    failures: collections.Counter[str] = field(default_factory=collections.Counter)
    stopped: bool = False

    def summary(self) -> dict[str, Any]:
        """As JSON data."""
        return {**dataclasses.asdict(self), "failures": dict(sorted(self.failures.items()))}

    def lasting(self) -> dict[str, Any]:
        """What the catalog keeps: the same whether the scrape was done at one go or after ten interruptions."""
        return {name: value for name, value in self.summary().items() if name not in ("new", "requests", "stopped")}


def scrape(dataset: Dataset, *, limit: int | None, report: Reporter) -> Tally:
    """Walk every source of the manifest; pictures and sightings are in the catalog as soon as they are had.

    `limit` stops after that many pictures of each source, and leaves the stage unfinished. The caller holds the dataset.
    """
    tally = Tally()
    made_from = stages.parts(dataset, "scrape")
    dataset.catalog.begin_stage("scrape")
    dataset.catalog.forget_files()
    for number, settings in enumerate(dataset.manifest.scrape):
        source = sources.base.load(settings.source)
        bound = min((n for n in (limit, settings.limit) if n is not None), default=None)
        with report.bar(f"scrape {source.name}", bound) as advance:
            cut = False
            if isinstance(source, WebsiteSource) and isinstance(settings, WebsiteSettings):
                cut = _website(dataset, number, source, settings, bound, tally, advance, report)
            elif isinstance(source, LocalSource):
                cut = _local(dataset, source, settings, bound, tally, advance)
        # A limit in the manifest is part of the recipe; one on the command line leaves work to do.
        tally.stopped |= cut and bound != settings.limit
    if not tally.stopped:
        settings_now = stages.parts(dataset, "scrape")["settings"]  # a source that serves itself may have written its start
        stages.finish(dataset, "scrape", {**made_from, "settings": settings_now}, tally.lasting())
    return tally


def _website(
    dataset: Dataset,
    number: int,
    source: WebsiteSource,
    settings: WebsiteSettings,
    bound: int | None,
    tally: Tally,
    advance: Advance,
    report: Reporter,
) -> bool:
    with _served(source, settings) as start:
        if start != settings.start:
            settings = settings.model_copy(update={"start": start})
            _remember_start(dataset, number, start)
        store = Store(dataset.catalog, dataset.pages, dataset.images, dataset.scratch)
        fetcher = Fetcher(
            store,
            user_agent=user_agent(settings.contact),
            delay=settings.delay,
            revisit_days=settings.revisit_days,
            start_urls=[start or source.home],
            note=report.note,
        )
        try:
            return _walk(dataset, source, settings, fetcher, bound, tally, advance)
        finally:
            fetcher.close()


def _walk(
    dataset: Dataset, source: WebsiteSource, settings: WebsiteSettings, fetcher: Fetcher, bound: int | None, tally: Tally, advance: Advance
) -> bool:
    """Fetch what the source sees; whether the limit cut it short."""
    refused: list[str] = []

    def get(url: str) -> Page | None:
        fetched = fetcher.page(url)
        tally.pages += 1
        tally.requests += fetched.fresh
        if fetched.error:
            tally.failures[fetched.error] += 1
            refused.append(f"{url}: {fetched.error}: {fetched.detail}")
            return None
        return Page(fetched.final_url, fetched.body, fetched.headers)

    seen, asked_before = 0, tally.pages
    for sighting in _guarded(source, source.visit(get, settings)):
        if bound is not None and seen >= bound:
            return True
        for url in (sighting.image_url, *sighting.fallbacks):
            fetched = fetcher.image(url)
            tally.requests += fetched.fresh
            if fetched.error or not fetched.sha256:
                tally.failures[fetched.error or "broken"] += 1
                continue
            seen += 1
            had = dataclasses.replace(sighting, image_url=url)
            _add(dataset, source.name, had, fetched.sha256, fetched.extension, fetched.size or 0, tally)
            advance(1)
            break
    if refused and len(refused) == tally.pages - asked_before:
        raise PipelineError(f"source {source.name}: not one page could be had; {refused[0]}")
    return False


def _local(dataset: Dataset, source: LocalSource, settings: SourceSettings, bound: int | None, tally: Tally, advance: Advance) -> bool:
    seen = 0
    for path, sighting in _guarded(source, source.items(settings)):
        if bound is not None and seen >= bound:
            return True
        try:
            body = path.read_bytes()
            extension = images.EXTENSIONS[images.read_header(body).format]
        except images.BadImage as error:
            _remember_failure(dataset, sighting.image_url, error.kind, error.detail)
            tally.failures[error.kind] += 1
            continue
        except OSError as error:
            _remember_failure(dataset, sighting.image_url, "unreadable", error.strerror or str(error))
            tally.failures["unreadable"] += 1
            continue
        sha256 = images.digest(body)
        stored = dataset.image_path(sha256, extension)
        if not stored.exists():
            files.write(stored, body, dataset.scratch)
        seen += 1
        _add(dataset, source.name, sighting, sha256, extension, len(body), tally)
        advance(1)
    return False


def _add(dataset: Dataset, source: str, sighting: Sighting, sha256: str, extension: str, size: int, tally: Tally) -> None:
    id, now = images.item_id(sha256), time.time()
    record = dataclasses.asdict(sighting) | {"fields": dict(sighting.fields), "text": sighting.text[: sources.base.TEXT_CAP]}
    with dataset.catalog.transaction():
        tally.new += dataset.catalog.put_item(id, sha256, extension, size, now)
        dataset.catalog.put_sighting(id, source, record, now)
    tally.pictures += 1


def _guarded(source: sources.base.Source, walk: Iterator[Any]) -> Iterator[Any]:
    """The same, with a source's own complaints turned into one clear line."""
    try:
        yield from walk
    except (ValueError, FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise PipelineError(f"source {source.name}: {error}") from error


@contextlib.contextmanager
def _served(source: WebsiteSource, settings: WebsiteSettings) -> Iterator[str]:
    with contextlib.ExitStack() as stack:
        try:
            start = stack.enter_context(source.serve(settings))
        except (ImportError, OSError) as error:
            raise PipelineError(f"source {source.name}: {error}") from error
        yield start


def _remember_start(dataset: Dataset, number: int, start: str) -> None:
    """Write the start of a site that the program serves itself, so that the next scrape finds the same URLs."""
    document = tomlkit.parse(dataset.manifest_path.read_text(encoding="utf-8"))
    document["scrape"][number]["start"] = start
    dataset.write_manifest(tomlkit.dumps(document))


def _remember_failure(dataset: Dataset, url: str, error: str, detail: str) -> None:
    dataset.catalog.put_response(Response(url, "image", url, None, error, detail, {}, None, None, time.time()))
