"""The network as one scrape sees it: an event loop in a thread of its own, where every request waits its turn."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from pipeline.errors import UsageError
from pipeline.fetch import reading, result
from pipeline.fetch.address import Gate, Lookup, lookup
from pipeline.fetch.limits import Limits, retry_after
from pipeline.fetch.optout import Signal
from pipeline.fetch.pace import Pacer, Wait
from pipeline.fetch.reading import Ask, Reply
from pipeline.fetch.result import Failed, Fetched
from pipeline.fetch.rules import Rules, Site
from pipeline.fetch.transport import Transport
from pipeline.fetch.url import normal_url, origin
from pipeline.fetch.wire import Wire

T = TypeVar("T")
Exchange = Callable[[Ask], Awaitable[Reply]]
NAME = "art-pipeline"
"""The product token: what robots.txt and other rules know us by."""

ACCEPT = {
    "page": {"Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5", "Accept-Encoding": "gzip, deflate"},
    "image": {"Accept": "image/png,image/jpeg,image/*;q=0.9,*/*;q=0.5", "Accept-Encoding": "identity"},
    "robots": {"Accept": "text/plain,*/*;q=0.5", "Accept-Encoding": "gzip, deflate"},
    "tdmrep": {"Accept": "application/json,*/*;q=0.5", "Accept-Encoding": "gzip, deflate"},
}


@dataclass(frozen=True, slots=True)
class Errand:
    """What is wanted of a URL and of whatever it redirects to.

    `kind`: page, image, robots or tdmrep. `delay` is the least pause that this asker keeps with any host, in seconds. The
    `conditions` (headers) are sent only to the URL `at`. `accept(url, site, headers)` is asked before each hop (without headers) and
    before each body (with them); it may raise Failed. `pardoned(url)` says whether a URL is asked for that robots.txt forbids.
    `keep` makes an outcome of the last reply; see `reading.Ask`.
    """

    kind: str
    agent: str
    delay: float
    conditions: Mapping[str, str] = field(default_factory=dict)
    at: str = ""
    accept: Callable[[str, Site, Mapping[str, str]], None] = lambda url, site, headers: None
    keep: Callable[[str, Reply], Fetched] | None = None
    pardoned: Callable[[str], bool] = lambda url: False


class Network:
    """Shared by all fetchers of a scrape, so that each host has one budget.

    `named` are the start URLs and `private` the hosts (with their ports) that the person gave; only they open the way to a private
    address (see `address.Gate`). `scratch` takes bodies until they are whole. `held(host)` gives the seconds that an earlier
    scrape was asked to leave the host alone for; `hold(host, seconds)` tells of a pause that a later one must keep. `exchange` stands in
    for the wire, and `new_loop` for the loop with its clock, in tests.
    """

    def __init__(
        self,
        scratch: Path,
        named: Sequence[str] = (),
        private: Sequence[str] = (),
        *,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        note: Callable[[str], None] = lambda text: None,
        lookup: Lookup = lookup,
        chance: Callable[[], float] = random.random,
        held: Callable[[str], float] = lambda host: 0.0,
        hold: Callable[[str, float], None] = lambda host, seconds: None,
        exchange: Exchange | None = None,
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        self.limits = limits or Limits()
        self.clock = clock
        self.note = note
        self.pacer = Pacer(self.limits, note, chance, held)
        self.workers = ThreadPoolExecutor(self.limits.workers + 1, thread_name_prefix="fetch")  # and one that writes down
        self._hold = hold
        self._rules = Rules(NAME, self.pacer.crawl_delay)
        self._wire = Wire(Transport(Gate(_named(named, private), lookup), self.limits), self.limits, scratch, clock)
        self._exchange = exchange or self._wired
        self._closing = False
        self._starting = threading.Lock()
        self.closed: dict[tuple[str, str], list[Signal]] = {}  # kind and URL of what answered with an opt-out
        self.settled: set[tuple[str, str]] = set()  # kind and URL of what this scrape has asked for
        self._doors: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._loop = new_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Begin work on the loop, from any other thread. Raises CancelledError once the network is closing."""
        with self._starting:  # what is handed over before the closing begins is cancelled by it; nothing is afterwards
            if not self._closing:
                return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        raise CancelledError

    async def _wired(self, ask: Ask) -> Reply:
        return await self._loop.run_in_executor(self.workers, self._wire, ask)

    def waits(self) -> list[Wait]:
        """The hosts that are waited for at this moment, and why."""
        return self.pacer.waits(self._loop.time())

    @contextlib.asynccontextmanager
    async def alone(self, kind: str, url: str) -> AsyncIterator[None]:
        """One fetcher at a time asks for a URL: the next one finds what became of it."""
        door = self._doors.setdefault((kind, url), asyncio.Lock())  # kept as long as somebody is in it or before it
        async with door:
            yield

    def close(self) -> None:
        """Cancel what is under way, drop the open connections, and end the loop."""
        with self._starting:
            if self._closing:
                return
            self._closing = True
        try:
            asyncio.run_coroutine_threadsafe(self._cancelled(), self._loop).result(timeout=10)
        finally:
            self._wire.close()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=10)
            self.workers.shutdown(cancel_futures=True)
            self._loop.close()

    async def walk(self, url: str, errand: Errand) -> Reply:
        """Follow redirects, hop by hop, to the last reply, with the outcome that `errand.keep` made of it.

        Raises Failed, its `url` the hop where it happened.
        """
        seen: list[str] = []
        try:
            while True:
                seen.append(url)
                reply = await self._hop(url, errand)
                if reply.status not in reading.REDIRECTS:
                    if errand.keep and reply.outcome is None:
                        return replace(reply, outcome=errand.keep(url, reply))
                    return reply
                await self._rest(reply)
                url = normal_url(reading.target(reply), url)
                if url in seen:
                    raise Failed(result.REDIRECTS, "the redirects go in a circle", status=reply.status)
                if len(seen) > self.limits.hops:
                    raise Failed(result.REDIRECTS, f"more than {self.limits.hops} redirects", status=reply.status)
                if errand.kind == "tdmrep" and urlsplit(url)[:2] != urlsplit(seen[0])[:2]:
                    raise Failed(result.REDIRECTS, "it leads to another site, which does not speak for this one", status=reply.status)
        except Failed as failure:
            failure.url = url
            raise

    async def _hop(self, url: str, errand: Errand) -> Reply:
        """One URL, with as many attempts as the limits allow."""
        try:
            host = origin(url).host
        except ValueError as error:
            raise Failed(result.REFUSED, str(error)) from error
        self.pacer.slow(host, errand.delay)
        judge: Callable[[Any], None] = lambda headers: None  # noqa: E731
        if errand.kind in ("page", "image"):
            site = await self._rules.of(url, partial(self._rules_text, errand=errand))
            if not site.allows(url) and not errand.pardoned(url):
                raise Failed(result.REFUSED, "robots.txt forbids it")
            judge = partial(errand.accept, url, site)
            judge({})
        elif errand.kind == "tdmrep" and self._rules.forbids(url):  # a redirect may lead to what is forbidden
            raise Failed(result.REFUSED, "robots.txt forbids it")

        def still() -> None:
            if (errand.kind, url) in self.closed:  # heard while this request stood in line
                judge({})

        conditions = errand.conditions if url == errand.at else {}
        headers = {"User-Agent": errand.agent, **ACCEPT[errand.kind], **conditions}
        ask = Ask(url, errand.kind, headers, bool(conditions), judge, errand.keep)
        attempts = 1 if errand.kind == "tdmrep" else self.limits.attempts
        for attempt in range(1, attempts + 1):
            async with self.pacer.turn(host, still):
                try:
                    reply = await self._exchange(ask)
                except Failed as failure:
                    self._pause(host, failure, attempt, attempts)
                    if failure.wait:  # a scrape that begins after this one was stopped keeps it too; writing it down may take its time
                        await self._loop.run_in_executor(self.workers, self._hold, host, failure.wait)
                    if not failure.again or attempt == attempts:
                        self.pacer.heard(host, failure.error)
                        raise
                else:
                    self.pacer.answered(host)
                    self.pacer.heard(host, None)
                    return reply
        raise AssertionError("limits.attempts is at least 1")

    async def _rules_text(self, url: str, kind: str, errand: Errand) -> bytes:
        return (await self.walk(url, Errand(kind, errand.agent, errand.delay))).body

    def _pause(self, host: str, failure: Failed, attempt: int, attempts: int) -> None:
        """Leave the host alone after a failure: as long as it asks, and before another attempt longer each time."""
        if failure.error == result.BUSY:
            self.pacer.busy(host)
        if failure.wait is not None and failure.wait > self.limits.longest_wait:
            if failure.again:
                failure.error, failure.again = result.BUSY, False
            failure.detail += f"; it asks for a pause of {failure.wait:.0f} s, at most {self.limits.longest_wait:.0f} s are waited"
        another = failure.again and attempt < attempts
        backoff = self.limits.backoff * 2 ** (attempt - 1) if another else 0.0
        if failure.wait is not None and failure.wait >= backoff:
            self.pacer.hold(host, failure.wait, f"HTTP {failure.status} with Retry-After")
        elif another:
            self.pacer.hold(host, backoff, f"{failure.detail}, attempt {attempt} of {attempts}")

    async def _rest(self, reply: Reply) -> None:
        """A redirect may ask for a pause before it is followed (RFC 9110, 10.2.3)."""
        wait = retry_after(reply.headers.get("retry-after"), self.clock()) or 0.0
        if wait > self.limits.longest_wait:
            raise Failed(result.BUSY, f"HTTP {reply.status} asks for a pause of {wait:.0f} s", status=reply.status, again=False)
        await asyncio.sleep(wait)

    async def _cancelled(self) -> None:
        own = asyncio.current_task()
        while tasks := [task for task in asyncio.all_tasks() if task is not own]:  # one that ends may have begun another
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)


def _named(urls: Sequence[str], private: Sequence[str]) -> set[tuple[str, int]]:
    """Host and port of each."""
    named = set()
    for what, text, url in [("start URL", url, url) for url in urls] + [("scrape.private", host, f"http://{host}") for host in private]:
        try:
            named.add(origin(normal_url(url))[1:])
        except ValueError as error:
            way_out = "a full address such as https://example.org/" if what == "start URL" else "host:port, as in 192.168.1.5:8080"
            raise UsageError(f"{what} {text!r}: {error}; give {way_out}") from error
    return named
