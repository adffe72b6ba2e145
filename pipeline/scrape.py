"""Drives the manifest's sources through the fetchers into the catalog."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

import tomlkit

import sources.base
from pipeline import board, drift, files, images, stages
from pipeline.catalog import Find, Response
from pipeline.crawl import Crawl, find, guarded
from pipeline.dataset import Dataset
from pipeline.errors import PipelineError
from pipeline.fetch.client import Fetcher, Manner, user_agent
from pipeline.fetch.ledger import Ledger
from pipeline.fetch.limits import Limits
from pipeline.fetch.network import Network
from pipeline.fetch.store import Store
from pipeline.report import Reporter
from pipeline.tally import Tally
from sources.base import LocalSource, SourceSettings, WebsiteSettings, WebsiteSource

ARCHIVE_DELAY = 2.5
"""Seconds between two requests to the Internet Archive: about 24 a minute are tolerated of its index."""


@dataclass
class Block:
    """One `[[scrape]]` of the manifest. `bound` is after how many pictures it stops; `staged`: its finds wait for its health."""

    number: int
    source: sources.base.Source
    settings: SourceSettings
    bound: int | None
    tally: Tally
    staged: bool = False


def scrape(dataset: Dataset, *, limit: int | None, report: Reporter, offline: bool = False, limits: Limits | None = None) -> Tally:
    """Walk every source of the manifest, websites side by side; pictures and sightings are in the catalog as soon as they are had.

    `limit` stops after that many pictures of each source, and leaves the stage unfinished. `offline` asks nobody and reads again
    what is remembered. The caller holds the dataset. Raises PipelineError for a source that cannot work, once the others are
    done, and `drift.Drift` for one whose site no longer looks as expected. Ctrl-C keeps what there is.
    """
    made_from = stages.parts(dataset, "scrape")
    dataset.catalog.begin_stage("scrape")
    dataset.catalog.forget_files()
    dataset.catalog.drop_staged()
    blocks = [_block(dataset, number, settings, limit) for number, settings in enumerate(dataset.manifest.scrape)]
    troubles: list[PipelineError] = []
    with contextlib.ExitStack() as stack:
        for block in blocks:
            if isinstance(block.source, WebsiteSource) and not offline:
                _serve(dataset, block, stack)
        stop = threading.Event()
        network = _network(dataset, blocks, report, limits)
        stack.callback(network.close)
        began = time.monotonic()
        stack.enter_context(report.live(lambda: board.lines([block.tally for block in blocks], network.waits(), time.monotonic() - began)))
        try:
            troubles += _websites(dataset, blocks, network, stop, report, offline)
            troubles += _locals(dataset, blocks)
        except KeyboardInterrupt:
            had = [f"{block.source.name} {block.tally.pages:,} pages, {block.tally.pictures:,} pictures" for block in blocks]
            report.note(f"stopping; had so far: {'; '.join(had)}")
            raise
        finally:
            network.close()
            for block in blocks:
                _settle(dataset, block, whole=False)  # whoever came to its end has been settled already
    tally = Tally()
    for block in blocks:
        tally.add(block.tally)
    if troubles:
        raise troubles[0] if len(troubles) == 1 else PipelineError("; ".join(str(trouble) for trouble in troubles))
    if not tally.stopped:
        settings_now = stages.parts(dataset, "scrape")["settings"]  # a source that serves itself may have written its start
        stages.finish(dataset, "scrape", {**made_from, "settings": settings_now}, tally.lasting())
    return tally


def _block(dataset: Dataset, number: int, settings: SourceSettings, limit: int | None) -> Block:
    source = sources.base.load(settings.source)
    bound = min((n for n in (limit, settings.limit) if n is not None), default=None)
    staged = isinstance(source, WebsiteSource) and dataset.catalog.known_source(source.name)
    return Block(number, source, settings, bound, Tally(source.name), staged)


def _network(dataset: Dataset, blocks: Sequence[Block], report: Reporter, limits: Limits | None) -> Network:
    named: list[str] = []
    private: list[str] = []
    for block in blocks:
        if isinstance(block.settings, WebsiteSettings):
            archive = [block.settings.archive] if block.settings.via else []
            start = block.settings.start or block.source.home
            named += [*([start] if "://" in start else []), *archive]  # a source without a site of its own has a home in words
            private += block.settings.private
    store = _store(dataset)
    return Network(dataset.scratch, named, private, limits=limits, note=report.note, held=store.held, hold=store.hold)


def _store(dataset: Dataset) -> Store:
    return Store(dataset.catalog, dataset.pages, dataset.image_store, dataset.scratch)


def _websites(
    dataset: Dataset, blocks: Sequence[Block], network: Network, stop: threading.Event, report: Reporter, offline: bool
) -> list[PipelineError]:
    """Run the websites side by side, each on a thread; what went wrong with single ones."""
    websites = [block for block in blocks if isinstance(block.settings, WebsiteSettings)]
    if not websites:
        return []
    store = _store(dataset)
    ledger = Ledger(store.put_rows, network.workers)
    troubles: list[PipelineError] = []
    with concurrent.futures.ThreadPoolExecutor(len(websites), thread_name_prefix="walk") as walks:
        try:
            running = {}
            for block in websites:
                fetcher = Fetcher(network, store, _manner(block.settings, offline), ledger)
                running[walks.submit(_website, dataset, block, fetcher, stop, report)] = block
            for future in _as_they_end(running):
                try:
                    future.result()
                except PipelineError as error:
                    troubles.append(error)
        except BaseException:
            stop.set()
            network.close()
            raise
    return troubles


def _as_they_end(running: dict[concurrent.futures.Future[None], Block]) -> Iterator[concurrent.futures.Future[None]]:
    """Like `as_completed`, but a Ctrl-C is heard while it waits, on Windows as well."""
    left = set(running)
    while left:
        done, left = concurrent.futures.wait(left, timeout=0.2, return_when=concurrent.futures.FIRST_COMPLETED)
        yield from done


def _manner(settings: SourceSettings, offline: bool) -> Manner:
    assert isinstance(settings, WebsiteSettings)
    of_archive = settings.via and urlsplit(settings.archive).hostname == urlsplit(WebsiteSettings.model_fields["archive"].default).hostname
    return Manner(
        user_agent=user_agent(settings.contact),
        delay=max(settings.delay, ARCHIVE_DELAY) if of_archive else settings.delay,
        revisit_days=settings.revisit_days,
        overrides=frozenset(settings.override_opt_outs),
        pardoned=frozenset(settings.override_robots),
        offline=offline,
    )


def _website(dataset: Dataset, block: Block, fetcher: Fetcher, stop: threading.Event, report: Reporter) -> None:
    assert isinstance(block.source, WebsiteSource)
    assert isinstance(block.settings, WebsiteSettings)
    crawl = Crawl(
        block.source,
        block.settings,
        fetcher,
        partial(_record, dataset, block),
        block.tally,
        bound=block.bound,
        stop=stop,
        note=report.note,
    )
    cut = crawl.run()
    # A limit in the manifest is part of the recipe; one on the command line leaves work to do.
    block.tally.stopped |= cut and (stop.is_set() or block.bound != block.settings.limit)
    _settle(dataset, block, whole=not cut and not block.tally.stopped)


def _record(dataset: Dataset, block: Block, finds: Sequence[Find]) -> int:
    if not block.staged:
        return dataset.catalog.put_finds(finds)
    dataset.catalog.stage_finds(_key(block.number, block.source.name), finds)
    return 0


def _settle(dataset: Dataset, block: Block, *, whole: bool) -> None:
    """Let the block's finds into the catalog if its crawl is healthy. Raises Drift if it is not."""
    if not isinstance(block.settings, WebsiteSettings):
        return
    catalog, key, start = dataset.catalog, _key(block.number, block.source.name), _what(block.settings)
    verdict = drift.judge(block.source, block.settings, block.tally, catalog.crawl(block.source.name, start), whole=whole)
    if verdict.complaints:
        catalog.drop_staged(key)
        if whole:
            message = drift.message(block.source, verdict.complaints, str(dataset.root), kept_back=block.staged)
            block.staged = False
            raise drift.Drift(message)
    # What was seen before is only overwritten by a crawl that is known to be healthy.
    sure = whole or len(block.tally.subjects) >= drift.ENOUGH
    block.tally.new += catalog.take_staged(key, only_new=not sure)
    if verdict.telling:
        subjects = len(block.tally.subjects)
        catalog.put_crawl(block.source.name, start, subjects, block.tally.pictures, verdict.values, time.time())


