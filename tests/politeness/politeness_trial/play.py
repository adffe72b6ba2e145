"""Lets the real fetchers loose on the scripted web, as a scrape does, on a clock of its own. One seed, one log."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from pathlib import Path
from typing import Any

from politeness_trial.clock import Loop, Time
from politeness_trial.memory import Memory
from politeness_trial.record import Asker, Log, Outcome
from politeness_trial.server import Server
from politeness_trial.world import Scenario, Source

from pipeline.catalog import Catalog
from pipeline.fetch.client import Fetcher, Manner
from pipeline.fetch.ledger import Ledger
from pipeline.fetch.limits import Limits
from pipeline.fetch.network import Network
from pipeline.fetch.result import Fetched, Kind
from pipeline.fetch.store import Store
from pipeline.image_store import ImageStore

PATIENCE = 60.0
"""Real seconds for a scenario, which takes a hundredth of one."""


class Stuck(Exception):
    """The scenario did not come to its end."""


def play(scenario: Scenario, *, threads: bool = False) -> Log:
    """Run a scenario's scrapes through the program; what the server saw. Raises Stuck.

    With `threads`, each source has a thread of its own and calls what sources call, as in a real scrape: the order of events is
    then another one each time.
    """
    limits = Limits(**{**_whole(scenario.limits)})
    log = Log({name: getattr(limits, name) for name in Limits.__dataclass_fields__})
    time = Time()
    log.clock.append((0, time.base))
    server = Server(scenario, log, time)
    chance = random.Random(scenario.seed + 2)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=_memory_disk()))) if len(scenario.scrapes) > 1 else None
        memory = Memory(time)
        for number, (sources, gap) in enumerate(zip(scenario.scrapes, scenario.gaps, strict=True)):
            time.elapsed += gap
            server.scrape = number
            with _store(folder, memory, time) as store:
                _scrape(scenario, sources, store, limits, log, server, time, chance, threads)
        log.stored |= set(memory.kept)
        if folder:
            log.stored |= {path.name.partition(".")[0] for path in folder.rglob("*") if len(path.name) > 64}
    return log


def _memory_disk() -> str | None:
    """Where files cost nothing, if there is such a place: every row is flushed to the disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


@contextlib.contextmanager
def _store(folder: Path | None, memory: Memory, time: Time) -> Iterator[Any]:
    if folder is None:
        yield memory
        return
    catalog = Catalog(folder / "catalog.sqlite")
    try:
        yield Store(catalog, folder / "pages", ImageStore(folder), folder / "scratch", time)
    finally:
        catalog.close()


def _scrape(
    scenario: Scenario,
    sources: Sequence[Source],
    store: Any,
    limits: Limits,
    log: Log,
    server: Server,
    time: Time,
    chance: random.Random,
    threads: bool,
) -> None:
    """One scrape, put together as pipeline/scrape.py does it."""
    network = Network(
        Path("nowhere"),
        limits=limits,
        clock=time,
        chance=chance.random,
        held=store.held,
        hold=store.hold,
        exchange=server,
        new_loop=lambda: Loop(time),
    )
    try:
        ledger: Ledger[tuple[Kind, Fetched]] = Ledger(store.put_rows, network.workers)
        fetchers = []
        for source in sources:
            log.askers[server.scrape, source.agent] = Asker(source.delay, source.overrides, source.offline, source.pardoned)
            manner = Manner(source.agent, source.delay, source.revisit_days, source.overrides, source.offline, source.pardoned)
            fetchers.append(Fetcher(network, store, manner, ledger))

        async def everybody() -> None:
            await asyncio.gather(*(_drive(f, s, log, server, time) for f, s in zip(fetchers, sources, strict=True)))
            await network._cancelled()  # what closing does, at a moment of the loop's own and not of this thread's

        try:
            if threads:
                with ThreadPoolExecutor(len(sources)) as walks:
                    list(walks.map(lambda f, s: _walk(network, f, s, log, server, time), fetchers, sources, timeout=PATIENCE))
            else:
                network.start(everybody()).result(timeout=PATIENCE)
        except TimeoutError:
            raise Stuck(f"scenario {scenario.seed} does not come to its end") from None
    finally:
        network.close()


async def _drive(fetcher: Fetcher, source: Source, log: Log, server: Server, time: Time) -> None:
    """Do as the plan says. The fetcher's own blocking calls would need threads, whose order no seed decides."""
    pending: list[asyncio.Task[None]] = []

    def given(kind: str, url: str, fetched: Fetched) -> None:
        log.outcomes.append(Outcome(server.scrape, source.agent, kind, url, fetched.sha256 or "", server.event()))

    async def pictures(urls: list[str]) -> None:
        for url, fetched in zip(urls, await fetcher._images(urls), strict=False):
            given("image", url, fetched)

    for step in source.plan:
        kind = "image" if step.do == "images" else "page"
        log.asked |= {(server.scrape, kind, url) for urls in step.urls for url in urls}
        if step.do == "page":
            url = step.urls[0][0]
            given("page", url, await fetcher._page(url))
        elif step.do == "images":
            pending += [asyncio.create_task(pictures(list(urls))) for urls in step.urls]
        elif step.do == "announce":
            await fetcher._announce([url for (url,) in step.urls], source.delay == 0)
        elif step.do == "wait":
            await asyncio.gather(*pending)
        elif step.do == "sleep":
            await asyncio.sleep(step.seconds)
        else:
            log.clock.append((server.event(), time.base + step.seconds))
            time.base += step.seconds
    await asyncio.gather(*pending)


def _walk(network: Network, fetcher: Fetcher, source: Source, log: Log, server: Server, time: Time) -> None:
    """The same on a thread, through what a crawl calls."""
    pending: list[tuple[tuple[str, ...], Future[list[Fetched]]]] = []

    def given(kind: str, url: str, fetched: Fetched) -> None:
        log.outcomes.append(Outcome(server.scrape, source.agent, kind, url, fetched.sha256 or "", server.event()))

    def collect() -> None:
        for urls, future in pending:
            for url, fetched in zip(urls, future.result(PATIENCE), strict=False):
                given("image", url, fetched)
        pending.clear()

    for step in source.plan:
        kind = "image" if step.do == "images" else "page"
        for urls in step.urls:
            for url in urls:
                log.asked.add((server.scrape, kind, url))
        if step.do == "page":
            given("page", step.urls[0][0], fetcher.page(step.urls[0][0]))
        elif step.do == "images":
            pending += [(urls, fetcher.images(urls)) for urls in step.urls]
        elif step.do == "announce":
            fetcher.announce([url for (url,) in step.urls], ahead=True)
        elif step.do == "wait":
            collect()
        elif step.do == "sleep":
            network.start(asyncio.sleep(step.seconds)).result(PATIENCE)
        else:
            log.clock.append((server.event(), time.base + step.seconds))
            time.base += step.seconds
    collect()


def _whole(limits: Any) -> dict[str, Any]:
    """Counts are whole numbers."""
    return {name: int(value) if name in ("attempts", "give_up", "connections") else value for name, value in limits.items()}