def _what(settings: WebsiteSettings) -> str:
    """What a block crawls, whatever its manners: crawls of the same are compared."""
    manners = set(WebsiteSettings.model_fields) - {"start", "via", "at"}
    return json.dumps(settings.model_dump(mode="json", exclude=manners, exclude_defaults=True), sort_keys=True)


def _key(number: int, source: str) -> str:
    """Under what a block's finds are staged: two blocks may have one source."""
    return f"{number} {source}"


def _locals(dataset: Dataset, blocks: Sequence[Block]) -> list[PipelineError]:
    troubles: list[PipelineError] = []
    for block in blocks:
        if isinstance(block.source, LocalSource):
            try:
                cut = _local(dataset, block.source, block)
                block.tally.stopped |= cut and block.bound != block.settings.limit
            except PipelineError as error:
                troubles.append(error)
    return troubles


def _local(dataset: Dataset, source: LocalSource, block: Block) -> bool:
    tally, forgotten = block.tally, {stone.sha256: stone.id for stone in dataset.catalog.tombstones()}
    for path, sighting in guarded(source, source.items(block.settings)):
        if block.bound is not None and tally.pictures >= block.bound:
            return True
        try:
            body = path.read_bytes()
            extension = images.EXTENSIONS[images.read_header(body).format]
        except images.BadImage as error:
            _failed(dataset, sighting.image_url, error.kind, error.detail, tally)
            continue
        except OSError as error:
            _failed(dataset, sighting.image_url, "unreadable", error.strerror or str(error), tally)
            continue
        sha256 = images.digest(body)
        if sha256 in forgotten:
            _failed(dataset, sighting.image_url, "forgotten", f"{forgotten[sha256]} was taken down", tally)
            continue
        if dataset.image_store.size(sha256, extension) != len(body):
            files.write(dataset.image_store.path(sha256, extension), body, dataset.scratch)
        tally.new += dataset.catalog.put_finds([find(source.name, sighting, sha256, extension, len(body))])
        tally.pictures += 1
    return False


def _failed(dataset: Dataset, url: str, error: str, detail: str, tally: Tally) -> None:
    dataset.catalog.put_responses([Response(url, "image", url, None, error, detail, {}, [], None, None, time.time())])
    tally.failed(error, url, detail)


def _serve(dataset: Dataset, block: Block, stack: contextlib.ExitStack) -> None:
    """Start the server of a source that brings its own, and write down where: so that the next scrape finds the same URLs."""
    assert isinstance(block.source, WebsiteSource)
    assert isinstance(block.settings, WebsiteSettings)
    try:
        start = stack.enter_context(block.source.serve(block.settings))
    except (ImportError, OSError) as error:
        raise PipelineError(f"source {block.source.name}: {error}") from error
    if start != block.settings.start:
        block.settings = block.settings.model_copy(update={"start": start})
        document = tomlkit.parse(dataset.manifest_path.read_text(encoding="utf-8"))
        document["scrape"][block.number]["start"] = start
        dataset.write_manifest(tomlkit.dumps(document))
